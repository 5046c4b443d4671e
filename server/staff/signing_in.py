"""Signing up, signing in by password, changing the password."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from server.core import audit
from server.core.clock import Clock
from server.core.errors import Conflict, Forbidden, Unauthorised, Unprocessable
from server.core.identifiers import new_id
from server.core.portable import insert_absent
from server.partners.service import add_organisation
from server.staff import passwords, sessions
from server.staff.actor import Actor, Role
from server.staff.checks import checked_email, checked_name, checked_password
from server.staff.models import Member


@dataclass(frozen=True, slots=True)
class Verified:
    """A member whose password was right.

    Attributes
    ----------
    password_hash
        What it was compared with: who signs in later must still have it.
    rehashed
        A hash at today's cost, where the stored one was cheaper.
    """

    member_id: str
    password_hash: str
    rehashed: str | None


def sign_up(
    session: Session,
    clock: Clock,
    *,
    email: str,
    password: str,
    name: str,
    organisation: str,
    address: str = "",
    idle: timedelta = sessions.IDLE,
) -> tuple[Actor, str]:
    """Make an organisation with its first owner, and sign the owner in.

    Returns
    -------
    actor, token
        The token is for the cookie and shown only now.

    Raises
    ------
    Unprocessable
        ``email_invalid``, ``name_invalid``, ``password_invalid``, ``password_simple``.
    Conflict
        ``email_taken``: somebody has the e-mail already, here or in another organisation.
    """
    name, organisation = checked_name(name), checked_name(organisation, field="organisation")
    checked = checked_email(email)
    password_hash = passwords.hash_password(checked_password(password, email=checked[0]))
    partner = add_organisation(session, clock, name=organisation)
    member = add_member(
        session,
        clock,
        partner_id=partner.id,
        name=name,
        role=Role.OWNER,
        email=checked,
        password_hash=password_hash,
    )
    audit.record(session, clock, actor=member.id, action="partner.signed_up", subject=partner.id)
    token = sessions.open_session(session, clock, member, address=address, idle=idle)
    return sessions.actor_of(member), token


def check_password(session: Session, *, email: str, password: str) -> Verified | None:
    """Return whose e-mail and password these are, or None.

    One hash is compared whether or not anybody has the e-mail, is suspended or
    has no password yet. A reading session is enough.
    """
    try:
        key = checked_email(email)[1]
    except Unprocessable:
        key = None
    found = session.execute(
        select(Member.id, Member.password_hash).where(Member.email_key == key, Member.status == "active")
    ).one_or_none()
    stored = None if found is None else found.password_hash
    if not passwords.verify(password, stored) or found is None or stored is None:
        return None
    rehashed = passwords.hash_password(password) if passwords.needs_rehash(stored) else None
    return Verified(found.id, stored, rehashed)


def sign_in_verified(
    session: Session, clock: Clock, verified: Verified, *, address: str, idle: timedelta = sessions.IDLE
) -> tuple[Actor, str]:
    """Sign in who was verified, unless suspended or given another password in between.

    Raises
    ------
    Unauthorised
        ``sign_in_failed``.
    """
    member = session.scalar(
        select(Member)
        .where(
            Member.id == verified.member_id,
            Member.status == "active",
            Member.password_hash == verified.password_hash,
        )
        .with_for_update(key_share=True)
    )
    if member is None:
        raise sign_in_failed()
    if verified.rehashed is not None:
        member.password_hash = verified.rehashed
    token = sessions.open_session(session, clock, member, address=address, idle=idle)
    return sessions.actor_of(member), token


def sign_in(
    session: Session,
    clock: Clock,
    *,
    email: str,
    password: str,
    address: str,
    idle: timedelta = sessions.IDLE,
) -> tuple[Actor, str]:
    """Sign in by e-mail and password; return who it is and the token for the cookie.

    The limits on tries are counted by the caller, in a transaction of their own (`server.staff.limits`).

    Raises
    ------
    Unauthorised
        ``sign_in_failed``, alike for every reason.
    """
    verified = check_password(session, email=email, password=password)
    if verified is None:
        raise sign_in_failed()
    return sign_in_verified(session, clock, verified, address=address, idle=idle)


def change_password(session: Session, clock: Clock, actor: Actor, *, token: str, old: str, new: str) -> None:
    """Set another password, and sign the member out everywhere but in the session of `token`.

    Raises
    ------
    Forbidden
        ``password_wrong``: the old one is another.
    Unprocessable
        ``password_invalid``, ``password_simple``.
    """
    member = session.get_one(Member, actor.member_id, with_for_update=True)
    if not passwords.verify(old, member.password_hash):
        raise Forbidden("The present password is another.", code="password_wrong")
    member.password_hash = passwords.hash_password(checked_password(new, email=member.email))
    sessions.close_all(session, member.id, but=token)
    audit.record(session, clock, actor=actor.member_id, action="member.password_changed", subject=member.id)


def add_member(
    session: Session,
    clock: Clock,
    *,
    partner_id: str,
    name: str,
    role: Role,
    email: tuple[str, str] | None,
    password_hash: str | None = None,
    pin_hash: str | None = None,
) -> Member:
    """Insert a member from checked values; Conflict ``email_taken`` when somebody has the e-mail.

    Of two at once with one e-mail the second waits for the first, and is refused when that one is committed.
    """
    values: dict[str, Any] = {
        "id": new_id("mem", clock),
        "partner_id": partner_id,
        "email": None if email is None else email[0],
        "email_key": None if email is None else email[1],
        "name": name,
        "role": role.value,
        "password_hash": password_hash,
        "pin_hash": pin_hash,
        "status": "active",
        "version": 1,
        "created_at": clock.now(),
    }
    statement = insert_absent(session, Member.__table__).values(values).returning(Member.id)
    if session.execute(statement).scalar_one_or_none() is None:
        raise Conflict("Somebody has signed up with this e-mail. Sign in instead.", code="email_taken")
    return session.get_one(Member, values["id"])


def sign_in_failed() -> Unauthorised:
    """Return the one refusal of a sign-in by password."""
    return Unauthorised("E-mail and password do not belong together.", code="sign_in_failed", scheme="Cookie")
