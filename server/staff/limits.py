"""How often passwords, PINs, links and sign-ups may be tried."""

import hashlib
import hmac
import math
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from server.core.addresses import network
from server.core.clock import Clock
from server.core.errors import TooManyRequests
from server.core.portable import insert_absent
from server.core.sealing import Sealer
from server.settings import Settings
from server.staff.models import SignInAttempts

__all__ = ["Limit", "pin_limits", "reset_limits", "sign_in_limits", "sign_up_limits", "succeeded", "take"]

_TABLE: Final = SignInAttempts.metadata.tables[SignInAttempts.__tablename__]
_HOUR: Final = timedelta(hours=1)
_DAY: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Limit:
    """So many tries without a rest between, and then a rest.

    Attributes
    ----------
    bucket
        Under which the tries are counted: a keyed hash, so that the table names neither addresses nor people.
    tries
        How many.
    rest
        How long there must be no try before the count begins anew. Tries that
        are refused do not lengthen it.
    code
        Of the problem when they are used up.
    personal
        Whether a success proves the tries before it to be the person's own.
    """

    bucket: str
    tries: int
    rest: timedelta
    code: str
    personal: bool

    def take(self, session: Session, clock: Clock) -> None:
        """Count a try before it is made; commit this apart from the try, so that a refusal keeps it counted.

        Raises
        ------
        TooManyRequests
            With the limit's code, when the tries are used up.
        """
        now = clock.now()
        session.execute(delete(_TABLE).where(_TABLE.c.expires_at <= now))
        until = now + self.rest
        session.execute(
            insert_absent(session, _TABLE).values(bucket=self.bucket, attempts=0, expires_at=until)
        )
        taken = session.execute(
            update(_TABLE)
            .where(_TABLE.c.bucket == self.bucket, _TABLE.c.attempts < self.tries)
            .values(attempts=_TABLE.c.attempts + 1, expires_at=until)
            .returning(_TABLE.c.attempts)
        ).scalar_one_or_none()
        if taken is None:
            ends = session.scalar(select(_TABLE.c.expires_at).where(_TABLE.c.bucket == self.bucket)) or until
            wait_s = max(1, math.ceil((ends - now) / timedelta(seconds=1)))
            raise TooManyRequests(
                f"Too many tries. Wait {wait_s} seconds.", code=self.code, retry_after_s=wait_s
            )

    def succeeded(self, session: Session) -> None:
        """Forget the person's own tries after a success; of tries at a shared address, this one only."""
        mine = update(_TABLE).where(_TABLE.c.bucket == self.bucket, _TABLE.c.attempts > 0)
        session.execute(mine.values(attempts=0 if self.personal else _TABLE.c.attempts - 1))


def take(session: Session, clock: Clock, limits: tuple[Limit, ...]) -> None:
    """Count a try under each of `limits`, in their order; raise for the first that is used up."""
    for limit in limits:
        limit.take(session, clock)


def succeeded(session: Session, limits: tuple[Limit, ...]) -> None:
    """Say under each of `limits` that the try succeeded."""
    for limit in limits:
        limit.succeeded(session)


def sign_in_limits(sealer: Sealer, settings: Settings, *, email_key: str, address: str) -> tuple[Limit, ...]:
    """Return what holds for a try with a password."""
    rest, code = timedelta(seconds=settings.sign_in_rest_s), "sign_in_limit_reached"
    return (
        _limit(sealer, "email", email_key, settings.sign_in_tries, rest, code, personal=True),
        _at(sealer, "sign in", address, settings.sign_in_tries_address, rest, code),
    )


def pin_limits(sealer: Sealer, settings: Settings, *, member_id: str, address: str) -> tuple[Limit, ...]:
    """Return what holds for a try with a PIN: few a member, and few a day whatever the rests."""
    rest = timedelta(seconds=settings.pin_rest_s)
    return (
        _limit(sealer, "pin", member_id, settings.pin_tries, rest, "pin_locked", personal=True),
        _limit(sealer, "pin day", member_id, settings.pin_tries_day, _DAY, "pin_locked", personal=True),
        _at(sealer, "pin", address, settings.sign_in_tries_address, rest, "sign_in_limit_reached"),
    )


def reset_limits(sealer: Sealer, settings: Settings, *, email_key: str, address: str) -> tuple[Limit, ...]:
    """Return what holds for asking for a link, whether or not anybody has the e-mail."""
    code = "reset_limit_reached"
    return (
        _limit(sealer, "reset", email_key, settings.reset_mails_hour, _HOUR, code, personal=False),
        _at(sealer, "reset", address, settings.sign_in_tries_address, _HOUR, code),
    )


def sign_up_limits(sealer: Sealer, settings: Settings, *, address: str) -> tuple[Limit, ...]:
    """Return what holds for signing up."""
    return (_at(sealer, "sign up", address, settings.sign_ups_hour, _HOUR, "sign_up_limit_reached"),)


def _at(sealer: Sealer, kind: str, address: str, tries: int, rest: timedelta, code: str) -> Limit:  # noqa: PLR0917
    return _limit(sealer, f"{kind} at", network(address), tries, rest, code, personal=False)


def _limit(  # noqa: PLR0917 (the callers above read like a table)
    sealer: Sealer, kind: str, name: str, tries: int, rest: timedelta, code: str, *, personal: bool
) -> Limit:
    key = sealer.derive("sign-in attempts")
    bucket = hmac.new(key, f"{kind}|{name}".encode(), hashlib.sha256).hexdigest()
    return Limit(bucket, tries, rest, code, personal)
