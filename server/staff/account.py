"""What somebody who is signed in is told of themselves, and signing somebody else out."""

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from server.core import audit
from server.core.clock import Clock
from server.staff import sessions
from server.staff.actor import Actor, Right
from server.staff.members import owned
from server.staff.models import Member


@dataclass(frozen=True, slots=True)
class Account:
    """Who is signed in in a browser, and by what.

    Attributes
    ----------
    actor
        Who it is.
    email
        Where their mail goes; None for staff who sign in by PIN only.
    has_password
        Whether there is a password that can be changed.
    at_counter
        Whether this session was opened by PIN at a phone of the counter.
    """

    actor: Actor
    email: str | None
    has_password: bool
    at_counter: bool


def account(session: Session, clock: Clock, *, token: str) -> Account | None:
    """Return what is known of whoever is signed in by `token`, or None when nobody is."""
    found = sessions.look_up(session, clock, token)
    if found is None:
        return None
    email, password_hash = session.execute(
        select(Member.email, Member.password_hash).where(Member.id == found.actor.member_id)
    ).one()
    return Account(found.actor, email, password_hash is not None, found.counter_id is not None)


def sign_out_member(session: Session, clock: Clock, actor: Actor, *, member_id: str) -> int:
    """End all sessions of a member, who may sign in again at once; return how many. Needs MANAGE_STAFF.

    For a phone that was lost. NotFound for members of other organisations.
    """
    actor.require(Right.MANAGE_STAFF)
    member = owned(session, actor, member_id)
    ended = sessions.close_all(session, member.id)
    audit.record(
        session, clock, actor=actor.member_id, action="member.signed_out_everywhere", subject=member.id
    )
    return ended
