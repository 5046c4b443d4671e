"""The members of an organisation: adding, inviting, changing, suspending, listing."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from server.core import audit
from server.core.clock import Clock
from server.core.errors import Conflict, NotFound, Unprocessable
from server.core.sealing import Sealer
from server.partners.models import Partner
from server.staff import passwords, sessions
from server.staff.actor import Actor, Right, Role
from server.staff.checks import checked_email, checked_name, checked_pin
from server.staff.models import Member
from server.staff.resets import INVITATION_TOPIC, INVITATION_VALID, mail_link
from server.staff.signing_in import add_member


@dataclass(frozen=True, slots=True)
class MemberView:
    """What the owner sees of a member. Without password and PIN an invitation is still open."""

    id: str
    name: str
    email: str | None
    role: Role
    active: bool
    has_password: bool
    has_pin: bool
    version: int
    created_at: datetime


def owned(session: Session, actor: Actor, member_id: str) -> Member:
    """Return a member of the actor's organisation; NotFound otherwise."""
    member = session.scalar(
        select(Member).where(Member.id == member_id, Member.partner_id == actor.partner_id)
    )
    if member is None:
        raise NotFound("There is no such member.")
    return member


def list_members(session: Session, actor: Actor) -> tuple[MemberView, ...]:
    """Return all members of the actor's organisation, oldest first. Needs MANAGE_STAFF."""
    actor.require(Right.MANAGE_STAFF)
    found = session.scalars(select(Member).where(Member.partner_id == actor.partner_id).order_by(Member.id))
    return tuple(_view(member) for member in found)


def find_member(session: Session, actor: Actor, *, member_id: str) -> MemberView:
    """Return one member of the actor's organisation; NotFound otherwise. Needs MANAGE_STAFF."""
    actor.require(Right.MANAGE_STAFF)
    return _view(owned(session, actor, member_id))


def add_staff(
    session: Session, clock: Clock, sealer: Sealer, actor: Actor, *, name: str, pin: str
) -> MemberView:
    """Add a staff member who signs in by PIN, at phones of the counter only. Needs MANAGE_STAFF.

    Raises
    ------
    Unprocessable
        ``name_invalid``, ``pin_invalid``, ``pin_simple``.
    """
    actor.require(Right.MANAGE_STAFF)
    pin_hash = hash_pin(sealer, pin)
    member = add_member(
        session,
        clock,
        partner_id=actor.partner_id,
        name=checked_name(name),
        role=Role.STAFF,
        email=None,
        pin_hash=pin_hash,
    )
    return _recorded(session, clock, actor, member, "member.added", role=member.role)


def invite(
    session: Session, clock: Clock, sealer: Sealer, actor: Actor, *, email: str, name: str, role: Role
) -> MemberView:
    """Add a member and mail a link, good for seven days, to set a password with. Needs MANAGE_STAFF.

    Raises
    ------
    Unprocessable
        ``email_invalid``, ``name_invalid``.
    Conflict
        ``email_taken``: somebody has the e-mail, here or in another organisation.
    """
    actor.require(Right.MANAGE_STAFF)
    member = add_member(
        session,
        clock,
        partner_id=actor.partner_id,
        name=checked_name(name),
        role=role,
        email=checked_email(email),
    )
    _mail_invitation(session, clock, sealer, member.id)
    return _recorded(session, clock, actor, member, "member.invited", role=member.role)


def invite_again(session: Session, clock: Clock, sealer: Sealer, actor: Actor, *, member_id: str) -> None:
    """Mail another link; those before are void. Needs MANAGE_STAFF.

    Raises
    ------
    Conflict
        ``invitation_closed``: the member has a password, no e-mail, or is suspended.
    """
    actor.require(Right.MANAGE_STAFF)
    member = owned(session, actor, member_id)
    if member.email is None or member.password_hash is not None or member.status != "active":
        raise Conflict("This member is not waiting for an invitation.", code="invitation_closed")
    _mail_invitation(session, clock, sealer, member.id)
    audit.record(session, clock, actor=actor.member_id, action="member.invited_again", subject=member.id)


def rename(
    session: Session, clock: Clock, actor: Actor, *, member_id: str, name: str, version: int | None = None
) -> MemberView:
    """Give a member another name. Needs MANAGE_STAFF; `version` as for `change_role`."""
    actor.require(Right.MANAGE_STAFF)
    member = _locked(session, actor, member_id, version)
    member.name = checked_name(name)
    return _changed(session, clock, actor, member, "member.renamed")


def set_pin(
    session: Session,
    clock: Clock,
    sealer: Sealer,
    actor: Actor,
    *,
    member_id: str,
    pin: str,
    version: int | None = None,
) -> MemberView:
    """Give a staff member another PIN, and end all sessions of theirs. Needs MANAGE_STAFF.

    Raises
    ------
    Unprocessable
        ``pin_invalid``, ``pin_simple``, or ``pin_for_staff_only`` for another role.
    """
    actor.require(Right.MANAGE_STAFF)
    pin_hash = hash_pin(sealer, pin)
    member = _locked(session, actor, member_id, version)
    if member.role != Role.STAFF:
        raise Unprocessable("Only staff sign in by PIN.", code="pin_for_staff_only")
    member.pin_hash = pin_hash
    sessions.close_all(session, member.id)
    return _changed(session, clock, actor, member, "member.pin_set")


def change_role(
    session: Session, clock: Clock, actor: Actor, *, member_id: str, role: Role, version: int | None = None
) -> MemberView:
    """Give a member another role, which holds at once in sessions that are open. Needs MANAGE_STAFF.

    Who stops being staff loses the PIN, and the sessions opened with it.

    Parameters
    ----------
    version
        The one that the page showed; None to change whatever there is.

    Raises
    ------
    Conflict
        ``last_owner``: an active owner has to remain. ``member_changed``: somebody changed the member since.
    Unprocessable
        ``email_needed``: who signs in by PIN only can be nothing but staff.
    """
    actor.require(Right.MANAGE_STAFF)
    member = _locked(session, actor, member_id, version)
    if role is not Role.STAFF and member.email is None:
        raise Unprocessable("Without an e-mail a member can only be staff.", code="email_needed")
    if role is not Role.OWNER:
        _keep_an_owner(session, member)
    if role is not Role.STAFF and member.pin_hash is not None:
        member.pin_hash = None
        sessions.close_all(session, member.id)
    member.role = role.value
    return _changed(session, clock, actor, member, "member.role_changed", role=role.value)


def suspend(
    session: Session, clock: Clock, actor: Actor, *, member_id: str, version: int | None = None
) -> MemberView:
    """Keep a member out, and end all their sessions at once. Needs MANAGE_STAFF; Conflict ``last_owner``."""
    actor.require(Right.MANAGE_STAFF)
    member = _locked(session, actor, member_id, version)
    _keep_an_owner(session, member)
    member.status = "suspended"
    sessions.close_all(session, member.id)
    return _changed(session, clock, actor, member, "member.suspended")


def resume(
    session: Session, clock: Clock, actor: Actor, *, member_id: str, version: int | None = None
) -> MemberView:
    """Let a suspended member sign in again. Needs MANAGE_STAFF."""
    actor.require(Right.MANAGE_STAFF)
    member = _locked(session, actor, member_id, version)
    member.status = "active"
    return _changed(session, clock, actor, member, "member.resumed")


def sign_out_everywhere(session: Session, clock: Clock, actor: Actor) -> int:
    """End all sessions of the actor, this one too; return how many."""
    ended = sessions.close_all(session, actor.member_id)
    audit.record(
        session, clock, actor=actor.member_id, action="member.signed_out_everywhere", subject=actor.member_id
    )
    return ended


def hash_pin(sealer: Sealer, pin: str) -> str:
    """Return the hash of a new PIN; Unprocessable ``pin_invalid`` or ``pin_simple``."""
    return passwords.hash_password(checked_pin(pin), secret=pin_secret(sealer))


def pin_secret(sealer: Sealer) -> bytes:
    """Return what is mixed into the hashes of PINs: a copy of the database alone cannot be searched."""
    return sealer.derive("staff pin")


def _locked(session: Session, actor: Actor, member_id: str, version: int | None) -> Member:
    """Return the member once nobody else changes members of this organisation."""
    session.execute(
        select(Partner.id).where(Partner.id == actor.partner_id).with_for_update(key_share=True)
    ).one()
    member = session.scalar(
        select(Member)
        .where(Member.id == member_id, Member.partner_id == actor.partner_id)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    )
    if member is None:
        raise NotFound("There is no such member.")
    if version is not None and member.version != version:
        raise Conflict("Somebody has changed this member. Look again first.", code="member_changed")
    return member


def _keep_an_owner(session: Session, member: Member) -> None:
    if member.role != Role.OWNER or member.status != "active":
        return
    others = session.scalar(
        select(func.count()).where(
            Member.partner_id == member.partner_id,
            Member.id != member.id,
            Member.role == Role.OWNER.value,
            Member.status == "active",
            Member.password_hash.is_not(None),
        )
    )
    if not others:
        raise Conflict("Somebody has to stay the owner. Name another owner first.", code="last_owner")


def _mail_invitation(session: Session, clock: Clock, sealer: Sealer, member_id: str) -> None:
    mail_link(session, clock, sealer, member_id=member_id, topic=INVITATION_TOPIC, valid=INVITATION_VALID)


def _changed(
    session: Session, clock: Clock, actor: Actor, member: Member, action: str, **detail: str
) -> MemberView:
    member.version += 1
    session.flush()
    return _recorded(session, clock, actor, member, action, **detail)


def _recorded(
    session: Session, clock: Clock, actor: Actor, member: Member, action: str, **detail: str
) -> MemberView:
    audit.record(session, clock, actor=actor.member_id, action=action, subject=member.id, detail={**detail})
    return _view(member)


def _view(member: Member) -> MemberView:
    return MemberView(
        member.id,
        member.name,
        member.email,
        Role(member.role),
        member.status == "active",
        member.password_hash is not None,
        member.pin_hash is not None,
        member.version,
        member.created_at,
    )
