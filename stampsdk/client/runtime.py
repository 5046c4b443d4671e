"""Time, waiting and chance, handed in so that tests need neither clock nor sleep."""

import random
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime

__all__ = ["RetryPolicy", "Runtime"]


def _now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Runtime:
    """Where a client gets its time and chance from.

    Attributes
    ----------
    now
        Aware wall-clock time; informative only, since phones' clocks are wrong by anything.
    monotonic
        Seconds that never run backwards.
    sleep
        Wait so many seconds.
    rng
        For the spread of retries; never for keys.
    """

    now: Callable[[], datetime] = _now
    monotonic: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep
    rng: random.Random = field(default_factory=random.Random)


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """How patiently one call is repeated before it fails.

    Attributes
    ----------
    attempts
        Tries in all.
    first_wait_s, longest_wait_s
        Waits are drawn evenly from 0 to first_wait_s, doubled each time up to longest_wait_s ("full jitter").
    longest_retry_after_s
        A server that asks for a longer wait is not waited for: the call fails and says how long.
    connect_s, read_s
        Time limits of one try.
    """

    attempts: int = 4
    first_wait_s: float = 0.5
    longest_wait_s: float = 4.0
    longest_retry_after_s: float = 10.0
    connect_s: float = 5.0
    read_s: float = 15.0
