"""Challenges: issued a few at a time, used up once."""

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import bindparam, delete, insert, select, update
from sqlalchemy.orm import Session

from server.core.clock import Clock
from server.core.identifiers import new_id
from server.customers.models import Device
from server.customers.turns import take_turn
from server.presses.models import Challenge
from server.presses.policy import PressPolicy
from server.presses.reasons import Reason
from stampsdk.protocol import PressEnvelope, Purpose, base64url

__all__ = ["IssuedChallenge", "issue", "use"]

_NONCE_BYTES: Final = 32
_KEPT_UNUSED: Final = timedelta(days=1)
_CHALLENGES: Final = Challenge.metadata.tables[Challenge.__tablename__]
_USE: Final = (
    update(_CHALLENGES)
    .where(
        _CHALLENGES.c.id == bindparam("challenge"),
        _CHALLENGES.c.device_id == bindparam("device"),
        _CHALLENGES.c.used_at.is_(None),
    )
    .values(used_at=bindparam("now"))
    .returning(_CHALLENGES.c.purpose, _CHALLENGES.c.nonce_hash, _CHALLENGES.c.expires_at)
)


@dataclass(frozen=True, slots=True)
class IssuedChallenge:
    """A challenge as the phone gets it; `nonce` is 32 bytes in base64url and is shown this once."""

    id: str
    nonce: str
    purpose: Purpose
    expires_at: datetime


def issue(
    session: Session, clock: Clock, policy: PressPolicy, device: Device, *, purpose: Purpose, count: int
) -> list[IssuedChallenge]:
    """Give a device challenges for one purpose.

    Parameters
    ----------
    session, clock, policy
        The transaction, the time, and how many and how long.
    device
        The only one that can use them.
    purpose
        The only one that they can be used for.
    count
        How many are wanted.

    Returns
    -------
    list of IssuedChallenge
        As many as wanted, at most as many as a device may hold.

    Notes
    -----
    A device holds no more than it may: its oldest open challenges give way. So a page that is opened again
    and again, or an envelope that could not be read, never keeps an honest phone waiting, and a flood of
    requests leaves nothing behind.
    """
    take_turn(session, device.customer_id)
    now = clock.now()
    session.execute(
        delete(Challenge).where(
            Challenge.device_id == device.id,
            Challenge.used_at.is_(None),
            Challenge.expires_at < now - _KEPT_UNUSED,
        )
    )
    count = min(count, policy.challenges_open)
    newest_first = (
        select(Challenge.id)
        .where(Challenge.device_id == device.id, Challenge.used_at.is_(None), Challenge.expires_at > now)
        .order_by(Challenge.issued_at.desc(), Challenge.id.desc())
    )
    giving_way = session.scalars(newest_first.offset(policy.challenges_open - count)).all()
    session.execute(delete(Challenge).where(Challenge.id.in_(giving_way)))
    expires_at = now + policy.challenge_life
    issued, rows = [], []
    for _ in range(count):
        nonce = secrets.token_bytes(_NONCE_BYTES)
        challenge_id = new_id("chl", clock)
        issued.append(IssuedChallenge(challenge_id, base64url.encode(nonce), purpose, expires_at))
        rows.append(
            {
                "id": challenge_id,
                "device_id": device.id,
                "purpose": purpose.value,
                "nonce_hash": hashlib.sha256(nonce).digest(),
                "issued_at": now,
                "expires_at": expires_at,
            }
        )
    session.execute(insert(Challenge), rows)
    return issued


def use(
    session: Session, now: datetime, device: Device, envelope: PressEnvelope
) -> tuple[str | None, Reason | None]:
    """Use up the envelope's challenge, whatever the later checks will say.

    One conditional UPDATE decides: of any number of envelopes that name one challenge, exactly one uses it,
    on both databases. A device cannot use up another's challenge. One that the device holds is used up even
    when it has expired, was for another purpose or came with another nonce: each gives one try.

    Returns
    -------
    challenge_id, reason
        The challenge that was used up, None when none was; and what is wrong, if anything.
    """
    used = session.execute(
        _USE, {"challenge": envelope.challenge, "device": device.id, "now": now}
    ).one_or_none()
    if used is None:
        return None, _why_not(session, device, envelope)
    nonce_hash = hashlib.sha256(base64url.decode(envelope.nonce)).digest()
    if not hmac.compare_digest(nonce_hash, used.nonce_hash):
        return envelope.challenge, Reason.NONCE_UNKNOWN
    if used.purpose != envelope.purpose.value:
        return envelope.challenge, Reason.NONCE_PURPOSE
    if now >= used.expires_at:
        return envelope.challenge, Reason.NONCE_EXPIRED
    return envelope.challenge, None


def _why_not(session: Session, device: Device, envelope: PressEnvelope) -> Reason:
    holder = session.scalar(select(Challenge.device_id).where(Challenge.id == envelope.challenge))
    if holder is None:
        return Reason.NONCE_UNKNOWN
    return Reason.NONCE_USED if holder == device.id else Reason.NONCE_FOREIGN
