"""Stamps nearby that a new one may be mistaken for."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from server.shops.models import Shop
from server.stamps.registry import StampRegistry
from stampsdk.matching.confusion import confusable

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
    radius_m: float,
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
    radius_m
        How far around its shops others count.

    Notes
    -----
    What counts as alike is `stampsdk.matching.confusion`'s matter: patterns
    that spoil more than one in a hundred of each other's presses. Sizes do not
    count, since browsers do not tell them.
    """
    index = registry.index(len(pattern))
    if index is None:
        return []
    alike = [other for other in confusable(pattern, index) if other.stamp_id != besides]
    if not alike:
        return []
    numbers = np.array([other.stamp_id for other in alike], dtype=np.int64)
    metres = np.full(len(numbers), np.inf)
    for shop in places:
        # fmin: a courier's distance is nan, and it may be anywhere
        metres = np.fmin(metres, registry.distances(numbers, shop.lat, shop.lon))
    anywhere = np.isin(numbers, registry.couriers())
    near = anywhere | (metres <= radius_m)
    return [
        LookAlike(other.stamp_id, other.distance_mm, None if courier else float(away))
        for other, away, courier, counts in zip(alike, metres, anywhere, near, strict=True)
        if counts
    ]
