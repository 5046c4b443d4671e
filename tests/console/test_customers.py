"""The customers' page: every number of it recounted, its lists, its form, and the file to take away."""

import csv
import re
from datetime import timedelta

import pytest
from sqlalchemy import event, func, select
from sqlalchemy.exc import OperationalError

from server.core.audit import AuditEntry
from server.core.clock import FrozenClock
from server.insights.models import SegmentDefaults
from server.insights.rollups import catch_up
from server.ledger.models import LedgerAccount
from server.programs.models import Card
from server.shops.models import Shop
from server.staff.actor import Role
from tests.capture_page.phone import images_folder
from tests.console.cafe import give
from tests.console.house import open_house
from tests.console.months import NOW, acting_as, live_months
from tests.console.test_pages import faults
from tests.console.test_pictures import take
from tests.server.insights.recount import recount

pytestmark = pytest.mark.browser
TODAY = (NOW + timedelta(hours=9)).date()


@pytest.fixture(scope="module")
def house(tmp_path_factory):
    """Open a house whose clock stands still, so that days and months can be told apart."""
    with open_house(tmp_path_factory.mktemp("house"), clock=FrozenClock(NOW)) as app:
        yield app


@pytest.fixture(scope="module")
def lived(house):
    return live_months(house, "customers@example.com")


def truth(house, lived):
    """Recount customers, what cards hold, and the stamps of today."""
    with house.state.database.reading() as session:
        counted = recount(session)
        cards = session.execute(
            select(Card.customer_id, LedgerAccount.unit, LedgerAccount.balance).join(
                LedgerAccount, LedgerAccount.owner_id == Card.id
            )
        ).all()
    people = counted.people(lived.shops, TODAY)
    held = {(customer, unit): max(balance, 0) for customer, unit, balance in cards}
    stamps_today = sum(line.what == "stamp" and line.local.date() >= TODAY for line in counted.lines)
    return people, held, stamps_today


def segment(last_day, visits, recent):
    if (TODAY - last_day).days >= 45:
        return "lapsed"
    if recent >= 7:
        return "regular"
    return "prospective" if visits >= 2 else "new"


def numbers_in(text):
    return [int(number.replace(",", "")) for number in re.findall(r"\d[\d,]*", text)]


@pytest.mark.parametrize(("language", "width"), [("ko", 390), ("en", 1280)])
def test_every_number_equals_a_recount(house, visit, lived, language, width):
    people, held, stamps_today = truth(house, lived)
    assert len(people) > 50  # more than one page of the list
    month_start = TODAY.replace(day=1)
    here_this_month = {customer for customer, facts in people.items() if facts[1] >= month_start}
    wanted = {
        "today": sum(facts[1] >= TODAY for facts in people.values()),
        "month": len(here_this_month),
        "stopped": sum(held.get((customer, "stamp"), 0) == 1 for customer in here_this_month),
        "unseen": sum((TODAY - facts[1]).days >= 30 for facts in people.values()),
    }
    for name in ("regular", "prospective", "lapsed", "new"):
        wanted[name] = sum(segment(*facts[1:4]) == name for facts in people.values())
    assert min(wanted.values()) >= 1
    assert stamps_today >= 7

    visitor = visit(language=language, width=width).bring(lived.token).open("/owner/customers")
    page = visitor.page
    page.locator(".sentence a").first.wait_for()
    said = {
        link.get_attribute("href").partition("list=")[2]: numbers_in(link.inner_text())[0]
        for link in page.locator(".sentence a").all()[::-1]  # of two for today the first stays
    }
    assert said == {name: wanted[name] for name in ("today", "month", "stopped", "unseen")}
    assert numbers_in(page.locator(".sentence a").nth(1).inner_text()) == [stamps_today]
    chips = {
        link.get_attribute("href").partition("list=")[2]: numbers_in(link.inner_text())[0]
        for link in page.locator(".chips a").all()
    }
    segments = ("regular", "prospective", "lapsed", "new")
    assert chips == {name: wanted[name] for name in segments} | {"all": len(people)}
    visitor.sees("as_of", time="2026-11-26 15:00")

    rows = page.get_by_role("table").get_by_role("row")
    assert rows.count() == 51  # with the heads
    assert faults(page) == []
    visitor.press("customers.more")
    rows.nth(len(people)).wait_for()
    assert page.get_by_role("button", name=visitor.words("customers.more"), exact=True).is_hidden()
    shown = page.evaluate(
        """() => [...document.querySelectorAll(".customers tbody tr")].map(
            row => [...row.children].map(cell => cell.innerText))"""
    )
    expected = []
    for customer, (_at, day, visits, recent, _stamps) in sorted(
        people.items(), key=lambda pair: pair[1][0], reverse=True
    ):
        stand = visitor.words("customers.of", stamps=held[customer, "stamp"], needed=3)
        kind = visitor.words(f"customers.segment.{segment(day, visits, recent)}")
        expected.append([lived.name(customer), kind, day, str(visits), stand, str(held[customer, "coupon"])])
    assert [[*row[:2], row[2].split()[-1], *row[3:]] for row in shown] == [
        [*row[:2], row[2].isoformat(), *row[3:]] for row in expected
    ]
    words_for_days = {1: "ago.yesterday", 0: "ago.today"}
    assert shown[0][2].startswith(visitor.words(words_for_days[0]))

    for name, count in wanted.items():
        visitor.open(f"/owner/customers?list={name}")
        visitor.page.locator(".customers tbody tr").first.wait_for()
        assert page.locator("h2 .count").inner_text() == f"{count:,}"
        assert page.locator(".customers tbody tr").count() == min(count, 50)
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0


def test_the_list_is_taken_away_as_a_file(house, visit, lived):
    people, _, _ = truth(house, lived)
    with house.state.database.transaction() as session:
        session.get(Shop, lived.shops[0]).name = "온도 커피 성수"
    visitor = visit(language="en", width=1280).bring(lived.token).open("/owner/customers?list=unseen")
    with visitor.page.expect_download() as caught:
        visitor.page.get_by_role("link", name=visitor.words("customers.export")).click()
    assert caught.value.suggested_filename == "customers-2026-11-26.csv"
    with caught.value.path().open(encoding="utf-8-sig", newline="") as file:
        header, *rows = csv.reader(file)
    assert header[0] == "Customer"
    wanted = {
        lived.name(customer): [str(facts[2]), str(facts[3]), str(facts[4])]
        for customer, facts in people.items()
        if (TODAY - facts[1]).days >= 30
    }
    assert {row[0]: row[4:7] for row in rows} == wanted
    with house.state.database.reading() as session:
        noted = session.scalars(select(AuditEntry).where(AuditEntry.action == "customers.exported")).all()
    assert (lived.actor.member_id, "unseen") in {(entry.actor, entry.detail["listing"]) for entry in noted}
    # Still there, and able to act.
    visitor.page.locator(".segments summary").click()


def test_who_may_not_take_a_file_away_is_told_so(house, visit, lived):
    """Nobody signed in, somebody else's shop, a list that is none, another site's link, a manager."""
    address = f"{house.state.origin}/owner/export/customers.csv"
    visitor = visit(language="ko")

    def ask(url, **headers):
        return visitor.context.request.get(url, headers={"Accept-Language": "ko"} | headers)

    assert "/owner/sign-in?problem=sign_in_needed" in ask(address).url
    visitor.bring(lived.token)
    strange = ask(f"{address}?shop=shp_0")
    assert (strange.status, visitor.words("problem.shop_not_found") in strange.text()) == (404, True)
    assert ask(f"{address}?list=everybody").status == 422
    foreign = ask(address, **{"Sec-Fetch-Site": "cross-site"})
    assert (foreign.status, visitor.words("problem.origin_not_allowed") in foreign.text()) == (403, True)

    def taken():
        with house.state.database.reading() as session:
            return session.scalar(
                select(func.count(AuditEntry.id)).where(AuditEntry.action == "customers.exported")
            )

    before = taken()
    with acting_as(house, lived, Role.MANAGER):
        refused = ask(address)
        assert (refused.status, visitor.words("problem.not_allowed") in refused.text()) == (403, True)
        visitor.open("/owner/customers")
        visitor.page.locator(".customers tbody tr").first.wait_for()
        assert visitor.page.get_by_role("link", name=visitor.words("customers.export")).count() == 0
        visitor.page.locator(".segments summary").click()
        assert visitor.page.get_by_role("button", name=visitor.words("segments.save")).count() == 0
    assert taken() == before


def test_staff_are_told_that_customers_are_not_theirs_to_see(house, visit, lived):
    with acting_as(house, lived, Role.STAFF):
        visitor = visit(language="ko").bring(lived.token).open("/owner/customers")
        visitor.sees("customers.not_allowed")
        assert visitor.page.locator(".owner-nav a").count() >= 1
        assert visitor.page.get_by_role("link", name=visitor.words("nav.customers")).count() == 0
        assert visitor.page.locator(".customers").count() == 0


def test_an_owner_says_who_is_a_regular(house, visit):
    lived = live_months(house, "segments@example.com", people=3, events=120, seed=4)
    visitor = visit(language="en").bring(lived.token).open("/owner/customers?list=regular")
    page = visitor.page
    page.locator(".segments summary").click()
    visitor.fill("segments.regular_visits", "1")
    visitor.press("segments.save")
    visitor.message("problem.segments_invalid")
    visitor.fill("segments.regular_visits", "2")
    visitor.fill("segments.prospective_visits", "1.5")
    visitor.press("segments.save")
    visitor.message("problem.segments_invalid")
    visitor.fill("segments.prospective_visits", "2")
    visitor.fill("segments.lapsed_days", "3000")
    visitor.fill("segments.stopped_at", "2")
    visitor.press("segments.save")
    visitor.message("segments.saved")
    people, held, _ = truth(house, lived)
    regulars = sum(facts[3] >= 2 for facts in people.values())
    assert page.locator("h2 .count").inner_text() == str(regulars)
    assert page.locator(".customers tbody tr").count() == regulars > 1
    visitor.sees("segments.regular", days=90, visits=2)
    assert "stopped at 2 stamps" in page.locator(".sentence").inner_text()
    month = {customer for customer, facts in people.items() if facts[1] >= TODAY.replace(day=1)}
    stopped = sum(held.get((customer, "stamp"), 0) == 2 for customer in month)
    assert numbers_in(page.locator(".sentence a[href$=stopped]").inner_text()) == [stopped]
    with house.state.database.reading() as session:
        kept = session.get(SegmentDefaults, lived.actor.partner_id)
    assert (kept.regular_visits, kept.lapsed_days, kept.stopped_at) == (2, 3000, 2)
    visitor.open("/owner/customers?list=lapsed").sees("customers.none")


def test_numbers_and_the_first_customer_come_without_a_reload(house, visit, cafe, monkeypatch):
    monkeypatch.setattr("server.console.pages.customers._AGAIN_S", 0.3)
    visitor = visit(language="en").bring(cafe.token).open("/owner/customers")
    visitor.sees("customers.nobody")
    give(house, cafe, "form-0001", count=2)
    with house.state.database.transaction() as session:
        catch_up(session, house.state.clock, cafe.actor.partner_id)
    visitor.page.locator(".customers tbody tr").first.wait_for()
    visitor.page.locator(".sentence", has_text="Today 1 customer, 2 stamps; 1 visitor this month").wait_for()
    assert "2 of 10" in visitor.page.locator(".customers tbody tr").inner_text()


def test_a_file_that_cannot_be_read_now_is_said_in_words(house, visit, lived):
    def fail(*_arguments):
        raise OperationalError("SELECT", {}, Exception("the database is away"))

    engine = house.state.database.read_engine  # the note is committed, then the reading fails
    visitor = visit(language="ko").bring(lived.token)
    event.listen(engine, "before_cursor_execute", fail)
    try:
        answer = visitor.context.request.get(
            f"{house.state.origin}/owner/export/customers.csv", headers={"Accept-Language": "ko"}
        )
    finally:
        event.remove(engine, "before_cursor_execute", fail)
    assert (answer.status, visitor.words("problem.unavailable") in answer.text()) == (503, True)


def test_a_shop_without_customers_says_what_to_do_next(house, visit, cafe):
    visitor = visit(language="ko").bring(cafe.token).open("/owner/customers")
    visitor.sees("customers.nobody")
    visitor.sees("as_of.never")
    assert visitor.page.get_by_role("link", name=visitor.words("customers.card")).is_visible()
    assert faults(visitor.page) == []


@pytest.mark.parametrize(
    ("language", "width"), [("ko", 390), pytest.param("en", 1280, marks=pytest.mark.slow)]
)
def test_pictures_of_the_customers(visit, lived, tmp_path, language, width):
    visitor = visit(language=language, width=width).bring(lived.token).open("/owner/customers")
    visitor.page.locator(".customers tbody tr").first.wait_for()
    take(visitor.page, images_folder(tmp_path) / f"owner-customers-{language}.png")
