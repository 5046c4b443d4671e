"""Lying bars, one below the other, each with its number."""

from collections.abc import Sequence

from server.console.charts.marks import Box, Chart, Mark, Note, Tone


def bars(
    rows: Sequence[tuple[str, int]], *, width: float, row_height: float, size: float, tone: Tone = "main"
) -> Chart:
    """Return the chart; the longest bar leaves room for its number.

    Parameters
    ----------
    rows
        What stands before a bar, and its value.
    width, row_height
        Of the whole, and of each row.
    size
        Of the words.
    tone
        Of the bars.
    """
    most = max((value for _, value in rows), default=0) or 1
    left = size * (0.75 * max((len(label) for label, _ in rows), default=0) + 0.8)
    room = width - left - size * (0.62 * len(f"{most:,}") + 0.8)
    marks: list[Mark] = []
    for at, (label, value) in enumerate(rows):
        y = at * row_height
        line = y + row_height / 2 + 0.35 * size
        long = room * value / most
        marks.append(Note(0, line, label, size, tone="soft"))
        marks.append(Box(left, y + 0.15 * row_height, long, 0.7 * row_height, tone))
        marks.append(Note(left + long + 0.4 * size, line, f"{value:,}", size))
    return Chart(width, len(rows) * row_height, tuple(marks))
