"""Customers and months to take away, as CSV and to print."""

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, fields
from datetime import date
from typing import Any, Final, Literal

from sqlalchemy.orm import Session

from server.core import audit
from server.core.clock import Clock
from server.insights.csv_files import Cell, csv_bytes
from server.insights.customers import CustomerRow, customers
from server.insights.month import DayCounts, month
from server.insights.people import Listing
from server.insights.pseudonyms import Pseudonyms
from server.insights.scope import Places, places, today_of
from server.insights.segments import Segment
from server.insights.sheets import MonthSheet, month_sheet
from server.staff.actor import Actor, Right

Language = Literal["ko", "en"]
MEDIA_TYPE: Final = "text/csv; charset=utf-8"
_PAGE: Final = 500

_CUSTOMER_HEADER: Final[dict[Language, tuple[str, ...]]] = {
    "ko": (
        "고객", "구분", "첫 방문", "마지막 방문", "방문 일수", "최근 방문 일수", "받은 스탬프",
        "카드의 스탬프", "쿠폰",
    ),
    "en": (
        "Customer", "Segment", "First visit", "Last visit", "Visits", "Recent visits", "Stamps ever",
        "Stamps on cards", "Coupons",
    ),
}  # fmt: skip
_SEGMENTS: Final[dict[Language, dict[Segment, str]]] = {
    "ko": {
        Segment.REGULAR: "단골", Segment.PROSPECTIVE: "단골 후보", Segment.LAPSED: "발길 끊김",
        Segment.NEW: "신규",
    },
    "en": {segment: segment.value for segment in Segment},
}  # fmt: skip
_MONTH_HEADER: Final[dict[Language, tuple[str, ...]]] = {
    "ko": (
        "매장", "날짜", "스탬프", "직접 적립", "직원 코드", "쿠폰 발급", "쿠폰 사용", "방문 고객",
        "신규 고객", "인정된 누름", "보류", "거절",
    ),
    "en": (
        "Shop", "Date", "Stamps", "By hand", "By staff code", "Coupons issued", "Coupons redeemed",
        "Visitors", "New visitors", "Presses accepted", "Held", "Refused",
    ),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Export:
    """A file that was asked for and noted in the audit.

    Commit first; then write what `pieces` gives, called with a reading session that stays open meanwhile. So
    nobody takes a file away unnoted, and a slow line holds up no writer.
    """

    file_name: str
    media_type: str
    pieces: Callable[[Session], Iterator[bytes]]


def export_customers(
    session: Session,
    clock: Clock,
    actor: Actor,
    shop_ids: Collection[str] | None,
    *,
    names: Pseudonyms,
    listing: Listing = Listing.ALL,
    language: Language = "ko",
) -> Export:
    """Note that the customers of some shops are taken away, and return the file; None for all shops.

    Raises
    ------
    Forbidden
        ``not_allowed``.
    NotFound
        ``shop_not_found``.
    """
    actor.require(Right.EXPORT)
    found = tuple(places(session, actor, shop_ids))
    detail = {"shops": list(found), "listing": listing.value}
    _note(session, clock, actor, "customers.exported", detail)

    def rows(reading: Session) -> Iterator[list[Cell]]:
        cursor = None
        while True:
            page = customers(
                reading, clock, actor, found, names=names, listing=listing, cursor=cursor, limit=_PAGE
            )
            yield from (_customer(row, language) for row in page.rows)
            cursor = page.next_cursor
            if cursor is None:
                return

    day = today_of(places(session, actor, found), clock.now())
    return Export(
        f"customers-{day}.csv",
        MEDIA_TYPE,
        lambda reading: csv_bytes(_CUSTOMER_HEADER[language], rows(reading)),
    )


def export_month(
    session: Session,
    clock: Clock,
    actor: Actor,
    shop_ids: Collection[str] | None,
    first: date | None = None,
    *,
    language: Language = "ko",
) -> Export:
    """Note that a month of some shops is taken away, and return the file: a row for each shop and day.

    Raises
    ------
    Forbidden
        ``not_allowed``.
    NotFound
        ``shop_not_found``.
    """
    actor.require(Right.EXPORT)
    found = places(session, actor, shop_ids)
    start = (first or today_of(found, clock.now())).replace(day=1)
    _note(session, clock, actor, "month.exported", _month_detail(found, start, "csv"))

    def rows(reading: Session) -> Iterator[list[Cell]]:
        for shop_id, place in found.items():
            for counted in month(reading, clock, actor, [shop_id], start).days:
                yield [place.name, *_day(counted)]

    return Export(
        f"month-{start:%Y-%m}.csv",
        MEDIA_TYPE,
        lambda reading: csv_bytes(_MONTH_HEADER[language], rows(reading)),
    )


def export_month_sheet(
    session: Session,
    clock: Clock,
    actor: Actor,
    shop_ids: Collection[str] | None,
    first: date | None = None,
    *,
    draw: Callable[[MonthSheet], bytes],
) -> Export:
    """Note that a month of some shops is taken away to print, and return the file.

    Parameters
    ----------
    session, clock, actor, shop_ids, first
        As for `export_month`.
    draw
        Makes a PDF of the numbers. How it looks and what it says belongs to those who draw pages; who may
        have it, what stands in it and that it is noted belongs here.

    Raises
    ------
    Forbidden
        ``not_allowed``.
    NotFound
        ``shop_not_found``.
    """
    actor.require(Right.EXPORT)
    found = places(session, actor, shop_ids)
    start = (first or today_of(found, clock.now())).replace(day=1)
    _note(session, clock, actor, "month.exported", _month_detail(found, start, "pdf"))

    def pieces(reading: Session) -> Iterator[bytes]:
        yield draw(month_sheet(reading, clock, actor, tuple(found), start))

    return Export(f"month-{start:%Y-%m}.pdf", "application/pdf", pieces)


def _month_detail(found: Places, start: date, kind: str) -> dict[str, Any]:
    return {"shops": list(found), "month": f"{start:%Y-%m}", "format": kind}


def _note(session: Session, clock: Clock, actor: Actor, action: str, detail: dict[str, Any]) -> None:
    audit.record(
        session, clock, actor=actor.member_id, action=action, subject=actor.partner_id, detail=detail
    )


def _customer(row: CustomerRow, language: Language) -> list[Cell]:
    return [
        row.name,
        _SEGMENTS[language][row.segment],
        row.first_day.isoformat(),
        row.last_day.isoformat(),
        row.visits,
        row.recent_visits,
        row.stamps,
        sum(card.stamps for card in row.cards),
        sum(card.coupons for card in row.cards),
    ]


def _day(counted: DayCounts) -> list[Cell]:
    day, *numbers = (getattr(counted, each.name) for each in fields(counted))
    return [day.isoformat(), *numbers]
