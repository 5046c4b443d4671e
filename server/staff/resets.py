"""Links by mail with which a member sets a password: forgotten, or not yet set by somebody invited."""

import base64
from datetime import timedelta
from typing import Final

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from server.core import audit, outbox
from server.core.clock import Clock
from server.core.errors import Forbidden, Unprocessable
from server.core.identifiers import new_id
from server.core.sealing import Sealer
from server.core.tokens import hash_token, new_token
from server.staff import passwords, sessions
from server.staff.checks import checked_email, checked_password
from server.staff.models import Member, PasswordReset

RESET_TOPIC: Final = "mail.password_reset"
INVITATION_TOPIC: Final = "mail.invitation"
RESET_VALID: Final = timedelta(minutes=30)
INVITATION_VALID: Final = timedelta(days=7)


def request_reset(session: Session, clock: Clock, sealer: Sealer, *, email: str) -> None:
    """Mail a link to the active member who has the e-mail; nothing at all happens when nobody has.

    The caller answers before it calls this, so that neither the answer nor its time tells which it was.
    """
    try:
        key = checked_email(email)[1]
    except Unprocessable:
        return
    member_id = session.scalar(select(Member.id).where(Member.email_key == key, Member.status == "active"))
    if member_id is not None:
        mail_link(session, clock, sealer, member_id=member_id, topic=RESET_TOPIC, valid=RESET_VALID)
        audit.record(session, clock, actor="system", action="member.reset_requested", subject=member_id)


def mail_link(
    session: Session, clock: Clock, sealer: Sealer, *, member_id: str, topic: str, valid: timedelta
) -> None:
    """Make a link and put it into the outbox; links mailed before are void.

    The outbox holds the token sealed: a copy of the database opens no door.
    """
    now = clock.now()
    _void(session, clock, member_id)
    token = new_token("rst")
    reset_id = new_id("rst", clock)
    session.add(
        PasswordReset(
            id=reset_id,
            token_hash=hash_token(token),
            member_id=member_id,
            created_at=now,
            expires_at=now + valid,
        )
    )
    sealed = sealer.seal(token.encode(), table="password_reset", row=reset_id, field="token")
    payload = {"member": member_id, "reset": reset_id, "token": base64.b64encode(sealed).decode()}
    outbox.enqueue(session, clock, topic=topic, payload=payload)
    session.flush()


def open_token(sealer: Sealer, *, reset_id: str, sealed: str) -> str:
    """Return the token that `mail_link` sealed into the outbox."""
    return sealer.open(base64.b64decode(sealed), table="password_reset", row=reset_id, field="token").decode()


def reset(session: Session, clock: Clock, *, token: str, password: str) -> str:
    """Set the password by a link, once, and sign the member out everywhere.

    Returns
    -------
    str
        The member's id.

    Raises
    ------
    Forbidden
        ``link_invalid``: unknown, used, replaced or expired, or the member is suspended.
    Unprocessable
        ``password_invalid``, ``password_simple``; the link stays good.
    """
    now = clock.now()
    usable = (
        PasswordReset.token_hash == hash_token(token),
        PasswordReset.used_at.is_(None),
        PasswordReset.expires_at > now,
    )
    email = session.scalar(
        select(Member.email)
        .join(PasswordReset, PasswordReset.member_id == Member.id)
        .where(*usable, Member.status == "active")
    )
    if email is None:
        raise _link_invalid()
    password_hash = passwords.hash_password(checked_password(password, email=email))
    member_id = session.execute(
        update(PasswordReset)
        .where(*usable)
        .values(used_at=now)
        .returning(PasswordReset.member_id)
        .execution_options(synchronize_session=False)
    ).scalar_one_or_none()
    if member_id is None:
        raise _link_invalid()
    session.execute(update(Member).where(Member.id == member_id).values(password_hash=password_hash))
    _void(session, clock, member_id)
    sessions.close_all(session, member_id)
    audit.record(session, clock, actor=member_id, action="member.password_reset", subject=member_id)
    return member_id


def _void(session: Session, clock: Clock, member_id: str) -> None:
    session.execute(
        update(PasswordReset)
        .where(PasswordReset.member_id == member_id, PasswordReset.used_at.is_(None))
        .values(used_at=clock.now())
        .execution_options(synchronize_session=False)
    )


def _link_invalid() -> Forbidden:
    return Forbidden("The link was used or has expired. Ask for another.", code="link_invalid")
