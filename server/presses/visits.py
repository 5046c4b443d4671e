"""Visits: the presses of one customer at one shop within a minute of the first."""

import math
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from server.core.clock import Clock
from server.core.identifiers import new_id
from server.presses.models import Visit
from server.presses.policy import PressPolicy

__all__ = ["VisitFullError", "VisitView", "join_visit"]


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
    present = session.execute(
        select(Visit.id, Visit.started_at)
        .where(
            Visit.customer_id == customer_id,
            Visit.shop_id == shop_id,
            Visit.started_at > now - policy.visit_length,
        )
        .order_by(Visit.started_at.desc())
        .limit(1)
    ).one_or_none()
    if present is None:
        visit_id = new_id("vis", clock)
        session.execute(
            insert(Visit).values(
                id=visit_id, customer_id=customer_id, shop_id=shop_id, started_at=now, presses=1
            )
        )
        return VisitView(visit_id, 1)
    presses = session.scalar(
        update(Visit)
        .where(Visit.id == present.id, Visit.presses < most_presses)
        .values(presses=Visit.presses + 1)
        .returning(Visit.presses)
        .execution_options(synchronize_session=False)
    )
    if presses is None:
        ends_in = (present.started_at + policy.visit_length - now).total_seconds()
        raise VisitFullError(max(1, math.ceil(ends_in)))
    return VisitView(present.id, presses)
