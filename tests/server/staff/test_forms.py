"""The forms of the owner's pages: whose they are, what they may hold, where they lead."""

import itertools
import re
from urllib.parse import quote

from server.core.tokens import new_token
from tests.server.staff.conftest import ORIGIN, PASSWORD

FORMS = [
    "session",
    "session/end",
    "session/end-all",
    "sign-up",
    "reset-request",
    "reset",
    "password",
    "counter",
    "pin-session",
]


FOREIGN = (
    {"Origin": "https://evil.example"},
    {"Origin": "null"},
    {"Origin": "http://testserver"},
    {"Origin": ORIGIN, "Sec-Fetch-Site": "cross-site"},
    {"Origin": ORIGIN, "Sec-Fetch-Site": "same-site"},
    {"Origin": ""},
)


def test_forms_of_other_sites_are_refused_before_anything_is_done(browser, whoami):
    browser.sign_up()
    fields = {"email": "a@cafe.example", "password": PASSWORD, "name": "A", "organisation": "Café"}
    for path, headers in itertools.product(FORMS, FOREIGN):
        answer = browser.http.post(f"/owner/{path}", data=fields, headers=headers)
        assert (answer.status_code, answer.json()["code"]) == (403, "origin_not_allowed"), (path, headers)
        assert "set-cookie" not in answer.headers
    assert whoami(browser).startswith("mem_")  # still signed in
    assert browser.sign_up(email="a@cafe.example").headers["location"] == "/owner"  # nobody else signed up


def test_a_program_that_names_no_origin_is_refused(browser):
    del browser.http.headers["Origin"]
    assert browser.sign_up().json()["code"] == "origin_not_allowed"


def test_our_own_forms_are_taken_however_the_browser_marks_them(make_browser):
    for headers in (
        {"Origin": "null", "Sec-Fetch-Site": "same-origin"},
        {"Sec-Fetch-Site": "none"},
        {"Origin": ORIGIN},
    ):
        assert make_browser(**headers).post("session").headers["location"].startswith("/owner/sign-in?")


def test_other_routers_too_refuse_what_other_sites_would_change(browser, whoami):
    browser.sign_up()
    assert whoami(browser, method="POST").startswith("mem_")
    refused = whoami(browser, method="POST", **{"Sec-Fetch-Site": "cross-site"})
    assert refused == (403, "origin_not_allowed")
    assert whoami(browser, **{"Sec-Fetch-Site": "cross-site"}).startswith(
        "mem_"
    )  # following a link is no harm


FORM = "application/x-www-form-urlencoded"


def test_forms_that_cannot_be_read(browser):
    for content_type, body in [
        ("application/json", b"{}"),
        ("multipart/form-data; boundary=x", b"--x--"),
        ("text/plain", b"email=a"),
        ("", b"email=a"),
        (FORM, b"email=a%00"),
        (FORM, b"email=%ff"),
        (FORM, b"email=\xff"),
        (FORM, b"email=%ed%a0%80"),
        (FORM, b"email=a&email=b"),
        (FORM, b"&".join(b"f%d=1" % number for number in range(31))),
    ]:
        answer = browser.http.post("/owner/session", content=body, headers={"Content-Type": content_type})
        assert (answer.status_code, answer.json()["code"]) == (400, "malformed_form"), (content_type, body)


def test_a_refusal_leads_back_and_repeats_nothing_that_was_typed(browser, problem):
    browser.sign_up()
    secret = "wrong password 1"
    for answer, page, code in [
        (browser.sign_in(password=secret), "/owner/sign-in", "sign_in_failed"),
        (browser.sign_in(email=f"{secret}@cafe.example"), "/owner/sign-in", "sign_in_failed"),
        (browser.sign_up(password="short"), "/owner/sign-up", "password_invalid"),
        (browser.sign_up(name="x" * 10_000), "/owner/sign-up", "name_invalid"),
        (browser.sign_up(), "/owner/sign-up", "email_taken"),
        (
            browser.post("reset", token=new_token("rst"), password=secret),
            "/owner/reset-request",
            "link_invalid",
        ),
        (browser.post("password", old=secret, new="other password"), "/owner/password", "password_wrong"),
        (browser.post("pin-session", member="mem_x", pin="2580"), "/owner/pin", "counter_unknown"),
        (browser.post("session"), "/owner/sign-in", "sign_in_failed"),
    ]:
        assert problem(answer) == code
        assert re.match(rf"{page}\?problem=", answer.headers["location"])
        assert not re.search(r"mina|cafe|short|xxx|rst_|password(%20|\+)", answer.headers["location"])
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["referrer-policy"] == "same-origin"


def test_whoever_signs_in_is_led_to_an_owners_page_alone(browser):
    browser.sign_up()
    for own in ("/owner", "/owner/today?shop=shp_1&day=2026-11-26"):
        refused = browser.sign_in(password="wrong password", next=own)
        assert refused.headers["location"].endswith(f"&next={quote(own, '')}")
        assert browser.sign_in(next=own).headers["location"] == own
    for elsewhere in (
        "",
        "https://evil.example/",
        "//evil.example",
        "/\\evil.example",
        "/owner\\..\\x",
        "/ownership",
        "/owner/\r\nSet-Cookie: a=b",
        "/owner/\n",
        "javascript:alert(1)",
        "/v1/shops",
    ):
        refused = browser.sign_in(password="wrong password", next=elsewhere)
        assert refused.headers["location"] == "/owner/sign-in?problem=sign_in_failed"
        assert browser.sign_in(next=elsewhere).headers["location"] == "/owner"
