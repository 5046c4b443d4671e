"""Sheets for a laser cutter: as many plates as fit on a page of A4."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from stampsdk.codebook.drawing._plate_marks import plate_marks
from stampsdk.codebook.drawing._svg import Page
from stampsdk.codebook.drawing.errors import DrawingError
from stampsdk.codebook.drawing.making import Making
from stampsdk.codebook.drawing.plate import plan_plate
from stampsdk.codebook.drawing.plate_drawing import draw_cuts
from stampsdk.codebook.drawing.stamp import Stamp, drawn_outline
from stampsdk.codebook.family import StampFamily

_PAGE_MM = (210.0, 297.0)
_MARGIN_MM = 8.0
_GAP_MM = 2.0
_BAR_MM = 50.0


@dataclass(frozen=True)
class Sheets:
    """Pages with plates.

    Attributes
    ----------
    pages : tuple of bytes
        SVG, one for each page.
    columns, rows : int
        How many plates fit on a page.
    without_serial : tuple of str
        Serials that found no room.
    """

    pages: tuple[bytes, ...]
    columns: int
    rows: int
    without_serial: tuple[str, ...]


def draw_sheets(stamps: Sequence[Stamp], making: Making) -> Sheets:
    """Draw plates of one code each, seen from below, side by side on pages of A4.

    Holes stand for stems (see `Making`), row by row in the order given.

    Raises
    ------
    DrawingError
        No stamps, a face larger than the page, or holes too wide.

    Guarantee
    ---------
    Plates keep 2 mm from each other and 8 mm from the edges of the page.
    """
    if not stamps:
        raise DrawingError("a sheet needs at least one code")
    family = stamps[0].family
    left, top, right, bottom = drawn_outline(family).bounds
    wide, high = right - left, bottom - top
    columns, rows = (
        int((length - 2 * _MARGIN_MM + _GAP_MM + 1e-9) // (size + _GAP_MM))
        for length, size in zip(_PAGE_MM, (wide, high), strict=True)
    )
    if columns < 1 or rows < 1:
        raise DrawingError(
            f"a face of {wide:g} mm by {high:g} mm does not fit on A4 with margins of {_MARGIN_MM:g} mm"
        )
    # Middles of faces lie on whole millimetres where room allows.
    step = np.ceil([wide, high]) + _GAP_MM
    tight = np.array([wide, high]) + _GAP_MM
    limits = np.array(_PAGE_MM) - 2 * _MARGIN_MM + _GAP_MM
    step = np.where(step * (columns, rows) <= limits, step, tight)
    size = columns * rows
    total = -(-len(stamps) // size)
    pages, missing = [], []
    for first in range(0, len(stamps), size):
        chosen = stamps[first : first + size]
        page = _page(family, making, chosen, f"sheet {first // size + 1} of {total}")
        for place, stamp in enumerate(chosen):
            row, column = divmod(place, columns)
            corner = _MARGIN_MM + step * (column, row)
            at = corner - np.array([left, top])
            plate = plan_plate([stamp], making)
            draw_cuts(page, plate, at, f"plate-{place + 1}-")
            marks = plate_marks(plate)
            for engraving in marks.all:
                page.strokes("engrave", engraving.strokes, at, f"plate-{place + 1}")
            if marks.serials[0] is None:
                missing.append(stamp.serial)
        pages.append(page.to_bytes())
    return Sheets(tuple(pages), columns, rows, tuple(missing))


def _page(family: StampFamily, making: Making, stamps: Sequence[Stamp], name: str) -> Page:
    """Return a page with its notes, in the margins."""
    width, height = _PAGE_MM
    serials = ", ".join(stamp.serial for stamp in stamps)
    page = Page(
        width,
        height,
        f"Stamps of the family {family.name}, {name}",
        f"Plates for {serials}, seen from below. Millimetres.",
    )
    hole = making.hole_of(family)
    page.text(
        (_MARGIN_MM, 5.2),
        f"family {family.name}, {name}: numbers {_numbers(stamps)} · seen from below",
        size=2.6,
    )
    right = width - _MARGIN_MM
    page.arrow((right - _BAR_MM, 5.6), (right, 5.6), both=True)
    page.text(
        (right - _BAR_MM / 2, 4.4), f"{_BAR_MM:g} mm: measure before cutting", size=2.2, anchor="middle"
    )
    page.text(
        (_MARGIN_MM, height - 3.2),
        f"red: cut, holes first (Ø {hole:.3f} for stems Ø {making.stem_of(family):.3f}; nominal, allow for "
        "the width of the cut) · blue: engrave · green: notes",
        size=2.6,
    )
    return page


def _numbers(stamps: Sequence[Stamp]) -> str:
    numbers = [stamp.number for stamp in stamps]
    if len(numbers) > 1 and numbers == list(range(numbers[0], numbers[-1] + 1)):
        return f"{numbers[0]} to {numbers[-1]}"
    text = ", ".join(str(number) for number in numbers)
    return text if len(text) <= 60 else f"{len(numbers)}, as in the description"  # noqa: PLR2004 - one line
