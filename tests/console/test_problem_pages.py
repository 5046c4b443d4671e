"""What goes wrong before a page could be made is said in words to browsers, and stays JSON for scripts."""

import contextlib
import re

import httpx
import pytest
from sqlalchemy import event
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from tests.console.catalogue import words
from tests.console.house import PASSWORD
from tests.console.staff_house import found
from tests.console.test_plain_pages import flaws
from tests.server.staff.test_forms import FORMS

PAGES = ("password", "counter", "pin", "counter-card", "press-stamp", "sign-in")
FIELDS = {
    "email": "away@example.com",
    "password": PASSWORD,
    "name": "카운터",
    "organisation": "온기",
    "token": "rst_x",
    "old": PASSWORD,
    "new": "another good one",
}
BROWSER = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8", "Sec-Fetch-Site": "same-origin"}


@contextlib.contextmanager
def away(house, error=None):
    error = error or OperationalError("SELECT", {}, Exception("the database is away"))
    engines = (house.state.database.engine, house.state.database.read_engine)

    def fail(*_arguments):
        raise error

    for engine in engines:
        event.listen(engine, "before_cursor_execute", fail)
    try:
        yield
    finally:
        for engine in engines:
            event.remove(engine, "before_cursor_execute", fail)


@pytest.fixture(scope="module")
def cafe(house):
    made = found(house, "problem-pages")
    jun = made.hire("Jun")
    made.phone = made.at_counter(jun.id)
    return made


@pytest.fixture
def browser(house, cafe):
    """Give an owner's browser that is a phone of the counter too, so that every page asks the database."""
    cookies = {"stamp_owner": cafe.token, "stamp_counter": cafe.phone.counter}
    with httpx.Client(base_url=house.state.origin, headers=BROWSER, cookies=cookies) as made:
        yield made


def is_page(answer, language, *keys):
    text = answer.text
    assert answer.headers["content-type"].startswith("text/html"), answer.url
    assert "urn:stamp" not in text
    assert f'<html lang="{language}">' in text
    assert len(re.findall("<h1", text)) == 1
    for key in keys:
        assert words(language, key) in text, (answer.url, key)


@pytest.mark.parametrize("language", ["ko", "en"])
def test_a_database_that_is_away_is_said_on_every_page_without_a_script(house, browser, language):
    with away(house):
        for accepted in (BROWSER["Accept"], "*/*"):
            browser.headers["Accept"] = accepted
            for page in PAGES:
                answer = browser.get(f"/owner/{page}?lang={language}")
                assert answer.status_code == 503, page
                is_page(answer, language, "problem.database_unavailable", "fault.again")
                assert answer.headers["retry-after"] == "1"
                assert answer.headers["cache-control"] == "no-store"
                assert "script-src 'self'" in answer.headers["content-security-policy"]
    for page in PAGES:
        assert browser.get(f"/owner/{page}", follow_redirects=True).status_code == 200, page


def test_a_form_that_the_database_could_not_take_is_to_be_sent_again(house, browser):
    with away(house):
        for form in FORMS:
            answer = browser.post(f"/owner/{form}?lang=en", data=FIELDS)
            assert answer.status_code == 503, form
            is_page(answer, "en", "fault.form", "problem.database_unavailable", "fault.resend")
            assert "set-cookie" not in answer.headers
            assert PASSWORD not in answer.text


def test_however_a_driver_says_that_the_connection_is_lost(house, browser):
    lost = Exception("the connection is closed")
    for error in (
        InterfaceError("SELECT", {}, lost),
        DBAPIError("SELECT", {}, lost, connection_invalidated=True),
        PoolTimeout("no connection in time"),
    ):
        with away(house, error):
            for answer in (
                browser.get("/owner/password?lang=en"),
                browser.post("/owner/session?lang=en", data=FIELDS),
            ):
                assert answer.status_code == 503, error
                is_page(answer, "en", "problem.database_unavailable")


def test_addresses_and_forms_that_cannot_be_are_pages_too(browser):
    long = "x" * 101
    for address in (
        f"sign-in?problem={long}",
        f"reset?token={long}",
        f"pin?member={long}",
        "counter-card?size=a0",
        "export/month.csv?month=2026-13",
        "export/customers.csv?list=<script>alert(1)</script>",
        "password?x=%00",
        "assets/1/nothing",
        "session",
    ):
        answer = browser.get(f"/owner/{address}", headers={"Accept-Language": "en"})
        assert 400 <= answer.status_code < 500, address
        is_page(answer, "en")
        assert "alert(1)" not in answer.text
    html = {"Content-Type": "text/html", "Accept-Language": "ko"}
    answer = browser.post("/owner/session", content=b"email=a", headers=html)
    assert answer.status_code == 400
    is_page(answer, "ko", "fault.form")
    foreign = {"Sec-Fetch-Site": "cross-site", "Accept-Language": "ko"}
    answer = browser.post("/owner/sign-up", data=FIELDS, headers=foreign)
    assert answer.status_code == 403
    is_page(answer, "ko", "problem.origin_not_allowed")


def test_a_host_that_is_no_name_is_refused_before_a_qr_code_is_made_of_it(browser):
    for page in ("counter-card", "press-stamp", "counter-desk", "counters", "password"):
        answer = browser.get(f"/owner/{page}", headers={"Host": "x" * 3000, "Accept-Language": "en"})
        assert answer.status_code == 400, page
        is_page(answer, "en")
        assert browser.get(f"/owner/{page}", headers={"Host": "x" * 253 + ":8000"}).status_code < 400, page


def test_programs_and_our_own_scripts_read_the_document(house, browser):
    browser.headers["Accept"] = "*/*"
    with away(house):
        body = {"px_per_mm": 6, "presses": [[[1, 2], [3, 4], [5, 9]]] * 3}
        answer = browser.post("/owner/pressed-stamps", json=body)
        assert answer.json()["code"] == "database_unavailable"
        asked = {"Accept": "application/json"}
        assert browser.get("/owner/password", headers=asked).json()["code"] == "database_unavailable"
        api = browser.get("/v1/shops", headers={"Accept": "text/html", "Authorization": "Bearer sk_x"})
        assert api.headers["content-type"] == "application/problem+json"


@pytest.mark.browser
def test_the_page_keeps_nobody_out_and_opens_again(house, visit, cafe):
    visitor = visit(language="ko").bring(cafe.token)
    visitor.expected = ("status of 503",)
    with away(house):
        visitor.open("/owner/password").message("problem.database_unavailable")
        assert flaws(visitor.page) == []
    visitor.page.get_by_role("link", name=visitor.words("fault.again")).click()
    visitor.sees("account.everywhere")
