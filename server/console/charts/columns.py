"""A row of upright columns, as for the days of a month."""

from collections.abc import Sequence
from typing import Final

from server.console.charts.marks import Box, Chart, Line, Mark, Note, Tone
from server.console.charts.scale import top_of

_FILLED: Final = 0.72
"""So much of a column's place is the column, where that is not too wide: `_WIDEST` times the words."""
_WIDEST: Final = 3.5


def columns(
    values: Sequence[int],
    labels: Sequence[str],
    *,
    title: str,
    width: float,
    height: float,
    size: float,
    tone: Tone = "main",
    gutter: float = 0.0,
    numbered: bool = False,
) -> Chart:
    """Return the chart.

    Parameters
    ----------
    values, labels
        One column each, from left to right, and what stands below it; empty for nothing.
    title
        Stands above.
    width, height
        Of the whole.
    size
        Of the words.
    tone
        Of the columns.
    gutter
        Room for the axis at the left, where it shall be more than its numbers need.
    numbered
        Write each value above its column, instead of an axis at the left.
    """
    most = max(values, default=0)
    top = max(most, 1) if numbered else top_of(most)
    left = 0.0 if numbered else max(gutter, axis_width(values, size))
    floor, roof = height - 1.5 * size, 2.6 * size
    right = width - 0.4 * size  # half of a label may stand beyond the last column
    step = (right - left) / max(len(values), 1)
    wide = min(_FILLED * step, _WIDEST * size)
    longest = max((len(f"{value:,}") for value in values), default=1)
    small = min(size, step / (0.62 * longest))  # so that numbers do not run into each other
    marks: list[Mark] = [Note(0, size, title, size, tone="soft")]
    for part in () if numbered else (top, top // 2) if top % 2 == 0 else (top,):
        y = floor - (floor - roof) * part / top
        marks.append(Line((left, y), (right, y)))
        marks.append(Note(left - 0.4 * size, y + 0.35 * size, f"{part:,}", size, "end", "soft"))
    for at, (value, label) in enumerate(zip(values, labels, strict=True)):
        tall = (floor - roof) * value / top
        middle = left + (at + 0.5) * step
        if value:
            marks.append(Box(middle - wide / 2, floor - tall, wide, tall, tone))
        if numbered:
            marks.append(Note(middle, floor - tall - 0.3 * size, f"{value:,}", small, "middle"))
        if label:
            marks.append(Note(middle, height - 0.3 * size, label, size, "middle", "soft"))
    marks.append(Line((left, floor), (right, floor), "soft"))
    return Chart(width, height, tuple(marks))


def axis_width(values: Sequence[int], size: float) -> float:
    """Return how much room the numbers of an axis need."""
    return size * (0.62 * len(f"{top_of(max(values, default=0)):,}") + 0.6)
