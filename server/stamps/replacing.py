"""Replacing a lost stamp by the serial of the one that takes its place."""

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from server.core.clock import Clock
from server.settings import Settings
from server.shops.models import Shop
from server.staff.actor import Actor, Right
from server.stamps.care import replace
from server.stamps.confusable import LookAlike, look_alikes
from server.stamps.patterns import decode
from server.stamps.registry import StampRegistry
from server.stamps.schemas import StampReplacement
from server.stamps.serials import pattern_of_serial
from server.stamps.service import get_owned, shops_of

__all__ = ["Replaced", "replace_by_serial"]


@dataclass(frozen=True, eq=False)
class Replaced:
    """The stamp that took a lost one's place, and those nearby that it may be mistaken for."""

    lost: str
    serial: str
    look_alikes: tuple[LookAlike, ...]


def replace_by_serial(
    session: Session,
    clock: Clock,
    actor: Actor,
    *,
    stamp_id: str,
    serial: str,
    family: str | None,
    settings: Settings,
    registry: StampRegistry,
) -> Replaced:
    """Retire a lost stamp for good; the one of `serial` takes its kind and its shops.

    Parameters
    ----------
    session, clock, actor
        The transaction, the time, and who does it: needs the right to suspend stamps.
    stamp_id
        The lost one, of the actor's partner.
    serial, family
        Of the new one, as for `server.stamps.serials.pattern_of_serial`.
    settings, registry
        What patterns are allowed, and the stamps that there are.

    Raises
    ------
    Forbidden, NotFound, Conflict, Unprocessable
        As `server.stamps.care.replace` and `server.stamps.serials.pattern_of_serial`. Nothing was changed.
    """
    actor.require(Right.SUSPEND_STAMP)
    lost = get_owned(session, actor.partner_id, stamp_id)
    known = pattern_of_serial(serial, family, folder=settings.codebook_folder)
    registry.refresh(session)  # before the change: what is not committed may not enter the registry
    body = StampReplacement(serial=known.serial, pattern_mm=known.pattern_mm, presses=None)
    made = replace(session, clock, actor, stamp_id=stamp_id, body=body, settings=settings).stamp
    shop_ids = shops_of(session, [made.number])[made.number]
    found = look_alikes(
        registry,
        decode([made.pattern], made.tips)[0],
        list(session.scalars(select(Shop).where(Shop.id.in_(shop_ids)))),
        besides=made.number,
        radius_m=settings.confusable_radius_m,
    )
    # The lost one is in the registry still; nobody will press it any more.
    return Replaced(lost.serial, made.serial, tuple(one for one in found if one.number != lost.number))
