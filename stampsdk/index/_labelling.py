# ruff: noqa: C901, PLR0917 - kernels: loops by design, positional arguments only
"""Canonical labelling: one order for each registered pattern, every order that may be it for a query.

The canonical order of a shape is: A, the others by their projection on AB, B; where (A, B) is a widest pair
and A the end nearer to the centroid. Noise can change that order. Instead of hoping that it does not, a query
is labelled in every way whose deviations noise can explain; docs/theory.md, section 3, proves the margins.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from stampsdk.geometry._compile import kernel


class Margins(NamedTuple):
    """How far noise of size one can push each comparison of the canonical order (theory.md, lemma 3)."""

    disjoint_pairs: float = 2.0
    joined_pairs: float = 6.0**0.5
    ends: float = 2.0**0.5
    places: float = 2.0


@kernel
def canonical_orders(shapes: NDArray[np.complex128]) -> NDArray[np.int8]:
    """Return the canonical order of each centred shape (N, n): which point stands at each place, (N, n)."""
    count, n = shapes.shape
    orders = np.empty((count, n), np.int8)
    along = np.empty(n, np.float64)
    for row in range(count):
        shape = shapes[row]
        widest = -1.0
        first, last = 0, 1
        for j in range(n):
            for k in range(j):
                distance = abs(shape[j] - shape[k])
                if distance > widest:
                    widest = distance
                    first, last = j, k
        if abs(shape[first]) > abs(shape[last]):
            first, last = last, first
        axis = shape[last] - shape[first]
        for k in range(n):
            along[k] = (np.conj(axis) * shape[k]).real
        along[first] = -np.inf
        along[last] = np.inf
        for k in range(n):  # insertion sort
            place = k
            while place > 0 and along[orders[row, place - 1]] > along[k]:
                orders[row, place] = orders[row, place - 1]
                place -= 1
            orders[row, place] = k
    return orders


@kernel
def possible_orders(
    unit: NDArray[np.complex128], reach: float, margins: Margins, orders: NDArray[np.int8]
) -> int:
    """Write every order of a query that can be the canonical order of a shape within `reach` of it.

    Parameters
    ----------
    unit : complex128 (n,)
        The query, centred and of unit norm.
    reach : float
        Greatest distance of the query from a multiple of the shape; rounding included.
    margins : Margins
        See there.
    orders : int8 (budget, n), written
        ``orders[i, k]`` is the touch that stands at place k.

    Returns
    -------
    int
        How many there are, or -1 if there are more than fit.
    """
    count = 0
    n = unit.shape[0]
    for first in range(n):
        for last in range(n):
            if first == last or abs(unit[first]) > abs(unit[last]) + margins.ends * reach:
                continue
            if _may_be_widest(unit, first, last, reach, margins):
                count = _orders_between(unit, first, last, margins.places * reach, orders, count)
                if count < 0:
                    return -1
    return count


@kernel
def _may_be_widest(
    unit: NDArray[np.complex128], first: int, last: int, reach: float, margins: Margins
) -> bool:
    """Whether no other pair is wider by more than its margin."""
    n = unit.shape[0]
    width = abs(unit[first] - unit[last])
    for j in range(n):
        for k in range(j):
            joined = j in (first, last) or k in (first, last)
            margin = (margins.joined_pairs if joined else margins.disjoint_pairs) * reach
            if abs(unit[j] - unit[k]) > width + margin:
                return False
    return True


@kernel
def _orders_between(
    unit: NDArray[np.complex128],
    first: int,
    last: int,
    margin: float,
    orders: NDArray[np.int8],
    count: int,
) -> int:
    """Append the orders that run from `first` to `last`; -1 when they do not fit."""
    n = unit.shape[0]
    axis = unit[last] - unit[first]
    length = abs(axis)
    along = np.zeros(n, np.float64)
    for k in range(n):
        if length > 0.0:
            along[k] = (np.conj(axis) * unit[k]).real / length
    taken = np.zeros(n, np.bool_)
    taken[first] = True
    taken[last] = True
    chosen = np.full(n, -1, np.int64)
    chosen[0] = first
    chosen[n - 1] = last
    place = 1
    while place > 0:
        if place == n - 1:
            if count == orders.shape[0]:
                return -1
            for k in range(n):
                orders[count, k] = chosen[k]
            count += 1
            place -= 1
            continue
        previous = chosen[place]
        if previous >= 0:
            taken[previous] = False
        ceiling = np.inf
        for k in range(n):
            if not taken[k]:
                ceiling = min(ceiling, along[k] + margin)
        following = previous + 1
        while following < n and (taken[following] or along[following] > ceiling):
            following += 1
        if following == n:
            chosen[place] = -1
            place -= 1
            continue
        chosen[place] = following
        taken[following] = True
        place += 1
    return count
