# ruff: noqa: C901, FURB136, PLR0912, PLR0915, PLR0917 - kernels: loops by design, positional arguments only,
# and choices written so that they become one vector instruction: min and max mind NaN
"""Walk a tree with many probes at once.

A node is opened once for all probes that reach it, and a leaf is read once: a batch of queries costs a
fraction of the memory traffic of the same queries one by one. A single query walks with all of its
labellings.
"""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from stampsdk.geometry._compile import inlined, kernel
from stampsdk.index._chart import COORDINATES
from stampsdk.index._probes import ALONG, HIGH, LOW, TURNED, WEIGHT
from stampsdk.index._tree import AXES, FAN, LEAF_ROWS, SIZE, STEPS, Tree

_WIDEST = np.float32(4.0)  # beyond any distance in the chart, which is at most 2
_NONE = np.float32(0.0)
_HALF = np.float32(0.5)
_ONE = np.float32(1.0)
_NEARLY_ONE = np.float32(0.999)
_MEETING = np.float32(
    4e-6
)  # rounding of a squared Procrustes distance, one less a product; theory.md, section 7
_STEPS = np.float32(STEPS)


class Trail(NamedTuple):
    """Where a walk is: at each depth a node, its next child, and the probes that reach each child.

    Attributes
    ----------
    steps : int64 (depth, 4)
        The node, its next child, where the lists of its children begin, and how long each may be.
    counts : int64 (depth, FAN)
        How many probes reach each child.
    lists : int32 (...)
        Child c's probes are ``lists[begin + c * length:]``.
    depth : int64 (1,)
        Where the walk stands; -1 when it is over.
    """

    steps: NDArray[np.int64]
    counts: NDArray[np.int64]
    lists: NDArray[np.int32]
    depth: NDArray[np.int64]


@kernel
def new_trail(tree: Tree, root: int, probes: NDArray[np.int32]) -> Trail:
    """Stand before a root with some probes."""
    depth = 1
    node = np.int64(root)
    while tree.links[node, 2] == 0:
        node = np.int64(tree.links[node, 0])
        depth += 1
    steps = np.zeros((depth + 1, 4), np.int64)
    counts = np.zeros((depth + 1, FAN), np.int64)
    lists = np.empty((1 + FAN * depth) * probes.shape[0], np.int32)
    # A step above the root, whose only child it is.
    steps[0, 0] = root
    steps[0, 3] = probes.shape[0]
    counts[0, 0] = probes.shape[0]
    lists[: probes.shape[0]] = probes
    return Trail(steps, counts, lists, np.zeros(1, np.int64))


@kernel
def walk(
    tree: Tree,
    trail: Trail,
    probes: NDArray[np.float32],
    complete: bool,
    radius: float,
    widened: float,
    pairs: NDArray[np.int32],
    tally: NDArray[np.int64],
) -> int:
    """Go on with a walk until it is over or there is little room left; write who may lie where.

    Parameters
    ----------
    tree, trail : Tree, Trail
    probes : float32 (P, PROBE_FIELDS)
    complete : bool
        Whether the chart holds all of a shape, so that the distance of two follows from their places.
    radius, widened : float
        In mm, and its square after allowing for rounding in float32.
    pairs : int32 (..., 2), written
        A probe and a row of the tree that can be within the radius of it. There must be room for LEAF_ROWS
        pairs a probe.
    tally : int64 (5,), added to
        In places 1 and 2: how many nodes and leaves were visited, each by each probe.

    Returns
    -------
    int
        How many pairs were written.
    """
    boxes, frames, links, points, starts = tree.boxes, tree.frames, tree.links, tree.points, tree.starts
    steps, counts, lists = trail.steps, trail.counts, trail.lists
    limit, reach = np.float32(widened), np.float32(radius)
    lows, highs = np.empty((AXES, LEAF_ROWS), np.float32), np.empty((AXES, LEAF_ROWS), np.float32)
    flags = np.zeros(LEAF_ROWS, np.uint8)
    words = flags.view(np.uint64)
    written = 0
    depth = trail.depth[0]
    while depth >= 0:
        node, child = steps[depth, 0], steps[depth, 1]
        children = links[node, 1] if depth > 0 else 1
        if child == children:
            depth -= 1
            continue
        several = counts[depth, child]
        if several == 0:
            steps[depth, 1] += 1
            continue
        begin = steps[depth, 2] + child * steps[depth, 3]
        if depth == 0 or links[node, 2] == 0:
            steps[depth, 1] += 1
            node = links[node, 0] + child if depth > 0 else node
            depth += 1
            tally[1] += several
            children = links[node, 1]
            _decode_boxes(boxes, frames, node, children, lows, highs)
            after = steps[depth - 1, 2] + FAN * steps[depth - 1, 3] if depth > 1 else several
            steps[depth, 0] = node
            steps[depth, 1] = 0
            steps[depth, 2] = after
            steps[depth, 3] = several
            for place in range(children):
                counts[depth, place] = 0
            for index in range(begin, begin + several):
                probe = lists[index]
                _reach_children(lows, highs, probes, probe, limit, reach, flags)
                for place in range(children):  # every list is written on, so that no branch is mispredicted
                    lists[after + place * several + counts[depth, place]] = probe
                    counts[depth, place] += flags[place]
            continue
        if written + several * LEAF_ROWS > pairs.shape[0]:
            break
        steps[depth, 1] += 1
        tally[2] += several
        leaf = links[node, 0] + child
        first = starts[leaf]
        rows = starts[leaf + 1] - first
        _decode_points(boxes, frames, points, node, child, leaf, rows, lows, highs)
        blur, half, least = _blur(lows, highs, rows)
        if complete:
            blur = _lengths(lows, highs, rows, blur)
        for index in range(begin, begin + several):
            probe = lists[index]
            if complete:
                _meet_rows(lows, highs, probes, probe, blur, half, least, limit, reach, flags)
            else:
                _reach_rows(lows, probes, probe, blur, half, least, limit, reach, flags)
            if not words[0] | words[1] | words[2] | words[3]:
                continue
            for word in range(LEAF_ROWS // 8):
                if words[word]:
                    for row in range(8 * word, min(8 * word + 8, rows)):
                        if flags[row]:
                            pairs[written, 0] = probe
                            pairs[written, 1] = first + row
                            written += 1
    trail.depth[0] = depth
    return written


@inlined
def _decode_boxes(
    boxes: Any,
    frames: Any,
    node: Any,
    children: Any,
    lows: Any,
    highs: Any,
) -> Any:
    """Write the boxes of a node's children."""
    for axis in range(AXES):
        origin, step = frames[node, 0, axis], frames[node, 1, axis]
        for child in range(children):
            lows[axis, child] = origin + step * np.float32(np.int32(boxes[node, axis, 0, child]))
            highs[axis, child] = origin + step * np.float32(np.int32(boxes[node, axis, 1, child]))


@inlined
def _reach_children(
    lows: Any,
    highs: Any,
    probes: Any,
    probe: Any,
    limit: Any,
    reach: Any,
    flags: Any,
) -> Any:
    """Flag the children that can hold a pattern within the radius of a probe (theory.md, lemma 4)."""
    weight, low, high = probes[probe, WEIGHT], probes[probe, LOW], probes[probe, HIGH]
    for child in range(FAN):
        total = _NONE
        for axis in range(COORDINATES):
            at = probes[probe, axis]
            below, above = lows[axis, child] - at, at - highs[axis, child]
            away = below if below > above else above
            away = away if away > _NONE else _NONE
            total += away * away
        total *= weight
        least = lows[SIZE, child]
        below, above = least - high, low - highs[SIZE, child]
        gap = below if below > above else above
        gap = gap if gap > _NONE else _NONE
        norm = least - reach
        norm = norm if norm > low else low
        norm = norm if norm < high else high
        flags[child] = (total * least * least <= limit) & (total * least * norm + gap * gap <= limit)


@inlined
def _decode_points(
    boxes: Any,
    frames: Any,
    points: Any,
    node: Any,
    child: Any,
    leaf: Any,
    rows: Any,
    lows: Any,
    steps: Any,
) -> Any:
    """Write the points of a leaf, and in the first column of `steps` the length of a step in each axis."""
    for axis in range(AXES):
        origin, step = frames[node, 0, axis], frames[node, 1, axis]
        low = origin + step * np.float32(np.int32(boxes[node, axis, 0, child]))
        high = origin + step * np.float32(np.int32(boxes[node, axis, 1, child]))
        between = (high - low) / _STEPS
        steps[axis, 0] = between
        for row in range(rows):
            lows[axis, row] = low + between * np.float32(np.int32(points[leaf, axis, row]))


@inlined
def _blur(
    lows: Any,
    steps: Any,
    rows: Any,
) -> Any:
    """Bound how far the rows of a leaf are off their points, in the chart and in size; and the least size."""
    squares = _NONE
    for axis in range(COORDINATES):
        squares += steps[axis, 0] * steps[axis, 0]
    blur = _HALF * np.sqrt(squares)
    half = _HALF * steps[SIZE, 0]
    least = lows[SIZE, 0]
    for row in range(1, rows):
        least = lows[SIZE, row] if lows[SIZE, row] < least else least
    least -= half
    return blur, half, least if least > _NONE else _NONE


@inlined
def _reach_rows(
    lows: Any,
    probes: Any,
    probe: Any,
    blur: Any,
    half: Any,
    least: Any,
    limit: Any,
    reach: Any,
    flags: Any,
) -> Any:
    """Flag the points that can be a pattern within the radius of a probe.

    With d the distance to a point, that to its row is at least d - blur, and (d - blur)² >= d² - 2·d·blur.
    """
    weight, low, high = probes[probe, WEIGHT], probes[probe, LOW], probes[probe, HIGH]
    norm = least - reach
    norm = norm if norm > low else low
    norm = norm if norm < high else high
    farthest = _WIDEST
    if weight > _NONE and least > _NONE:
        distance = np.sqrt(limit / weight) / least + blur
        farthest = distance if distance < farthest else farthest
    square = farthest * farthest
    spared = np.float32(2.0) * farthest * blur
    factor = weight * least * norm
    smallest, greatest = low - half, high + half
    for row in range(LEAF_ROWS):
        total = _NONE
        for axis in range(COORDINATES):
            away = lows[axis, row] - probes[probe, axis]
            total += away * away
        below, above = lows[SIZE, row] - greatest, smallest - lows[SIZE, row]
        gap = below if below > above else above
        gap = gap if gap > _NONE else _NONE
        flags[row] = (total <= square) & ((total - spared) * factor + gap * gap <= limit)


@inlined
def _lengths(
    lows: Any,
    highs: Any,
    rows: Any,
    blur: Any,
) -> Any:
    """Write how much of each point lies along the gauge; return how far rows are off, as shapes.

    Moving a place by `blur` moves the shape by no more than blur over the least of what lies along the gauge.
    """
    widest = _NONE
    for row in range(rows):
        across = _NONE
        for axis in range(COORDINATES):
            across += lows[axis, row] * lows[axis, row]
        widest = across if across > widest else widest
        highs[SIZE, row] = np.sqrt(_ONE - across if across < _ONE else _NONE)
    reach = np.sqrt(widest) + blur
    return blur / np.sqrt(_ONE - reach * reach) if reach < _NEARLY_ONE else _WIDEST


@inlined
def _meet_rows(
    lows: Any,
    highs: Any,
    probes: Any,
    probe: Any,
    blur: Any,
    half: Any,
    least: Any,
    limit: Any,
    reach: Any,
    flags: Any,
) -> Any:
    """Flag the points that can be a pattern within the radius of a probe, by their Procrustes distance."""
    low, high, along = probes[probe, LOW], probes[probe, HIGH], probes[probe, ALONG]
    norm = least - reach
    norm = norm if norm > low else low
    norm = norm if norm < high else high
    farthest = _WIDEST
    if least > _NONE:
        distance = np.sqrt(limit) / least + blur
        farthest = distance if distance < farthest else farthest
    square = farthest * farthest + _MEETING
    spared = np.float32(2.0) * farthest * blur + _MEETING
    factor = least * norm
    smallest, greatest = low - half, high + half
    for row in range(LEAF_ROWS):
        real = along * highs[SIZE, row]
        imaginary = _NONE
        for axis in range(COORDINATES):
            real += lows[axis, row] * probes[probe, axis]
            imaginary += lows[axis, row] * probes[probe, TURNED + axis]
        total = _ONE - (real * real + imaginary * imaginary)
        below, above = lows[SIZE, row] - greatest, smallest - lows[SIZE, row]
        gap = below if below > above else above
        gap = gap if gap > _NONE else _NONE
        flags[row] = (total <= square) & ((total - spared) * factor + gap * gap <= limit)
