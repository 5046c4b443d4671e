"""A stamp that is to be drawn, and the sides from which it is looked at.

The screen sees a pattern x right, y down. Whoever makes the stamp looks at the tips, from below: at the
mirror image. Three frames are used, each with the middle of the face as its origin:

- the screen's, x right and y down;
- the drawing's, seen from below, x right and y down as SVG has it: (x, y) of the screen is drawn at (-x, y);
- the solid's, x right, y up, z out of the face: (x, y) of the screen is (-x, -y), the drawing's place with y
  up, as tables for workshops have it. From the screen's frame it is a half turn: the solid is not mirrored.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import shapely
from shapely.geometry import Polygon

from stampsdk.codebook.codebook import Codebook
from stampsdk.codebook.drawing.errors import DrawingError
from stampsdk.codebook.family import StampFamily

_TO_DRAWING = np.array([-1.0, 1.0])
_TO_SOLID = np.array([-1.0, -1.0])


@dataclass(frozen=True)
class Stamp:
    """One code of a family.

    Attributes
    ----------
    family : StampFamily
    number : int
    serial : str
    tips : float64 (n, 2)
        As the screen sees them, mm, the middle of the face at the origin.
    """

    family: StampFamily
    number: int
    serial: str
    tips: npt.NDArray[np.float64]


def stamp_of(codebook: Codebook, number: int) -> Stamp:
    """Return the stamp of a number.

    Raises
    ------
    DrawingError
        The codebook has no such number.
    """
    if not 0 <= number < len(codebook):
        raise DrawingError(
            f"{number} is no number of the family {codebook.family.name!r}: it has 0 to {len(codebook) - 1}",
            "number_unknown",
        )
    return Stamp(codebook.family, number, codebook.serial(number), codebook.points([number])[0])


def find_stamp(codebook: Codebook, code: str) -> Stamp:
    """Return the stamp of a number or serial; digits alone are a number.

    Raises
    ------
    DrawingError
        The codebook has no such number.
    SerialError
        It is no serial of the codebook; the code says why.
    """
    text = code.strip()
    if text.isascii() and text.removeprefix("-").isdigit():
        return stamp_of(codebook, int(text))
    return stamp_of(codebook, codebook.number_of_serial(text))


def drawn(points: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Bring points (..., 2) from the screen's frame to the drawing's, or back."""
    return np.asarray(points * _TO_DRAWING)


def solid(points: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Bring points (..., 2) from the screen's frame to the solid's, or back."""
    return np.asarray(points * _TO_SOLID)


def drawn_outline(family: StampFamily) -> Polygon:
    """Return the outline of a face in the drawing's frame."""
    return shapely.transform(family.face.polygon(), drawn)
