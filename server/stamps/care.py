"""What a shop does with a stamp that is lost or misused: suspend it, resume it, retire or replace it."""

from sqlalchemy.orm import Session

from server.core import audit
from server.core.clock import Clock
from server.settings import Settings
from server.staff.actor import Actor, Right
from server.stamps.models import Stamp
from server.stamps.schemas import StampCreate, StampReplacement, StampUpdate
from server.stamps.service import Registration, change, get_owned, register, shops_of

__all__ = ["replace", "resume", "retire", "suspend"]


def suspend(session: Session, clock: Clock, actor: Actor, *, stamp_id: str) -> Stamp:
    """Let presses of a stamp count for nothing until it is resumed.

    Raises
    ------
    NotFound
        ``stamp_not_found``: there is none, or it is another partner's.
    Conflict
        ``stamp_retired``.
    """
    return _set(session, clock, actor, stamp_id, StampUpdate(status="suspended"))


def resume(session: Session, clock: Clock, actor: Actor, *, stamp_id: str) -> Stamp:
    """Let presses of a suspended stamp count again; raises as `suspend` does."""
    return _set(session, clock, actor, stamp_id, StampUpdate(status="active"))


def retire(session: Session, clock: Clock, actor: Actor, *, stamp_id: str) -> Stamp:
    """Let presses of a stamp count for nothing for good; raises as `suspend` does."""
    return _set(session, clock, actor, stamp_id, StampUpdate(status="retired"))


def replace(
    session: Session, clock: Clock, actor: Actor, *, stamp_id: str, body: StampReplacement, settings: Settings
) -> Registration:
    """Retire a lost stamp for good, and register the one that takes its place.

    Parameters
    ----------
    session, clock, actor
        The transaction, the time, and who does it: needs the right to suspend stamps.
    stamp_id
        The lost one, of the actor's partner.
    body
        Serial and pattern of the new one, or three presses of it.
    settings
        What patterns are allowed.

    Returns
    -------
    Registration
        The new stamp: in the shops of the lost one, and of its kind. Both changes are seen together, by every
        process, at its next press after the commit.

    Raises
    ------
    NotFound
        ``stamp_not_found``.
    Conflict
        ``stamp_retired`` when it was retired or replaced before; ``serial_taken``, by the lost one too.
    PatternError, Unprocessable
        As for a new stamp. Nothing was changed, and the caller's transaction may go on.
    """
    actor.require(Right.SUSPEND_STAMP)
    lost = get_owned(session, actor.partner_id, stamp_id)
    with session.begin_nested():
        change(session, clock, stamp=lost, actor=actor.member_id, body=StampUpdate(status="retired"))
        made = register(
            session,
            clock,
            partner_id=actor.partner_id,
            actor=actor.member_id,
            body=StampCreate(
                kind=lost.kind, shops=shops_of(session, [lost.number])[lost.number], **body.model_dump()
            ),
            settings=settings,
        )
        audit.record(
            session,
            clock,
            actor=actor.member_id,
            action="stamp.replaced",
            subject=lost.id,
            detail={"by": made.stamp.id},
        )
        session.flush()
    return made


def _set(session: Session, clock: Clock, actor: Actor, stamp_id: str, body: StampUpdate) -> Stamp:
    actor.require(Right.SUSPEND_STAMP)
    stamp = get_owned(session, actor.partner_id, stamp_id)
    return change(session, clock, stamp=stamp, actor=actor.member_id, body=body)
