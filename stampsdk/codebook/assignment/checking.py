"""Checking an assignment, however it was made: patterns that could be confused are never near each other."""

# ruff: noqa: PLR0917

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.spatial import cKDTree

from stampsdk.codebook._apart import confusable_pairs
from stampsdk.codebook.assignment._places import chord, on_sphere, way_km
from stampsdk.codebook.codebook import Codebook
from stampsdk.index import PatternIndex

Numbers = npt.NDArray[np.int64]

_STOREY = 4.0
"""Farther than any two points of the unit sphere are from each other."""
_CHUNK = 1 << 16


@dataclass(frozen=True)
class Conflict:
    """Two stamps that could be confused.

    Attributes
    ----------
    rows : (int, int)
        Of the shops; a courier is counted on from the last shop.
    numbers : (int, int)
        Of their patterns.
    distance_mm : float
        Of their patterns; 0 where it is the same.
    way_km : float or None
        Between the shops; None where one is a courier, who may be anywhere.
    """

    rows: tuple[int, int]
    numbers: tuple[int, int]
    distance_mm: float
    way_km: float | None

    def describe(self, names: Callable[[int], str] = "row {}".format) -> str:
        """Return a sentence about them, under the names of their rows."""
        one, other = names(self.rows[0]), names(self.rows[1])
        where = "one of them a courier," if self.way_km is None else f"{self.way_km:.3f} km apart,"
        if self.numbers[0] == self.numbers[1]:
            return f"{one} and {other}, {where} have the same pattern {self.numbers[0]}"
        return (
            f"{one} and {other}, {where} have patterns {self.numbers[0]} and {self.numbers[1]}, "
            f"which are only {self.distance_mm:.2f} mm from each other"
        )


def check_assignment(
    codebook: Codebook,
    places: npt.ArrayLike,
    shops: npt.ArrayLike,
    *,
    radius_km: float,
    distance_mm: float,
    couriers: npt.ArrayLike = (),
) -> Conflict | None:
    """Find two stamps that could be confused, or none.

    Knows nothing of how the assignment was made: pairs of patterns that are near each other are asked of
    `PatternIndex`, and for each the nearest shops that have them of a k-d tree with a storey per pattern.

    Parameters
    ----------
    codebook : Codebook
    places : (N, 2) array_like
        Latitude and longitude of each shop, degrees.
    shops : (N,) array_like of int
        Numbers of their patterns; shops with -1 have none and are passed over.
    radius_km, distance_mm : float
        Shops as near as the radius, on a sphere of mean radius, must have patterns at least as far from each
        other as the distance (√n times their residual at the scale of the codebook's family).
    couriers : (C,) array_like of int
        Numbers of their patterns, which must be that far from those of all others anywhere.

    Returns
    -------
    Conflict or None

    Raises
    ------
    ValueError
        A number that the codebook does not have.
    """
    spots = np.asarray(places, np.float64).reshape(-1, 2)
    held, carried = np.asarray(shops, np.int64), np.asarray(couriers, np.int64).reshape(-1)
    for name, numbers in (("shops", held), ("couriers", carried)):
        wrong = np.flatnonzero((numbers >= len(codebook)) | (numbers < (-1 if name == "shops" else 0)))
        if len(wrong):
            raise ValueError(
                f"{name}: row {wrong[0]} has number {numbers[wrong[0]]}; "
                f"the codebook has 0 to {len(codebook) - 1}"
            )
    rows = np.flatnonzero(held >= 0)
    used = np.unique(held[rows])
    left, right, distances = _near_pairs(codebook, np.unique(np.concatenate([used, carried])), distance_mm)
    return _among_couriers(held, rows, carried, left, right, distances) or _among_shops(
        on_sphere(spots[rows]), rows, held[rows], used, left, right, distances, chord(radius_km, spare=False)
    )


def _near_pairs(
    codebook: Codebook, used: Numbers, distance: float
) -> tuple[Numbers, Numbers, npt.NDArray[np.float64]]:
    """Return the pairs of numbers, each with itself too and the lesser one first, that can be confused."""
    if not len(used):
        return used, used, np.zeros(0)
    points = codebook.points(used)
    rows, ids, distances = confusable_pairs(
        points, PatternIndex.build(points, used), distance, codebook.family.scale_range
    )
    left = used[rows]
    once = left < ids
    return (
        np.concatenate([used, left[once]]),
        np.concatenate([used, ids[once]]),
        np.concatenate([np.zeros(len(used)), distances[once]]),
    )


def _among_couriers(
    held: Numbers,
    rows: Numbers,
    carried: Numbers,
    left: Numbers,
    right: Numbers,
    distances: npt.NDArray[np.float64],
) -> Conflict | None:
    of_courier = np.isin(left, carried) | np.isin(right, carried)
    # Each pattern with one of those that have it, and the patterns that two have.
    everyone = np.concatenate([held[rows], carried])
    who = np.concatenate([rows, len(held) + np.arange(len(carried))])
    order = np.lexsort((-who, everyone))  # couriers first
    everyone, who = everyone[order], who[order]
    for one, other, distance in zip(
        left[of_courier].tolist(), right[of_courier].tolist(), distances[of_courier].tolist(), strict=True
    ):
        first = int(np.searchsorted(everyone, one))
        second = first + 1 if one == other else int(np.searchsorted(everyone, other))
        if second < len(everyone) and everyone[second] == other:
            return Conflict((int(who[first]), int(who[second])), (one, other), distance, None)
    return None


def _among_shops(
    sphere: npt.NDArray[np.float64],
    rows: Numbers,
    held: Numbers,
    used: Numbers,
    left: Numbers,
    right: Numbers,
    distances: npt.NDArray[np.float64],
    reach: float,
) -> Conflict | None:
    if not len(rows):
        return None
    storeys = np.searchsorted(used, held)
    tree = cKDTree(np.column_stack([sphere, storeys * _STOREY]))
    by_pattern = np.argsort(held, kind="stable")
    starts = np.searchsorted(held[by_pattern], used)
    ends = np.searchsorted(held[by_pattern], used, side="right")
    at_shops = np.isin(left, used) & np.isin(right, used)
    one, other = np.searchsorted(used, left[at_shops]), np.searchsorted(used, right[at_shops])
    pair_of = np.repeat(np.arange(len(one)), (ends - starts)[one])
    within = np.arange(len(pair_of)) - np.repeat(np.cumsum((ends - starts)[one]), (ends - starts)[one])
    asked = by_pattern[within + ends[one][pair_of]]
    for start in range(0, len(asked), _CHUNK):
        shop, pair = asked[start : start + _CHUNK], pair_of[start : start + _CHUNK]
        points = np.column_stack([sphere[shop], other[pair] * _STOREY])
        answer = tree.query(points, k=2, distance_upper_bound=np.nextafter(reach, np.inf))
        chords, found = np.asarray(answer[0]), np.asarray(answer[1])
        chords[found == shop[:, np.newaxis]] = np.inf
        nearest = chords.argmin(axis=1)
        near = np.flatnonzero(chords.min(axis=1) <= reach)
        if len(near):
            row = near[0]
            that = found[row, nearest[row]]
            return Conflict(
                (int(rows[shop[row]]), int(rows[that])),
                (int(held[shop[row]]), int(held[that])),
                float(distances[at_shops][pair[row]]),
                float(way_km(chords[row, nearest[row]])),
            )
    return None
