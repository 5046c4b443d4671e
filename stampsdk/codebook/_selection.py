# ruff: noqa: PLR0917 - kernels: positional arguments only
"""Of candidates some of which are too near each other, the many that are not.

A greedy choice of an independent set in the graph of conflicts: always the candidate with the fewest
conflicts left. Ties fall in the order of the candidates, so the choice is the same everywhere.
"""

import numpy as np
from numpy.typing import NDArray

from stampsdk.codebook._candidates import centred
from stampsdk.codebook._nearness import are_nearer
from stampsdk.geometry._compile import kernel


@kernel
def are_too_near(
    steps: NDArray[np.int32],
    others: NDArray[np.int32],
    left: NDArray[np.int64],
    right: NDArray[np.int64],
    labels: NDArray[np.int64],
    distance: float,
    scales: tuple[float, float],
) -> NDArray[np.bool_]:
    """Tell of pairs of patterns (N, n, 2), (M, n, 2), µm, whether they are nearer than a distance, mm.

    Parameters
    ----------
    left, right : int64 (K,)
        Rows of the first patterns, and of the others.
    labels : int64 (K, n)
        Tip k of the left one lies on tip ``labels[:, k]`` of the right one where they are nearest.
    scales : (low, high)
        What either may be scaled by; 0 and infinity where that is free.
    """
    n = steps.shape[1]
    near = np.empty(left.shape[0], np.bool_)
    one, other = np.empty(n, np.complex128), np.empty(n, np.complex128)
    here = np.empty((n, 2), np.int64)
    for pair in range(left.shape[0]):
        here[:] = steps[left[pair]]
        left_square = centred(here, one)
        here[:] = others[right[pair]]
        right_square = centred(here, other)
        overlap = 0.0j
        for k in range(n):
            overlap += np.conj(one[k]) * other[labels[pair, k]]
        product = overlap.real * overlap.real + overlap.imag * overlap.imag
        near[pair] = are_nearer(left_square, right_square, product, scales, distance)
    return near


@kernel
def independent(starts: NDArray[np.int64], others: NDArray[np.int32]) -> NDArray[np.bool_]:
    """Choose vertices none of which are joined, greedily, those with the fewest free neighbours first.

    Parameters
    ----------
    starts, others : int64 (N + 1,), int32 (2E,)
        The neighbours of vertex v are ``others[starts[v]:starts[v + 1]]``; every edge stands twice.
    """
    count = starts.shape[0] - 1
    degree = np.empty(count, np.int32)
    most = 0
    for vertex in range(count):
        degree[vertex] = starts[vertex + 1] - starts[vertex]
        most = max(most, degree[vertex])
    chosen = np.zeros(count, np.bool_)
    free = np.ones(count, np.bool_)
    # Free vertices of each degree in a list that runs both ways.
    first = np.full(most + 1, -1, np.int32)
    after, before = np.empty(count, np.int32), np.empty(count, np.int32)
    for vertex in range(count - 1, -1, -1):
        _insert(vertex, degree[vertex], first, after, before)
    left = count
    lowest = 0
    while left > 0:
        while first[lowest] < 0:
            lowest += 1
        vertex = first[lowest]
        _take_out(vertex, lowest, first, after, before)
        chosen[vertex] = True
        free[vertex] = False
        left -= 1
        for place in range(starts[vertex], starts[vertex + 1]):
            loser = others[place]
            if not free[loser]:
                continue
            free[loser] = False
            left -= 1
            _take_out(loser, degree[loser], first, after, before)
            for further in range(starts[loser], starts[loser + 1]):
                winner = others[further]
                if free[winner]:
                    _take_out(winner, degree[winner], first, after, before)
                    degree[winner] -= 1
                    _insert(winner, degree[winner], first, after, before)
                    lowest = min(lowest, degree[winner])
    return chosen


@kernel
def _insert(
    vertex: int, degree: int, first: NDArray[np.int32], after: NDArray[np.int32], before: NDArray[np.int32]
) -> None:
    after[vertex] = first[degree]
    before[vertex] = -1
    if first[degree] >= 0:
        before[first[degree]] = vertex
    first[degree] = vertex


@kernel
def _take_out(
    vertex: int, degree: int, first: NDArray[np.int32], after: NDArray[np.int32], before: NDArray[np.int32]
) -> None:
    if before[vertex] >= 0:
        after[before[vertex]] = after[vertex]
    else:
        first[degree] = after[vertex]
    if after[vertex] >= 0:
        before[after[vertex]] = before[vertex]
