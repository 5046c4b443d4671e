"""Stamps nearby that a new one may be mistaken for."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from server.shops.models import Shop
from server.stamps.registry import StampRegistry

Real = npt.NDArray[np.float64]


@dataclass(frozen=True)
class LookAlike:
    """Another stamp: how far the patterns differ, mm, and the places lie apart, m (None for a courier)."""

    number: int
    distance_mm: float
    metres: float | None


def look_alikes(
    registry: StampRegistry,
    pattern: Real,
    places: list[Shop],
    *,
    besides: int,
    distance_mm: float,
    radius_m: float,
    scale: tuple[float, float],
) -> list[LookAlike]:
    """Return the registered stamps that are near in shape and in place, the most alike first.

    Parameters
    ----------
    registry
        The stamps, as of the last refresh.
    pattern
        Tips (n, 2), mm.
    places
        The shops of the stamp.
    besides
        Number of the stamp itself.
    distance_mm, radius_m
        What counts as near.
    scale
        How much phones may be wrong about the size.
    """
    index = registry.index(len(pattern))
    if index is None:
        return []
    hits = index.search(pattern, tolerance=distance_mm, scale=scale)
    numbers = hits.ids[hits.ids != besides]
    residuals = hits.residual[hits.ids != besides]
    if not len(numbers):
        return []
    metres = np.full(len(numbers), np.inf)
    for shop in places:
        # fmin: a courier's distance is nan, and it may be anywhere
        metres = np.fmin(metres, registry.distances(numbers, shop.lat, shop.lon))
    anywhere = np.isin(numbers, registry.couriers())
    near = anywhere | (metres <= radius_m)
    return [
        LookAlike(int(number), float(residual), None if courier else float(away))
        for number, residual, away, courier in zip(
            numbers[near], residuals[near], metres[near], anywhere[near], strict=True
        )
    ]
