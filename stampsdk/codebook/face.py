"""The face of a stamp: its outline, and where on it tips may stand."""

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry import Point, Polygon

from stampsdk.codebook._field import Field
from stampsdk.codebook.errors import FamilyError

Real = NDArray[np.float64]

_TURNS = 60
_FLAT_MM = 1e-9
_CORNER_SEGMENTS = 16


@dataclass(frozen=True)
class Face:
    """Outline of a stamp's face, mm, its middle at the origin, x right, y down as the screen sees it.

    Attributes
    ----------
    shape : {"round", "square", "custom"}
    width_mm : float
        Diameter, or side. Of a custom outline the greatest distance of two corners.
    outline : tuple of (x, y)
        Corners of a custom outline, convex, in either direction; empty otherwise.
    corner_mm : float
        Radius of the corners of a square.
    """

    shape: Literal["round", "square", "custom"]
    width_mm: float
    outline: tuple[tuple[float, float], ...] = ()
    corner_mm: float = 0.0

    def polygon(self) -> Polygon:
        """Return the outline."""
        if self.shape == "round":
            return Point(0.0, 0.0).buffer(self.width_mm / 2, quad_segs=64)
        if self.shape == "square":
            half = self.width_mm / 2 - self.corner_mm
            inner = shapely.box(-half, -half, half, half)
            if not self.corner_mm:
                return inner
            return inner.buffer(self.corner_mm, quad_segs=_CORNER_SEGMENTS)
        return Polygon(self.outline)

    def field(self, edge_mm: float) -> Field:
        """Return where centres of tips may stand, so far from the edge.

        Raises
        ------
        FamilyError
            A custom outline that is not convex, or an edge that leaves no room.
        """
        if self.shape == "round":
            radius = self.width_mm / 2 - edge_mm
            if radius <= 0.0:
                raise FamilyError(
                    f"tip.edge_mm={edge_mm:g} leaves no room on a face of {self.width_mm:g} mm",
                    "family_impossible",
                )
            nothing = np.zeros((0, 2)), np.zeros(0)
            return Field(radius, *nothing, np.ones(1, np.complex128))
        normals, offsets = _half_planes(self._corners(edge_mm))
        if (offsets <= edge_mm).any():
            raise FamilyError(
                f"tip.edge_mm={edge_mm:g} leaves no room around the middle of the face", "family_impossible"
            )
        return Field(0.0, normals, offsets - edge_mm, _turns(quarter=self.shape == "square"))

    def _corners(self, edge_mm: float) -> list[tuple[float, float]]:
        if self.shape == "square":
            # A round corner takes no more room from tips than its edges do, up to this radius.
            if self.corner_mm > edge_mm:
                raise FamilyError(
                    f"face.corner_mm={self.corner_mm:g} must not exceed tip.edge_mm={edge_mm:g}: tips in the "
                    "corners would stand too near the edge"
                )
            half = self.width_mm / 2
            return [(-half, -half), (half, -half), (half, half), (-half, half)]
        return list(self.outline)


def _half_planes(corners: list[tuple[float, float]]) -> tuple[Real, Real]:
    """Return unit normals outward and offsets of the edges of a convex polygon around the origin."""
    following = corners[1:] + corners[:1]
    if sum(a[0] * b[1] - b[0] * a[1] for a, b in zip(corners, following, strict=True)) < 0:
        return _half_planes(list(reversed(corners)))
    normals, offsets = [], []
    for here, there in zip(corners, following, strict=True):
        x, y = there[1] - here[1], here[0] - there[0]
        length = math.sqrt(x * x + y * y)
        if length == 0.0:
            raise FamilyError("face.outline names a corner twice")
        normals.append((x / length, y / length))
        offsets.append((x * here[0] + y * here[1]) / length)
    planes = np.array(normals), np.array(offsets)
    if (np.array(corners) @ planes[0].T - planes[1] > _FLAT_MM).any():
        raise FamilyError("face.outline must be convex: a tip's room is taken from each of its edges")
    return planes


def _turns(*, quarter: bool) -> NDArray[np.complex128]:
    """Return turns by which a pattern is tried, over a quarter or the whole circle.

    They are rational points of the circle, (1 - t²)/(1 + t²), 2t/(1 + t²), with t, the tangent of half the
    angle, rounded to a thousandth: nothing depends on the last digit of anybody's tangent.
    """
    angles = np.arange(_TURNS // 4 if quarter else _TURNS) * (2.0 * math.pi / _TURNS)
    turns = []
    for angle in angles.tolist():
        t = round(1000.0 * math.tan(angle / 2)) / 1000.0
        turns.append(complex((1 - t * t) / (1 + t * t), 2 * t / (1 + t * t)))
    return np.array(turns)
