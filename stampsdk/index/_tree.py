# ruff: noqa: PLR0917 - kernels: loops by design, positional arguments only
"""A wide tree: sixteen children a node, boxes and points as bytes inside the box above them.

A node holds the boxes of its children, a leaf its rows' coordinates, both as bytes between the ends of the
box that contains them and both one coordinate after the other, so that sixteen boxes or thirty-two points are
compared in a few vector instructions. Boxes are rounded outward. The last axis is size in mm, the others are
those of the chart. Nodes take about half a byte a row, so that they stay in cache; leaves take seven.
"""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from stampsdk.geometry._compile import kernel
from stampsdk.index._chart import COORDINATES

AXES = COORDINATES + 1
SIZE = COORDINATES
FAN = 16
LEAF_ROWS = 32
STEPS = 255.0


class Tree(NamedTuple):
    """A tree, or several, one after the other, in order of breadth.

    Attributes
    ----------
    boxes : uint8 (M, AXES, 2, FAN)
        Low and high ends of the children's boxes, in steps of the node's own box.
    frames : float32 (M, 2, AXES)
        The node's own box: its low end, and the length of a step.
    links : int32 (M, 3)
        The first child, how many there are, and 1 where they are leaves.
    points : uint8 (L, AXES, LEAF_ROWS)
        Coordinates of a leaf's rows, in steps of the leaf's box; a row is off by half a step at most.
    starts : int32 (L + 1,)
        The rows of leaf i are ``starts[i]:starts[i + 1]``, at most LEAF_ROWS.
    """

    boxes: NDArray[np.uint8]
    frames: NDArray[np.float32]
    links: NDArray[np.int32]
    points: NDArray[np.uint8]
    starts: NDArray[np.int32]


def leaves_for(rows: int) -> int:
    """Return how many leaves hold so many rows."""
    return max(1, -(-rows // LEAF_ROWS))


@kernel
def grow(
    keys: NDArray[np.float32], sizes: NDArray[np.float32], rows: NDArray[np.int32], start: int, stop: int
) -> Tree:
    """Build the tree over rows start to stop; keys, sizes and rows are rearranged there.

    Every leaf is equally full, give or take one row, so only the counts decide the shape of the tree; the
    coordinates decide along which axis, the widest in mm, each group of rows is split.
    """
    total = stop - start
    leaves = max(1, -(-total // LEAF_ROWS))
    most = leaves // 4 + 8
    spans = np.empty((most, 2), np.int64)  # the leaves below each node
    links = np.empty((most, 3), np.int32)
    bounds = np.empty(FAN + 1, np.int64)
    spans[0, 0], spans[0, 1] = 0, leaves
    count = 1
    node = 0
    while node < count:
        first, last = spans[node, 0], spans[node, 1]
        below = 1  # how many leaves a child can hold
        while below * FAN < last - first:
            below *= FAN
        children = -(-(last - first) // below)
        for child in range(children + 1):
            bounds[child] = first + (last - first) * child // children
        _split_among(keys, sizes, rows, start, total, leaves, bounds, children)
        links[node, 1] = children
        links[node, 2] = below == 1
        links[node, 0] = first if below == 1 else count
        if below > 1:
            for child in range(children):
                spans[count, 0], spans[count, 1] = bounds[child], bounds[child + 1]
                count += 1
        node += 1
    starts = np.empty(leaves + 1, np.int32)
    for leaf in range(leaves + 1):
        starts[leaf] = start + total * leaf // leaves
    return _written(keys, sizes, links[:count].copy(), starts)


@kernel
def _split_among(
    keys: NDArray[np.float32],
    sizes: NDArray[np.float32],
    rows: NDArray[np.int32],
    start: int,
    total: int,
    leaves: int,
    bounds: NDArray[np.int64],
    children: int,
) -> None:
    """Rearrange the rows of a node so that each child, of leaves bounds[c]:bounds[c + 1], is compact."""
    waiting = [(0, children)]
    while len(waiting) > 0:
        low, high = waiting.pop()
        if high - low < 2:  # noqa: PLR2004 - one child is not split here
            continue
        middle = (low + high) // 2
        first = start + total * bounds[low] // leaves
        split = start + total * bounds[middle] // leaves
        last = start + total * bounds[high] // leaves
        if last - first > 1:
            _select(keys, sizes, rows, first, split, last - 1, _widest(keys, sizes, first, last))
        waiting.append((low, middle))
        waiting.append((middle, high))


@kernel
def _widest(keys: NDArray[np.float32], sizes: NDArray[np.float32], first: int, last: int) -> int:
    """Return the axis in which rows first to last lie farthest apart, in mm."""
    low, high = np.empty(AXES, np.float32), np.empty(AXES, np.float32)
    _bound(keys, sizes, first, last, low, high)
    axis = SIZE
    widest = high[SIZE] - low[SIZE]
    for column in range(COORDINATES):
        width = (high[column] - low[column]) * low[SIZE]
        if width > widest:
            widest = width
            axis = column
    return axis


@kernel
def _bound(
    keys: NDArray[np.float32],
    sizes: NDArray[np.float32],
    first: int,
    last: int,
    low: NDArray[np.float32],
    high: NDArray[np.float32],
) -> None:
    """Write the least box that holds rows first to last."""
    for column in range(COORDINATES):
        low[column] = np.inf
        high[column] = -np.inf
    least, most = np.float32(np.inf), np.float32(-np.inf)
    for row in range(first, last):
        for column in range(COORDINATES):
            low[column] = min(low[column], keys[row, column])
            high[column] = max(high[column], keys[row, column])
        least = min(least, sizes[row])
        most = max(most, sizes[row])
    low[SIZE] = least
    high[SIZE] = most


@kernel
def _select(
    keys: NDArray[np.float32],
    sizes: NDArray[np.float32],
    rows: NDArray[np.int32],
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
                for column in range(COORDINATES):
                    kept = keys[left, column]
                    keys[left, column] = keys[right, column]
                    keys[right, column] = kept
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
def _value(keys: NDArray[np.float32], sizes: NDArray[np.float32], row: int, axis: int) -> float:
    return float(sizes[row] if axis == SIZE else keys[row, axis])


@kernel
def _written(
    keys: NDArray[np.float32], sizes: NDArray[np.float32], links: NDArray[np.int32], starts: NDArray[np.int32]
) -> Tree:
    """Write boxes, from the leaves up, and then everything as bytes."""
    count = links.shape[0]
    leaves = starts.shape[0] - 1
    leaf_boxes = np.empty((leaves, 2, AXES), np.float32)
    for leaf in range(leaves):
        _bound(keys, sizes, starts[leaf], starts[leaf + 1], leaf_boxes[leaf, 0], leaf_boxes[leaf, 1])
    own = np.empty((count, 2, AXES), np.float32)
    boxes = np.zeros((count, AXES, 2, FAN), np.uint8)
    frames = np.empty((count, 2, AXES), np.float32)
    points = np.zeros((leaves, AXES, LEAF_ROWS), np.uint8)
    for node in range(count - 1, -1, -1):
        first, children, bottom = links[node]
        below = leaf_boxes if bottom else own
        for axis in range(AXES):
            low, high = below[first, 0, axis], below[first, 1, axis]
            for child in range(first + 1, first + children):
                low = min(low, below[child, 0, axis])
                high = max(high, below[child, 1, axis])
            own[node, 0, axis], own[node, 1, axis] = low, high
            # A little longer than need be, so that rounding leaves the high end within reach of 255 steps.
            step = np.float32((high - low) / STEPS * (1.0 + 1e-6))
            frames[node, 0, axis], frames[node, 1, axis] = low, step
            for child in range(children):
                box = below[first + child]
                boxes[node, axis, 0, child] = _floor(low, step, box[0, axis])
                boxes[node, axis, 1, child] = _ceiling(low, step, box[1, axis])
        if bottom:
            for child in range(children):
                _write_points(keys, sizes, frames[node], boxes[node], child, starts, first + child, points)
    return Tree(boxes, frames, links, points, starts)


@kernel
def _floor(origin: Any, step: Any, value: Any) -> int:
    """Return the most steps that do not go beyond a value."""
    if step <= 0.0:
        return 0
    steps = int(min(max((value - origin) / step, 0.0), STEPS))
    while steps > 0 and np.float32(origin + step * np.float32(steps)) > value:
        steps -= 1
    return steps


@kernel
def _ceiling(origin: Any, step: Any, value: Any) -> int:
    """Return the fewest steps that reach a value."""
    if step <= 0.0:
        return 0
    steps = int(min(max((value - origin) / step, 0.0), STEPS))
    while steps < STEPS and np.float32(origin + step * np.float32(steps)) < value:
        steps += 1
    return steps


@kernel
def _write_points(
    keys: NDArray[np.float32],
    sizes: NDArray[np.float32],
    frame: NDArray[np.float32],
    boxes: NDArray[np.uint8],
    child: int,
    starts: NDArray[np.int32],
    leaf: int,
    points: NDArray[np.uint8],
) -> None:
    """Write a leaf's rows in steps of its box as the node above tells it."""
    first, last = starts[leaf], starts[leaf + 1]
    for axis in range(AXES):
        origin = frame[0, axis] + frame[1, axis] * np.float32(boxes[axis, 0, child])
        end = frame[0, axis] + frame[1, axis] * np.float32(boxes[axis, 1, child])
        step = np.float32((end - origin) / STEPS)
        for row in range(first, last):
            value = sizes[row] if axis == SIZE else keys[row, axis]
            steps = (value - origin) / step if step > 0.0 else 0.0
            points[leaf, axis, row - first] = int(min(max(steps + 0.5, 0.0), STEPS))
