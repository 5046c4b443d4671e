# ruff: noqa: PLR0917 - kernels: loops by design, positional arguments only
"""A k-d tree with a box around the keys and a range of sizes at every node."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from stampsdk.geometry._compile import kernel

_LEAF_ROWS = 16


class Nodes(NamedTuple):
    """A tree (or several, one after the other) in preorder.

    The first child of node i is ``i + 1``; ``after[i]`` is the node that follows its whole subtree, and the
    second child is ``after[i + 1]``. A leaf has ``after[i] == i + 1``.

    Attributes
    ----------
    first, last : int64 (M,)
        Its rows.
    after : int64 (M,)
    low, high : float32 (M, d)
        The least box that holds its keys.
    least, most : float64 (M,)
        The range of its sizes, mm.
    """

    first: NDArray[np.int64]
    last: NDArray[np.int64]
    after: NDArray[np.int64]
    low: NDArray[np.float32]
    high: NDArray[np.float32]
    least: NDArray[np.float64]
    most: NDArray[np.float64]


@kernel
def grow(
    keys: NDArray[np.float32], sizes: NDArray[np.float64], rows: NDArray[np.int64], start: int, stop: int
) -> Nodes:
    """Build the tree over rows start to stop; keys, sizes and rows are rearranged there."""
    width = keys.shape[1]
    capacity = 4 * max(1, (stop - start) // _LEAF_ROWS) + 1
    nodes = Nodes(
        np.empty(capacity, np.int64),
        np.empty(capacity, np.int64),
        np.empty(capacity, np.int64),
        np.empty((capacity, width), np.float32),
        np.empty((capacity, width), np.float32),
        np.empty(capacity, np.float64),
        np.empty(capacity, np.float64),
    )
    waiting = [(start, stop)]
    count = 0
    while len(waiting) > 0:
        first, last = waiting.pop()
        nodes.first[count] = first
        nodes.last[count] = last
        axis = _bound(keys, sizes, nodes, count)
        if last - first > _LEAF_ROWS:
            middle = (first + last) // 2
            _split(keys, sizes, rows, first, middle, last - 1, axis)
            waiting.append((middle, last))
            waiting.append((first, middle))
        count += 1
    for node in range(count - 1, -1, -1):
        if nodes.last[node] - nodes.first[node] > _LEAF_ROWS:
            nodes.after[node] = nodes.after[nodes.after[node + 1]]
        else:
            nodes.after[node] = node + 1
    return Nodes(
        nodes.first[:count].copy(),
        nodes.last[:count].copy(),
        nodes.after[:count].copy(),
        nodes.low[:count].copy(),
        nodes.high[:count].copy(),
        nodes.least[:count].copy(),
        nodes.most[:count].copy(),
    )


@kernel
def _bound(keys: NDArray[np.float32], sizes: NDArray[np.float64], nodes: Nodes, node: int) -> int:
    """Write the box and the sizes of a node; return the axis it is widest in (-1: size), in mm."""
    first, last = nodes.first[node], nodes.last[node]
    least, most = sizes[first], sizes[first]
    for row in range(first, last):
        least = min(least, sizes[row])
        most = max(most, sizes[row])
    nodes.least[node] = least
    nodes.most[node] = most
    widest = most - least
    axis = -1
    for column in range(keys.shape[1]):
        low, high = keys[first, column], keys[first, column]
        for row in range(first, last):
            low = min(low, keys[row, column])
            high = max(high, keys[row, column])
        nodes.low[node, column] = low
        nodes.high[node, column] = high
        if (high - low) * least > widest:
            widest = (high - low) * least
            axis = column
    return axis


@kernel
def _split(
    keys: NDArray[np.float32],
    sizes: NDArray[np.float64],
    rows: NDArray[np.int64],
    first: int,
    middle: int,
    last: int,
    axis: int,
) -> None:
    """Put the row that belongs at `middle` there, smaller ones before it (C. A. R. Hoare, Find, 1961)."""
    while first < last:
        pivot = _value(keys, sizes, (first + last) // 2, axis)
        left, right = first, last
        while left <= right:
            while _value(keys, sizes, left, axis) < pivot:
                left += 1
            while _value(keys, sizes, right, axis) > pivot:
                right -= 1
            if left <= right:
                for column in range(keys.shape[1]):
                    keys[left, column], keys[right, column] = keys[right, column], keys[left, column]
                sizes[left], sizes[right] = sizes[right], sizes[left]
                rows[left], rows[right] = rows[right], rows[left]
                left += 1
                right -= 1
        if middle <= right:
            last = right
        elif middle >= left:
            first = left
        else:
            return


@kernel
def _value(keys: NDArray[np.float32], sizes: NDArray[np.float64], row: int, axis: int) -> float:
    return sizes[row] if axis < 0 else float(keys[row, axis])


@kernel
def walk(
    nodes: Nodes,
    keys: NDArray[np.float32],
    sizes: NDArray[np.float64],
    top: int,
    end: int,
    key: NDArray[np.float64],
    low: float,
    high: float,
    radius: float,
    widened: float,
    rows: NDArray[np.int64],
) -> int:
    """Write every row of a tree (nodes top to end) that can be within the radius of a query; return how many.

    Parameters
    ----------
    nodes, keys, sizes
        The tree and the rows it was grown over.
    key : float64 (d,)
        Of the query, under one labelling.
    low, high : float
        Range of the query's norm, mm.
    radius, widened : float
        In mm, and its square after allowing for the rounding of the keys.
    rows : int64 (at least as many as the tree has rows), written
    """
    count = 0
    node = top
    while node < end:
        distance = 0.0
        for column in range(key.shape[0]):
            away = max(nodes.low[node, column] - key[column], key[column] - nodes.high[node, column], 0.0)
            distance += away * away
        if not _can_hold(distance, nodes.least[node], nodes.most[node], low, high, radius, widened):
            node = nodes.after[node]
            continue
        if nodes.after[node] > node + 1:
            node += 1
            continue
        for row in range(nodes.first[node], nodes.last[node]):
            distance = 0.0
            for column in range(key.shape[0]):
                away = key[column] - keys[row, column]
                distance += away * away
            if _can_hold(distance, sizes[row], sizes[row], low, high, radius, widened):
                rows[count] = row
                count += 1
        node = nodes.after[node]
    return count


@kernel
def _can_hold(
    distance: float, least: float, most: float, low: float, high: float, radius: float, widened: float
) -> bool:
    """Whether a pattern of size least to most, its key at least this far squared, can be within the radius.

    theory.md, lemma 4.
    """
    gap = max(least - high, low - most, 0.0)
    norm = min(max(least - radius, low), high)
    return distance * least * least <= widened and distance * least * norm + gap * gap <= widened
