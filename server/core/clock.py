"""Time as a part that can be replaced: nothing else in the server asks the system for it."""

import threading
from datetime import UTC, datetime, timedelta
from typing import Protocol


class Clock(Protocol):
    """Anything that can tell the time."""

    def now(self) -> datetime:
        """Return the present as an aware datetime in UTC."""
        ...


class SystemClock:
    """The computer's clock."""

    def now(self) -> datetime:
        """Return the present as an aware datetime in UTC."""
        return datetime.now(UTC)


class FrozenClock:
    """A clock that stands still until it is moved, for tests and simulations.

    Parameters
    ----------
    at
        Where it stands first, aware.
    """

    def __init__(self, at: datetime) -> None:
        if at.tzinfo is None:
            raise ValueError("at: a naive datetime; give it a timezone")
        self._now = at.astimezone(UTC)
        self._lock = threading.Lock()

    def now(self) -> datetime:
        """Return where the clock stands, in UTC."""
        with self._lock:
            return self._now

    def advance(self, seconds: float) -> datetime:
        """Move the clock by `seconds`, negative to go back, and return where it stands then."""
        with self._lock:
            self._now += timedelta(seconds=seconds)
            return self._now
