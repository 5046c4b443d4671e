"""Months of a café as a list of events, simulated: no database, no clock but the one that is given.

What happens up to a moment does not depend on how much is simulated after it, so a history can be taken up
again where it was left and go on to the present.
"""

import math
import random
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from enum import Enum
from typing import Final
from zoneinfo import ZoneInfo

from server.demo.habits import Habits, draw_habits
from server.demo.mishaps import GIVING_UP, HELD_PRESSES, REFUSED_VISITS, draw_hold, draw_refusal
from server.demo.seasons import Day, days_between, draw_day
from server.presses.reasons import Reason
from server.programs.expiry import coupon_expiry

#: A new card draws many in its first weeks: so many times the later rate, falling off over so many days.
_RUSH: Final = 5.0
_RUSH_DAYS: Final = 15.0
#: Nobody begins a visit in the last minutes.
_LAST_CALL: Final = timedelta(minutes=10)
_MOST_HELD: Final = 3


class Kind(Enum):
    """What a press comes to."""

    STAMP = "stamp"
    REDEEM = "redeem"
    REFUSED = "refused"
    HELD = "held"


@dataclass(frozen=True, slots=True)
class Event:
    """One press.

    Attributes
    ----------
    at
        Aware, UTC.
    customer
        Number of the customer, in the order in which they heard of the café, from 0.
    kind, reason
        What it comes to, and why if it is refused or held.
    coupon
        The coupon to redeem: which one of the customer's, in the order they were earned, from 0.
    """

    at: datetime
    customer: int
    kind: Kind
    reason: Reason | None = None
    coupon: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What is simulated.

    Attributes
    ----------
    first_day, days
        The first day by the shop's calendar, and how many days `customers` is meant for.
    customers
        How many newcomers are expected in those days.
    stamps_required, coupon_valid_days, presses_per_visit
        The programme's and the shop's numbers.
    timezone
        The shop's.
    """

    first_day: date
    days: int
    customers: int
    stamps_required: int = 10
    coupon_valid_days: int = 90
    presses_per_visit: int = 3
    timezone: str = "Asia/Seoul"


def simulate(plan: Plan, *, until: datetime, rng: random.Random) -> list[Event]:
    """Simulate a café from its first day.

    Parameters
    ----------
    plan
        The café and its customers.
    until
        Aware; nothing happens later.
    rng
        The source of all chance. In equal states, a history until later begins with the one until earlier.

    Returns
    -------
    list of Event
        In the order of time. A visit has at most `presses_per_visit` presses that are stamped or held, all
        within a minute; a coupon is redeemed once, after it was earned and before it expires; all within
        opening hours.
    """
    zone = ZoneInfo(plan.timezone)
    calendar: dict[date, Day] = {}
    newcomers: list[tuple[date, int]] = []
    for n, day in enumerate(days_between(plan.first_day, until.astimezone(zone).date())):
        calendar[day] = draw_day(day, zone, rng)
        newcomers += [(day, rng.getrandbits(64)) for _ in range(_poisson(_newcomers_on(plan, n), rng))]
    events: list[Event] = []
    for number, (day, seed) in enumerate(newcomers):
        life = random.Random(seed)
        events += _Customer(number, draw_habits(life), plan, life).live(day, calendar, until)
    events.sort(key=lambda event: (event.at, event.customer))
    return events


def _newcomers_on(plan: Plan, day: int) -> float:
    """Return how many newcomers are expected on a day, counted from 0."""
    rush = _RUSH * _RUSH_DAYS * (1.0 - math.exp(-plan.days / _RUSH_DAYS))
    return plan.customers * (1.0 + _RUSH * math.exp(-day / _RUSH_DAYS)) / (plan.days + rush)


def _poisson(mean: float, rng: random.Random) -> int:
    """Draw by Knuth's method, which is exact and quick enough for some hundreds."""
    count, product, bound = 0, rng.random(), math.exp(-mean)
    while product > bound:
        count += 1
        product *= rng.random()
    return count


@dataclass(slots=True)
class _Coupon:
    number: int
    ready_at: datetime | None
    expires_at: datetime | None


@dataclass(slots=True)
class _Customer:
    """A customer's life with the café."""

    number: int
    habits: Habits
    plan: Plan
    rng: random.Random
    stamps: int = 0
    earned: int = 0
    held: int = 0
    coupons: list[_Coupon] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)

    def live(self, first: date, calendar: dict[date, Day], until: datetime) -> list[Event]:
        """Come again and again, until the customer or the time has an end."""
        rng, moment = self.rng, calendar[first].opens
        while (day := calendar.get(moment.date())) is not None and day.opens <= until:
            if rng.random() < self._going_out(day):
                at = self._hour(day)
                self._visit(at)
                if self.stamps == self.habits.stops_at or rng.random() < self.habits.leaving:
                    break
                moment = at + self.habits.wait(rng)
                if moment.date() == at.date():
                    moment += timedelta(days=1)
            else:
                # Any of the next days: were it always the next one, all would come on Mondays.
                moment += timedelta(days=rng.choice((1, 2, 3)))
        return [event for event in self.events if event.at <= until]

    def _going_out(self, day: Day) -> float:
        weekend = self.habits.rhythm.weekend
        own = weekend if day.opens.weekday() >= 5 else 1.0  # noqa: PLR2004 (Saturday)
        return day.going_out * own / max(1.0, weekend)

    def _hour(self, day: Day) -> datetime:
        """Draw a moment around the favourite hour while the café is open."""
        rhythm, last = self.habits.rhythm, day.closes - _LAST_CALL
        midnight = day.opens.replace(hour=0)
        while True:
            at = midnight + timedelta(hours=self.rng.gauss(rhythm.hour, rhythm.spread_h))
            if day.opens <= at <= last:
                return at
            # Who likes to come before the doors open takes what there is.
            if rhythm.hour < day.opens.hour:
                return day.opens + timedelta(minutes=self.rng.uniform(1.0, 60.0))

    def _visit(self, at: datetime) -> None:
        rng = self.rng
        if rng.random() < REFUSED_VISITS:
            self._add(at, Kind.REFUSED, reason=draw_refusal(rng))
            if rng.random() < GIVING_UP:
                return
            at += timedelta(seconds=rng.uniform(20.0, 45.0))
        at = self._redeem(at)
        drinks = rng.choices((1, 2, 3), self.habits.drinks)[0]
        for _ in range(min(drinks, self.plan.presses_per_visit)):
            if self.stamps == self.habits.stops_at:
                return
            self._stamp(at)
            at += timedelta(seconds=rng.uniform(8.0, 20.0))

    def _redeem(self, at: datetime) -> datetime:
        """Use the oldest coupon that the customer means to use by now; return when that is done."""
        self.coupons = [
            coupon for coupon in self.coupons if coupon.expires_at is None or coupon.expires_at > at
        ]
        ready = next((c for c in self.coupons if c.ready_at is not None and c.ready_at <= at), None)
        if ready is None:
            return at
        self.coupons.remove(ready)
        self._add(at, Kind.REDEEM, coupon=ready.number)
        return at + timedelta(seconds=self.rng.uniform(15.0, 40.0))

    def _stamp(self, at: datetime) -> None:
        if self.held < _MOST_HELD and self.rng.random() < HELD_PRESSES:
            self.held += 1
            self._add(at, Kind.HELD, reason=draw_hold(self.rng))
            return
        self._add(at, Kind.STAMP)
        self.stamps += 1
        if self.stamps < self.plan.stamps_required:
            return
        self.stamps = 0
        days = self.habits.saving.days
        ready_at = None if days is None else at + timedelta(days=self.rng.uniform(*days))
        expires_at = coupon_expiry(at, self.plan.coupon_valid_days, self.plan.timezone)
        self.coupons.append(_Coupon(self.earned, ready_at, expires_at))
        self.earned += 1

    def _add(
        self, at: datetime, kind: Kind, *, reason: Reason | None = None, coupon: int | None = None
    ) -> None:
        self.events.append(Event(at.astimezone(UTC), self.number, kind, reason, coupon))
