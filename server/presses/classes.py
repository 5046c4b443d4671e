"""Coarse classes: what is kept of a person's location once the decision is made."""

import bisect
import math
from typing import Final

__all__ = ["accuracy_class", "distance_class"]

_ACCURACY_M: Final = (10.0, 25.0, 50.0, 100.0)
_DISTANCE_M: Final = (50.0, 200.0, 1000.0, 10_000.0)


def accuracy_class(accuracy_m: float) -> str:
    """Class an accuracy in metres: ``to_10_m``, ``to_25_m``, ``to_50_m``, ``to_100_m``; else coarser."""
    return _name(accuracy_m, _ACCURACY_M, "coarser")


def distance_class(distance_m: float) -> str:
    """Name the class of a distance from a fence: ``inside``, ``to_50_m`` up to ``to_10000_m``, ``farther``.

    ``none`` where there is no fence to measure from.
    """
    if math.isnan(distance_m):
        return "none"
    return "inside" if distance_m <= 0.0 else _name(distance_m, _DISTANCE_M, "farther")


def _name(value: float, bounds: tuple[float, ...], beyond: str) -> str:
    place = bisect.bisect_left(bounds, value)
    return beyond if place == len(bounds) else f"to_{bounds[place]:.0f}_m"
