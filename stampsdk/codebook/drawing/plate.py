"""A plate with holes, into which loose tips are set, for one code or several among which an owner chooses.

What a plate can do. A loose tip is a stem in a hole and a head on the face. Taken out and set into another
plate, the same tips make another code; so a stamp is re-keyed by a new plate, a small flat part. One plate
can also hold the holes of several codes, if they are turned and shifted so that all holes keep walls between
them: recognition does not care about place and angle on the face. The owner then moves the tips from the
holes of one letter to those of another; tips in holes of two letters make a pattern that nobody gave out, and
that may by chance be someone's.

What none can do is hold every code. Holes must not break into each other, so on a plate with a regular grid
of holes the grid is wider than a hole, and tips would stand too far from where a code wants them.
`grid_limits` gives the figures.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from stampsdk.codebook._field import Field
from stampsdk.codebook.drawing.errors import DrawingError
from stampsdk.codebook.drawing.making import Making
from stampsdk.codebook.drawing.stamp import Stamp
from stampsdk.codebook.family import StampFamily

_LETTERS = "ABCDEFGHJKMNPQRSTVWXYZ"
_LETTER_ROOM_MM = 1.9
_TURN_DEGREES, _SHIFT_MM = 3, 0.5
_FIELD_SPARE_MM = 1e-6
_SHARE_OF_NOISE = 0.25


@dataclass(frozen=True)
class PlacedCode:
    """A code on a plate.

    Attributes
    ----------
    stamp : Stamp
    letter : str
        Engraved at each of its holes where a plate has several codes.
    holes : float64 (n, 2)
        Their middles in the screen's frame, mm; the stamp's tips, turned and shifted.
    """

    stamp: Stamp
    letter: str
    holes: NDArray[np.float64]


@dataclass(frozen=True)
class Plate:
    """A plate with holes for one code or several.

    Attributes
    ----------
    family : StampFamily
    making : Making
    hole_mm : float
        Diameter of the holes.
    codes : tuple of PlacedCode
    """

    family: StampFamily
    making: Making
    hole_mm: float
    codes: tuple[PlacedCode, ...]

    @property
    def holes(self) -> NDArray[np.float64]:
        """All holes (K, 2), in the screen's frame, mm."""
        return np.concatenate([code.holes for code in self.codes])


@dataclass(frozen=True)
class GridLimits:
    """What a plate with a square grid of holes could do, and what codes would need.

    Attributes
    ----------
    pitch_mm : float
        The closest that holes can stand, middle to middle.
    off_mm, farthest_mm : float
        How far from its place a tip would stand in the nearest hole: root of the mean square, and the worst.
    needed_mm : float
        The pitch at which tips would be off, per axis, by a quarter of the noise that the family is meant
        for, which would widen the noise by 3 %.
    """

    pitch_mm: float
    off_mm: float
    farthest_mm: float
    needed_mm: float


def plan_plate(stamps: Sequence[Stamp], making: Making) -> Plate:
    """Plan a plate with the holes of some codes of one family.

    The first code stands as it is in the codebook; each other one is turned, in steps of 3°, and shifted, in
    steps of 0.5 mm, to the first place where its holes keep clear of all before.

    Raises
    ------
    DrawingError
        No code, one given twice, or holes too wide (see `Making.hole_of`); or no place was found for a code:
        says how many of them one plate holds.

    Guarantee
    ---------
    Any two holes have at least ``making.wall_mm`` between them, and as much to the rim; heads of one code
    stand at least the family's spacing apart and wholly on the face.
    """
    if not stamps:
        raise DrawingError("a plate needs at least one code")
    numbers = [stamp.number for stamp in stamps]
    if len(set(numbers)) < len(numbers):
        raise DrawingError("a code is given twice: its holes would be the same")
    if len(stamps) > len(_LETTERS):
        raise DrawingError(f"a plate has at most {len(_LETTERS)} codes, not {len(stamps)}: letters end there")
    family = stamps[0].family
    hole = making.hole_of(family)
    apart = hole + max(making.wall_mm, _LETTER_ROOM_MM)
    field = family.face.field(family.edge_mm)
    codes: list[PlacedCode] = []
    for letter, stamp in zip(_LETTERS, stamps, strict=False):
        holes = stamp.tips
        if codes:
            taken = np.concatenate([code.holes for code in codes])
            found = _clear_place(stamp.tips, taken, apart, field)
            if found is None:
                raise DrawingError(
                    f"{len(codes)} of these {len(stamps)} codes fit on one plate, {stamp.serial} no more: "
                    f"holes of {hole:g} mm must be {apart:g} mm apart; give fewer codes, or thinner stems"
                )
            holes = found
        codes.append(PlacedCode(stamp, letter, holes))
    return Plate(family, making, hole, tuple(codes))


def grid_limits(family: StampFamily, making: Making) -> GridLimits:
    """Tell how near a plate with a square grid of holes could come to the codes of a family.

    A place that is uniform in a cell of pitch p lies p/√6 from the nearest hole, root of the mean square,
    which is p/√12 per axis, and at most p/√2.
    """
    pitch = making.hole_of(family) + making.wall_mm
    needed = _SHARE_OF_NOISE * family.noise_mm * math.sqrt(12.0)
    return GridLimits(pitch, pitch / math.sqrt(6.0), pitch / math.sqrt(2.0), needed)


def _clear_place(
    tips: NDArray[np.float64], taken: NDArray[np.float64], apart: float, field: Field
) -> NDArray[np.float64] | None:
    """Return tips turned and shifted, in the field and clear of what is taken; None where that fails."""
    most = math.ceil(float(np.hypot(*tips.T).max()) / _SHIFT_MM)
    steps = _SHIFT_MM * np.arange(-most, most + 1)  # 0 is among them: a wide pattern fits nowhere else
    x, y = np.meshgrid(steps, steps)
    shifts = np.stack([x.ravel(), y.ravel()], axis=1)
    shifts = shifts[np.argsort((shifts**2).sum(axis=1), kind="stable")]
    for degrees in range(0, 360, _TURN_DEGREES):
        turn = np.deg2rad(degrees)
        turned = tips @ np.array([[np.cos(turn), np.sin(turn)], [-np.sin(turn), np.cos(turn)]])
        inside = shifts[_in_field(turned, shifts, field)]
        if not len(inside):
            continue
        placed = turned + inside[:, None, :]
        gaps = placed[:, :, None, :] - taken
        clear = ((gaps**2).sum(axis=-1) >= apart**2).all(axis=(1, 2))
        if clear.any():
            return np.asarray(placed[int(np.argmax(clear))])
    return None


def _in_field(tips: NDArray[np.float64], shifts: NDArray[np.float64], field: Field) -> NDArray[np.bool_]:
    placed = tips + shifts[:, None, :]
    if field.radius:
        room = field.radius - np.hypot(placed[..., 0], placed[..., 1])
    else:
        room = (field.offsets - placed @ field.normals.T).min(axis=-1)
    return np.asarray(room.min(axis=1) >= -_FIELD_SPARE_MM)
