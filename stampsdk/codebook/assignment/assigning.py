"""Handing out patterns to shops: stamps may outnumber patterns, but what could be confused is never near."""

# ruff: noqa: PLR0917

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.spatial import cKDTree

from stampsdk.codebook._apart import ApartPatterns, confusable_pairs, first_come
from stampsdk.codebook.assignment._colouring import colour
from stampsdk.codebook.assignment._places import chord, most_crowded, on_sphere
from stampsdk.codebook.assignment.checking import check_assignment
from stampsdk.codebook.codebook import Codebook
from stampsdk.codebook.errors import AssignmentError
from stampsdk.index import PatternIndex

Numbers = npt.NDArray[np.int64]
Report = Callable[[str, float], None]

_NONE = -1


@dataclass(frozen=True, eq=False)
class Assignment:
    """Which pattern each shop and each courier has.

    Attributes
    ----------
    shops : int64 (N,)
        Number of the pattern of each shop, in the order in which the shops were given.
    couriers : int64 (C,)
        Numbers of the patterns of couriers, first those that were kept.
    patterns : int
        How many different patterns shops have.
    crowd : int
        Most shops found that are all within the radius of each other: no assignment has fewer patterns, but
        where shops that were kept have one too near; from half circles around shops.
    """

    shops: Numbers
    couriers: Numbers
    patterns: int
    crowd: int


def assign(
    codebook: Codebook,
    places: npt.ArrayLike,
    *,
    radius_km: float,
    distance_mm: float | None = None,
    couriers: int = 0,
    kept_shops: npt.ArrayLike | None = None,
    kept_couriers: npt.ArrayLike = (),
    names: Callable[[int], str] = "row {}".format,
    report: Report = lambda _what, _share: None,
) -> Assignment:
    """Hand out patterns of a codebook to shops and couriers.

    Shops are taken from south to north; each gets the first pattern that no shop within the radius has. Of
    the patterns used, no two are nearer than the distance, so that only those of shops that were kept can be
    confused with any but themselves. As half of a shop's neighbours come after it, at most one pattern more
    is used than a shop has neighbours to its south; that is no proven least, which nobody knows how to
    compute for many shops (colouring of a unit disc graph, [1]_). Where the patterns do not suffice, shops
    with the most neighbours are tried first.

    Parameters
    ----------
    codebook : Codebook
    places : (N, 2) array_like
        Latitude and longitude of each shop, degrees.
    radius_km : float
        Shops as near as this never have patterns that can be confused; on a sphere of mean radius, so that
        true ways differ by up to 0.6 %.
    distance_mm : float, optional
        Patterns nearer than this, √n times their residual at the family's scale, can be confused. The
        family's own distance unless given: then each pattern can be confused with itself alone.
    couriers : int
        Stamps that move: their patterns can be confused with those of nothing else, wherever it is.
    kept_shops : (N,) array_like of int, optional
        Numbers of patterns that shops have already, -1 for those that have none. They stay.
    kept_couriers : array_like of int
        Numbers of patterns that couriers have already. They stay, also where there are more than `couriers`.
    names : callable
        Returns what errors call the shop of a row, or the courier counted on from there.
    report : callable
        Called with what is being done and the share of it that is done.

    Returns
    -------
    Assignment
        The same for the same input; which pattern a shop gets does not depend on the order of the shops, but
        where several stand at one place.

    Raises
    ------
    ValueError
        For an argument out of range; names the row.
    AssignmentError
        "assignment_conflict": what is kept can be confused already; names two of them.
        "assignment_impossible": the patterns do not suffice; says how many there are and how many it takes.

    References
    ----------
    .. [1] B. N. Clark, C. J. Colbourn, D. S. Johnson, Unit disk graphs, Discrete Mathematics 86 (1990).
    """
    limit = codebook.family.distance_mm if distance_mm is None else distance_mm
    spots, held, carried = _checked(places, radius_km, limit, couriers, kept_shops, kept_couriers)
    conflict = check_assignment(
        codebook, spots, held, couriers=carried, radius_km=radius_km, distance_mm=limit
    )
    if conflict is not None:
        raise AssignmentError(f"what is kept cannot stay: {conflict.describe(names)}", "assignment_conflict")
    sphere = on_sphere(spots)
    crowd = most_crowded(sphere, radius_km)
    missing = max(couriers - len(carried), 0)
    task = _Task(codebook, spots, radius_km, limit, len(carried) + missing, crowd)
    if crowd[1] + len(carried) + missing > len(codebook):
        raise task.impossible()
    used = np.unique(held[held >= 0])
    kept, ranks, blocks = _ranks(codebook, held, used, limit)
    fresh = ApartPatterns(codebook, limit, np.unique(np.concatenate([used, carried])))
    for order in _orders(spots, sphere, held, radius_km):
        given = ranks.copy()
        if crowd[1] == len(spots) and not len(used):
            given[order] = np.arange(len(order))  # all within the radius of each other
        else:
            reach = chord(radius_km)
            colour(sphere, given, order, reach, blocks, lambda share: report("placing shops", share))
        wanted = max(int(given.max(initial=_NONE)) + 1 - len(kept), 0)
        numbers = fresh.first(wanted + missing, lambda share: report("choosing patterns", share))
        if len(numbers) == wanted + missing:
            pool = np.concatenate([kept, numbers[:wanted]])
            shops = held.copy()
            shops[given >= 0] = pool[given[given >= 0]]
            both = np.concatenate([carried, numbers[wanted:]])
            return Assignment(shops, both, len(np.unique(shops)), crowd[1])
    raise task.not_found(len(kept) + wanted, len(kept) + len(carried) + len(numbers))


@dataclass(frozen=True)
class _Task:
    """What errors tell about."""

    codebook: Codebook
    places: npt.NDArray[np.float64]
    radius_km: float
    distance_mm: float
    couriers: int
    crowd: tuple[int, int]

    def _needs(self) -> str:
        latitude, longitude = self.places[self.crowd[0]] if len(self.places) else (0.0, 0.0)
        shops = (
            f"{self.crowd[1]:,} shops around {latitude:.5f}, {longitude:.5f} are within "
            f"{self.radius_km:g} km of each other"
        )
        return f"{shops}, and {self.couriers:,} couriers need a pattern each" if self.couriers else shops

    def impossible(self) -> AssignmentError:
        """Return the error for what cannot be."""
        return AssignmentError(
            f"{self._needs()}: at least {self.crowd[1] + self.couriers:,} patterns are needed, "
            f"the codebook has {len(self.codebook):,}; make the radius smaller, or use a family with more "
            "patterns",
            "assignment_impossible",
        )

    def not_found(self, needed: int, found: int) -> AssignmentError:
        """Return the error for what was not found, and perhaps cannot be."""
        return AssignmentError(
            f"{needed:,} patterns for shops and {self.couriers:,} for couriers would be needed, at least "
            f"{self.distance_mm:g} mm from each other, and of the {len(self.codebook):,} in the codebook "
            f"only {found:,} could be chosen so; {self._needs()}, so that fewer than "
            f"{self.crowd[1] + self.couriers:,} can never do; make the radius or the distance smaller, "
            "or use a family with more patterns",
            "assignment_impossible",
        )


def _checked(
    places: npt.ArrayLike,
    radius_km: float,
    distance_mm: float,
    couriers: int,
    kept_shops: npt.ArrayLike | None,
    kept_couriers: npt.ArrayLike,
) -> tuple[npt.NDArray[np.float64], Numbers, Numbers]:
    """Refuse what is out of range; return places, numbers of shops, numbers of couriers as arrays."""
    spots = np.asarray(places, np.float64)
    if spots.size == 0:
        spots = spots.reshape(0, 2)
    if spots.ndim != 2 or spots.shape[1] != 2:  # noqa: PLR2004 - latitude and longitude
        raise ValueError(f"places must have the shape (N, 2), not {spots.shape}")
    good = (np.abs(spots[:, 0]) <= 90.0) & (np.abs(spots[:, 1]) <= 180.0)  # noqa: PLR2004 - not so for NaN
    if not good.all():
        row = int(np.flatnonzero(~good)[0])
        raise ValueError(
            f"places: row {row} is {spots[row].tolist()}; latitudes are from -90 to 90, "
            "longitudes from -180 to 180"
        )
    for name, value in (("radius_km", radius_km), ("distance_mm", distance_mm)):
        if not (math.isfinite(value) and value > 0.0):
            raise ValueError(f"{name} must be above 0, not {value}")
    if couriers < 0:
        raise ValueError(f"couriers must be 0 or more, not {couriers}")
    held = np.full(len(spots), _NONE) if kept_shops is None else np.asarray(kept_shops, np.int64)
    if held.shape != (len(spots),):
        raise ValueError(f"kept_shops must have the shape ({len(spots)},), not {held.shape}")
    return spots, held, np.asarray(kept_couriers, np.int64).reshape(-1)


def _ranks(
    codebook: Codebook, held: Numbers, used: Numbers, limit: float
) -> tuple[Numbers, Numbers, tuple[Numbers, Numbers]]:
    """Rank the patterns that are kept, so far as they cannot be confused with each other.

    Returns
    -------
    kept : int64 (K,)
        The numbers that have a rank, by rank.
    ranks : int64 (N,)
        The rank of each shop's pattern; -1 of shops without; -2 - k of those whose pattern has no rank, but
        blocks the ranks of list k: of the patterns that it can be confused with.
    blocks : int64 (L + 1,), int64 (B,)
        The lists, one after the other.
    """
    ranks = np.full(len(held), _NONE)
    if not len(used):
        return used, ranks, (np.zeros(1, np.int64), np.zeros(0, np.int64))
    points = codebook.points(used)
    scale = codebook.family.scale_range
    ranked = first_come(points, limit, scale)
    kept, others = used[ranked], used[~ranked]
    rows, ids, _ = confusable_pairs(
        points[~ranked], PatternIndex.build(points[ranked], np.arange(len(kept))), limit, scale
    )
    starts = np.zeros(len(others) + 1, np.int64)
    np.cumsum(np.bincount(rows, minlength=len(others)), out=starts[1:])
    has = np.flatnonzero(held >= 0)
    place = np.searchsorted(kept, held[has])
    known = kept[np.minimum(place, len(kept) - 1)] == held[has]
    ranks[has] = np.where(known, place, -2 - np.searchsorted(others, held[has]))
    return kept, ranks, (starts, ids)


def _orders(
    spots: npt.NDArray[np.float64], sphere: npt.NDArray[np.float64], held: Numbers, radius_km: float
) -> Iterator[Numbers]:
    """Yield the orders in which shops are tried: northward; those with the most neighbours first."""
    waiting = np.flatnonzero(held == _NONE)
    northward = waiting[np.lexsort((spots[waiting, 1], spots[waiting, 0]))]
    yield northward
    if len(northward):
        near = cKDTree(sphere).query_ball_point(sphere[northward], chord(radius_km), return_length=True)
        yield northward[np.argsort(-near, kind="stable")]
