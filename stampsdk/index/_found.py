"""Room for what a search finds."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from stampsdk.geometry._compile import kernel


class Found(NamedTuple):
    """What a search finds: the same row several times where several labellings fit, in no order.

    Attributes
    ----------
    query, rows : int64 (K,)
    residual : float64 (K,)
        Millimetres.
    labels : int8 (K, m)
        Touch k lies on tip ``labels[:, k]``, as the tips were given.
    """

    query: NDArray[np.int64]
    rows: NDArray[np.int64]
    residual: NDArray[np.float64]
    labels: NDArray[np.int8]


@kernel
def room_for(count: int, m: int) -> Found:
    """Make room for so many hits."""
    return Found(
        np.empty(count, np.int64), np.empty(count, np.int64), np.empty(count), np.empty((count, m), np.int8)
    )


@kernel
def cut(found: Found, count: int) -> Found:
    """Return the first hits."""
    return Found(found.query[:count], found.rows[:count], found.residual[:count], found.labels[:count])


@kernel
def with_room(found: Found, count: int, more: int) -> Found:
    """Return room for more, what is there copied."""
    if count + more <= found.rows.shape[0]:
        return found
    larger = room_for(2 * (count + more), found.labels.shape[1])
    for hit in range(count):
        larger.query[hit] = found.query[hit]
        larger.rows[hit] = found.rows[hit]
        larger.residual[hit] = found.residual[hit]
        for k in range(found.labels.shape[1]):
            larger.labels[hit, k] = found.labels[hit, k]
    return larger
