# ruff: noqa: C901, PLR0912, PLR0915, PLR0917 - kernels: loops by design, positional arguments only
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
        write_canonical_order(shapes[row], along, orders[row])
    return orders


@kernel
def write_canonical_order(
    shape: NDArray[np.complex128], along: NDArray[np.float64], order: NDArray[np.int8]
) -> None:
    """Write the canonical order of one shape (n,); `along` (n,) is scratch."""
    n = shape.shape[0]
    widest = -1.0
    first, last = 0, 1
    for j in range(n):
        for k in range(j):
            difference = shape[j] - shape[k]
            distance = difference.real * difference.real + difference.imag * difference.imag
            if distance > widest:
                widest = distance
                first, last = j, k
    if abs(shape[first]) > abs(shape[last]):
        first, last = last, first
    axis = shape[last] - shape[first]
    for k in range(n):
        along[k] = axis.real * shape[k].real + axis.imag * shape[k].imag
    along[first] = -np.inf
    along[last] = np.inf
    for k in range(n):  # insertion sort
        place = k
        while place > 0 and along[order[place - 1]] > along[k]:
            order[place] = order[place - 1]
            place -= 1
        order[place] = k


class Orders(NamedTuple):
    """Room for the orders of queries, and to find them in.

    Attributes
    ----------
    orders : int8 (budget, n)
        ``orders[i, k]`` is the touch that stands at place k.
    needs : float64 (budget,)
        The least reach at which the order is possible.
    apart : float64 (n, n)
        Distances of the points.
    along : float64 (n,)
    spent : float64 (n,)
    middle, chosen : int64 (n,)
    """

    orders: NDArray[np.int8]
    needs: NDArray[np.float64]
    apart: NDArray[np.float64]
    along: NDArray[np.float64]
    spent: NDArray[np.float64]
    middle: NDArray[np.int64]
    chosen: NDArray[np.int64]


@kernel
def room_for_orders(budget: int, n: int) -> Orders:
    """Make room for so many orders of n points."""
    return Orders(
        np.empty((budget, n), np.int8),
        np.empty(budget, np.float64),
        np.empty((n, n), np.float64),
        np.empty(n, np.float64),
        np.empty(n, np.float64),
        np.empty(n, np.int64),
        np.empty(n, np.int64),
    )


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
    room = room_for_orders(orders.shape[0], orders.shape[1])
    count = find_orders(unit, reach, margins, room, 0, orders.shape[0])
    for index in range(count):
        for k in range(orders.shape[1]):
            orders[index, k] = room.orders[index, k]
    return count


@kernel
def find_orders(
    unit: NDArray[np.complex128], reach: float, margins: Margins, room: Orders, start: int, stop: int
) -> int:
    """Write the orders of `possible_orders`, and the least reach of each, from `start` on, before `stop`.

    Returns
    -------
    int
        Where they end, or -1 if there are more than fit.
    """
    n = unit.shape[0]
    apart = room.apart
    widest = 0.0
    for j in range(n):
        for k in range(j):
            difference = unit[j] - unit[k]
            distance = np.sqrt(difference.real * difference.real + difference.imag * difference.imag)
            apart[j, k] = distance
            apart[k, j] = distance
            widest = max(widest, distance)
    slack = max(margins.joined_pairs, margins.disjoint_pairs) * reach
    count = start
    for first in range(n):
        for last in range(n):
            if first == last or apart[first, last] < widest - slack:
                continue
            need = _need_of_pair(apart, first, last, margins)
            need = max(need, _need(abs(unit[first]) - abs(unit[last]), margins.ends))
            if need <= reach:
                count = _orders_between(unit, first, last, need, reach, margins, room, count, stop)
                if count < 0:
                    return -1
    return count


@kernel
def _need(violation: float, margin: float) -> float:
    """Return the least reach whose margin covers a violation."""
    if violation <= 0.0:
        return 0.0
    return violation / margin if margin > 0.0 else np.inf


@kernel
def _need_of_pair(apart: NDArray[np.float64], first: int, last: int, margins: Margins) -> float:
    """Return the least reach at which no other pair is wider by more than its margin."""
    n = apart.shape[0]
    width = apart[first, last]
    need = 0.0
    for j in range(n):
        for k in range(j):
            if apart[j, k] > width:
                joined = first in (j, k) or last in (j, k)
                margin = margins.joined_pairs if joined else margins.disjoint_pairs
                need = max(need, _need(apart[j, k] - width, margin))
    return need


@kernel
def _orders_between(
    unit: NDArray[np.complex128],
    first: int,
    last: int,
    need: float,
    reach: float,
    margins: Margins,
    room: Orders,
    count: int,
    stop: int,
) -> int:
    """Append the orders that run from `first` to `last`; -1 when they do not fit."""
    n = unit.shape[0]
    along, middle, chosen, spent = room.along, room.middle, room.chosen, room.spent
    axis = unit[last] - unit[first]
    length = room.apart[first, last]
    inside = 0
    for k in range(n):
        if k in (first, last):
            continue
        place = 0.0
        if length > 0.0:
            place = (axis.real * unit[k].real + axis.imag * unit[k].imag) / length
        at = inside
        while at > 0 and along[at - 1] > place:
            along[at] = along[at - 1]
            middle[at] = middle[at - 1]
            at -= 1
        along[at] = place
        middle[at] = k
        inside += 1
    # Depth first over the points between, in the order of their projections: the next may be any that is not
    # farther along than the first of those left by more than the margin.
    taken = 0
    depth = 0
    chosen[0] = -1
    while depth >= 0:
        if depth == inside:
            if count == stop:
                return -1
            room.orders[count, 0] = first
            room.orders[count, n - 1] = last
            for k in range(inside):
                room.orders[count, k + 1] = middle[chosen[k]]
            room.needs[count] = spent[inside - 1]
            count += 1
            depth -= 1
            continue
        before = chosen[depth]
        if before >= 0:
            taken ^= 1 << before
        foremost = 0
        while taken >> foremost & 1:
            foremost += 1
        after = before + 1
        while after < inside and taken >> after & 1:
            after += 1
        asked = np.inf
        if after < inside:
            asked = _need(along[after] - along[foremost], margins.places)
        if asked > reach:
            chosen[depth] = -1
            depth -= 1
            continue
        chosen[depth] = after
        taken |= 1 << after
        spent[depth] = max(asked, spent[depth - 1] if depth > 0 else need)
        depth += 1
        if depth < inside:
            chosen[depth] = -1
    return count
