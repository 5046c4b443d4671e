"""A second person who agrees to what one alone may not do, on the screen of the first.

Only somebody who may decide about held presses counts: a manager or the owner, who prove themselves with
their password. It opens no session. The three steps are taken one after another by the page, each in a turn
at the database of its own: `tries`, counted and committed before; `check`, a hash, outside any writing
transaction; `confirmed`, in the transaction in which the work is done.
"""

from dataclasses import dataclass
from typing import Final

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from server.core.errors import Forbidden
from server.core.sealing import Sealer
from server.settings import Settings
from server.staff import passwords
from server.staff.actor import RIGHTS, Actor, Right
from server.staff.limits import Limit, sign_in_limits
from server.staff.models import Member
from server.staff.sessions import actor_of

__all__ = ["Checked", "Colleague", "check", "colleagues", "confirmed", "tries"]

_ROLES: Final = tuple(role.value for role, rights in RIGHTS.items() if Right.DECIDE_HELD in rights)


@dataclass(frozen=True, slots=True)
class Colleague:
    """Somebody who can agree."""

    member_id: str
    name: str


@dataclass(frozen=True, slots=True)
class Checked:
    """A colleague whose password was right, and the hash that it was compared with."""

    member_id: str
    password_hash: str


def colleagues(session: Session, actor: Actor) -> tuple[Colleague, ...]:
    """Return who can agree to what the actor does, by name; only for those who may give stamps."""
    actor.require(Right.GIVE_STAMP)
    rows = session.execute(
        select(Member.id, Member.name).where(*_others(actor)).order_by(Member.name, Member.id)
    )
    return tuple(Colleague(*row) for row in rows)


def tries(
    session: Session, actor: Actor, member_id: str, *, sealer: Sealer, settings: Settings, address: str
) -> tuple[Limit, ...]:
    """Return what limits the tries with a colleague's password: the same count as at the sign-in.

    Raises
    ------
    Forbidden
        ``second_person_not_allowed``: there is no such colleague, so that nobody else can be locked out.
    """
    actor.require(Right.GIVE_STAMP)
    email_key = session.scalar(select(Member.email_key).where(Member.id == member_id, *_others(actor)))
    if email_key is None:
        raise _not_allowed()
    return sign_in_limits(sealer, settings, email_key=email_key, address=address)


def check(session: Session, actor: Actor, member_id: str, *, password: str) -> Checked:
    """Compare a colleague's password. A reading session is enough.

    Raises
    ------
    Forbidden
        ``second_person_wrong``: it is another password, or there is no such colleague.
    """
    actor.require(Right.GIVE_STAMP)
    stored = session.scalar(select(Member.password_hash).where(Member.id == member_id, *_others(actor)))
    if not passwords.verify(password, stored) or stored is None:
        raise Forbidden("The password is another.", code="second_person_wrong")
    return Checked(member_id, stored)


def confirmed(session: Session, actor: Actor, checked: Checked) -> Actor:
    """Return the colleague as the second actor, unless suspended or given another password in between.

    Raises
    ------
    Forbidden
        ``second_person_not_allowed``.
    """
    member = session.scalar(
        select(Member).where(
            Member.id == checked.member_id,
            Member.password_hash == checked.password_hash,
            *_others(actor),
        )
    )
    if member is None:
        raise _not_allowed()
    return actor_of(member)


def _others(actor: Actor) -> tuple[ColumnElement[bool], ...]:
    return (
        Member.partner_id == actor.partner_id,
        Member.id != actor.member_id,
        Member.status == "active",
        Member.role.in_(_ROLES),
        Member.password_hash.is_not(None),
    )


def _not_allowed() -> Forbidden:
    return Forbidden(
        "The second person has to be somebody else, a manager or the owner.",
        code="second_person_not_allowed",
    )
