"""The mark that is drawn under the stamp: at its exact place, and turned as it was turned."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Self

__all__ = ["Ink", "InkTone"]

_MARGIN = 1.28


class InkTone(StrEnum):
    """How the mark looks."""

    FRESH = "fresh"
    SOLID = "solid"
    FADED = "faded"


@dataclass(frozen=True, slots=True)
class Ink:
    """A mark.

    Attributes
    ----------
    touches
        Where the tips are, px, y down. They are not drawn: a photograph of the screen would give the pattern
        away.
    centre
        Their centroid.
    radius
        Of the ring around them, px.
    angle
        Radians, counter-clockwise as a person sees it, of the direction from the centroid to the farthest
        touch: it turns with the stamp and does not depend on the order of the touches.
    tone
        fresh until the server has answered, solid when accepted, faded when not.
    """

    touches: tuple[tuple[float, float], ...]
    centre: tuple[float, float]
    radius: float
    angle: float
    tone: InkTone = InkTone.FRESH

    @classmethod
    def under(cls, touches: Sequence[tuple[float, float]]) -> Self:
        """Make the mark for these touches (at least one)."""
        count = len(touches)
        centre = (sum(x for x, _ in touches) / count, sum(y for _, y in touches) / count)
        reach, far = max((math.dist(centre, touch), touch) for touch in touches)
        angle = math.atan2(centre[1] - far[1], far[0] - centre[0])
        return cls(tuple(touches), centre, reach * _MARGIN, angle)
