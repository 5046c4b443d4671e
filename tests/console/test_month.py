"""The month's page, its CSV and its PDF: every number recounted from the ledger."""

import csv
import io
from collections import Counter
from datetime import date, timedelta

import pypdfium2
import pytest
from sqlalchemy import select

from server.console.month_charts import TOTALS
from server.core.audit import AuditEntry
from server.core.clock import FrozenClock
from server.staff.actor import Role
from tests.capture_page.phone import images_folder
from tests.console.house import open_house
from tests.console.months import NOW, acting_as, live_months
from tests.console.test_pages import faults
from tests.console.test_pictures import take
from tests.server.insights.recount import owed, recount

pytestmark = pytest.mark.browser
TODAY = (NOW + timedelta(hours=9)).date()
OCTOBER, NOVEMBER = date(2026, 10, 1), date(2026, 11, 1)
NAMES = ("온도 커피 성수", "=온도 커피 합정")


@pytest.fixture(scope="module")
def house(tmp_path_factory):
    """Open a house whose clock stands still, so that days and months can be told apart."""
    with open_house(tmp_path_factory.mktemp("house"), clock=FrozenClock(NOW)) as app:
        yield app


@pytest.fixture(scope="module")
def lived(house):
    return live_months(house, "month@example.com", people=30, events=400, names=NAMES)


class Truth:
    """A month of some shops, recounted."""

    def __init__(self, house, shops, first) -> None:
        with house.state.database.reading() as session:
            counted = recount(session)
            self.owed = owed(session, shops, house.state.clock.now())
        end = (first + timedelta(days=31)).replace(day=1)
        self.dates = [first + timedelta(days=n) for n in range((end - first).days)]
        self.days = {day: counted.on(day, shops) for day in self.dates}
        visits = counted.visits(shops, first, self.dates[-1])
        self.total = {name: sum(day[name] for day in self.days.values()) for name in TOTALS}
        self.total["visitors"] = len(visits)
        often = Counter(len(days) for days in visits.values())
        self.visits = [often[days] for days in range(1, max(often, default=0) + 1)]
        self.hours = Counter(
            (line.local.hour, line.local.weekday())
            for line in counted.lines
            if line.what == "stamp" and line.shop in shops and first <= line.local.date() < end
        )

    def hour_row(self, hour):
        return [self.hours[hour, weekday] for weekday in range(7)]


def table(page, name):
    """Read a table for screen readers: its rows without heads, as text."""
    return page.evaluate(
        """name => [...document.querySelectorAll(`table.${name} tbody tr`)].map(
            row => [...row.children].map(cell => cell.textContent))""",
        name,
    )


@pytest.mark.parametrize(("language", "width", "first"), [("ko", 390, NOVEMBER), ("en", 1280, OCTOBER)])
def test_every_number_equals_a_recount(house, visit, lived, language, width, first):
    truth = Truth(house, lived.shops, first)
    before = Truth(house, lived.shops, (first - timedelta(days=1)).replace(day=1))
    assert truth.total["stamps"] > 50
    assert len(truth.visits) > 2
    visitor = visit(language=language, width=width).bring(lived.token)
    visitor.open(f"/owner/month?month={first:%Y-%m}&shop=all")
    page = visitor.page
    page.locator(".calendar").wait_for()
    cells = page.locator(".month .number[data-name]").all()
    assert {cell.get_attribute("data-name"): cell.inner_text().split("\n")[1:] for cell in cells} == {
        name: [f"{truth.total[name]:,}", visitor.words("month.before", count=f"{before.total[name]:,}")]
        for name in TOTALS
    }
    calendar = page.evaluate(
        """() => [...document.querySelectorAll(".calendar td:has(time)")].map(
            cell => [cell.querySelector("time").dateTime, cell.querySelector("b")?.innerText ?? null])"""
    )
    assert calendar == [
        [day.isoformat(), str(counts["visitors"]) if day <= TODAY else None]
        for day, counts in truth.days.items()
    ]
    heads = page.locator(".calendar th").all_inner_texts()
    assert heads == [visitor.words(f"month.weekday.{weekday}") for weekday in range(7)]
    column = page.locator(f".calendar td:has(time[datetime='{first}'])").evaluate("cell => cell.cellIndex")
    assert column == first.weekday()
    assert page.locator(".owed .value").all_inner_texts() == [f"{count:,}" for count in truth.owed]
    assert table(page, "days") == [
        [day.isoformat(), str(counts["stamps"]), str(counts["coupons_redeemed"])]
        for day, counts in truth.days.items()
    ]
    assert [int(row[1]) for row in table(page, "visits")] == truth.visits
    rows = table(page, "hours")
    assert [list(map(int, row[1:])) for row in rows] == [
        truth.hour_row(int(row[0].strip("시").partition(":")[0])) for row in rows
    ]
    assert sum(truth.hours.values()) == sum(int(cell) for row in rows for cell in row[1:])
    drawn = page.locator("svg[aria-labelledby^='chart-hours'] text").all_text_contents()
    assert drawn[7:] == [cell for row in rows for cell in row]
    bars = page.locator("svg[aria-labelledby^='chart-visits'] text[class=text]").all_text_contents()
    assert list(map(int, bars)) == truth.visits

    assert faults(page) == []
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
    page.emulate_media(media="print")
    assert not page.locator(".owner-nav").is_visible()
    assert page.locator(".month").evaluate("element => getComputedStyle(element).color") == "rgb(0, 0, 0)"
    page.emulate_media(media="screen")
    # The shop at the top decides, and the ways lead to the months beside.
    visitor.open(f"/owner/month?month={first:%Y-%m}&shop={lived.shops[1]}")
    of_one = Truth(house, lived.shops[1:], first)
    stamps = page.locator("[data-name=stamps] .value")
    stamps.wait_for()
    assert stamps.inner_text() == str(of_one.total["stamps"])
    page.locator("a[rel=prev]").click()
    page.wait_for_url(f"**month={before.dates[0]:%Y-%m}")
    assert page.locator("a[rel=next]").count() == 1


def test_the_month_is_taken_away_as_csv_and_pdf(house, visit, lived):
    visitor = visit(language="ko").bring(lived.token).open("/owner/month?month=2026-10&shop=all")
    files = {}
    for kind in ("csv", "pdf"):
        with visitor.page.expect_download() as caught:
            visitor.page.get_by_role("link", name=visitor.words(f"month.{kind}")).click()
        assert caught.value.suggested_filename == f"month-2026-10.{kind}"
        files[kind] = caught.value.path().read_bytes()
    with house.state.database.reading() as session:
        noted = session.scalars(select(AuditEntry).where(AuditEntry.action == "month.exported")).all()
    assert sorted((entry.actor, entry.detail["month"], entry.detail["format"]) for entry in noted) == [
        (lived.actor.member_id, "2026-10", kind) for kind in ("csv", "pdf")
    ]

    _, *rows = csv.reader(io.StringIO(files["csv"].decode("utf-8-sig"), newline=""))
    assert len(rows) == 62
    members = (
        "stamps", "stamps_by_hand", "stamps_by_code", "coupons_issued", "coupons_redeemed", "visitors",
        "new_visitors", "accepted", "held", "refused",
    )  # fmt: skip
    for shop, name in zip(lived.shops, ("온도 커피 성수", "'=온도 커피 합정"), strict=True):
        alone = Truth(house, [shop], OCTOBER)
        assert [row[1:] for row in rows if row[0] == name] == [
            [day.isoformat(), *(str(counts[member]) for member in members)]
            for day, counts in alone.days.items()
        ]

    truth = Truth(house, lived.shops, OCTOBER)
    before = Truth(house, lived.shops, date(2026, 9, 1))
    first, second = pages_of(files["pdf"])
    names = ", ".join(name for _, name in sorted(zip(lived.shops, NAMES, strict=True)))
    assert first.startswith(f"{names} 2026년 10월 2026-11-26 15:00")
    for name in TOTALS:
        now, then = truth.total[name], before.total[name]
        change = f"{now - then:+,}" if now != then else "0"
        assert f" {visitor.words(f'month.{name}')} {now:,} {then:,} {change} " in first
    for key, count in zip(("month.owed.stamps", "month.owed.coupons"), truth.owed, strict=True):
        assert f" {visitor.words(key)} {count:,} " in first
    calendar = " ".join(f"{day.day} {counts['visitors']}" for day, counts in truth.days.items())
    assert f" 월 화 수 목 금 토 일 {calendar} " in first
    for days, customers in enumerate(truth.visits, 1):
        assert f" {customers} {days} " in first
    for hour in range(24):
        row = " ".join(map(str, truth.hour_row(hour)))
        assert not any(truth.hour_row(hour)) or f" {hour}시 {row} " in second
    for day, counts in truth.days.items():
        shown = ("visitors", "new_visitors", "stamps", "coupons_issued", "coupons_redeemed")
        numbers = " ".join(f"{counts[member]:,}" for member in shown)
        assert f" {day.day} {visitor.words(f'month.weekday.{day.weekday()}')} {numbers} " in second


def pages_of(data):
    """Read the words of a PDF again, a text for each page, with single blanks."""
    document = pypdfium2.PdfDocument(data)
    texts = []
    for page in document:
        words = page.get_textpage()
        texts.append(" ".join(words.get_text_range().split()) + " ")
        words.close()
        page.close()
    document.close()
    return texts


def test_months_are_for_those_who_may_see_them(house, visit, lived):
    """Staff see a sentence; a manager sees the month and takes nothing away."""
    visitor = visit(language="ko").bring(lived.token)

    def ask(name, **asked):
        return visitor.context.request.get(
            f"{house.state.origin}/owner/export/{name}", params=asked, headers={"Accept-Language": "ko"}
        )

    assert ask("month.pdf", month="2026-13").status == 422
    assert ask("month.csv", shop="shp_0").status == 404
    with acting_as(house, lived, Role.STAFF):
        visitor.open("/owner/month").sees("month.not_allowed")
        assert visitor.page.get_by_role("link", name=visitor.words("nav.month")).count() == 0
        assert visitor.page.locator("svg.chart").count() == 0
    with acting_as(house, lived, Role.MANAGER):
        visitor.open("/owner/month").page.locator(".calendar").wait_for()
        assert visitor.page.get_by_role("link", name=visitor.words("month.pdf")).count() == 0
        for name in ("month.csv", "month.pdf"):
            refused = ask(name)
            assert (refused.status, visitor.words("problem.not_allowed") in refused.text()) == (403, True)


def test_a_month_without_stamps_and_addresses_that_name_none(visit, house, cafe):
    visitor = visit(language="en").bring(cafe.token).open("/owner/month")
    visitor.sees("month.nothing")
    visitor.sees("as_of.never")
    assert visitor.page.get_by_role("heading", level=1).inner_text() == "November 2026"
    assert visitor.page.locator(".owed .value").all_inner_texts() == ["0", "0"]
    assert faults(visitor.page) == []
    visitor.open("/owner/month?month=2000-01").sees("month.nothing")
    assert visitor.page.locator("a[rel=prev]").count() == 0
    for strange in ("2026-13", "0000-00", "9999-12", "x'"):
        visitor.open(f"/owner/month?month={strange}")
        visitor.page.get_by_role("heading", name="November 2026").wait_for()


@pytest.mark.parametrize(
    ("language", "width"), [("ko", 390), pytest.param("en", 1280, marks=pytest.mark.slow)]
)
def test_pictures_of_the_month(visit, lived, tmp_path, language, width):
    visitor = visit(language=language, width=width).bring(lived.token)
    visitor.open("/owner/month?month=2026-10").page.locator(".calendar").wait_for()
    take(visitor.page, images_folder(tmp_path) / f"owner-month-{language}.png")
