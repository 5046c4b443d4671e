# ruff: noqa: C901, PLR0917 - kernels: loops by design, positional arguments only
"""Exact check of single patterns, without a tree: for small parts, endless near-ties and missing tips."""

import numpy as np
from numpy.typing import NDArray

from stampsdk.geometry._compile import kernel
from stampsdk.geometry._fit import norm_of
from stampsdk.geometry._hull import TIE_MM
from stampsdk.geometry._solver import best_labelling, precedes

_STEPS = 4000


@kernel
def visiting_order(unit: NDArray[np.complex128]) -> NDArray[np.int64]:
    """Order touches so that the first few pin down a fit: a widest pair, then the farthest from all."""
    n = unit.shape[0]
    order = np.empty(n, np.int64)
    widest = -1.0
    for j in range(n):
        for k in range(j):
            if abs(unit[j] - unit[k]) > widest:
                widest = abs(unit[j] - unit[k])
                order[0], order[1] = j, k
    near = np.empty(n, np.float64)
    for j in range(n):
        near[j] = min(abs(unit[j] - unit[order[0]]), abs(unit[j] - unit[order[1]]))
    near[order[0]] = near[order[1]] = -1.0
    for place in range(2, n):
        farthest = 0
        for j in range(1, n):
            if near[j] > near[farthest]:
                farthest = j
        order[place] = farthest
        near[farthest] = -1.0
        for j in range(n):
            near[j] = min(near[j], abs(unit[j] - unit[farthest]))
    return order


@kernel
def may_lie_on(
    unit: NDArray[np.complex128],
    order: NDArray[np.int64],
    tips: NDArray[np.complex128],
    low: float,
    high: float,
    limit: float,
) -> bool:
    """Whether the touches can lie on tips, each on its own, with a sum of squared misses of at most `limit`.

    True may be wrong, where too many near-ties are met to settle it; False never is. Touches are laid on tips
    one by one; those already laid, fitted on their own, can only miss by less than they do in the whole.
    """
    m = unit.shape[0]
    n = tips.shape[0]
    chosen = np.full(m, -1, np.int64)
    taken = np.zeros(n, np.bool_)
    # Sums over the touches laid so far: of touches, tips, their squares, and conj(touch)·tip.
    touch_sum = np.zeros(m + 1, np.complex128)
    tip_sum = np.zeros(m + 1, np.complex128)
    touch_square = np.zeros(m + 1, np.float64)
    tip_square = np.zeros(m + 1, np.float64)
    product = np.zeros(m + 1, np.complex128)
    steps = 0
    depth = 0
    while depth >= 0:
        if depth == m:
            return True
        touch = unit[order[depth]]
        if chosen[depth] >= 0:
            taken[chosen[depth]] = False
        k = chosen[depth] + 1
        laid = depth + 1
        touch_sum[laid] = touch_sum[depth] + touch
        touch_square[laid] = touch_square[depth] + touch.real**2 + touch.imag**2
        energy = max(touch_square[laid] - abs(touch_sum[laid]) ** 2 / laid, 0.0)
        while k < n:
            if not taken[k]:
                steps += 1
                tip = tips[k]
                tip_sum[laid] = tip_sum[depth] + tip
                tip_square[laid] = tip_square[depth] + tip.real**2 + tip.imag**2
                product[laid] = product[depth] + np.conj(touch) * tip
                spread = max(tip_square[laid] - abs(tip_sum[laid]) ** 2 / laid, 0.0)
                overlap = abs(product[laid] - np.conj(touch_sum[laid]) * tip_sum[laid] / laid)
                factor = low
                if energy > 0.0:
                    factor = min(max(overlap / energy, low), high)
                grown = factor * factor * energy
                miss = grown - 2.0 * factor * overlap + spread
                # Sums of squares cancel; what that can lose is allowed for.
                if not miss > limit + 1e-12 * (factor * factor + tip_square[laid]):
                    break
            k += 1
        if k == n:
            chosen[depth] = -1
            depth -= 1
            continue
        if steps > _STEPS:
            return True
        chosen[depth] = k
        taken[k] = True
        depth += 1
    return False


@kernel
def check_pattern(
    unit: NDArray[np.complex128],
    order: NDArray[np.int64],
    tips: NDArray[np.complex128],
    low: float,
    high: float,
    tolerance: float,
    labels: NDArray[np.int64],
) -> float:
    """Return the residual of the touches on a pattern, or infinity where it exceeds the tolerance.

    As many touches as tips, or one less: then one tip is missing, and the residual is over the others. The
    labels are the lexicographically least that are tied for the best.
    """
    m = unit.shape[0]
    n = tips.shape[0]
    if not may_lie_on(unit, order, tips, low, high, m * tolerance * tolerance):
        return np.inf
    if m == n:
        return best_labelling(unit, tips, norm_of(tips), low, high, tolerance, labels)
    best = np.inf
    trial = np.empty(m, np.int64)
    kept = np.empty(m, np.complex128)
    for missing in range(n):
        centroid = 0.0j
        for k in range(m):
            kept[k] = tips[k if k < missing else k + 1]
            centroid += kept[k] / m
        for k in range(m):
            kept[k] -= centroid
        found = best_labelling(unit, kept, norm_of(kept), low, high, tolerance, trial)
        if found == np.inf:
            continue
        for k in range(m):
            if trial[k] >= missing:
                trial[k] += 1
        if found < best - TIE_MM or (found <= best + TIE_MM and precedes(trial, labels)):
            for k in range(m):
                labels[k] = trial[k]
        best = min(best, found)
    return best
