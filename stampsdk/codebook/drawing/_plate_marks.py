"""What is engraved on a plate: letters beside holes, serials, the mark."""

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry import Polygon
from shapely.geometry.base import BaseGeometry

from stampsdk.codebook.drawing._letters import extent_of, strokes_of
from stampsdk.codebook.drawing._room import Engraving, free_area, parts_of, place_mark, place_text
from stampsdk.codebook.drawing.errors import DrawingError
from stampsdk.codebook.drawing.plate import Plate
from stampsdk.codebook.drawing.stamp import drawn, drawn_outline

_LETTER_MM = 1.3
_BESIDE_MM = 0.3
_LEAST_MM = 0.15
_DIRECTIONS = 48
_STROKE_MM = 0.2


@dataclass(frozen=True)
class PlateMarks:
    """What is engraved on the tips' side of a plate, in the drawing's frame.

    Attributes
    ----------
    serials : tuple of Engraving or None, one for each code
        None where there is no room.
    mark : Engraving or None
    letters : tuple of Engraving
        One for each hole, in order, where there are several codes; else none.
    """

    serials: tuple[Engraving | None, ...]
    mark: Engraving | None
    letters: tuple[Engraving, ...]

    @property
    def all(self) -> tuple[Engraving, ...]:
        """All that found room."""
        some = [*self.serials, self.mark, *self.letters]
        return tuple(engraving for engraving in some if engraving is not None)


def plate_marks(plate: Plate) -> PlateMarks:
    """Find room for what is engraved on a plate.

    Serials keep clear of the heads of the tips where there is one code, of the holes where there are several.

    Raises
    ------
    DrawingError
        A letter has no room beside its hole.
    """
    outline = drawn_outline(plate.family)
    holes = drawn(plate.holes)
    several = len(plate.codes) > 1
    taken = plate.hole_mm if several else plate.family.tip_diameter_mm
    letters = _letters(plate, outline, holes) if several else ()
    others: list[BaseGeometry] = [letter.area(_STROKE_MM) for letter in letters]
    mark = place_mark(outline, free_area(outline.buffer(0.79), holes, taken, *others))
    if mark is not None:
        others.append(mark.area(_STROKE_MM))
    serials: list[Engraving | None] = []
    for code in plate.codes:
        parts = parts_of(code.stamp.serial)
        if several:
            parts[0] = f"{code.letter} {parts[0]}"
        serial = place_text(parts, free_area(outline, holes, taken, *others))
        serials.append(serial)
        if serial is not None:
            others.append(shapely.box(*serial.area(_STROKE_MM).bounds))
    return PlateMarks(tuple(serials), mark, letters)


def _letters(plate: Plate, outline: Polygon, holes: NDArray[np.float64]) -> tuple[Engraving, ...]:
    """Place a letter beside each hole, where it is farthest from all other holes, letters and the rim."""
    inside = outline.buffer(-_BESIDE_MM)
    discs = np.asarray(shapely.buffer(shapely.points(holes), plate.hole_mm / 2))
    width, height = extent_of(["A"], _LETTER_MM)
    turns = 2.0 * np.pi * np.arange(_DIRECTIONS) / _DIRECTIONS
    ways = np.stack([np.cos(turns), np.sin(turns)], axis=1)
    # so far that a box in this direction just keeps clear of the hole
    half = np.minimum(
        width / 2 / np.maximum(np.abs(ways[:, 0]), 1e-9), height / 2 / np.maximum(np.abs(ways[:, 1]), 1e-9)
    )
    away = ways * (plate.hole_mm / 2 + _BESIDE_MM + half)[:, None]
    boxes: list[Polygon] = []
    letters: list[Engraving] = []
    middle = np.array([width / 2, height / 2])
    names = [code.letter for code in plate.codes for _ in code.holes]
    for index, (name, hole) in enumerate(zip(names, holes, strict=True)):
        centres = hole + away
        places = shapely.box(*(centres - middle).T, *(centres + middle).T)
        others = shapely.union_all([*np.delete(discs, index), *boxes])
        room = np.where(shapely.contains(inside, places), shapely.distance(places, others), -1.0)
        best = int(np.argmax(room))
        if room[best] < _LEAST_MM:
            raise DrawingError(
                f"no room for the letter {name} beside one of its holes: give fewer codes, or thinner stems"
            )
        boxes.append(places[best])
        corner = centres[best] - middle
        strokes = tuple(stroke + corner for stroke in strokes_of([name], _LETTER_MM))
        letters.append(Engraving(strokes, _LETTER_MM))
    return tuple(letters)
