"""What a search returns."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Hits:
    """The registered patterns within the tolerance, ascending by residual, then by id; each id once.

    Attributes
    ----------
    ids : int64 (K,)
    residual : float64 (K,)
        Millimetres.
    labels : int64 (K, m)
        Touch k lies on tip ``labels[:, k]``, counted as the tips were given; -1 for a ghost. Of labellings
        tied to within 1e-9 mm the lexicographically least.
    """

    ids: NDArray[np.int64]
    residual: NDArray[np.float64]
    labels: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.ids)


@dataclass(frozen=True, slots=True)
class BatchHits:
    """Hits of many queries; those of query i are ``offsets[i]:offsets[i + 1]``, ordered as in `Hits`.

    Attributes
    ----------
    offsets : int64 (Q + 1,)
    ids : int64 (K,)
    residual : float64 (K,)
        Millimetres.
    labels : int64 (K, m)
    """

    offsets: NDArray[np.int64]
    ids: NDArray[np.int64]
    residual: NDArray[np.float64]
    labels: NDArray[np.int64]
