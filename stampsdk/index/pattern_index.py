"""PatternIndex, first form: an exact scan of every pattern, in memory."""

import threading
from pathlib import Path
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike

from stampsdk.geometry._compile import kernel
from stampsdk.geometry._solver import best_labelling
from stampsdk.geometry._validation import (
    checked_patterns,
    checked_scale,
    checked_tolerance,
    checked_touches,
    normalised,
    to_complex,
)
from stampsdk.index._results import BatchHits, Hits


@kernel
def _scan(  # noqa: PLR0917 - kernels take plain positional arguments
    unit: Any, tips: Any, sizes: Any, low: float, high: float, limit: float, residual: Any, labels: Any
) -> None:
    total = 0.0
    for k in range(unit.shape[0]):
        total += abs(unit[k])
    for row in range(tips.shape[0]):
        if total == 0.0:
            residual[row] = sizes[row] / np.sqrt(unit.shape[0])
            labels[row] = np.arange(unit.shape[0])
        else:
            residual[row] = best_labelling(unit, tips[row], sizes[row], low, high, limit, labels[row])


class PatternIndex:
    """Registered patterns of one tip count, searched exactly (see DESIGN.md, "Geometry contract")."""

    def __init__(self, points: Any, ids: Any) -> None:
        self._lock = threading.Lock()
        self._state = (points, ids)

    @classmethod
    def build(cls, points: ArrayLike, ids: ArrayLike | None = None, path: str | Path | None = None) -> Self:
        """Build an index of points (N, n, 2), mm, with ids (N,) int64."""
        if path is not None:
            raise NotImplementedError("the file comes with the next change")
        centred = checked_patterns(points)
        numbers = np.arange(len(centred)) if ids is None else _checked_ids(ids, len(centred))
        return cls(centred, numbers)

    def __len__(self) -> int:
        return len(self._state[1])

    def add(self, points: ArrayLike, ids: ArrayLike) -> None:
        """Register more patterns."""
        with self._lock:
            held, numbers = self._state
            centred = checked_patterns(points, tips=held.shape[1])
            fresh = _checked_ids(ids, len(centred))
            both = np.concatenate([numbers, fresh])
            if len(np.unique(both)) != len(both):
                raise ValueError("ids: some are already registered")
            self._state = (np.concatenate([held, centred]), both)

    def remove(self, ids: ArrayLike) -> None:
        """Remove patterns; KeyError for an unknown id."""
        with self._lock:
            held, numbers = self._state
            gone = np.atleast_1d(np.asarray(ids, np.int64))
            for number in gone:
                if number not in numbers:
                    raise KeyError(int(number))
            keep = ~np.isin(numbers, gone)
            self._state = (held[keep], numbers[keep])

    def flush(self) -> None:
        """Nothing to do in memory."""

    def search(
        self, touches: ArrayLike, tolerance: float = 0.9, scale: tuple[float, float] | None = (0.98, 1.02)
    ) -> Hits:
        """Return exactly the patterns whose residual is at most the tolerance."""
        held, numbers = self._state
        points = checked_touches(touches)
        if len(points) != held.shape[1]:
            raise ValueError(
                f"touches has {len(points)} points; this index holds patterns of {held.shape[1]} tips"
            )
        limit = checked_tolerance(tolerance) + 1e-9
        low, high = checked_scale(scale)
        unit, norm, _ = normalised(points)
        residual = np.empty(len(held))
        labels = np.empty(held.shape[:2], np.int64)
        sizes = np.sqrt((held**2).sum(axis=(1, 2)))
        _scan(
            unit, to_complex(held), sizes, low * norm, high * norm if norm else 0.0, limit, residual, labels
        )
        rows = np.flatnonzero(residual <= limit)
        rows = rows[np.lexsort((numbers[rows], residual[rows]))]
        return Hits(numbers[rows], residual[rows], labels[rows])

    def search_batch(
        self, touches: ArrayLike, tolerance: float = 0.9, scale: tuple[float, float] | None = (0.98, 1.02)
    ) -> BatchHits:
        """Search many queries, touches (Q, n, 2)."""
        found = [self.search(query, tolerance, scale) for query in checked_touches(touches, batch=True)]
        tips = self._state[0].shape[1]
        return BatchHits(
            np.cumsum([0, *map(len, found)]),
            np.concatenate([np.empty(0, np.int64), *(hits.ids for hits in found)]),
            np.concatenate([np.empty(0), *(hits.residual for hits in found)]),
            np.concatenate([np.empty((0, tips), np.int64), *(hits.labels for hits in found)]),
        )


def _checked_ids(ids: Any, count: int) -> Any:
    array = np.asarray(ids)
    if array.shape != (count,) or (array.dtype.kind not in "iu" and count):
        raise ValueError(f"ids must be integers of the shape ({count},), not {array.dtype} {array.shape}")
    array = array.astype(np.int64)
    if len(np.unique(array)) != count:
        raise ValueError("ids: duplicates")
    return array
