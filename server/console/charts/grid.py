"""A grid of cells, the darker the more, each with its number: nothing is told by colour alone."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from server.console.charts.marks import Box, Chart, Mark, Note, Tone
from server.console.charts.scale import level_of

_LEVELS: Final[tuple[Tone, ...]] = ("level0", "level1", "level2", "level3", "level4")
_GAP: Final = 2.0


@dataclass(frozen=True, slots=True)
class Cell:
    """A value, None for none, and what stands small in the corner."""

    value: int | None
    corner: str = ""


def grid(
    rows: Sequence[Sequence[Cell | None]],
    *,
    heads: Sequence[str],
    sides: Sequence[str] = (),
    width: float,
    row_height: float,
    size: float,
) -> Chart:
    """Return the chart.

    Parameters
    ----------
    rows
        Cells from top to bottom, from left to right; None where the grid has none.
    heads, sides
        What stands above the columns, and before the rows where anything does.
    width, row_height
        Of the whole, and of each row.
    size
        Of the words; what stands in corners is smaller.
    """
    most = max((cell.value or 0 for row in rows for cell in row if cell is not None), default=0)
    left = size * (0.75 * max((len(side) for side in sides), default=0) + (0.6 if sides else 0))
    top = 1.7 * size
    step = (width - left) / len(heads)
    marks: list[Mark] = [
        Note(left + (at + 0.5) * step, size, head, size, "middle", "soft") for at, head in enumerate(heads)
    ]
    for down, row in enumerate(rows):
        y = top + down * row_height
        if sides:
            marks.append(Note(0, y + row_height / 2 + 0.3 * size, sides[down], size, tone="soft"))
        for across, cell in enumerate(row):
            if cell is not None:
                marks += _cell(cell, left + across * step, y, step, row_height, size, most)
    return Chart(width, top + len(rows) * row_height, tuple(marks))


def _cell(  # noqa: PLR0917 (private)
    cell: Cell, x: float, y: float, width: float, height: float, size: float, most: int
) -> list[Mark]:
    level = _LEVELS[level_of(cell.value or 0, most)]
    marks: list[Mark] = [Box(x, y, width - _GAP, height - _GAP, level)]
    line = y + (height - _GAP) * (0.66 if cell.corner else 0.5) + 0.35 * size
    if cell.corner:
        marks.append(Note(x + 0.3 * size, y + 0.95 * size, cell.corner, 0.75 * size))
    if cell.value is not None:
        marks.append(Note(x + (width - _GAP) / 2, line, f"{cell.value:,}", size, "middle"))
    return marks
