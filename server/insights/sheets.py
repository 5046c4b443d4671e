"""A month beside the month before: what the page of the month shows and the printed sheet holds."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy.orm import Session

from server.core.clock import Clock
from server.insights.month import Month, month
from server.insights.scope import Places, places, today_of
from server.staff.actor import Actor, Right


@dataclass(frozen=True, slots=True)
class MonthSheet:
    """Two months of some shops.

    Attributes
    ----------
    places
        The shops, which are counted together.
    now, before
        The month, and the whole month before it.
    today
        The date at the first of the shops: later days of the month are still to come.
    """

    places: Places
    now: Month
    before: Month
    today: date

    @property
    def is_empty(self) -> bool:
        """Whether nobody came and nothing was pressed in the month."""
        total = self.now.total
        return not (total.visitors or total.coupons_issued or total.accepted or total.held or total.refused)


def month_sheet(
    session: Session, clock: Clock, actor: Actor, shop_ids: Collection[str] | None, first: date | None = None
) -> MonthSheet:
    """Return the month with the day `first` in it and the one before, the present one for None.

    Raises
    ------
    Forbidden
        ``not_allowed``.
    NotFound
        ``shop_not_found``.
    """
    actor.require(Right.SEE_MONTH)
    found = places(session, actor, shop_ids)
    now = month(session, clock, actor, shop_ids, first)
    before = month(session, clock, actor, shop_ids, now.first - timedelta(days=1))
    return MonthSheet(found, now, before, today_of(found, clock.now()))
