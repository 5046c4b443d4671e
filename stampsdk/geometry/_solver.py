# ruff: noqa: C901, PLR0917 - kernels: loops by design, positional arguments only
"""The exact best labelling of a query on one pattern, with ties resolved."""

import numpy as np
from numpy.typing import NDArray

from stampsdk.geometry._compile import kernel
from stampsdk.geometry._fit import fit, norm_of
from stampsdk.geometry._hull import TIE_MM, farthest_vertices, support

_LEAVES = 5040  # 7!: more are near-tied only where touches or tips lie within nanometres of each other


@kernel
def best_labelling(
    unit: NDArray[np.complex128],
    tips: NDArray[np.complex128],
    size: float,
    low: float,
    high: float,
    limit: float,
    labels: NDArray[np.int64],
) -> float:
    """Find the least residual over all labellings, and the lexicographically least labelling that attains it.

    Parameters
    ----------
    unit : complex128 (n,)
        The query, centred and of unit norm; all zero where its touches coincide.
    tips : complex128 (n,)
        The pattern, centred, mm.
    size : float
        Norm of `tips`.
    low, high : float
        Range of the query's norm in mm; 0 and infinity when the scale is free.
    limit : float
        Residuals above this (mm) are of no interest; infinity for the residual itself.
    labels : int64 (n,), written
        Touch k lies on tip ``labels[k]``.

    Returns
    -------
    float
        The residual in mm, or infinity where it exceeds `limit`.
    """
    n = unit.shape[0]
    if norm_of(unit) == 0.0:
        for k in range(n):
            labels[k] = k
        residual = size / np.sqrt(n)
        return residual if residual <= limit else np.inf
    gram = np.empty((n, n), np.complex128)
    for j in range(n):
        for k in range(n):
            gram[j, k] = np.conj(unit[j]) * tips[k]
    vertices, width = farthest_vertices(gram, size, low, high, n * (limit + 2.0 * TIE_MM) ** 2)
    if vertices.shape[0] == 0:
        return np.inf
    walk = np.empty((vertices.shape[0], n, n), np.float64)
    for index in range(vertices.shape[0]):
        _losses(gram, vertices[index], walk[index])
    best = np.inf
    trial = np.empty(n, np.int64)
    for index in range(vertices.shape[0]):
        found = _walk(unit, tips, walk[index], 6.0 * width, low, high, -1.0, trial)
        best = min(best, found)
    if best > limit:
        return np.inf
    labels[0] = n
    for index in range(vertices.shape[0]):
        found = _walk(unit, tips, walk[index], 6.0 * width, low, high, best + TIE_MM, trial)
        if found <= best + TIE_MM and precedes(trial, labels):
            for k in range(n):
                labels[k] = trial[k]
    return best


@kernel
def _losses(gram: NDArray[np.complex128], vertex: complex, loss: NDArray[np.float64]) -> None:
    """Write what each pair costs a labelling, in the direction of a vertex, against the best one there."""
    n = gram.shape[0]
    length = abs(vertex)
    direction = vertex / length if length > 0.0 else 1.0 + 0.0j
    partner = np.empty(n, np.int64)
    row_price = np.empty(n, np.float64)
    column_price = np.empty(n, np.float64)
    support(gram, direction, loss, partner, row_price, column_price)
    for j in range(n):
        for k in range(n):
            loss[j, k] = max(loss[j, k] - row_price[j] - column_price[k], 0.0)


@kernel
def precedes(left: NDArray[np.int64], right: NDArray[np.int64]) -> bool:
    """Compare lexicographically."""
    for k in range(left.shape[0]):
        if left[k] != right[k]:
            return bool(left[k] < right[k])
    return False


@kernel
def _walk(
    unit: NDArray[np.complex128],
    tips: NDArray[np.complex128],
    loss: NDArray[np.float64],
    allowance: float,
    low: float,
    high: float,
    goal: float,
    labels: NDArray[np.int64],
) -> float:
    """Visit the labellings that lose at most `allowance`, in lexicographic order.

    With a goal of zero or more, stop at the first whose residual reaches it, leave it in `labels` and return
    its residual (infinity if there is none). With a negative goal return the least residual seen.
    """
    n = unit.shape[0]
    matched = np.empty(n, np.complex128)
    spent = np.zeros(n + 1, np.float64)
    taken = np.zeros(n, np.bool_)
    for k in range(n):
        labels[k] = -1
    best = np.inf
    leaves = 0
    depth = 0
    while depth >= 0:
        if depth == n:
            residual = fit(unit, matched, low, high)[0]
            leaves += 1
            if goal >= 0.0 and residual <= goal:
                return residual
            best = min(best, residual)
            if goal < 0.0 and leaves == _LEAVES:
                return best
            depth -= 1
            continue
        k = labels[depth]
        if k >= 0:
            taken[k] = False
        k += 1
        while k < n and (taken[k] or spent[depth] + loss[depth, k] > allowance):
            k += 1
        if k == n:
            labels[depth] = -1
            depth -= 1
            continue
        labels[depth] = k
        taken[k] = True
        matched[depth] = tips[k]
        spent[depth + 1] = spent[depth] + loss[depth, k]
        depth += 1
    return np.inf if goal >= 0.0 else best
