"""Drawing and solid of a plate with holes."""

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from stampsdk.codebook.drawing._notes import dimension_outline, write_corners, write_lines, write_table
from stampsdk.codebook.drawing._plate_marks import PlateMarks, plate_marks
from stampsdk.codebook.drawing._room import Engraving
from stampsdk.codebook.drawing._svg import Page
from stampsdk.codebook.drawing.errors import DrawingError
from stampsdk.codebook.drawing.face_drawing import TABLE_TOP_MM, page_for, rows_of
from stampsdk.codebook.drawing.making import Making
from stampsdk.codebook.drawing.plate import Plate
from stampsdk.codebook.drawing.solid import Solid, cut_out, is_sound, plate_body, tip_solid
from stampsdk.codebook.drawing.stamp import drawn, drawn_outline, solid


@dataclass(frozen=True)
class PlateDrawing:
    """A drawing of a plate.

    Attributes
    ----------
    svg : bytes
    without_serial : tuple of str
        Serials that found no room; the table names them.
    """

    svg: bytes
    without_serial: tuple[str, ...]


def draw_plate(plate: Plate) -> PlateDrawing:
    """Draw a plate, seen from below, where heads of tips stand on it: SVG in millimetres.

    Raises
    ------
    DrawingError
        A letter has no room beside its hole.
    """
    outline = drawn_outline(plate.family)
    marks = plate_marks(plate)
    rows = rows_of(plate.family) + sum(len(code.holes) + 3 for code in plate.codes)
    at, width, height = page_for(outline, rows)
    serials = ", ".join(code.stamp.serial for code in plate.codes)
    page = Page(width, height, f"Plate for {serials}",
                f"Plate of {plate.making.base_mm:g} mm with holes for the tips of {serials}, family "
                f"{plate.family.name}, seen from below. Millimetres.")  # fmt: skip
    draw_cuts(page, plate, at, "")
    for kind, engraving in _kinds(marks):
        page.strokes("engrave", engraving.strokes, at, kind)
    dimension_outline(page, plate.family, outline, at)
    for code in plate.codes:
        for row, (x, y) in enumerate(drawn(code.holes) + at, start=1):
            page.line((x - 0.5, y), (x + 0.5, y))
            page.line((x, y - 0.5), (x, y + 0.5))
            page.text((x + 0.2, y - 0.25), str(row), size=1.4)
    page.text((8, 9), f"Plate for {plate.codes[0].stamp.serial}" + _and_more(plate), size=5)
    page.text((8, 15), f"family {plate.family.name} · all lengths in mm · scale 1:1 · "
              f"{plate.making.base_mm:g} mm thick, not conductive", size=3)  # fmt: skip
    left = outline.bounds[2] + at[0] + 18
    below = TABLE_TOP_MM
    for code in plate.codes:
        name = f"{code.letter} = " if len(plate.codes) > 1 else ""
        table = [
            (f"{code.letter if name else ''}{row}", hole)
            for row, hole in enumerate(drawn(code.holes), start=1)
        ]
        below = write_table(
            page, (left, below), f"{name}{code.stamp.serial} (number {code.stamp.number})", table
        )
        below += 2
    below = write_corners(page, (left, below), plate.family, outline)
    write_lines(page, (left, below), _explanation(plate, marks))
    missing = tuple(
        code.stamp.serial for code, serial in zip(plate.codes, marks.serials, strict=True) if serial is None
    )
    return PlateDrawing(page.to_bytes(), missing)


def draw_cuts(page: Page, plate: Plate, at: NDArray[np.float64], prefix: str) -> None:
    """Draw the cuts of a plate around a place on a page: holes first, for what is cut out lies loose."""
    for code in plate.codes:
        for row, hole in enumerate(drawn(code.holes), start=1):
            page.disc("cut", hole + at, plate.hole_mm, f"{prefix}hole-{code.letter}{row}")
    page.polygon("cut", drawn_outline(plate.family), at)


def plate_solid(plate: Plate) -> Solid:
    """Return a plate as a solid, all that is engraved on the tips' side.

    What is engraved is left out where the solid would no longer be watertight.

    Raises
    ------
    DrawingError
        As `draw_plate`.
    """
    making = plate.making
    body = plate_body(drawn_outline(plate.family), solid(plate.holes), plate.hole_mm, making)
    marks = plate_marks(plate)
    areas = [engraving.area(making.stroke_mm) for engraving in marks.all]
    if areas:
        cut_body = cut_out(
            body, shapely.union_all(areas), making.base_mm - making.engraving_mm, making.base_mm
        )
        if is_sound(cut_body):
            return Solid(cut_body, all(serial is not None for serial in marks.serials))
    if not is_sound(body):
        raise DrawingError("the plate is not watertight; tell us the codes")
    return Solid(body, serial_engraved=False)


def loose_tip(plate: Plate) -> Solid:
    """Return the tip that fits the holes of a plate: conductive, in as many pieces as a code has tips."""
    return tip_solid(plate.family.tip_diameter_mm, plate.making.stem_of(plate.family), plate.making)


def _kinds(marks: PlateMarks) -> list[tuple[str, Engraving]]:
    """Return all that is engraved, each with the class it has in the drawing."""
    named = [("serial", serial) for serial in marks.serials] + [("mark", marks.mark)]
    some = [(kind, engraving) for kind, engraving in named if engraving is not None]
    return some + [("letter", letter) for letter in marks.letters]


def _and_more(plate: Plate) -> str:
    return f" and {len(plate.codes) - 1} more" if len(plate.codes) > 1 else ""


def _explanation(plate: Plate, marks: PlateMarks) -> list[str]:
    making: Making = plate.making
    stem = making.stem_of(plate.family)
    lines = [
        "SEEN FROM BELOW, where the tips stand out:",
        "the mirror image of what the screen sees.",
        "From the middle of the face, x right, y up.",
        f"Holes Ø {plate.hole_mm:.3f}, through, for stems Ø {stem:.3f}:",
        f"a tip may stand {making.clearance_mm / 2:.3f} from its place.",
        f"Heads Ø {plate.family.tip_diameter_mm:.3f}. Edges are nominal: allow for",
        "the width of the cut. Holes first.",
    ]
    if len(plate.codes) > 1:
        lines += ["Set all tips into the holes of one letter, none", "into others."]
    if marks.mark is not None:
        lines += [
            "The flag at the rim: its cloth is clockwise of",
            "its pole. Otherwise the plate is mirrored.",
        ]
    lines += ["red: cut · blue: engrave · green: notes"]
    return lines
