# ruff: noqa: C901, PLR0915, PLR0917 - kernels: loops by design, positional arguments only
"""How far ``|c(σ)|`` can reach over all labellings σ, without trying all n! of them.

Write ``c(σ) = Σ_j conj(u_j)·p_σ(j)`` for a labelling σ. For every scale range the residual falls strictly as
``|c(σ)|`` grows, so the best labelling is the point of ``{c(σ)}`` farthest from the origin. That point is a
vertex of the convex hull of the set, and the hull's support in a given direction is an assignment problem.
The hull is explored by wedges: two known supports bound everything between them, and a wedge that cannot hold
the answer is dropped. docs/theory.md, section 5, has the proofs.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from stampsdk.geometry._assignment import assign
from stampsdk.geometry._compile import kernel
from stampsdk.geometry._fit import squared_misfit

TIE_MM = 1e-9
"""Labellings whose residuals differ by no more than this are tied."""

_ROUNDING = 2e-14
_VERTICES = 128


@kernel
def support(
    gram: NDArray[np.complex128],
    direction: complex,
    cost: NDArray[np.float64],
    partner: NDArray[np.int64],
    row_price: NDArray[np.float64],
    column_price: NDArray[np.float64],
) -> complex:
    """Find a point of ``{c(σ)}`` that is farthest in a direction."""
    n = gram.shape[0]
    for j in range(n):
        for k in range(n):
            cost[j, k] = -(direction.real * gram[j, k].real + direction.imag * gram[j, k].imag)
    assign(cost, partner, row_price, column_price)
    vertex = 0.0j
    for j in range(n):
        vertex += gram[j, partner[j]]
    return vertex


@kernel
def _tie_width(overlap: float, size: float, low: float, high: float, n: int) -> float:
    """How far below `overlap` another ``|c(σ)|`` can be while its residual is within `TIE_MM`."""
    squared = max(squared_misfit(overlap, size, low, high), 0.0)
    rise = 2.0 * TIE_MM * np.sqrt(squared * n) + n * TIE_MM * TIE_MM
    norm = min(max(overlap, low), high)
    # The slope of the squared misfit is -2·norm, and at least half of that down to overlap / 2.
    width = (rise / norm if norm > 0.0 else np.inf) + _ROUNDING * size
    return width if width <= overlap / 8.0 else size  # the size stands for: all labellings are tied


@kernel
def farthest_vertices(
    gram: NDArray[np.complex128], size: float, low: float, high: float, limit: float
) -> tuple[NDArray[np.complex128], float]:
    """Explore the hull: its vertices that are tied for the farthest, and the width of the tie.

    Stops early, with no vertex, when the squared misfit of every labelling exceeds `limit`.
    """
    n = gram.shape[0]
    cost = np.empty((n, n), np.float64)
    partner = np.empty(n, np.int64)
    row_price = np.empty(n, np.float64)
    column_price = np.empty(n, np.float64)
    norm = min(max(size, low), high)
    slack = _ROUNDING * (size * size + norm * norm)
    vertices = np.empty(_VERTICES, np.complex128)
    count = 4
    direction = 1.0 + 0.0j
    farthest = 0.0
    for quarter in range(4):
        vertices[quarter] = support(gram, direction, cost, partner, row_price, column_price)
        farthest = max(farthest, abs(vertices[quarter]))
        direction *= 1.0j
    width = _tie_width(farthest, size, low, high, n)

    # A wedge: two directions and the indices of their support points.
    starts = np.empty(_VERTICES, np.complex128)
    ends = np.empty(_VERTICES, np.complex128)
    first = np.empty(_VERTICES, np.int64)
    last = np.empty(_VERTICES, np.int64)
    depth = 4
    for quarter in range(4):
        starts[quarter] = direction
        first[quarter] = quarter
        direction *= 1.0j
        ends[quarter] = direction
        last[quarter] = (quarter + 1) % 4
    while depth > 0:
        depth -= 1
        start, end = starts[depth], ends[depth]
        a, b = first[depth], last[depth]
        turn = np.conj(start) * end
        reach_a = (np.conj(start) * vertices[a]).real
        reach_b = (np.conj(end) * vertices[b]).real
        edge = vertices[b] - vertices[a]
        if turn.imag <= 0.0 or abs(edge) <= _ROUNDING * size:
            continue
        corner = np.hypot(reach_a, (reach_b - reach_a * turn.real) / turn.imag)
        if corner < farthest - 3.0 * width or squared_misfit(corner, size, low, high) > limit + slack:
            continue
        normal = -1.0j * edge / abs(edge)
        found = support(gram, normal, cost, partner, row_price, column_price)
        if (np.conj(normal) * (found - vertices[a])).real <= _ROUNDING * size:
            continue
        if count == vertices.shape[0]:
            vertices = _doubled(vertices)
        vertices[count] = found
        if depth + 2 > first.shape[0]:
            starts, ends = _doubled(starts), _doubled(ends)
            first, last = _doubled(first), _doubled(last)
        starts[depth], ends[depth], first[depth], last[depth] = start, normal, a, count
        starts[depth + 1], ends[depth + 1], first[depth + 1], last[depth + 1] = normal, end, count, b
        depth += 2
        count += 1
        if abs(found) > farthest:
            farthest = abs(found)
            width = _tie_width(farthest, size, low, high, n)

    kept = 0
    if squared_misfit(farthest, size, low, high) <= limit + slack:
        for index in range(count):
            if abs(vertices[index]) >= farthest - 3.0 * width:
                vertices[kept] = vertices[index]
                kept += 1
    return vertices[:kept], width


@kernel
def _doubled(array: NDArray[Any]) -> NDArray[Any]:
    """Copy an array into one twice as long."""
    longer = np.empty(2 * array.shape[0], array.dtype)
    for index in range(array.shape[0]):
        longer[index] = array[index]
    return longer
