"""A month of some shops, from the roll-ups."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any, Final

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.orm import Session

from server.core.clock import Clock
from server.insights.days import HOURS
from server.insights.liability import Liability, liability
from server.insights.models import InsightCustomer, InsightDay, InsightMark, InsightVisit
from server.insights.scope import places, today_of
from server.staff.actor import Actor, Right

_WEEKDAYS: Final = 7


@dataclass(frozen=True, slots=True)
class DayCounts:
    """A day of the calendar; a customer who came to two of the shops is one visitor."""

    day: date
    stamps: int = 0
    stamps_by_hand: int = 0
    stamps_by_code: int = 0
    coupons_issued: int = 0
    coupons_redeemed: int = 0
    visitors: int = 0
    new_visitors: int = 0
    accepted: int = 0
    held: int = 0
    refused: int = 0


@dataclass(frozen=True, slots=True)
class Month:
    """A month of some shops, without what was undone since.

    Attributes
    ----------
    first
        The first of the month.
    shop_ids
        The shops that are counted together.
    days
        Every day of the month, also those to come.
    total
        The month in one row, under its first day; a visitor is counted once.
    visits
        How many customers came on 1, 2, … days, as pairs, ascending. A day at each of two shops counts twice.
    weekday_hours
        Stamps by weekday (0 is Monday) and hour of the shops' clocks, 7 rows of 24.
    liability
        What is owed now, whatever the month.
    as_of
        The last roll-up; None before the first.
    """

    first: date
    shop_ids: tuple[str, ...]
    days: tuple[DayCounts, ...]
    total: DayCounts
    visits: tuple[tuple[int, int], ...]
    weekday_hours: tuple[tuple[int, ...], ...]
    liability: Liability
    as_of: datetime | None


def month(
    session: Session, clock: Clock, actor: Actor, shop_ids: Collection[str] | None, first: date | None = None
) -> Month:
    """Return the month with the day `first` in it, the present one for None.

    Parameters
    ----------
    session, clock
        To read with, and the time.
    actor, shop_ids
        Who asks about which shops; None for all.
    first
        Any day of the month.

    Raises
    ------
    Forbidden
        ``not_allowed``.
    NotFound
        ``shop_not_found``.

    Notes
    -----
    Seven queries for up to 500 shops, one more for several shops. What was undone counts off on the day
    of the stamp that was undone.
    """
    actor.require(Right.SEE_MONTH)
    found, now = places(session, actor, shop_ids), clock.now()
    first = (first or today_of(found, now)).replace(day=1)
    end = (first + timedelta(days=31)).replace(day=1)
    reader = _Reader(session, tuple(found), first, end)
    days, grid = reader.days()
    visits = reader.visits()
    total = days[None]
    total.values["visitors"] = sum(customers for _, customers in visits)
    return Month(
        first=first,
        shop_ids=tuple(found),
        days=tuple(
            days[day].freeze(day) for n in range((end - first).days) for day in [first + timedelta(days=n)]
        ),
        total=total.freeze(first),
        visits=visits,
        weekday_hours=grid,
        liability=liability(session, tuple(found), now),
        as_of=session.scalar(select(InsightMark.seen_at).where(InsightMark.partner_id == actor.partner_id)),
    )


_SUMMED: Final = (
    "stamps", "stamps_by_hand", "stamps_by_code", "coupons_issued", "coupons_redeemed",
    "accepted", "held", "refused",
)  # fmt: skip


@dataclass(slots=True)
class _Sums:
    """A `DayCounts` in the making."""

    values: defaultdict[str, int] = field(default_factory=lambda: defaultdict(int))

    def freeze(self, day: date) -> DayCounts:
        return DayCounts(day, **self.values)


class _Reader:
    """Reads the roll-ups from `first` up to, not including, `end`."""

    def __init__(self, session: Session, shop_ids: tuple[str, ...], first: date, end: date) -> None:
        self._session, self._shops = session, shop_ids
        self._first, self._end = first, end

    def days(self) -> tuple[defaultdict[date | None, _Sums], tuple[tuple[int, ...], ...]]:
        """Return the sums of each day, of the month under None, and the stamps by weekday and hour."""
        sums: defaultdict[date | None, _Sums] = defaultdict(_Sums)
        grid = [[0] * HOURS for _ in range(_WEEKDAYS)]
        rows = self._session.scalars(
            select(InsightDay).where(
                InsightDay.shop_id.in_(self._shops),
                InsightDay.day >= self._first,
                InsightDay.day < self._end,
            )
        )
        for row in rows:
            for key in (row.day, None):
                for name in _SUMMED:
                    sums[key].values[name] += getattr(row, name)
            sums[row.day].values["visitors"] += row.visitors
            for hour, stamps in enumerate(row.hours):
                grid[row.day.weekday()][hour] += stamps
        if len(self._shops) > 1:
            for day, visitors in self._session.execute(self._visitors_by_day()):
                sums[day].values["visitors"] = visitors
        for day, new in self._session.execute(self._new_by_day()):
            sums[day].values["new_visitors"] = new
            sums[None].values["new_visitors"] += new
        return sums, tuple(map(tuple, grid))

    def visits(self) -> tuple[tuple[int, int], ...]:
        """Return how many customers came how often."""
        often = (
            select(func.count().label("visits"))
            .where(*self._within())
            .group_by(InsightVisit.customer_id)
            .subquery()
        )
        statement = select(often.c.visits, func.count()).group_by(often.c.visits).order_by(often.c.visits)
        return tuple((visits, customers) for visits, customers in self._session.execute(statement))

    def _within(self) -> tuple[ColumnElement[bool], ...]:
        return (
            InsightVisit.shop_id.in_(self._shops),
            InsightVisit.day >= self._first,
            InsightVisit.day < self._end,
        )

    def _visitors_by_day(self) -> Select[date, int]:
        return (
            select(InsightVisit.day, func.count(InsightVisit.customer_id.distinct()))
            .where(*self._within())
            .group_by(InsightVisit.day)
        )

    def _new_by_day(self) -> Select[date, int]:
        kept = InsightCustomer
        first_days: Select[*tuple[Any, ...]] = select(kept.first_day)
        if len(self._shops) != 1:
            first_days = select(func.min(kept.first_day).label("first_day")).group_by(kept.customer_id)
        else:
            first_days = first_days.where(kept.first_day >= self._first, kept.first_day < self._end)
        began = first_days.where(kept.shop_id.in_(self._shops)).subquery()
        return (
            select(began.c.first_day, func.count())
            .where(began.c.first_day >= self._first, began.c.first_day < self._end)
            .group_by(began.c.first_day)
        )
