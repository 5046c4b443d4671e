"""How many stamps a member may give by hand without a second person."""

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from server.core import tallies
from server.core.clock import Clock
from server.settings import Settings
from server.shops import service as shops
from server.shops.models import Shop
from server.staff.actor import Actor, Right

__all__ = ["HandAllowance", "hand_allowance", "hand_bucket"]


@dataclass(frozen=True, slots=True)
class HandAllowance:
    """What a member may give alone: so many at once, and so many more on this day of the shop's calendar."""

    at_once: int
    left_today: int

    @classmethod
    def after(cls, given: int, settings: Settings) -> "HandAllowance":
        """Return what may be given alone on a day on which `given` stamps were."""
        return cls(settings.hand_stamps_at_once, max(0, settings.hand_stamps_in_day - given))

    def needs_second(self, count: int) -> bool:
        """Say whether `count` stamps need a second person."""
        return count > min(self.at_once, self.left_today)


def hand_allowance(
    session: Session, clock: Clock, actor: Actor, *, shop_id: str, settings: Settings
) -> HandAllowance:
    """Return what the actor may give alone at a shop now; `server.programs.handing.give_stamp` decides.

    Raises
    ------
    Forbidden
        ``not_allowed``.
    NotFound
        ``shop_not_found``.
    """
    actor.require(Right.GIVE_STAMP)
    shop = shops.get_owned(session, actor.partner_id, shop_id)
    given = tallies.counted(session, hand_bucket(actor, shop, clock.now()))
    return HandAllowance.after(given, settings)


def hand_bucket(actor: Actor, shop: Shop, now: datetime) -> str:
    """Return under which name a member's stamps by hand are counted, on a day of the shop's calendar."""
    return f"hand|{actor.member_id}|{now.astimezone(ZoneInfo(shop.timezone)).date()}"
