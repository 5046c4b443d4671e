"""Who is signed in: a random token in a cookie, and a row that ends with the session."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from sqlalchemy import ColumnElement, delete, select, update
from sqlalchemy.orm import Session

from server.core import audit
from server.core.addresses import address_class
from server.core.clock import Clock
from server.core.identifiers import new_id
from server.core.tokens import hash_token, is_well_formed, new_token
from server.staff.actor import Actor, Role
from server.staff.models import Member, MemberSession

IDLE: Final = timedelta(days=30)
"""How long a session by password may rest, unless the settings say otherwise."""

SHIFT: Final = timedelta(hours=12)
"""The same for a session by PIN: a long day behind the counter."""

RENEWED_AFTER: Final = timedelta(hours=1)
_PREFIX: Final = "ow"


@dataclass(frozen=True, slots=True)
class FoundSession:
    """A live session: who acts in it, whether it is time to renew it, and at which phone of the counter."""

    id: str
    actor: Actor
    due: bool
    counter_id: str | None = None


def actor_of(member: Member) -> Actor:
    """Return the actor that a member is at this moment."""
    return Actor(member.id, member.partner_id, Role(member.role), member.name)


def open_session(
    session: Session,
    clock: Clock,
    member: Member,
    *,
    address: str,
    idle: timedelta = IDLE,
    counter_id: str | None = None,
) -> str:
    """Sign a member in and return the token, which is shown only now.

    Parameters
    ----------
    session, clock
        The transaction, in which the member was found active and is locked; the time.
    member
        Who proved to be themselves.
    address
        Where from; only its class is kept.
    idle
        How long the session may rest.
    counter_id
        The phone at the counter, of a session by PIN.
    """
    now = clock.now()
    session.execute(delete(MemberSession).where(MemberSession.expires_at <= now))
    token = new_token(_PREFIX)
    row = MemberSession(
        id=new_id("ses", clock),
        token_hash=hash_token(token),
        member_id=member.id,
        counter_id=counter_id,
        idle_s=round(idle.total_seconds()),
        created_at=now,
        seen_at=now,
        expires_at=now + idle,
        address_class=address_class(address),
    )
    session.add(row)
    session.flush()
    audit.record(
        session,
        clock,
        actor=member.id,
        action="member.signed_in",
        subject=row.id,
        detail={"by": "password" if counter_id is None else "pin"},
    )
    return token


def look_up(session: Session, clock: Clock, token: str) -> FoundSession | None:
    """Return the live session that `token` is, or None: unknown, ended, expired, or of a suspended member."""
    if not token.startswith(f"{_PREFIX}_") or not is_well_formed(token):
        return None
    now = clock.now()
    found = session.execute(
        select(
            MemberSession.id,
            MemberSession.seen_at,
            MemberSession.counter_id,
            Member.id,
            Member.partner_id,
            Member.role,
            Member.name,
        )
        .join(Member, Member.id == MemberSession.member_id)
        .where(
            MemberSession.token_hash == hash_token(token),
            MemberSession.expires_at > now,
            Member.status == "active",
        )
    ).one_or_none()
    if found is None:
        return None
    session_id, seen_at, counter_id, member_id, partner_id, role, name = found
    actor = Actor(member_id, partner_id, Role(role), name)
    return FoundSession(session_id, actor, due=now - seen_at >= RENEWED_AFTER, counter_id=counter_id)


def find(session: Session, clock: Clock, token: str) -> Actor | None:
    """Return who is signed in by `token`, as of now, or None. Role and name are always the present ones."""
    found = look_up(session, clock, token)
    return None if found is None else found.actor


def renew(session: Session, clock: Clock, session_id: str) -> None:
    """Let a session begin its rest anew, at most once an hour; nothing happens to one that has ended."""
    now = clock.now()
    live = (MemberSession.id == session_id, MemberSession.expires_at > now)
    idle_s = session.scalar(
        select(MemberSession.idle_s).where(*live, MemberSession.seen_at <= now - RENEWED_AFTER)
    )
    if idle_s is not None:
        session.execute(
            update(MemberSession)
            .where(*live)
            .values(seen_at=now, expires_at=now + timedelta(seconds=idle_s))
            .execution_options(synchronize_session=False)
        )


def close(session: Session, clock: Clock, token: str) -> None:
    """Sign out: the token is worth nothing from now on. Nothing happens when it already is."""
    ended = session.execute(
        delete(MemberSession)
        .where(MemberSession.token_hash == hash_token(token))
        .returning(MemberSession.id, MemberSession.member_id)
        .execution_options(synchronize_session=False)
    ).one_or_none()
    if ended is not None:
        audit.record(session, clock, actor=ended.member_id, action="member.signed_out", subject=ended.id)


def close_all(session: Session, member_id: str, *, but: str | None = None) -> int:
    """End all sessions of a member, but for the one of the token `but`; return how many ended."""
    condition = [MemberSession.member_id == member_id]
    if but is not None:
        condition.append(MemberSession.token_hash != hash_token(but))
    return _delete(session, *condition)


def close_at(session: Session, counter_id: str) -> int:
    """End all sessions at a phone of the counter; return how many ended."""
    return _delete(session, MemberSession.counter_id == counter_id)


def _delete(session: Session, *condition: ColumnElement[bool]) -> int:
    ended = session.scalars(
        delete(MemberSession)
        .where(*condition)
        .returning(MemberSession.id)
        .execution_options(synchronize_session=False)
    )
    return len(ended.all())
