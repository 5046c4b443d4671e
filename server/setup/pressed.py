"""A stamp without a serial: enrolled by three presses on the owner's own phone."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from server.core.clock import Clock
from server.core.errors import Unprocessable
from server.settings import Settings
from server.setup.progress import progress
from server.setup.service import shop_of
from server.staff.actor import Actor, Right
from server.stamps import service as stamps
from server.stamps.confusable import LookAlike, look_alikes
from server.stamps.models import Stamp
from server.stamps.patterns import check_patterns, encode
from server.stamps.registry import StampRegistry
from server.stamps.schemas import EnrolmentPress, StampCreate

LOOSE_SPREAD_MM: Final = 0.5
"""A spread above this is loose. A good press errs by 0.4 mm per axis (DESIGN.md), and three presses of five
tips tell that to a fifth: good ones stay below in nine cases of ten."""

_PREFIX: Final = "MY-"


@dataclass(frozen=True)
class PressedStamp:
    """A stamp just enrolled.

    Attributes
    ----------
    stamp_id, serial
        Of the stamp.
    spread_mm
        Standard deviation of a touch per axis over the presses, mm.
    is_loose
        Whether that is more than `LOOSE_SPREAD_MM`.
    look_alikes
        Those nearby that it may be mistaken for, the most alike first.
    """

    stamp_id: str
    serial: str
    spread_mm: float
    is_loose: bool
    look_alikes: tuple[LookAlike, ...]


def add_pressed_stamp(
    session: Session,
    clock: Clock,
    actor: Actor,
    *,
    presses: Sequence[EnrolmentPress],
    serial: str | None,
    accept_loose: bool,
    settings: Settings,
    registry: StampRegistry,
    shop_id: str | None = None,
) -> PressedStamp:
    """Register a stamp of the shop by three presses; the very same presses again are the same stamp.

    Parameters
    ----------
    session, clock, actor
        The transaction, the time, and who does it: needs the right SET_UP.
    presses
        Three, each with the density of the screen it was pressed on. The pattern is kept in mm, so that
        an error of the density becomes an error of the pattern's size: browsers find the stamp all the same,
        since they search at any size, apps within two or seven in a hundred.
    serial
        What to call it; None takes the next free number of the owner's own.
    accept_loose
        Keep a stamp whose presses agreed badly, but not too badly.
    settings, registry
        What patterns are allowed, and the stamps there are.
    shop_id
        Which of the owner's shops, as for `server.setup.progress.progress`.

    Raises
    ------
    Unprocessable
        ``enrolment_…`` when the presses do not make a pattern, ``pattern_…`` when it cannot be a stamp's, and
        ``presses_loose`` with ``spread_mm`` when they agree badly.
    Conflict
        ``serial_taken``; ``setup_step_closed`` as long as there is no shop.
    """
    actor.require(Right.SET_UP)
    shop = shop_of(progress(session, actor, shop_id))
    registry.refresh(session)  # before the change: what is not committed may not enter the registry
    pattern, spread_mm = stamps.enrolled(presses)
    pattern = check_patterns(
        pattern[None],
        least_spacing_mm=settings.least_tip_spacing_mm,
        largest_face_mm=settings.largest_face_mm,
    )[0]
    is_loose = spread_mm > LOOSE_SPREAD_MM
    if is_loose and not accept_loose:
        raise Unprocessable(
            f"presses: they differ by {spread_mm:.2f} mm per axis. Press again, or accept it.",
            code="presses_loose",
            spread_mm=round(spread_mm, 2),
        )
    # Two times three presses never agree to the micrometre: these came before, and their answer was lost.
    same = (Stamp.pattern == encode(pattern), Stamp.status != "retired")
    stamp = session.scalar(stamps.owned(actor.partner_id).where(*same).limit(1))
    if stamp is None:
        stamp = stamps.register(
            session,
            clock,
            partner_id=actor.partner_id,
            actor=actor.member_id,
            body=StampCreate(
                serial=serial or _next_serial(session, actor.partner_id),
                kind="fixed",
                shops=[shop.id],
                pattern_mm=pattern.tolist(),
                presses=None,
            ),
            settings=settings,
        ).stamp
    found = look_alikes(
        registry, pattern, [shop], besides=stamp.number, radius_m=settings.confusable_radius_m
    )
    return PressedStamp(stamp.id, stamp.serial, spread_mm, is_loose, tuple(found))


def _next_serial(session: Session, partner_id: str) -> str:
    """Return the first number that the owner has not used; whoever is quicker meanwhile gets it."""
    own = select(Stamp.serial).where(Stamp.partner_id == partner_id, Stamp.serial.startswith(_PREFIX))
    numbers = [
        int(found[1]) for serial in session.scalars(own) if (found := re.fullmatch(r"MY-(\d{1,9})", serial))
    ]
    return f"{_PREFIX}{max(numbers, default=0) + 1}"
