"""Keeping the roll-ups: a day of a shop is counted anew whenever something in it may have changed.

Nothing is added up over time, so that repeating is harmless and a rebuild gives the same rows.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from sqlalchemy import Table, delete, func, insert, select, update
from sqlalchemy.orm import Session, aliased

from server.core.clock import Clock
from server.core.database import Database, UtcDateTime
from server.core.portable import insert_absent
from server.insights.batches import batches
from server.insights.counts import VISITS, Tally
from server.insights.days import SLACK, Span, day_span, hull, id_at, time_of
from server.insights.facts import Fact, Pressed, counted_accounts, facts, presses
from server.insights.models import InsightCustomer, InsightDay, InsightMark, InsightShop, InsightVisit
from server.insights.scope import Places, of_partner, programs_of
from server.ledger.models import LedgerPosting, LedgerTransaction
from server.presses.models import Press

Touched = dict[date, set[str]]
_AT: Final = UtcDateTime()
_STEP: Final = timedelta(days=7)


def _table(model: type) -> Table:
    table: Table = model.__table__  # type: ignore[attr-defined]  # every model has one
    return table


def catch_up(
    session: Session,
    clock: Clock,
    partner_id: str,
    *,
    rebuild: bool = False,
    at_most: timedelta | None = None,
) -> int:
    """Bring a partner's roll-ups up to the present.

    Parameters
    ----------
    session
        Writes; not committed.
    clock, partner_id
        The time, and whose.
    rebuild
        Forget what was counted and begin from the first booking.
    at_most
        Read no more than so much time of bookings; then it takes several calls (`catch_up_in_steps`).

    Returns
    -------
    int
        Days of shops that were counted anew.

    Notes
    -----
    Looked at are the bookings and presses since two minutes before the last time, the days whose stamps
    were undone since, and the days on which presses are still held. Of two at once for one partner the
    second waits for the first. When a shop's timezone was changed, everything is counted anew.
    """
    now, found = clock.now(), of_partner(session, partner_id)
    seen_at = _lock(session, partner_id)
    if rebuild or _moved(session, found):
        _forget(session, found)
        seen_at = None
    programs = programs_of(session, partner_id)
    since = _beginning(session, partner_id, programs, now) if seen_at is None else seen_at
    until = now if at_most is None else min(now, since + at_most)
    touched = _touched(session, partner_id, programs, found, Span(since - SLACK, until + SLACK))
    whose: defaultdict[str, set[str]] = defaultdict(set)
    for day in sorted(touched):
        _count_day(session, programs, _Shops(day, {s: found[s] for s in sorted(touched[day])}), whose)
    for shop_id, customer_ids in whose.items():
        _sum_customers(session, shop_id, customer_ids)
    session.execute(update(InsightMark).where(InsightMark.partner_id == partner_id).values(seen_at=until))
    return sum(map(len, touched.values()))


def catch_up_in_steps(database: Database, clock: Clock, partner_id: str, *, rebuild: bool = False) -> int:
    """Do as `catch_up`, a week of bookings in a transaction, so that presses can go on in between.

    Meanwhile readers see the past as far as ``as_of`` says.
    """
    now, days, seen_at = clock.now(), 0, None
    while seen_at is None or seen_at < now:
        with database.transaction() as session:
            days += catch_up(session, clock, partner_id, rebuild=rebuild, at_most=_STEP)
            seen_at = session.scalar(select(InsightMark.seen_at).where(InsightMark.partner_id == partner_id))
        rebuild = False
    return days


def _lock(session: Session, partner_id: str) -> datetime | None:
    session.execute(insert_absent(session, InsightMark.__table__).values(partner_id=partner_id, seen_at=None))
    return session.scalar(
        select(InsightMark.seen_at)
        .where(InsightMark.partner_id == partner_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )


def _moved(session: Session, found: Places) -> bool:
    """Note the timezone of shops that are new, and say whether that of a known one was changed."""
    kept: dict[str, str] = {}
    for some in batches(found):
        rows = session.execute(
            select(InsightShop.shop_id, InsightShop.timezone).where(InsightShop.shop_id.in_(some))
        )
        kept |= {row.shop_id: row.timezone for row in rows}
    new = [{"shop_id": s, "timezone": place.zone.key} for s, place in found.items() if s not in kept]
    if new:
        session.execute(insert(InsightShop), new)
    return any(found[shop_id].zone.key != zone for shop_id, zone in kept.items())


def _forget(session: Session, found: Places) -> None:
    for some in batches(found):
        for model in (InsightCustomer, InsightVisit, InsightDay, InsightShop):
            session.execute(delete(model).where(model.shop_id.in_(some)))
    zones = [{"shop_id": shop_id, "timezone": place.zone.key} for shop_id, place in found.items()]
    if zones:
        session.execute(insert(InsightShop), zones)


def _beginning(session: Session, partner_id: str, programs: list[str], now: datetime) -> datetime:
    """Return when the partner's first booking or press was made, `now` where there is none."""
    first = session.scalar(select(func.min(Press.id)).where(Press.partner_id == partner_id))
    times = [] if first is None else [time_of(first)]
    for some in batches(programs):
        first = session.scalar(
            select(func.min(LedgerPosting.transaction_id)).where(
                LedgerPosting.account_id.in_(counted_accounts(some))
            )
        )
        times += [] if first is None else [time_of(first)]
    return min(times, default=now)


def _touched(session: Session, partner_id: str, programs: list[str], found: Places, within: Span) -> Touched:
    """Return the shops and days in which something may have changed by what came within a time."""
    touched: defaultdict[date, set[str]] = defaultdict(set)
    for shop_id, at in _moments(session, partner_id, programs, within):
        if shop_id in found:
            touched[found[shop_id].day(at)].add(shop_id)
    for some in batches(found):
        held = select(InsightDay.day, InsightDay.shop_id).where(
            InsightDay.shop_id.in_(some), InsightDay.held > 0
        )
        for day, shop_id in session.execute(held):
            touched[day].add(shop_id)
    return touched


def _moments(
    session: Session, partner_id: str, programs: list[str], within: Span
) -> Iterator[tuple[str, datetime]]:
    undone = aliased(LedgerTransaction)
    for some in batches(programs):
        statement = (
            select(
                LedgerTransaction.details["shop"].as_string(),
                func.coalesce(undone.occurred_at, LedgerTransaction.occurred_at, type_=_AT),
            )
            .select_from(LedgerPosting)
            .join(LedgerTransaction, LedgerTransaction.id == LedgerPosting.transaction_id)
            .outerjoin(undone, undone.id == LedgerTransaction.reverses_id)
            .where(
                LedgerPosting.account_id.in_(counted_accounts(some)),
                LedgerPosting.transaction_id >= id_at("ltx", within.start),
                LedgerPosting.transaction_id < id_at("ltx", within.end),
            )
            .execution_options(yield_per=10_000)
        )
        yield from ((shop_id, at) for shop_id, at in session.execute(statement))
    pressed = (
        select(Press.shop_id, Press.at)
        .where(
            Press.partner_id == partner_id,
            Press.id >= id_at("prs", within.start),
            Press.id < id_at("prs", within.end),
            Press.shop_id.is_not(None),
        )
        .execution_options(yield_per=10_000)
    )
    yield from ((str(shop_id), at) for shop_id, at in session.execute(pressed))


@dataclass(frozen=True, slots=True)
class _Shops:
    """The shops of which one day is counted."""

    day: date
    places: Places

    def spans(self) -> Mapping[str, Span]:
        return {shop_id: day_span(self.day, place.zone) for shop_id, place in self.places.items()}


def _count_day(session: Session, programs: list[str], shops: _Shops, whose: dict[str, set[str]]) -> None:
    """Write the day's rows of these shops anew; add to `whose` the customers whose visits changed."""
    spans = shops.spans()
    span = hull(spans.values())
    by_shop: dict[str, list[Fact]] = {shop_id: [] for shop_id in spans}
    pressed: dict[str, list[Pressed]] = {shop_id: [] for shop_id in spans}
    for fact in facts(session, programs, span, spans):
        if fact.at in spans[fact.shop_id]:
            by_shop[fact.shop_id].append(fact)
    for press in presses(session, span, spans):
        if press.at in spans[press.shop_id]:
            pressed[press.shop_id].append(press)
    for some in batches(spans):
        gone = session.execute(
            delete(_table(InsightVisit))
            .where(InsightVisit.shop_id.in_(some), InsightVisit.day == shops.day)
            .returning(InsightVisit.shop_id, InsightVisit.customer_id)
        )
        for shop_id, customer_id in gone:
            whose[shop_id].add(customer_id)
        session.execute(delete(InsightDay).where(InsightDay.shop_id.in_(some), InsightDay.day == shops.day))
    days, visits = [], []
    for shop_id, place in shops.places.items():
        tally = Tally({shop_id: place})
        tally.add(by_shop[shop_id])
        tally.add_presses(pressed[shop_id])
        days.append(_day_row(shop_id, shops.day, tally))
        visits += _visit_rows(shop_id, shops.day, by_shop[shop_id])
        whose[shop_id] |= tally.visitors
    session.execute(insert(_table(InsightDay)), days)
    if visits:
        session.execute(insert(_table(InsightVisit)), visits)


def _day_row(shop_id: str, day: date, tally: Tally) -> dict[str, object]:
    names = (
        "stamps", "stamps_by_hand", "stamps_by_code", "coupons_issued", "coupons_redeemed",
        "accepted", "held", "refused",
    )  # fmt: skip
    counted = {name: tally.of(name) for name in names}
    return {
        "shop_id": shop_id,
        "day": day,
        "visitors": len(tally.visitors),
        "hours": tally.hour_stamps,
        **counted,
    }


def _visit_rows(shop_id: str, day: date, some: Iterable[Fact]) -> list[dict[str, object]]:
    of_customer: defaultdict[str, list[Fact]] = defaultdict(list)
    for fact in some:
        if fact.what in VISITS:
            of_customer[fact.customer_id].append(fact)
    return [
        {
            "shop_id": shop_id,
            "day": day,
            "customer_id": customer_id,
            "stamps": sum(fact.count for fact in theirs if fact.what == "stamp"),
            "redeemed": sum(fact.count for fact in theirs if fact.what == "coupon_redeemed"),
            "last_at": max(fact.at for fact in theirs),
        }
        for customer_id, theirs in of_customer.items()
    ]


def _sum_customers(session: Session, shop_id: str, customer_ids: set[str]) -> None:
    """Write the rows of these customers of a shop anew, from their visits."""
    for some in batches(sorted(customer_ids)):
        is_theirs = (InsightCustomer.shop_id == shop_id, InsightCustomer.customer_id.in_(some))
        session.execute(delete(InsightCustomer).where(*is_theirs))
        columns = ("shop_id", "customer_id", "first_day", "last_day", "last_at", "visits", "stamps")
        summed = (
            select(
                InsightVisit.shop_id,
                InsightVisit.customer_id,
                func.min(InsightVisit.day),
                func.max(InsightVisit.day),
                func.max(InsightVisit.last_at),
                func.count(),
                func.sum(InsightVisit.stamps),
            )
            .where(InsightVisit.shop_id == shop_id, InsightVisit.customer_id.in_(some))
            .group_by(InsightVisit.shop_id, InsightVisit.customer_id)
        )
        session.execute(insert(_table(InsightCustomer)).from_select(columns, summed))
