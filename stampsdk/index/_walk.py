# ruff: noqa: C901, PLR0912, PLR0915, PLR0917 - kernels: loops by design, positional arguments only
"""Walk a tree with many probes at once.

A node is opened once for all probes that reach it, and a leaf is read once: a batch of queries costs a
fraction of the memory traffic of the same queries one by one. A single query walks with all of its
labellings.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from stampsdk.geometry._compile import kernel
from stampsdk.index._reach import (
    blur_of,
    decode_boxes,
    decode_points,
    lengths,
    meet_rows,
    reach_children,
    reach_rows,
)
from stampsdk.index._tree import AXES, FAN, LEAF_ROWS, Tree


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
            decode_boxes(boxes, frames, node, children, lows, highs)
            after = steps[depth - 1, 2] + FAN * steps[depth - 1, 3] if depth > 1 else several
            steps[depth, 0] = node
            steps[depth, 1] = 0
            steps[depth, 2] = after
            steps[depth, 3] = several
            for place in range(children):
                counts[depth, place] = 0
            for index in range(begin, begin + several):
                probe = lists[index]
                reach_children(lows, highs, probes, probe, limit, reach, flags)
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
        decode_points(boxes, frames, points, node, child, leaf, rows, lows, highs)
        blur, half, least = blur_of(lows, highs, rows)
        if complete:
            blur = lengths(lows, highs, rows, blur)
        for index in range(begin, begin + several):
            probe = lists[index]
            if complete:
                meet_rows(lows, highs, probes, probe, blur, half, least, limit, reach, flags)
            else:
                reach_rows(lows, probes, probe, blur, half, least, limit, reach, flags)
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
