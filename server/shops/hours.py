"""Opening hours of a shop: days of the week with spans of the clock, which may reach past midnight."""

import re
from collections.abc import Mapping
from typing import Any, Final

from server.core.errors import Unprocessable

WEEKDAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
"""The days, in the order of `datetime.weekday`."""

_TIME = re.compile(r"([01][0-9]|2[0-3]):[0-5][0-9]|24:00")
_MOST_SPANS = 4
_DAY_MIN = 24 * 60
_WEEK_MIN = 7 * _DAY_MIN
_ENDS = 2


class HoursError(Unprocessable):
    """Opening hours that cannot be; `code` says why and `day`, where it is one day's, of which."""

    def __init__(self, code: str, detail: str, day: str | None = None) -> None:
        super().__init__(f"opening_hours: {detail}", code=code)
        if day is not None:
            self.extra["day"] = day


def check_hours(hours: Mapping[Any, Any]) -> dict[str, list[list[str]]]:
    """Read opening hours.

    Parameters
    ----------
    hours
        Spans ``[["08:00", "22:00"], …]`` by day, ``mon`` to ``sun``, by the shop's clock. A span whose end
        is not after its beginning reaches into the next day, as ``["18:00", "02:00"]``. The whole day is
        ``["00:00", "24:00"]``. A day that is left out, or has no span, is closed.

    Returns
    -------
    dict
        The same with every day, spans in order.

    Raises
    ------
    HoursError
        Code ``hours_day`` (no day of the week), ``hours_time`` (no time of the day), ``hours_span`` (not two
        times, or a span of no length), ``hours_too_many`` (more than four spans a day), ``hours_overlap``
        (two spans at one time, across midnight too).
    """
    for day in hours:
        if day not in WEEKDAYS:
            raise HoursError("hours_day", f"{str(day)[:20]!r} is no day; write mon to sun.")
    read = {day: sorted(_spans(day, hours.get(day))) for day in WEEKDAYS}
    _refuse_overlap(read)
    return read


def _spans(day: str, value: Any) -> list[list[str]]:
    if value is None:
        return []
    if not isinstance(value, list) or len(value) > _MOST_SPANS:
        raise HoursError("hours_too_many", f"{day} takes up to {_MOST_SPANS} spans.", day)
    return [_span(day, span) for span in value]


def _span(day: str, value: Any) -> list[str]:
    if not isinstance(value, list) or len(value) != _ENDS:
        raise HoursError("hours_span", f"{day}: a span is two times, [from, to].", day)
    for time in value:
        if not isinstance(time, str) or not _TIME.fullmatch(time):
            raise HoursError("hours_time", f"{day}: {str(time)[:20]!r} is no time; write 08:30.", day)
    start, end = value
    if start in {end, "24:00"}:
        raise HoursError("hours_span", f"{day}: from {start} to {end} is no span.", day)
    return [start, end]


def _minutes(time: str) -> int:
    return 60 * int(time[:2]) + int(time[3:])


def _refuse_overlap(hours: Mapping[str, list[list[str]]]) -> None:
    spans = []
    for at, day in enumerate(WEEKDAYS):
        for start, end in hours[day]:
            first, last = _minutes(start), _minutes(end)
            length = last - first if last > first else last + _DAY_MIN - first
            spans.append((at * _DAY_MIN + first, length, day))
    spans.sort()
    for (first, length, day), (following, _, other) in zip(
        spans, [*spans[1:], *((start + _WEEK_MIN, span, day) for start, span, day in spans[:1])], strict=True
    ):
        if first + length > following:
            where = day if day == other else f"{day} and {other}"
            raise HoursError("hours_overlap", f"{where}: two spans overlap.", other)
