"""Patterns that cannot be confused with each other, found by `PatternIndex`."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from stampsdk.codebook.codebook import Codebook
from stampsdk.index import PatternIndex

_KNOWN = (1.0, 1.0)
_SPARE_MM = 2e-4
"""The index may leave out what lies closer than half of this to its tolerance."""
_LEAST_BATCH, _LARGEST_BATCH = 256, 1 << 15


def confusable_pairs(
    asked: NDArray[np.float64], index: PatternIndex, distance_mm: float
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]:
    """Return which patterns (K, n, 2) are nearer than a distance to which of an index, and how near."""
    root = asked.shape[1] ** 0.5
    batch = index.search_batch(asked, distance_mm / root + _SPARE_MM, _KNOWN)
    rows = np.repeat(np.arange(len(asked)), np.diff(batch.offsets))
    distances = batch.residual * root
    nearer = distances < distance_mm
    return rows[nearer], batch.ids[nearer], distances[nearer]


class ApartPatterns:
    """Patterns of a codebook each of which is at least a distance from all others that are taken.

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
        rows, _, _ = confusable_pairs(points, self._index, self._distance)
        free = np.ones(len(numbers), np.bool_)
        free[rows] = False
        numbers, points = numbers[free], points[free]
        kept = first_come(points, self._distance)
        self._index.add(points[kept], numbers[kept])
        return numbers[kept]


def first_come(points: NDArray[np.float64], distance_mm: float) -> NDArray[np.bool_]:
    """Tell which of the patterns (K, n, 2) keep their distance from all those before them that do."""
    late, early, _ = confusable_pairs(points, PatternIndex.build(points), distance_mm)
    kept = np.ones(len(points), np.bool_)
    before = early < late
    for row, other in zip(late[before].tolist(), early[before].tolist(), strict=True):
        if kept[other]:  # pairs come in the order of the later one, so all before it are settled
            kept[row] = False
    return kept
