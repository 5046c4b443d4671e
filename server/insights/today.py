"""Today beside the same weekday last week, live from the ledger and the presses."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from server.core.clock import Clock
from server.insights.batches import batches
from server.insights.counts import VISITS, Counts, Hour, Tally
from server.insights.days import DAWN, SLACK, Span, day_span, hull, moment
from server.insights.facts import Fact, Pressed, facts, presses, undone_since, visits_of
from server.insights.models import InsightCustomer, InsightMark
from server.insights.scope import Places, places, programs_of, today_of
from server.staff.actor import Actor, Right

_WEEK: Final = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Today:
    """A day of some shops, and the same weekday a week before.

    Attributes
    ----------
    day
        The date, at the first of the shops where they keep different calendars.
    counts, by_hour
        Of the day, so far.
    last_week, last_week_by_hour
        Of the whole day a week before.
    last_week_so_far
        Of that day up to the same time by the clock on the wall; of the whole day when `day` is over.
    at
        When this was true.
    """

    day: date
    at: datetime
    shop_ids: tuple[str, ...]
    counts: Counts
    by_hour: tuple[Hour, ...]
    last_week: Counts
    last_week_by_hour: tuple[Hour, ...]
    last_week_so_far: Counts


def today(
    session: Session, clock: Clock, actor: Actor, shop_ids: Collection[str] | None, day: date | None = None
) -> Today:
    """Return what happened today at these shops of the actor's.

    Parameters
    ----------
    session, clock
        To read with, and the time.
    actor, shop_ids
        Who asks about which shops; None for all.
    day
        A date instead, taken at each shop by its calendar. Without it each shop has its own today, by its
        own clock.

    Raises
    ------
    Forbidden
        ``not_allowed``.
    NotFound
        ``shop_not_found``.

    Notes
    -----
    Nothing is kept: what was undone is gone from the day of the stamp that was undone, at once; who is
    new is asked of the roll-ups, and live where these may be behind. At most eighteen queries for up to
    500 programmes and shops and 250 visitors that the roll-ups do not know, each within ranges of an
    index: also before the first roll-up, when they know nobody.
    """
    actor.require(Right.SEE_TODAY)
    found, now = places(session, actor, shop_ids), clock.now()
    days = {shop_id: day or place.day(now) for shop_id, place in found.items()}
    if not found:
        empty = Tally(found)
        none = Counts()
        return Today(
            day or today_of(found, now), now, (), none, empty.hours(), none, empty.hours(), none
        )  # fmt: skip
    reader = _Reader(session, actor.partner_id, found)
    this = reader.read(days)
    before = {shop_id: of - _WEEK for shop_id, of in days.items()}
    last = reader.read(before)
    so_far = last.until({shop_id: _same_time(found, shop_id, days[shop_id], now) for shop_id in found})
    return Today(
        day=next(iter(days.values())),
        at=now,
        shop_ids=tuple(found),
        counts=this.counts(),
        by_hour=this.tally.hours(),
        last_week=last.counts(),
        last_week_by_hour=last.tally.hours(),
        last_week_so_far=so_far.counts(),
    )


def _same_time(found: Places, shop_id: str, day: date, now: datetime) -> datetime:
    """Return until when last week's day is compared: the same time by the wall clock, or the day's end."""
    place = found[shop_id]
    if place.day(now) != day:
        return day_span(day - _WEEK, place.zone).end if place.day(now) > day else now - _WEEK
    return moment(day - _WEEK, place.local(now).time(), place.zone)


@dataclass(frozen=True, slots=True)
class _Day:
    """A day's bookings and presses, and who had come before."""

    tally: Tally
    facts: Sequence[Fact]
    presses: Sequence[Pressed]
    known: set[str]

    def counts(self) -> Counts:
        return self.tally.counts(self.known)

    def until(self, ends: Mapping[str, datetime]) -> "_Day":
        """Return the part of the day before each shop's end."""
        some = [fact for fact in self.facts if fact.at < ends[fact.shop_id]]
        pressed = [press for press in self.presses if press.at < ends[press.shop_id]]
        return _day(self.tally.places, some, pressed, self.known)


def _day(found: Places, some: Sequence[Fact], pressed: Sequence[Pressed], known: set[str]) -> _Day:
    tally = Tally(found)
    tally.add(some)
    tally.add_presses(pressed)
    return _Day(tally, some, pressed, known)


class _Reader:
    """Reads days of some shops."""

    def __init__(self, session: Session, partner_id: str, found: Places) -> None:
        self._session = session
        self._places = found
        self._programs = programs_of(session, partner_id)
        seen_at = session.scalar(select(InsightMark.seen_at).where(InsightMark.partner_id == partner_id))
        self._since = seen_at - SLACK if seen_at else DAWN
        # The roll-ups may still have a first visit of theirs that no longer stands.
        self._doubtful = undone_since(session, self._programs, self._since) if seen_at else set()

    def read(self, days: Mapping[str, date]) -> _Day:
        """Return each shop's day together."""
        spans = {shop_id: day_span(day, self._places[shop_id].zone) for shop_id, day in days.items()}
        span = hull(spans.values())
        some = [
            fact
            for fact in facts(self._session, self._programs, span, spans)
            if fact.at in spans[fact.shop_id]
        ]
        pressed = [press for press in presses(self._session, span, spans) if press.at in spans[press.shop_id]]
        visitors = {fact.customer_id for fact in some if fact.what in VISITS}
        return _day(self._places, some, pressed, self._known(visitors, days, spans))

    def _known(self, visitors: set[str], days: Mapping[str, date], spans: Mapping[str, Span]) -> set[str]:
        """Return those who came before their day: by the roll-ups, and live since these were made."""
        doubtful = visitors & self._doubtful
        known = set()
        for some in batches(visitors - doubtful):
            rows = self._session.execute(
                select(InsightCustomer.customer_id, InsightCustomer.shop_id, InsightCustomer.first_day).where(
                    InsightCustomer.customer_id.in_(some), InsightCustomer.shop_id.in_(days)
                )
            )
            known |= {row.customer_id for row in rows if row.first_day < days[row.shop_id]}
        latest = max(span.start for span in spans.values())
        for whom, since in ((visitors - doubtful - known, self._since), (doubtful, DAWN)):
            if whom and since < latest:
                known |= {
                    visit.customer_id
                    for visit in visits_of(self._session, self._programs, whom, Span(since, latest), days)
                    if visit.at < spans[visit.shop_id].start
                }
        return known
