"""Phones of the counter, and staff who sign in on them by PIN.

A PIN of a few digits is no secret against the whole network. It counts only
together with the cookie that an owner or manager has put on the shop's phone.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from server.core import audit
from server.core.clock import Clock
from server.core.errors import Forbidden, NotFound, Unauthorised
from server.core.identifiers import new_id
from server.core.sealing import Sealer
from server.core.tokens import hash_token, is_well_formed, new_token
from server.staff import passwords, sessions
from server.staff.actor import Actor, Role
from server.staff.checks import checked_name
from server.staff.members import pin_secret
from server.staff.models import CounterPhone, Member, MemberSession

_PREFIX: Final = "ctr"


@dataclass(frozen=True, slots=True)
class CounterView:
    """A phone of the counter as owners and managers see it.

    Attributes
    ----------
    seen_at
        When it was last used, to the hour; None when nobody has signed in there since the last sign-out.
    """

    id: str
    name: str
    issued_by: str
    created_at: datetime
    seen_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class StaffName:
    """Somebody who can sign in by PIN at a phone of the counter."""

    member_id: str
    name: str


@dataclass(frozen=True, slots=True)
class VerifiedPin:
    """A staff member whose PIN was right, at which phone, and the hash it was compared with."""

    member_id: str
    counter_id: str
    pin_hash: str


def issue_counter(session: Session, clock: Clock, actor: Actor, *, name: str) -> tuple[CounterView, str]:
    """Make the browser at hand a phone of the counter; owners and managers may.

    Returns
    -------
    counter, token
        The token is for the cookie ``stamp_counter`` and shown only now.

    Raises
    ------
    Forbidden
        ``not_allowed``, for staff.
    Unprocessable
        ``name_invalid``.
    """
    _require_issuer(actor)
    token = new_token(_PREFIX)
    row = CounterPhone(
        id=new_id("ctr", clock),
        partner_id=actor.partner_id,
        name=checked_name(name),
        token_hash=hash_token(token),
        issued_by=actor.member_id,
        created_at=clock.now(),
    )
    session.add(row)
    session.flush()
    audit.record(session, clock, actor=actor.member_id, action="counter.issued", subject=row.id)
    return _view(row), token


def list_counters(session: Session, actor: Actor) -> tuple[CounterView, ...]:
    """Return the organisation's phones of the counter that are in use, oldest first; not for staff."""
    _require_issuer(actor)
    in_use = (CounterPhone.partner_id == actor.partner_id, CounterPhone.revoked_at.is_(None))
    last_seen = (
        select(func.max(MemberSession.seen_at))
        .where(MemberSession.counter_id == CounterPhone.id)
        .correlate(CounterPhone)
        .scalar_subquery()
    )
    found = session.execute(select(CounterPhone, last_seen).where(*in_use).order_by(CounterPhone.id))
    return tuple(_view(row, seen_at) for row, seen_at in found)


def this_counter(session: Session, *, counter: str) -> CounterView | None:
    """Return which phone of the counter has this token, or None where it is none, or no longer."""
    row = session.scalar(select(CounterPhone).where(*_live(counter)))
    return None if row is None else _view(row)


def revoke_counter(session: Session, clock: Clock, actor: Actor, *, counter_id: str) -> None:
    """Make a phone of the counter worth nothing, and end its sessions; not for staff. NotFound otherwise."""
    _require_issuer(actor)
    row = session.scalar(
        select(CounterPhone)
        .where(CounterPhone.id == counter_id, CounterPhone.partner_id == actor.partner_id)
        .with_for_update(key_share=True)
    )
    if row is None:
        raise NotFound("There is no such phone.")
    if row.revoked_at is None:
        row.revoked_at = clock.now()
        session.flush()
        audit.record(session, clock, actor=actor.member_id, action="counter.revoked", subject=row.id)
    sessions.close_at(session, row.id)


def staff_at(session: Session, *, counter: str) -> tuple[StaffName, ...]:
    """Return who can sign in by PIN at the phone with this token, by name; nobody where it is none."""
    partner_id = session.scalar(select(CounterPhone.partner_id).where(*_live(counter)))
    if partner_id is None:
        return ()
    found = session.execute(
        select(Member.id, Member.name)
        .where(Member.partner_id == partner_id, Member.status == "active", Member.pin_hash.is_not(None))
        .order_by(Member.name, Member.id)
    )
    return tuple(StaffName(member_id, name) for member_id, name in found)


def require_counter(session: Session, *, counter: str) -> None:
    """Raise Unauthorised ``counter_unknown`` unless the token is of a phone of the counter in use."""
    if session.scalar(select(CounterPhone.id).where(*_live(counter))) is None:
        raise counter_unknown()


def check_pin(
    session: Session, sealer: Sealer, *, counter: str, member_id: str, pin: str
) -> VerifiedPin | None:
    """Return the staff member whose PIN it is, or None. A reading session is enough.

    One hash is compared whether or not there is such a member.

    Raises
    ------
    Unauthorised
        ``counter_unknown``: the phone was never made one of the counter, or no longer is.
    """
    found = session.execute(
        select(CounterPhone.id, CounterPhone.partner_id).where(*_live(counter))
    ).one_or_none()
    if found is None:
        raise counter_unknown()
    stored = session.scalar(
        select(Member.pin_hash).where(
            Member.id == member_id, Member.partner_id == found.partner_id, Member.status == "active"
        )
    )
    if not passwords.verify(pin, stored, secret=pin_secret(sealer)) or stored is None:
        return None
    return VerifiedPin(member_id, found.id, stored)


def sign_in_with_verified_pin(
    session: Session,
    clock: Clock,
    verified: VerifiedPin,
    *,
    address: str,
    idle: timedelta = sessions.SHIFT,
) -> tuple[Actor, str]:
    """Sign in who was verified, unless the member or the phone lost the right to in between.

    Raises
    ------
    Unauthorised
        ``pin_wrong`` or ``counter_unknown``.
    """
    member = session.scalar(
        select(Member)
        .where(
            Member.id == verified.member_id, Member.status == "active", Member.pin_hash == verified.pin_hash
        )
        .with_for_update(key_share=True)
    )
    if member is None:
        raise pin_wrong()
    counter_id = session.scalar(
        select(CounterPhone.id)
        .where(CounterPhone.id == verified.counter_id, CounterPhone.revoked_at.is_(None))
        .with_for_update(key_share=True)
    )
    if counter_id is None:
        raise counter_unknown()
    token = sessions.open_session(session, clock, member, address=address, idle=idle, counter_id=counter_id)
    return sessions.actor_of(member), token


def sign_in_with_pin(
    session: Session,
    clock: Clock,
    sealer: Sealer,
    *,
    counter: str,
    member_id: str,
    pin: str,
    address: str,
    idle: timedelta = sessions.SHIFT,
) -> tuple[Actor, str]:
    """Sign a staff member in by PIN at a phone of the counter; return who it is and the token for the cookie.

    The limits on tries are counted by the caller, in a transaction of their own (`server.staff.limits`).

    Raises
    ------
    Unauthorised
        ``pin_wrong``, or ``counter_unknown`` whatever the PIN.
    """
    verified = check_pin(session, sealer, counter=counter, member_id=member_id, pin=pin)
    if verified is None:
        raise pin_wrong()
    return sign_in_with_verified_pin(session, clock, verified, address=address, idle=idle)


def pin_wrong() -> Unauthorised:
    """Return the refusal of a PIN."""
    return Unauthorised("The PIN is another.", code="pin_wrong", scheme="Cookie")


def counter_unknown() -> Unauthorised:
    """Return the refusal of a browser that is no phone of the counter."""
    return Unauthorised(
        "This is no phone of the counter. An owner or manager signs in here and makes it one.",
        code="counter_unknown",
        scheme="Cookie",
    )


def _require_issuer(actor: Actor) -> None:
    if actor.role is Role.STAFF:
        raise Forbidden("Only an owner or manager may do this.", code="not_allowed")


def _live(counter: str) -> tuple[ColumnElement[bool], ...]:
    known = counter.startswith(f"{_PREFIX}_") and is_well_formed(counter)
    return (
        CounterPhone.token_hash == (hash_token(counter) if known else ""),
        CounterPhone.revoked_at.is_(None),
    )


def _view(row: CounterPhone, seen_at: datetime | None = None) -> CounterView:
    return CounterView(row.id, row.name, row.issued_by, row.created_at, seen_at)
