"""The stamps of some shops, and how much each is used."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from server.core.clock import Clock
from server.insights.batches import batches
from server.insights.days import SLACK, id_at
from server.insights.scope import places
from server.presses.models import Press
from server.staff.actor import Actor, Right
from server.stamps.models import Stamp, StampKind, StampPlace, StampStatus

__all__ = ["USED_WITHIN", "StampUse", "stamps_of"]

USED_WITHIN: Final = timedelta(days=30)
_ORDER: Final[dict[str, int]] = {"active": 0, "suspended": 1, "retired": 2}


@dataclass(frozen=True, slots=True)
class StampUse:
    """A stamp and its presses at the shops that were asked for.

    Attributes
    ----------
    id, serial, kind, status
        Of the stamp.
    presses, last_at
        How often it was recognised within `USED_WITHIN`, whatever became of the press, and when last; None
        where it was not.
    """

    id: str
    serial: str
    kind: StampKind
    status: StampStatus
    presses: int
    last_at: datetime | None


def stamps_of(
    session: Session, clock: Clock, actor: Actor, shop_ids: Collection[str] | None
) -> list[StampUse]:
    """Return the stamps of some shops: those in use first, the retired ones last.

    Parameters
    ----------
    session, clock, actor
        To read with, the time, and who asks: needs the right to suspend stamps.
    shop_ids
        Of which shops; None for all.

    Raises
    ------
    Forbidden, NotFound
        ``not_allowed``, ``shop_not_found``.

    Notes
    -----
    One query for all presses, of a range of the index of each shop's presses.
    """
    actor.require(Right.SUSPEND_STAMP)
    found = places(session, actor, shop_ids)
    here = select(StampPlace.stamp_number).where(StampPlace.shop_id.in_(found))
    stamps = session.execute(
        select(Stamp.number, Stamp.id, Stamp.serial, Stamp.kind, Stamp.status).where(
            Stamp.partner_id == actor.partner_id, Stamp.number.in_(here)
        )
    ).all()
    since = clock.now() - USED_WITHIN
    presses: dict[int, int] = {}
    last: dict[int, datetime] = {}
    for some in batches(list(found)):
        used = (
            select(Press.stamp_number, func.count().label("presses"), func.max(Press.at).label("last_at"))
            .where(
                Press.shop_id.in_(some),
                Press.id >= id_at("prs", since - SLACK),
                Press.at >= since,
            )
            .group_by(Press.stamp_number)
        )
        for number, count, last_at in session.execute(used):
            if number is not None:  # the others were not recognised
                presses[number] = presses.get(number, 0) + count
                last[number] = max(last.get(number, last_at), last_at)
    lines = [
        StampUse(row.id, row.serial, row.kind, row.status, presses.get(row.number, 0), last.get(row.number))
        for row in stamps
    ]
    return sorted(lines, key=lambda line: (_ORDER[line.status], line.serial))
