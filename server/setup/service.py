"""The steps of the set-up. Each is saved by itself, so that the wizard can be left at any time."""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import update
from sqlalchemy.orm import Session

from server.core import audit
from server.core.clock import Clock
from server.core.errors import Conflict
from server.core.identifiers import new_id
from server.core.portable import insert_absent
from server.programs import administration as programs
from server.programs.models import Program
from server.programs.schemas import ProgramCreate, ProgramUpdate
from server.settings import Settings
from server.setup.forms import FenceForm, ProgramForm, ShopForm
from server.setup.models import Setup
from server.setup.progress import NEW, Progress, Step, progress
from server.shops import service as shops
from server.shops.hours import check_hours
from server.shops.models import Shop
from server.shops.schemas import ShopCreate, ShopUpdate
from server.staff.actor import Actor, Right
from server.stamps import service as stamps
from server.stamps.confusable import LookAlike, look_alikes
from server.stamps.patterns import decode
from server.stamps.registry import StampRegistry
from server.stamps.schemas import StampCreate
from server.stamps.serials import pattern_of_serial


@dataclass(frozen=True, eq=False)
class AddedStamp:
    """A stamp just registered, and those nearby that it may be mistaken for."""

    stamp_id: str
    serial: str
    family: str
    look_alikes: tuple[LookAlike, ...]


def save_shop(
    session: Session,
    clock: Clock,
    actor: Actor,
    *,
    form: ShopForm,
    version: int,
    settings: Settings,
    shop_id: str | None = None,
) -> Progress:
    """Keep the shop's name, address and hours: in the shop when there is one, else until it has a fence.

    Parameters
    ----------
    session, clock
        The transaction it belongs to, and the time.
    actor
        Who does it; must have the right SET_UP.
    form
        What was filled in.
    version
        `Progress.version` of what the form was filled in upon.
    settings
        The limits.
    shop_id
        Which shop, as for `progress`.

    Raises
    ------
    Conflict
        Code ``setup_changed``: another person has changed it since.
    HoursError, pydantic.ValidationError
        What was filled in cannot be.
    """
    row, now = _begin(session, clock, actor, version, shop_id)
    body = form.body()
    hours = check_hours(body.opening_hours or {})
    if now.shop is None:
        row.draft = body.model_dump(include={"name", "timezone", "address"}) | {"opening_hours": hours}
    else:
        shops.change(
            session,
            clock,
            shop=now.shop,
            actor=actor.member_id,
            body=body,
            largest_fence_m=settings.largest_fence_m,
        )
    session.flush()
    return progress(session, actor, _named(row))


def save_fence(
    session: Session,
    clock: Clock,
    actor: Actor,
    *,
    form: FenceForm,
    version: int,
    settings: Settings,
    shop_id: str | None = None,
) -> Progress:
    """Give the shop its fence; the first time, this makes the shop. FenceError, and as `save_shop`."""
    row, now = _begin(session, clock, actor, version, shop_id)
    _require_open(now, Step.FENCE)
    fence, radius_m = form.fence()
    if now.shop is None:
        body = ShopCreate.model_validate(
            {**(row.draft or {}), "fence": fence.model_dump(), "radius_m": radius_m}
        )
        shop = shops.create(
            session,
            clock,
            partner_id=actor.partner_id,
            actor=actor.member_id,
            body=body,
            largest_fence_m=settings.largest_fence_m,
        )
        row.shop_id, row.draft = shop.id, None
    else:
        shops.change(
            session,
            clock,
            shop=now.shop,
            actor=actor.member_id,
            body=ShopUpdate(fence=fence, radius_m=radius_m),
            largest_fence_m=settings.largest_fence_m,
        )
    session.flush()
    return progress(session, actor, _named(row))


def add_stamp(
    session: Session,
    clock: Clock,
    actor: Actor,
    *,
    serial: str,
    family: str | None,
    settings: Settings,
    registry: StampRegistry,
    shop_id: str | None = None,
) -> AddedStamp:
    """Register a stamp of the shop by its serial.

    Raises
    ------
    Unprocessable, NotFound, Conflict
        As `server.stamps.serials.pattern_of_serial`, and ``serial_taken``.
    """
    actor.require(Right.SET_UP)
    shop = shop_of(progress(session, actor, shop_id))
    known = pattern_of_serial(serial, family, folder=settings.codebook_folder)
    registry.refresh(session)  # before the change: what is not committed may not enter the registry
    made = stamps.register(
        session,
        clock,
        partner_id=actor.partner_id,
        actor=actor.member_id,
        body=StampCreate(
            serial=known.serial, kind="fixed", shops=[shop.id], pattern_mm=known.pattern_mm, presses=None
        ),
        settings=settings,
    )
    found = look_alikes(
        registry,
        decode([made.stamp.pattern], made.stamp.tips)[0],
        [shop],
        besides=made.stamp.number,
        radius_m=settings.confusable_radius_m,
    )
    return AddedStamp(made.stamp.id, made.stamp.serial, known.family, tuple(found))


def save_program(
    session: Session,
    clock: Clock,
    actor: Actor,
    *,
    form: ProgramForm,
    version: int,
    settings: Settings,
    shop_id: str | None = None,
) -> Progress:
    """Give the shop its programme, or change the one it has. Errors as `save_shop`."""
    _, now = _begin(session, clock, actor, version, shop_id)
    shop = shop_of(now)
    words = {"reward": form.reward().model_dump()} | {
        "stamps_required": form.stamps_required,
        "coupon_valid_days": form.coupon_valid_days,
    }
    shops.change(
        session,
        clock,
        shop=shop,
        actor=actor.member_id,
        body=ShopUpdate(max_presses_per_visit=form.stamps_per_visit),
        largest_fence_m=settings.largest_fence_m,
    )
    if now.program is None:
        body = ProgramCreate.model_validate(
            words | {"name": {"ko": shop.name, "en": shop.name}, "shops": [shop.id]}
        )
        programs.create(session, clock, partner_id=actor.partner_id, actor=actor.member_id, body=body)
    else:
        _change_program(session, clock, actor, now.program, words)
    return progress(session, actor, shop.id)


def _change_program(
    session: Session, clock: Clock, actor: Actor, program: Program, words: Mapping[str, object]
) -> None:
    programs.change(
        session, clock, program=program, actor=actor.member_id, body=ProgramUpdate.model_validate(words)
    )


def finish(
    session: Session, clock: Clock, actor: Actor, *, version: int, shop_id: str | None = None
) -> Progress:
    """Note that the counter card is printed, or that the owner does without."""
    row, now = _begin(session, clock, actor, version, shop_id)
    _require_open(now, Step.CARD)
    row.printed_at = row.printed_at or clock.now()
    session.flush()
    audit.record(session, clock, actor=actor.member_id, action="setup.finished", subject=shop_of(now).id)
    return progress(session, actor, row.shop_id)


def _begin(
    session: Session, clock: Clock, actor: Actor, version: int, shop_id: str | None
) -> tuple[Setup, Progress]:
    """Take the next version of the shop's set-up row, made where there is none, and say what is there."""
    actor.require(Right.SET_UP)
    now = progress(session, actor, shop_id)
    of_shop = None if now.shop is None else now.shop.id
    if now.version == 0:
        first = {
            "id": new_id("set", clock),
            "partner_id": actor.partner_id,
            "shop_id": of_shop,
            "draft": None,
            "printed_at": None,
            "version": 0,
            "updated_at": clock.now(),
        }
        session.execute(insert_absent(session, Setup.__table__).values(first))
    taken = session.scalar(
        update(Setup)
        .where(Setup.partner_id == actor.partner_id, Setup.shop_id == of_shop, Setup.version == version)
        .values(version=version + 1, updated_at=clock.now())
        .returning(Setup.id)
    )
    if taken is None:
        raise Conflict("Somebody has changed this since the page was opened.", code="setup_changed")
    return session.get_one(Setup, taken, populate_existing=True), now


def _named(row: Setup) -> str:
    return row.shop_id or NEW


def shop_of(now: Progress) -> Shop:
    """Return the shop, for steps that come after its fence; Conflict ``setup_step_closed`` before."""
    _require_open(now, Step.STAMP)
    if now.shop is None:
        raise AssertionError("the fence is done, so there is a shop")
    return now.shop


def _require_open(now: Progress, step: Step) -> None:
    if not now.is_open(step):
        raise Conflict("An earlier step is not done yet.", code="setup_step_closed")
