"""Finding room on a face for what is engraved: the serial, and the mark that shows how the face is turned."""

import itertools
import math
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry import LineString, Polygon
from shapely.geometry.base import BaseGeometry

from stampsdk.codebook.drawing._letters import Strokes, extent_of, strokes_of

_HEIGHTS_MM = (3.5, 3.0, 2.5, 2.0, 1.75, 1.5, 1.25, 1.0)
_LEAST_HEIGHTS_PER_STROKE = 5
_LEAST_ON_A_LINE = 3
_SPARE_MM = 0.8
_STEP_MM = 1.0
# A flag, from the foot of its pole to the rim and around its cloth: along the rim, clockwise, and inward.
_MARK = np.array([[0.0, 3.0], [0.0, 0.0], [1.8, 0.8], [0.0, 1.6]])
_MARK_SHRINKS = (1.0, 0.8, 0.6, 0.4)
_MARK_STEP_DEGREES = 3


@dataclass(frozen=True)
class Engraving:
    """What a tool engraves.

    Attributes
    ----------
    strokes : tuple of float64 (K, 2)
        Corners of each, mm, in the frame of the side that is engraved, y down.
    height_mm : float
        Of the letters, or of the mark.
    """

    strokes: Strokes
    height_mm: float

    def area(self, width_mm: float) -> BaseGeometry:
        """Return what a tool of some width takes away; a narrower one where letters would run together."""
        half = min(width_mm, self.height_mm / _LEAST_HEIGHTS_PER_STROKE) / 2
        return shapely.union_all([LineString(stroke).buffer(half, quad_segs=4) for stroke in self.strokes])


def free_area(
    outline: Polygon, discs: NDArray[np.float64], diameter_mm: float, *others: BaseGeometry
) -> BaseGeometry:
    """Return the part of a face that is free of discs (K, 2) and of other things, with some distance."""
    taken = shapely.buffer(shapely.points(discs), diameter_mm / 2 + _SPARE_MM)
    free = outline.buffer(-_SPARE_MM).difference(shapely.union_all(taken))
    for other in others:
        free = free.difference(other.buffer(_SPARE_MM))
    return free


def place_text(parts: list[str], free: BaseGeometry) -> Engraving | None:
    """Place parts of a text, on one line or several, as large as there is room; None where there is none.

    Parameters
    ----------
    parts : list of str
        None of them is broken.
    free : shapely geometry
        Where the text may stand.
    """
    if free.is_empty:
        return None
    shapely.prepare(free)
    left, top, right, bottom = free.bounds
    x, y = np.meshgrid(np.arange(left, right, _STEP_MM), np.arange(top, bottom, _STEP_MM))
    centres = np.stack([x.ravel(), y.ravel()], axis=1)
    middle = np.array(free.centroid.coords[0])
    centres = centres[np.argsort(((centres - middle) ** 2).sum(axis=1), kind="stable")]
    counts = sorted({-(-len(parts) // size) for size in range(1, len(parts) + 1)})
    for height, count in itertools.product(_HEIGHTS_MM, counts):
        lines = _broken(parts, count)
        wide, high = extent_of(lines, height)
        half = np.array([wide / 2, high / 2])
        corner, far = centres - half, centres + half
        fits = shapely.contains(free, shapely.box(corner[:, 0], corner[:, 1], far[:, 0], far[:, 1]))
        if fits.any():
            place = corner[int(np.argmax(fits))]
            return Engraving(tuple(stroke + place for stroke in strokes_of(lines, height)), height)
    return None


def place_mark(outline: Polygon, free: BaseGeometry) -> Engraving | None:
    """Place the mark near the rim, as near to the top as there is room; None where there is none.

    It is a flag whose pole points to the rim and whose cloth, seen from below, is on the clockwise side: a
    mirrored stamp shows it on the other.
    """
    reach = 2.0 * shapely.minimum_bounding_radius(outline)
    steps = range(2, 180 // _MARK_STEP_DEGREES + 1)  # beside the axis, where it is seen best
    turns = [_MARK_STEP_DEGREES * step * side for step in steps for side in (1, -1)]
    for shrink, degrees in itertools.product(_MARK_SHRINKS, turns):
        angle = np.deg2rad(degrees)
        outward = np.array([np.sin(angle), -np.cos(angle)])  # y down: the top at 0, then clockwise
        clockwise = np.array([np.cos(angle), np.sin(angle)])
        ray = outline.intersection(LineString(np.array([[0.0, 0.0], outward * reach])))
        far = max(math.hypot(x, y) for x, y in ray.coords) - _SPARE_MM - 0.05
        stroke = np.outer(_MARK[:, 0] * shrink, clockwise) + np.outer(far - _MARK[:, 1] * shrink, outward)
        if free.contains(LineString(stroke)):
            return Engraving((stroke,), 3.0 * shrink)
    return None


def _broken(parts: list[str], count: int) -> list[str]:
    """Break parts into lines of about as many each."""
    size = -(-len(parts) // count)
    return ["".join(parts[start : start + size]) for start in range(0, len(parts), size)]


def parts_of(serial: str) -> list[str]:
    """Return the parts of a serial between which a line may be broken."""
    parts = serial.split("-")
    if len(parts[-1]) < _LEAST_ON_A_LINE:
        parts[-2:] = [f"{parts[-2]}-{parts[-1]}"]  # no line for a check symbol alone
    return [*(f"{part}-" for part in parts[:-1]), parts[-1]]
