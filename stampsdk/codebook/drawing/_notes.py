"""Notes that drawings share: dimensions of the outline, axes, the table of coordinates, lines of text."""

import numpy as np
from numpy.typing import NDArray
from shapely.geometry import Polygon

from stampsdk.codebook.drawing._svg import Page
from stampsdk.codebook.family import StampFamily

_LINE_MM = 4.2
_SMALL_MM = 2.6
_SAME_MM = 1e-6
_COLUMNS_MM = (10.0, 28.0, 46.0)


def dimension_outline(page: Page, family: StampFamily, outline: Polygon, at: NDArray[np.float64]) -> None:
    """Draw the axes, and the width (and height) of the outline."""
    left, top, right, bottom = outline.bounds + np.tile(at, 2)
    x, y = at
    page.line((left - 4, y), (right + 4, y), dashes="3 0.8 0.6 0.8")
    page.line((x, top - 4), (x, bottom + 4), dashes="3 0.8 0.6 0.8")
    page.arrow((right + 4, y), (right + 8, y))
    page.text((right + 5, y - 1), "x")
    page.arrow((x, top - 4), (x, top - 8))
    page.text((x + 1, top - 5.5), "y")
    below = bottom + 9
    corners = np.asarray(outline.exterior.coords) + at
    for edge in (left, right):
        start = corners[np.abs(corners[:, 0] - edge) < _SAME_MM, 1].max()
        page.line((edge, start), (edge, below + 1.5))
    page.arrow((left, below), (right, below), both=True)
    across = {"round": "diameter of the face Ø ", "square": "face, square: "}.get(
        family.face.shape, "face, across: "
    )
    page.text(
        ((left + right) / 2, below + 4), f"{across}{_mm(family, right - left)} mm", size=3, anchor="middle"
    )
    if family.face.shape == "round":
        return
    beside = left - 9
    for edge in (top, bottom):
        start = corners[np.abs(corners[:, 1] - edge) < _SAME_MM, 0].min()
        page.line((start, edge), (beside - 1.5, edge))
    page.arrow((beside, top), (beside, bottom), both=True)
    page.text((beside - 1.5, (top + bottom) / 2), f"{bottom - top:.3f} mm", anchor="middle", turn=-90)


def _mm(family: StampFamily, measured: float) -> str:
    """Return the width; of a round face its diameter, not that of the polygon that stands for it."""
    return f"{measured if family.face.shape == 'custom' else family.face.width_mm:.3f}"


def write_table(
    page: Page, place: tuple[float, float], head: str, rows: list[tuple[str, NDArray[np.float64]]]
) -> float:
    """Write places by name, x right and y up, mm; return where it ends.

    Parameters
    ----------
    rows : list of (name, (x, y))
        In the drawing's frame, y down.
    """
    left, y = place
    page.text((left, y), head, size=3.2)
    y += _LINE_MM
    for column, title in zip(_COLUMNS_MM, ("", "x mm", "y mm"), strict=True):
        page.text((left + column, y), title, anchor="end")
    page.line((left, y + 1.2), (left + _COLUMNS_MM[-1], y + 1.2))
    for name, (x, down) in rows:
        y += _LINE_MM
        cells = (name, f"{x:.3f}", f"{-down:.3f}")
        for column, kind, cell in zip(_COLUMNS_MM, ("name", "x", "y"), cells, strict=True):
            page.text((left + column, y), cell.replace("-0.000", "0.000"), anchor="end", kind=kind)
    return y + _LINE_MM


def write_corners(page: Page, place: tuple[float, float], family: StampFamily, outline: Polygon) -> float:
    """Write where the corners of an outline are, if its dimensions do not tell; return where that ends."""
    left, y = place
    if family.face.shape == "square" and family.face.corner_mm:
        return write_lines(page, (left, y), [f"radius of the corners {family.face.corner_mm:.3f}", ""])
    if family.face.shape != "custom":
        return y
    corners = np.asarray(outline.exterior.coords)[:-1]
    rows = [(f"c{row}", corner) for row, corner in enumerate(corners, start=1)]
    return write_table(page, place, "Corners of the face", rows) + 2


def write_lines(page: Page, place: tuple[float, float], lines: list[str], size: float = _SMALL_MM) -> float:
    """Write lines of text; return where they end."""
    left, y = place
    for line in lines:
        page.text((left, y), line, size=size)
        y += size * 1.4
    return y


def height_of(rows: int, lines: int) -> float:
    """Return how much a column of so many rows of tables and lines of text needs."""
    return rows * _LINE_MM + lines * _SMALL_MM * 1.4
