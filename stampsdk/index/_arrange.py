"""Hits in their order: each id of a query once, by residual, then by id."""

import numpy as np
from numpy.typing import NDArray

from stampsdk.geometry._compile import kernel
from stampsdk.geometry._hull import TIE_MM


@kernel
def arranged(
    query: NDArray[np.int64],
    ids: NDArray[np.int64],
    residual: NDArray[np.float64],
    labels: NDArray[np.int8],
    queries: int,
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Choose and order the hits of some queries.

    Returns
    -------
    int64 (K,), float64 (K,)
        Which to keep: of each query and id that with the least labelling tied for the least residual; and
        that residual. By query, residual and id.
    """
    ends = np.zeros(queries + 1, np.int64)
    for hit in range(query.shape[0]):
        ends[query[hit] + 1] += 1
    for asked in range(queries):
        ends[asked + 1] += ends[asked]
    free = ends.copy()
    grouped = np.empty(query.shape[0], np.int64)
    for hit in range(query.shape[0]):
        grouped[free[query[hit]]] = hit
        free[query[hit]] += 1
    kept = np.empty(query.shape[0], np.int64)
    values = np.empty(query.shape[0], np.float64)
    nothing = np.zeros(query.shape[0], np.float64)
    count = 0
    for asked in range(queries):
        first, last = ends[asked], ends[asked + 1]
        _sort(grouped, nothing, ids, first, last)
        begin = count
        at = first
        while at < last:
            after = at
            least = np.inf
            while after < last and ids[grouped[after]] == ids[grouped[at]]:
                least = min(least, residual[grouped[after]])
                after += 1
            best = -1
            for place in range(at, after):
                hit = grouped[place]
                if residual[hit] <= least + TIE_MM and (best < 0 or _precedes(labels, hit, best)):
                    best = hit
            kept[count] = best
            values[best] = least
            count += 1
            at = after
        _sort(kept, values, ids, begin, count)
    for place in range(count):
        nothing[place] = values[kept[place]]
    return kept[:count], nothing[:count]


@kernel
def _sort(
    hits: NDArray[np.int64], values: NDArray[np.float64], ids: NDArray[np.int64], first: int, last: int
) -> None:
    """Sort hits first to last by value, then by id, with the gaps of M. Ciura (2001) and on."""
    gap = 1
    while gap < (last - first) // 2:
        gap = int(gap * 2.25) + 1
    while gap > 0:
        for place in range(first + gap, last):
            hit = hits[place]
            at = place
            while at >= first + gap:
                other = hits[at - gap]
                if values[other] < values[hit] or (values[other] == values[hit] and ids[other] <= ids[hit]):
                    break
                hits[at] = other
                at -= gap
            hits[at] = hit
        gap = int(gap / 2.25)


@kernel
def _precedes(labels: NDArray[np.int8], left: int, right: int) -> bool:
    """Compare two rows lexicographically."""
    for k in range(labels.shape[1]):
        if labels[left, k] != labels[right, k]:
            return bool(labels[left, k] < labels[right, k])
    return False
