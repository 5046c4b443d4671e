"""How often recovery codes may be tried.

A guess has one chance in 2^80, so the limit is not what keeps the codes safe;
it keeps a flood of guesses from being free, and visible.
"""

import hashlib
import hmac
import math
from datetime import UTC, datetime, timedelta
from typing import Final

from sqlalchemy import delete, update
from sqlalchemy.orm import Session

from server.core.addresses import network
from server.core.clock import Clock
from server.core.errors import TooManyRequests
from server.core.portable import insert_absent
from server.core.sealing import Sealer
from server.customers.models import RecoveryAttempts

_TABLE: Final = RecoveryAttempts.metadata.tables[RecoveryAttempts.__tablename__]


class RecoveryLimit:
    """Counts the tries of one app at one address in one span of time.

    Parameters
    ----------
    sealer
        Keys the hash under which the address is counted; the address itself
        is not kept.
    partner_id, address
        Whose tries. Of an IPv6 address the network counts, since a household
        has all of its addresses.
    now
        Decides the span.
    tries, window_s
        How many tries in how many seconds.
    """

    def __init__(
        self, sealer: Sealer, *, partner_id: str, address: str, now: datetime, tries: int, window_s: float
    ) -> None:
        window = math.floor(now.timestamp() / window_s)
        name = f"{partner_id}|{network(address)}|{window}"
        key = sealer.derive("recovery attempts")
        self._bucket = hmac.new(key, name.encode(), hashlib.sha256).hexdigest()
        self._expires_at = datetime.fromtimestamp((window + 1) * window_s, UTC)
        self._wait_s = math.ceil((self._expires_at - now) / timedelta(seconds=1))
        self._tries = tries

    def take(self, session: Session, clock: Clock) -> None:
        """Count a try before it is made; commit this apart from the try, so that a refusal keeps it counted.

        Raises
        ------
        TooManyRequests
            ``recovery_limit_reached``, when the span's tries are used up.
        """
        session.execute(delete(RecoveryAttempts).where(RecoveryAttempts.expires_at < clock.now()))
        session.execute(
            insert_absent(session, _TABLE).values(
                bucket=self._bucket, attempts=0, expires_at=self._expires_at
            )
        )
        taken = session.execute(
            update(_TABLE)
            .where(_TABLE.c.bucket == self._bucket, _TABLE.c.attempts < self._tries)
            .values(attempts=_TABLE.c.attempts + 1)
            .returning(_TABLE.c.attempts)
        ).scalar_one_or_none()
        if taken is None:
            raise TooManyRequests(
                f"Too many recovery codes were tried from here. Wait {self._wait_s} seconds.",
                code="recovery_limit_reached",
                retry_after_s=self._wait_s,
            )

    def give_back(self, session: Session) -> None:
        """Do not count a try that succeeded: many people share an address, and few of them guess."""
        session.execute(
            update(_TABLE)
            .where(_TABLE.c.bucket == self._bucket, _TABLE.c.attempts > 0)
            .values(attempts=_TABLE.c.attempts - 1)
        )
