"""When a customer is called regular, prospective, lapsed or new, and who changed that."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Final

from sqlalchemy import update
from sqlalchemy.orm import Session

from server.core import audit
from server.core.clock import Clock
from server.core.errors import Unprocessable
from server.core.portable import insert_absent
from server.insights.models import SegmentDefaults
from server.staff.actor import Actor, Right

_MOST: Final = 3650


class Segment(StrEnum):
    """What a customer is to a partner; exactly one of these, in this order of precedence."""

    LAPSED = "lapsed"
    REGULAR = "regular"
    PROSPECTIVE = "prospective"
    NEW = "new"


@dataclass(frozen=True, slots=True)
class Segments:
    """The numbers behind the segments; a visit is a day on which a customer got a stamp or redeemed.

    Attributes
    ----------
    regular_visits, regular_days
        Regular: at least so many visits within so many days.
    prospective_visits
        Prospective: at least so many visits ever, but not regular. With fewer: new.
    lapsed_days
        Lapsed: absent for so many days or more, whatever came before.
    unseen_days
        Unseen, for the sentence: absent for so many days or more.
    stopped_at
        Stopped, for the sentence: has exactly so many stamps on a card. None: two short of full, whatever
        the card's number.
    """

    regular_visits: int = 7
    regular_days: int = 90
    prospective_visits: int = 2
    lapsed_days: int = 45
    unseen_days: int = 30
    stopped_at: int | None = None

    def of(self, *, absent_days: int, visits: int, recent: int) -> Segment:
        """Return the segment by days since the last visit, visits ever, and within ``regular_days``."""
        if absent_days >= self.lapsed_days:
            return Segment.LAPSED
        if recent >= self.regular_visits:
            return Segment.REGULAR
        return Segment.PROSPECTIVE if visits >= self.prospective_visits else Segment.NEW


def segments(session: Session, actor: Actor) -> Segments:
    """Return the partner's numbers, the usual ones where it has changed none."""
    actor.require(Right.SEE_CUSTOMERS)
    row = session.get(SegmentDefaults, actor.partner_id, populate_existing=True)
    if row is None:
        return Segments()
    return Segments(
        row.regular_visits,
        row.regular_days,
        row.prospective_visits,
        row.lapsed_days,
        row.unseen_days,
        row.stopped_at,
    )


def change_segments(session: Session, clock: Clock, actor: Actor, wanted: Segments) -> None:
    """Keep other numbers for the partner.

    Raises
    ------
    Forbidden
        ``not_allowed``.
    Unprocessable
        ``segments_invalid``: a number is not between 1 and 3650, or a regular needs fewer visits than a
        prospective customer.
    """
    actor.require(Right.SET_UP)
    values: Mapping[str, int | None] = asdict(wanted)
    for name, value in values.items():
        if value is None and name == "stopped_at":
            continue
        if type(value) is not int or not 1 <= value <= _MOST:
            raise Unprocessable(f"{name}: a whole number from 1 to {_MOST}.", code="segments_invalid")
    if wanted.regular_visits < wanted.prospective_visits:
        raise Unprocessable(
            "regular_visits: a regular cannot need fewer visits than a prospective customer.",
            code="segments_invalid",
        )
    row = {"partner_id": actor.partner_id, **values}
    session.execute(insert_absent(session, SegmentDefaults.__table__).values(row))
    session.execute(
        update(SegmentDefaults).where(SegmentDefaults.partner_id == actor.partner_id).values(**values)
    )
    audit.record(
        session,
        clock,
        actor=actor.member_id,
        action="segments.changed",
        subject=actor.partner_id,
        detail=dict(values),
    )
