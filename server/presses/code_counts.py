"""How many staff codes a day has left, and what became of one that is on a screen."""

import math
from datetime import datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from server.core import tallies
from server.core.clock import Clock
from server.core.errors import NotFound, TooManyRequests
from server.presses.models import StaffCode
from server.settings import Settings
from server.shops import service as shops
from server.shops.models import Shop
from server.staff.actor import Actor, Right

__all__ = ["CodeState", "code_state", "codes_left", "count_issue"]


class CodeState(StrEnum):
    """What became of a code: it waits for its customer, gave its stamp, or no longer counts."""

    OPEN = "open"
    USED = "used"
    OVER = "over"


def count_issue(session: Session, clock: Clock, actor: Actor, shop: Shop, settings: Settings) -> None:
    """Count a code that is made now; TooManyRequests ``staff_codes_used_up``, until the shop's midnight."""
    zone, now = ZoneInfo(shop.timezone), clock.now()
    for bucket, most in _buckets(actor, shop, settings, now):
        if tallies.add(session, clock, bucket, most=most) is None:
            midnight = datetime.combine(now.astimezone(zone).date() + timedelta(days=1), time(), zone)
            raise TooManyRequests(
                f"{most} codes a day are the limit here. Give the stamp by hand, or wait until tomorrow.",
                code="staff_codes_used_up",
                retry_after_s=max(1, math.ceil((midnight - now).total_seconds())),
            )


def codes_left(session: Session, clock: Clock, actor: Actor, *, shop_id: str, settings: Settings) -> int:
    """Return how many codes the actor may still make at a shop today, if nobody else makes any.

    Raises
    ------
    Forbidden
        ``not_allowed``.
    NotFound
        ``shop_not_found``.
    """
    actor.require(Right.STAFF_CODE)
    shop = shops.get_owned(session, actor.partner_id, shop_id)
    buckets = _buckets(actor, shop, settings, clock.now())
    return max(0, min(most - tallies.counted(session, bucket) for bucket, most in buckets))


def code_state(session: Session, clock: Clock, actor: Actor, *, code_id: str) -> CodeState:
    """Return what became of a code that the actor made; NotFound ``staff_code_not_found`` for any other."""
    actor.require(Right.STAFF_CODE)
    own = select(StaffCode.used_at, StaffCode.expires_at).where(
        StaffCode.id == code_id, StaffCode.member_id == actor.member_id
    )
    found = session.execute(own).one_or_none()
    if found is None:
        raise NotFound("There is no such code of yours.", code="staff_code_not_found")
    if found.used_at is not None:
        return CodeState.USED
    return CodeState.OPEN if found.expires_at > clock.now() else CodeState.OVER


def _buckets(actor: Actor, shop: Shop, settings: Settings, now: datetime) -> tuple[tuple[str, int], ...]:
    today = now.astimezone(ZoneInfo(shop.timezone)).date()
    return (
        (f"staff_code|{actor.member_id}|{today}", settings.staff_codes_per_member),
        (f"staff_code|{shop.id}|{today}", settings.staff_codes_per_shop),
    )
