"""Days by a shop's calendar, and identifiers by the time they were made."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

SLACK: Final = timedelta(minutes=2)
"""How far an identifier's time may be from the time in its row, or its commit from either.

Statements and idle transactions are cut off far earlier. Ranges of identifiers are widened by it, and the
rows' own times decide.
"""
HOURS: Final = 24
DAWN: Final = datetime(1970, 1, 3, tzinfo=UTC)
"""Before every booking."""


@dataclass(frozen=True, slots=True)
class Span:
    """From `start` up to, not including, `end`; both in UTC."""

    start: datetime
    end: datetime

    def __contains__(self, at: datetime) -> bool:
        return self.start <= at < self.end


def day_span(day: date, zone: ZoneInfo) -> Span:
    """Return the day as the zone's calendar has it: 23 or 25 hours where the clocks are changed."""
    return Span(_midnight(day, zone), _midnight(day + timedelta(days=1), zone))


def moment(day: date, clock_time: time, zone: ZoneInfo) -> datetime:
    """Return when the wall clock shows `clock_time` on `day`, the first time where it does so twice.

    A time that the clocks skip counts as that much later.
    """
    return datetime.combine(day, clock_time.replace(tzinfo=None, fold=0), zone).astimezone(UTC)


def hull(spans: Iterable[Span]) -> Span:
    """Return the least span that has all of `spans`, which are not none."""
    spans = list(spans)
    return Span(min(span.start for span in spans), max(span.end for span in spans))


def id_at(prefix: str, at: datetime) -> str:
    """Return the least identifier that `server.core.identifiers.new_id` can make at `at`."""
    milliseconds = (at - datetime.fromtimestamp(0, UTC)) // timedelta(milliseconds=1)
    return f"{prefix}_{max(milliseconds, 0) << 80:032x}"


def time_of(identifier: str) -> datetime:
    """Return when an identifier was made, to the millisecond."""
    return datetime.fromtimestamp(0, UTC) + timedelta(milliseconds=int(identifier.partition("_")[2][:12], 16))


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    # Where midnight itself is skipped, the day begins with the first moment after the gap, which is what
    # the offset before the gap gives.
    return moment(day, time(), zone)
