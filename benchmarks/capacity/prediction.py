"""What theory says beforehand: the union bound over the neighbours of each pattern."""

import math

import numpy as np
import numpy.typing as npt
from scipy import special

from benchmarks.capacity.jobs import Scale
from stampsdk.index import PatternIndex

_REACHES = (5.0, 7.0, 9.0)


def union_bound(
    index: PatternIndex, pressed: npt.NDArray[np.int64], points: npt.NDArray[np.float64], scale: Scale,
    sigma_mm: float,
) -> float:  # fmt: skip
    """Return the mean bound on the share of presses that lie nearer to another pattern than to the right one.

    At distance d = √n times the residual that is Q(d / 2 sigma) for each neighbour, Q the tail of the normal
    law; added over the neighbours, at most 1. Neighbours beyond 9 sigma add less than 1e-5 each.

    Parameters
    ----------
    pressed : (K,) int64
        Ids.
    points : (K, n, 2)
        Their tips as a screen without noise but with its error of scale sees them.
    scale : (lo, hi) or None
        Range that the matcher allows.
    sigma_mm : float
    """
    root = math.sqrt(points.shape[1])
    bounds = np.zeros(len(pressed))
    for reach in _REACHES:  # a wider look only where a narrower one has not settled it
        open_ = np.flatnonzero(bounds < 1.0)
        if not open_.size:
            break
        batch = index.search_batch(points[open_], reach * sigma_mm / root, scale)
        asked = np.repeat(open_, np.diff(batch.offsets))
        others = batch.ids != pressed[asked]
        rates = special.ndtr(-root * batch.residual[others] / (2 * sigma_mm))
        bounds[open_] = np.bincount(asked[others], rates, minlength=len(pressed))[open_]
    return float(np.minimum(1.0, bounds).mean())
