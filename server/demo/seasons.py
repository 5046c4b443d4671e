"""A café's year: when it is open, and how many come on which day."""

import random
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

#: Opening and closing by weekday, Monday first.
_HOURS: Final = (*(((8, 21),) * 5), (9, 21), (10, 20))
#: How many come in a month, January first, against a plain one: a quiet February, iced drinks from May on.
_MONTH: Final = (0.92, 0.90, 0.98, 1.02, 1.08, 1.06, 1.02, 0.98, 1.04, 1.06, 1.00, 1.04)
_WEEKDAY: Final = (0.98, 1.0, 1.0, 1.02, 1.1, 1.0, 0.85)
#: Chance of rain by month: Seoul's wet July and August.
_RAIN: Final = (0.20, 0.20, 0.23, 0.27, 0.28, 0.32, 0.52, 0.46, 0.30, 0.21, 0.27, 0.24)
_RAIN_FACTOR: Final = 0.8
#: Holidays with a date of their own: month and day.
_HOLIDAYS: Final = frozenset({(1, 1), (3, 1), (5, 5), (6, 6), (8, 15), (10, 3), (10, 9), (12, 25)})
_HOLIDAY_FACTOR: Final = 0.7
_LARGEST: Final = max(_MONTH) * max(_WEEKDAY)


@dataclass(frozen=True, slots=True)
class Day:
    """One day of the café.

    Attributes
    ----------
    opens, closes
        Aware.
    going_out
        Share, 0 to 1, of those who would come on the best day of the year who come on this one.
    """

    opens: datetime
    closes: datetime
    going_out: float


def draw_day(day: date, zone: ZoneInfo, rng: random.Random) -> Day:
    """Give a day its hours, and draw its weather."""
    opens, closes = _HOURS[day.weekday()]
    factor = _MONTH[day.month - 1] * _WEEKDAY[day.weekday()] / _LARGEST
    if rng.random() < _RAIN[day.month - 1]:
        factor *= _RAIN_FACTOR
    if (day.month, day.day) in _HOLIDAYS:
        factor *= _HOLIDAY_FACTOR
    return Day(
        datetime.combine(day, time(opens), zone), datetime.combine(day, time(closes), zone), going_out=factor
    )


def days_between(first: date, last: date) -> list[date]:
    """Return the days from `first` to `last`, both included."""
    return [first + timedelta(days=n) for n in range((last - first).days + 1)]
