"""How often a device may fail, and how many presses may wait for a decision."""

import math
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import bindparam, case, func, select
from sqlalchemy.orm import Session

from server.presses.models import Press, Verdict
from server.presses.policy import PressPolicy
from server.presses.reasons import Reason

__all__ = ["held_too_many", "judge_attempts", "unproven_too_many"]

_DAY: Final = timedelta(days=1)
_RECENT: Final = Press.at > bindparam("window", type_=Press.at.type)
_FAILURES: Final = select(
    func.coalesce(func.sum(case((_RECENT, 1), else_=0)), 0), func.count(), func.max(Press.at)
).where(
    Press.device_id == bindparam("device"),
    Press.counts.is_(True),
    Press.at > bindparam("day", type_=Press.at.type),
)
_UNPROVEN: Final = select(func.count()).where(
    Press.device_id == bindparam("device"),
    Press.proven.is_(False),
    Press.at > bindparam("day", type_=Press.at.type),
)


def judge_attempts(
    session: Session, policy: PressPolicy, device_id: str, now: datetime
) -> tuple[Reason | None, int | None]:
    """Count the device's failed attempts.

    Parameters
    ----------
    session
        In the customer's turn, so that the count stays true.
    policy
        The limits.
    device_id, now
        Whose attempts, and when.

    Returns
    -------
    reason, retry_after_s
        None for both while the device may go on; else which limit it met, and after how many seconds it is
        sure to be let through if it sends nothing more that fails.
    """
    times = {"device": device_id, "window": now - policy.failures_window, "day": now - _DAY}
    recent, today, latest = session.execute(_FAILURES, times).one()
    if today >= policy.failures_in_day:
        return Reason.FAILURES_DAY, _wait_s(latest + _DAY - now)
    if recent >= policy.failures_in_window:
        return Reason.FAILURES_WINDOW, _wait_s(latest + policy.failures_window - now)
    return None, None


def held_too_many(session: Session, policy: PressPolicy, customer_id: str) -> bool:
    """Tell whether as many presses of the customer wait for a decision as may."""
    waiting = session.scalar(
        select(func.count()).where(Press.customer_id == customer_id, Press.verdict == Verdict.HELD.value)
    )
    return (waiting or 0) >= policy.held_open


def unproven_too_many(session: Session, policy: PressPolicy, device_id: str, now: datetime) -> bool:
    """Tell whether a day's share of presses in the device's name, but not by its key, stands in the log.

    A device's id is no secret: it stands in its receipts. Past the share, as many as may fail in a day, such
    presses are refused all the same and no longer written down, or anyone could fill the database.
    """
    written = session.scalar(_UNPROVEN, {"device": device_id, "day": now - _DAY})
    return (written or 0) >= policy.failures_in_day


def _wait_s(wait: timedelta) -> int:
    return max(1, math.ceil(wait.total_seconds()))
