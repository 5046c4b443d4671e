"""Visits: the presses of one customer at one shop within a minute of the first."""

import math
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import bindparam, insert, select, update
from sqlalchemy.orm import Session

from server.core.clock import Clock
from server.core.identifiers import new_id
from server.presses.models import Visit
from server.presses.policy import PressPolicy

__all__ = ["VisitFullError", "VisitView", "join_visit"]

_VISITS: Final = Visit.metadata.tables[Visit.__tablename__]
_PRESENT: Final = (
    select(_VISITS.c.id, _VISITS.c.started_at)
    .where(
        _VISITS.c.customer_id == bindparam("customer"),
        _VISITS.c.shop_id == bindparam("shop"),
        _VISITS.c.started_at > bindparam("since"),
    )
    .order_by(_VISITS.c.started_at.desc())
    .limit(1)
)
_BEGIN: Final = insert(_VISITS)
_JOIN: Final = (
    update(_VISITS)
    .where(_VISITS.c.id == bindparam("visit"), _VISITS.c.presses < bindparam("most"))
    .values(presses=_VISITS.c.presses + 1)
    .returning(_VISITS.c.presses)
)


@dataclass(frozen=True, slots=True)
class VisitView:
    """A visit, and how many presses it has with the present one."""

    id: str
    presses: int


class VisitFullError(Exception):
    """The visit has as many presses as the shop allows; `retry_after_s` says when it ends."""

    def __init__(self, retry_after_s: int) -> None:
        super().__init__(f"the visit is full for another {retry_after_s} s")
        self.retry_after_s = retry_after_s


def join_visit(
    session: Session,
    clock: Clock,
    policy: PressPolicy,
    *,
    customer_id: str,
    shop_id: str,
    most_presses: int,
    now: datetime,
) -> VisitView:
    """Count a press into the customer's present visit to the shop, or begin one.

    Parameters
    ----------
    session
        In the customer's turn.
    clock, policy
        For the identifier, and how long a visit lasts.
    customer_id, shop_id, most_presses, now
        Whose visit, where, the shop's maximum, and when.

    Returns
    -------
    VisitView
        With this press counted. Never more than the maximum, on both databases, however many presses arrive
        at once.

    Raises
    ------
    VisitFullError
        When the present visit has the maximum. Nothing was changed.
    """
    whose = {"customer": customer_id, "shop": shop_id, "since": now - policy.visit_length}
    present = session.execute(_PRESENT, whose).one_or_none()
    if present is None:
        visit_id = new_id("vis", clock)
        begun = {"customer_id": customer_id, "shop_id": shop_id, "started_at": now, "presses": 1}
        session.execute(_BEGIN, {"id": visit_id, **begun})
        return VisitView(visit_id, 1)
    presses = session.scalar(_JOIN, {"visit": present.id, "most": most_presses})
    if presses is None:
        ends_in = (present.started_at + policy.visit_length - now).total_seconds()
        raise VisitFullError(max(1, math.ceil(ends_in)))
    return VisitView(present.id, presses)
