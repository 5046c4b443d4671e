"""Every number equals an independent recount of simulated months."""

from collections import Counter
from dataclasses import asdict
from datetime import date, timedelta

import pytest
from sqlalchemy import select

from server.insights.customers import customers
from server.insights.models import InsightCustomer, InsightDay, InsightVisit
from server.insights.month import month
from server.insights.people import Listing
from server.insights.segments import Segments
from server.insights.sentence import sentence
from server.insights.today import today
from server.ledger import verify
from server.ledger.models import LedgerAccount
from server.programs.models import Card
from tests.server.insights.recount import owed, recount
from tests.server.insights.world import found_world, live


def rows_of(session):
    """Return all rows of the roll-ups."""
    return {
        model.__tablename__: sorted(
            tuple(map(str, row)) for row in session.execute(select(*model.__table__.columns))
        )
        for model in (InsightDay, InsightVisit, InsightCustomer)
    }


_MORE = (pytest.param(seed, marks=pytest.mark.slow) for seed in (2, 3, 4, 5, 17, 23))


@pytest.fixture(params=[1, 22, *_MORE])
def lived(request, travelling, session, clock):
    """Two months at two cafés, beside a café of somebody else."""
    other = found_world(session, clock, name="Other")
    other.customer()
    live(travelling, days=60, events=250, seed=request.param)
    other.stamp(other.customers[0][0], other.shops[0])
    assert verify(session).breaches == ()
    return travelling


def selections(world):
    return [None, world.shops[:1], world.shops[1:]]


def test_simulated_months(lived, session, clock, names):
    """One test for one simulation: it takes longer than all the questions."""
    counted = recount(session)
    _days_are_right(lived, session, clock, counted)
    lived.roll_up()
    _days_are_right(lived, session, clock, counted)
    kept = rows_of(session)
    assert all(kept.values())
    lived.roll_up(rebuild=True)
    assert rows_of(session) == kept
    lived.roll_up(rebuild=True, at_most=timedelta(days=9))
    assert rows_of(session) != kept
    _days_are_right(lived, session, clock, counted)
    for _ in range(8):
        lived.roll_up(at_most=timedelta(days=9))
    assert rows_of(session) == kept
    _months_are_right(lived, session, clock, counted)
    _customers_are_right(lived, session, clock, counted, names)


def _days_are_right(world, session, clock, counted):
    now = clock.now()
    for shops in selections(world):
        chosen = shops or world.shops
        for back in (0, 1, 20, 29, 33):  # New York's clocks go back 33 days before the end
            day = now.date() - timedelta(days=back)
            found = today(session, clock, world.actor, shops, day)
            assert found.day == day
            assert asdict(found.counts) == counted.on(day, chosen)
            assert [
                (hour.hour, hour.stamps, hour.visitors, hour.coupons_redeemed) for hour in found.by_hour
            ] == counted.hours(day, chosen)
            before = day - timedelta(days=7)
            assert asdict(found.last_week) == counted.on(before, chosen)
            assert [
                (hour.hour, hour.stamps, hour.visitors, hour.coupons_redeemed)
                for hour in found.last_week_by_hour
            ] == counted.hours(before, chosen)


def _months_are_right(world, session, clock, counted):
    for shops in selections(world):
        chosen = shops or world.shops
        for first in (date(2026, 10, 1), date(2026, 11, 1), date(2026, 12, 1), date(2027, 1, 1)):
            found = month(session, clock, world.actor, shops, first + timedelta(days=11))
            assert found.first == first
            assert found.as_of == clock.now()
            last = found.days[-1].day
            for row in found.days:
                wanted = counted.on(row.day, chosen)
                del wanted["returning_visitors"]
                assert asdict(row) == {"day": row.day, **wanted}
            for name in ("stamps", "coupons_redeemed", "held", "refused", "new_visitors"):
                assert getattr(found.total, name) == sum(getattr(row, name) for row in found.days)
            visits = counted.visits(chosen, first, last)
            assert dict(found.visits) == Counter(len(days) for days in visits.values())
            assert found.total.visitors == len(visits)
            assert (found.liability.stamps, found.liability.coupons) == owed(session, chosen, clock.now())
            stamps = Counter(
                (line.local.weekday(), line.local.hour)
                for line in counted.lines
                if line.what == "stamp" and line.shop in chosen and first <= line.local.date() <= last
            )
            assert found.weekday_hours == tuple(
                tuple(stamps[weekday, hour] for hour in range(24)) for weekday in range(7)
            )


def _customers_are_right(world, session, clock, counted, names):
    for shops in selections(world):
        chosen = shops or world.shops
        # Where calendars differ, absence is reckoned by the first shop's.
        day = clock.now().astimezone(counted.zones[min(chosen)]).date()
        people = counted.people(chosen, day)
        by_name = {names.of(world.partner_id, customer): facts for customer, facts in people.items()}
        listed = _all_pages(session, clock, world.actor, shops, names)
        assert [row.name for row in listed] == sorted(
            by_name, key=lambda name: by_name[name][0], reverse=True
        )
        for row in listed:
            last_at, last_day, visits, recent, stamps = by_name[row.name]
            assert (row.last_at, row.last_day, row.visits) == (last_at, last_day, visits)
            assert (row.recent_visits, row.stamps) == (recent, stamps)
            assert row.segment == _segment(last_day, visits, recent, day)
        told = sentence(session, clock, world.actor, shops)
        for segment, number in told.segments.items():
            assert number.count == sum(row.segment == segment for row in listed)
        month_start = day.replace(day=1)
        assert told.month_visitors.count == sum(facts[1] >= month_start for facts in people.values())
        assert told.today_customers.count == sum(facts[1] >= day for facts in people.values())
        assert told.unseen.count == sum((day - facts[1]).days >= 30 for facts in people.values())
        assert told.stopped.count == _stopped(session, people, month_start)
        for number in (told.today_customers, told.month_visitors, told.stopped, told.unseen):
            opened = _all_pages(session, clock, world.actor, shops, names, number.listing)
            assert len(opened) == number.count
        for listing in ("regular", "prospective", "lapsed", "new"):
            opened = _all_pages(session, clock, world.actor, shops, names, Listing(listing))
            assert opened == [row for row in listed if row.segment == listing]


def _all_pages(session, clock, actor, shops, names, listing=Listing.ALL):
    rows, cursor = [], None
    while True:
        page = customers(session, clock, actor, shops, names=names, listing=listing, cursor=cursor, limit=5)
        rows += page.rows
        cursor = page.next_cursor
        if cursor is None:
            assert len({row.name for row in rows}) == len(rows)
            return rows


def _segment(last_day, visits, recent, day):
    usual = Segments()
    if (day - last_day).days >= usual.lapsed_days:
        return "lapsed"
    if recent >= usual.regular_visits:
        return "regular"
    return "prospective" if visits >= 2 else "new"


def _stopped(session, people, month_start):
    rows = session.execute(
        select(Card.customer_id, Card.stamps_required, LedgerAccount.balance).join(
            LedgerAccount, (LedgerAccount.owner_id == Card.id) & (LedgerAccount.unit == "stamp")
        )
    )
    short = {customer for customer, required, balance in rows if balance == required - 2}
    return sum(customer in short and facts[1] >= month_start for customer, facts in people.items())
