"""Customers of some shops as the roll-ups know them: one row each, and the conditions of every list."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Select, Subquery, and_, exists, func, select, true

from server.insights.models import InsightCustomer, InsightVisit
from server.insights.segments import Segments
from server.ledger.models import CUSTOMER, LedgerAccount
from server.programs.accounts import STAMP
from server.programs.models import Card, Program


class Listing(StrEnum):
    """Every list of customers that can be opened; each number of the sentence is the length of one."""

    ALL = "all"
    REGULAR = "regular"
    PROSPECTIVE = "prospective"
    LAPSED = "lapsed"
    NEW = "new"
    TODAY = "today"
    MONTH = "month"
    STOPPED = "stopped"
    UNSEEN = "unseen"


@dataclass(frozen=True, slots=True)
class People:
    """The customers of some shops on a day.

    Attributes
    ----------
    shop_ids, partner_id
        Of which shops, and whose cards count.
    today
        The day from which absence is reckoned.
    segments
        The partner's numbers.
    """

    shop_ids: Collection[str]
    partner_id: str
    today: date
    segments: Segments

    def rows(self) -> Subquery:
        """Return customer_id, first_day, last_day, last_at, visits, stamps: a row for each customer."""
        kept = InsightCustomer
        statement: Select[*tuple[Any, ...]] = select(
            kept.customer_id, kept.first_day, kept.last_day, kept.last_at, kept.visits, kept.stamps
        )
        if len(self.shop_ids) != 1:
            statement = select(
                kept.customer_id,
                func.min(kept.first_day).label("first_day"),
                func.max(kept.last_day).label("last_day"),
                func.max(kept.last_at).label("last_at"),
                func.sum(kept.visits).label("visits"),
                func.sum(kept.stamps).label("stamps"),
            ).group_by(kept.customer_id)
        return statement.where(kept.shop_id.in_(self.shop_ids)).subquery("people")

    def recent(self, customer_ids: Collection[str] | None = None) -> Select[str, int]:
        """Return customer_id and the number of visits within ``regular_days``."""
        statement = select(InsightVisit.customer_id, func.count().label("recent")).where(
            InsightVisit.shop_id.in_(self.shop_ids),
            InsightVisit.day > self._before(self.segments.regular_days),
        )
        if customer_ids is not None:
            statement = statement.where(InsightVisit.customer_id.in_(customer_ids))
        return statement.group_by(InsightVisit.customer_id)

    def condition(self, listing: Listing, people: Subquery) -> ColumnElement[bool]:
        """Return what makes a row of `people` belong to a list."""
        column, numbers = people.c, self.segments
        here = column.last_day > self._before(numbers.lapsed_days)
        often = column.visits >= numbers.prospective_visits
        regular = column.customer_id.in_(self._regulars())
        this_month = column.last_day >= self.today.replace(day=1)
        return {
            Listing.ALL: true(),
            Listing.REGULAR: and_(here, regular),
            Listing.PROSPECTIVE: and_(here, often, ~regular),
            Listing.LAPSED: ~here,
            Listing.NEW: and_(here, ~often),
            Listing.TODAY: column.last_day >= self.today,
            Listing.MONTH: this_month,
            Listing.STOPPED: and_(this_month, self._stopped(people)),
            Listing.UNSEEN: column.last_day <= self._before(numbers.unseen_days),
        }[listing]

    def _before(self, days: int) -> date:
        return self.today - timedelta(days=days)

    def _regulars(self) -> Select[str]:
        recent = self.recent().subquery("recent")
        return select(recent.c.customer_id).where(recent.c.recent >= self.segments.regular_visits)

    def _stopped(self, people: Subquery) -> ColumnElement[bool]:
        at = self.segments.stopped_at
        return exists(
            select(Card.id)
            .join(Program, Program.id == Card.program_id)
            .join(
                LedgerAccount,
                and_(
                    LedgerAccount.owner_id == Card.id,
                    LedgerAccount.owner_type == "card",
                    LedgerAccount.unit == STAMP,
                    LedgerAccount.kind == CUSTOMER,
                ),
            )
            .where(
                Card.customer_id == people.c.customer_id,
                Program.partner_id == self.partner_id,
                LedgerAccount.balance > 0,
                LedgerAccount.balance == (Card.stamps_required - 2 if at is None else at),
            )
        )
