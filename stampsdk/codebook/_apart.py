"""Patterns that cannot be confused with each other, found by `PatternIndex`."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from stampsdk.codebook._scale import KNOWN, Scale
from stampsdk.codebook.codebook import Codebook
from stampsdk.index import PatternIndex

_SPARE_MM = 2e-4
"""The index may leave out what lies closer than half of this to its tolerance."""
_LEAST_BATCH, _LARGEST_BATCH = 256, 1 << 15


def confusable_pairs(
    asked: NDArray[np.float64], index: PatternIndex, distance_mm: float, scale: Scale
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]:
    """Return which patterns (K, n, 2) are nearer than a distance to which of an index, and how near.

    Either may be the one that is scaled. The index scales what is asked, so it is asked both ways round.

    Parameters
    ----------
    scale : (low, high) or None

    Returns
    -------
    int64, int64, float64 (P,)
        Rows, ascending; ids, and distances in mm: each pair once.
    """
    rows, ids, distances = _scaled(asked, index, distance_mm, scale)
    if scale == KNOWN:
        return rows, ids, distances
    others = index.ids()
    turned = PatternIndex.build(asked)
    places, found, back = _scaled(index.points(others), turned, distance_mm, scale)
    rows, ids = np.concatenate([rows, found]), np.concatenate([ids, others[places]])
    distances = np.concatenate([distances, back])
    order = np.lexsort((distances, ids, rows))
    rows, ids, distances = rows[order], ids[order], distances[order]
    first = np.ones(len(rows), np.bool_)
    first[1:] = (rows[1:] != rows[:-1]) | (ids[1:] != ids[:-1])
    return rows[first], ids[first], distances[first]


def _scaled(
    asked: NDArray[np.float64], index: PatternIndex, distance_mm: float, scale: Scale
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]:
    """Return the same for what is asked being the one that is scaled."""
    root = asked.shape[1] ** 0.5
    batch = index.search_batch(asked, distance_mm / root + _SPARE_MM, scale)
    rows = np.repeat(np.arange(len(asked)), np.diff(batch.offsets))
    distances = batch.residual * root
    nearer = distances < distance_mm
    return rows[nearer], batch.ids[nearer], distances[nearer]


class ApartPatterns:
    """Patterns of a codebook each of which is at least a distance from all others that are taken.

    Distances are at the scale of the codebook's family.
    Always the first, in the order of their numbers, that keep their distance from those before them.

    Parameters
    ----------
    codebook : Codebook
    distance_mm : float
    taken : int64 (K,)
        Numbers from which all must keep their distance.
    """

    def __init__(self, codebook: Codebook, distance_mm: float, taken: NDArray[np.int64]) -> None:
        self._codebook = codebook
        self._distance = distance_mm
        self._next = 0
        self._found = np.zeros(0, np.int64)
        self._index = PatternIndex.build(codebook.points(taken), taken)

    def first(self, count: int, report: Callable[[float], None] = lambda _share: None) -> NDArray[np.int64]:
        """Return the numbers of the first so many, or of all where there are fewer."""
        while len(self._found) < count and self._next < len(self._codebook):
            batch = min(max(count - len(self._found), _LEAST_BATCH), _LARGEST_BATCH)
            numbers = np.arange(self._next, min(self._next + batch, len(self._codebook)))
            self._next = int(numbers[-1]) + 1
            self._found = np.concatenate([self._found, self._kept(numbers)])
            report(min(1.0, len(self._found) / count))
        return self._found[:count]

    def _kept(self, numbers: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return which of ascending numbers keep their distance, and take them."""
        points = self._codebook.points(numbers)
        scale = self._codebook.family.scale_range
        rows, _, _ = confusable_pairs(points, self._index, self._distance, scale)
        free = np.ones(len(numbers), np.bool_)
        free[rows] = False
        numbers, points = numbers[free], points[free]
        kept = first_come(points, self._distance, scale)
        self._index.add(points[kept], numbers[kept])
        return numbers[kept]


def first_come(points: NDArray[np.float64], distance_mm: float, scale: Scale) -> NDArray[np.bool_]:
    """Tell which of the patterns (K, n, 2) keep their distance from all those before them that do."""
    late, early, _ = confusable_pairs(points, PatternIndex.build(points), distance_mm, scale)
    kept = np.ones(len(points), np.bool_)
    before = early < late
    for row, other in zip(late[before].tolist(), early[before].tolist(), strict=True):
        if kept[other]:  # pairs come in the order of the later one, so all before it are settled
            kept[row] = False
    return kept
