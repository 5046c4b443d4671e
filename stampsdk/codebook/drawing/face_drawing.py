"""The drawing of one stamp's face."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from shapely.geometry import Polygon

from stampsdk.codebook.drawing._notes import (
    dimension_outline,
    height_of,
    write_corners,
    write_lines,
    write_table,
)
from stampsdk.codebook.drawing._room import Engraving, free_area, parts_of, place_mark, place_text
from stampsdk.codebook.drawing._svg import Page
from stampsdk.codebook.drawing.stamp import Stamp, drawn, drawn_outline
from stampsdk.codebook.family import StampFamily

_LEFT_MM, _TOP_MM, _BELOW_MM, _BETWEEN_MM, _TABLE_MM = 20, 34, 18, 18, 66
TABLE_TOP_MM = 24.0
_LINES = 12
_STROKE_MM = 0.2


@dataclass(frozen=True)
class FaceDrawing:
    """A drawing, and whether all that was meant to be engraved found room.

    Attributes
    ----------
    svg : bytes
    serial_engraved, mark_engraved : bool
    """

    svg: bytes
    serial_engraved: bool
    mark_engraved: bool


def draw_face(stamp: Stamp) -> FaceDrawing:
    """Draw the face of a stamp, seen from below, for a workshop: SVG in millimetres.

    Guarantee
    ---------
    Each tip is a circle in the group `tips`, its centre exact to the micrometre: the mirror image of the
    pattern, moved by a whole number of millimetres. Nothing depends on a font but the notes.
    """
    outline = drawn_outline(stamp.family)
    tips = drawn(stamp.tips)
    at, width, height = page_for(outline, rows_of(stamp.family) + len(tips) + 2)
    page = Page(
        width,
        height,
        f"Stamp {stamp.serial}",
        f"Face of stamp {stamp.serial}, number {stamp.number} of the family {stamp.family.name}, seen from "
        "below: the mirror image of what a screen sees. Millimetres.",
    )
    page.polygon("cut", outline, at)
    serial, mark = engravings(stamp.serial, outline, tips, stamp.family.tip_diameter_mm)
    draw_engravings(page, serial, mark, at)
    dimension_outline(page, stamp.family, outline, at)
    for place, tip in enumerate(tips, start=1):
        page.disc("tips", tip + at, stamp.family.tip_diameter_mm, f"tip-{place}")
    _name_tips(page, tips + at)
    _lead_to_diameter(page, stamp, tips + at, outline.bounds[2] + at[0])
    _explain(page, stamp, outline.bounds[2] + at[0] + _BETWEEN_MM, serial, mark)
    return FaceDrawing(page.to_bytes(), serial is not None, mark is not None)


def rows_of(family: StampFamily) -> int:
    """Return how many rows of a table tell the corners of a face."""
    return len(family.face.outline) + 3 if family.face.shape == "custom" else 1


def page_for(outline: Polygon, rows: int) -> tuple[NDArray[np.float64], float, float]:
    """Return where the middle of a face lies on its page, and the page's width and height: whole mm.

    Parameters
    ----------
    rows : int
        Of the tables beside it.
    """
    left, top, right, bottom = outline.bounds
    at = np.array([_LEFT_MM + np.ceil(-left), _TOP_MM + np.ceil(-top)])
    width = at[0] + np.ceil(right) + _BETWEEN_MM + _TABLE_MM
    height = max(at[1] + np.ceil(bottom) + _BELOW_MM, np.ceil(TABLE_TOP_MM + height_of(rows, _LINES) + 4))
    return at, float(width), float(height)


def engravings(
    serial: str, outline: Polygon, tips: NDArray[np.float64], diameter_mm: float
) -> tuple[Engraving | None, Engraving | None]:
    """Return the serial and the mark of a face, both in the drawing's frame, clear of discs (K, 2)."""
    free = free_area(outline, tips, diameter_mm)
    mark = place_mark(outline, free_area(outline.buffer(0.79), tips, diameter_mm))
    if mark is not None:
        free = free_area(outline, tips, diameter_mm, mark.area(_STROKE_MM))
    return place_text(parts_of(serial), free), mark


def draw_engravings(
    page: Page, serial: Engraving | None, mark: Engraving | None, at: NDArray[np.float64]
) -> None:
    """Draw what is engraved."""
    if serial is not None:
        page.strokes("engrave", serial.strokes, at, "serial")
    if mark is not None:
        page.strokes("engrave", mark.strokes, at, "mark")


def _name_tips(page: Page, tips: NDArray[np.float64]) -> None:
    """Write the tips' numbers into them, with a cross at each centre."""
    for place, (x, y) in enumerate(tips, start=1):
        page.line((x - 0.8, y), (x + 0.8, y))
        page.line((x, y - 0.8), (x, y + 0.8))
        page.text((x + 0.3, y - 0.4), str(place), size=1.8)


def _lead_to_diameter(page: Page, stamp: Stamp, tips: NDArray[np.float64], right: float) -> None:
    """Point at the tip that is farthest to the right and above, and tell its diameter."""
    x, y = tips[np.argmax(tips[:, 0] - tips[:, 1])]
    radius = stamp.family.tip_diameter_mm / 2
    edge = x + radius * 0.5**0.5, y - radius * 0.5**0.5
    rise = right + 3 - edge[0]
    corner = (right + 3, edge[1] - min(rise, 6.0))
    page.arrow(corner, edge)
    page.line(corner, (right + 14, corner[1]))
    page.text((right + 3.5, corner[1] - 0.8), f"Ø {stamp.family.tip_diameter_mm:.3f}", size=2.6)


def _explain(
    page: Page,
    stamp: Stamp,
    left: float,
    serial: Engraving | None,
    mark: Engraving | None,
) -> None:
    page.text((8, 9), f"Stamp {stamp.serial}", size=5)
    page.text(
        (8, 15),
        f"family {stamp.family.name}, number {stamp.number} · all lengths in mm · scale 1:1",
        size=3,
    )
    rows = [(str(place), tip) for place, tip in enumerate(drawn(stamp.tips), start=1)]
    below = write_table(
        page, (left, TABLE_TOP_MM), f"Tips: {len(rows)} discs Ø {stamp.family.tip_diameter_mm:.3f}", rows
    )
    below = write_corners(page, (left, below + 2), stamp.family, drawn_outline(stamp.family))
    lines = [
        "SEEN FROM BELOW, looking at the tips:",
        "the mirror image of what the screen sees.",
        "From the middle of the face, x right, y up.",
        "",
        "red: cut · blue: engrave · grey: tips",
        "green: notes, not to be made",
        "",
    ]
    if serial is not None:
        lines += ["The serial reads right on the side of the tips."]
    else:
        lines += ["No room for the serial beside the tips:", "engrave it on the back."]
    if mark is not None:
        lines += [
            "The flag at the rim: its cloth is clockwise of",
            "its pole. Otherwise the face is mirrored.",
        ]
    write_lines(page, (left, below + 2), lines)
