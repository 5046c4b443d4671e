"""Least-squares fit of labelled points: rotation, shift and a clipped scale."""

import numpy as np
from numpy.typing import NDArray

from stampsdk.geometry._compile import kernel


@kernel
def squared_misfit(overlap: float, size: float, low: float, high: float) -> float:
    """Least of ``|t·e^{iθ}·u - p|²`` over θ and over t in [low, high], for ``overlap = |<u, p>|``.

    u has unit norm, p has norm `size`. Loses digits where the result is far below ``size²``; see `fit`.
    """
    factor = min(max(overlap, low), high)
    return (factor - 2.0 * overlap) * factor + size * size


@kernel
def norm_of(points: NDArray[np.complex128]) -> float:
    """Return the root of the sum of squares."""
    total = 0.0
    for k in range(points.shape[0]):
        total += points[k].real ** 2 + points[k].imag ** 2
    return float(np.sqrt(total))


@kernel
def fit(
    unit: NDArray[np.complex128], matched: NDArray[np.complex128], low: float, high: float
) -> tuple[float, float, complex]:
    """Fit the query, point by point, to the tips matched to it.

    Parameters
    ----------
    unit : complex128 (n,)
        The query, centred and of unit norm (or all zero).
    matched : complex128 (n,)
        The tip of each touch, centred, mm.
    low, high : float
        Range of the query's norm in mm.

    Returns
    -------
    residual, norm, rotation : float, float, complex
        Root mean square distance in mm, from the difference vector itself, so that it is accurate down to
        rounding also where it is nearly zero; the norm in mm that the query takes; the unit complex number
        that it is turned by.
    """
    n = unit.shape[0]
    overlap = 0.0j
    for k in range(n):
        overlap += np.conj(unit[k]) * matched[k]
    length = abs(overlap)
    rotation = overlap / length if length > 0.0 else 1.0 + 0.0j
    norm = min(max(length, low), high)
    total = 0.0
    for k in range(n):
        miss = norm * rotation * unit[k] - matched[k]
        total += miss.real * miss.real + miss.imag * miss.imag
    return np.sqrt(total / n), norm, rotation
