"""Giving each of many places the least rank that no place near it has: graph colouring.

The graph is never stored. Neighbours are found by walking a k-d tree whenever they are needed, since a
million shops in cities have billions of pairs of neighbours.
"""

# ruff: noqa: C901, PLR0917 - kernels: loops by design, positional arguments only

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from stampsdk.geometry._compile import kernel

_LEAF = 32
_CHUNK = 1 << 12


class Places(NamedTuple):
    """A k-d tree over places.

    Attributes
    ----------
    axis : int64 (K,)
        Of each node, the axis that it splits, or -1 for a leaf.
    split : float64 (K,)
    children : int64 (K, 2)
        The nodes below; of a leaf, its first point and the one after its last.
    points : float64 (N, 3)
        In the order of the leaves.
    rows : int64 (N,)
        Which place each point is.
    levels : int
        Of nodes, one below the other.
    """

    axis: NDArray[np.int64]
    split: NDArray[np.float64]
    children: NDArray[np.int64]
    points: NDArray[np.float64]
    rows: NDArray[np.int64]
    levels: int


def places_of(sphere: NDArray[np.float64]) -> Places:
    """Return the tree of unit vectors (N, 3), flat, as kernels can walk it."""
    tree = cKDTree(sphere, leafsize=_LEAF)
    axis: list[int] = []
    split: list[float] = []
    children: list[tuple[int, int]] = []
    waiting: list[Any] = [tree.tree]
    levels = 0
    while waiting:
        levels += 1
        following: list[Any] = []
        first = len(axis) + len(waiting)
        for node in waiting:
            axis.append(node.split_dim)
            if node.split_dim < 0:
                split.append(0.0)
                children.append((node.start_idx, node.end_idx))
                continue
            split.append(node.split)
            children.append((first + len(following), first + len(following) + 1))
            following += [node.lesser, node.greater]
        waiting = following
    rows = tree.indices.astype(np.int64)
    return Places(
        np.array(axis, np.int64),
        np.array(split, np.float64),
        np.array(children, np.int64).reshape(-1, 2),
        np.ascontiguousarray(sphere[rows]),
        rows,
        levels,
    )


def colour(
    sphere: NDArray[np.float64],
    ranks: NDArray[np.int64],
    order: NDArray[np.int64],
    reach: float,
    blocks: tuple[NDArray[np.int64], NDArray[np.int64]],
    report: Callable[[float], None],
) -> None:
    """Give each place in turn the least rank that nothing within reach blocks.

    Parameters
    ----------
    sphere : float64 (N, 3)
        Places.
    ranks : int64 (N,), written
        -1 where a place has none yet; -2 - k for what has no rank of its own but blocks those of list k.
    order : int64 (M,)
        The places to give a rank to, one after the other.
    reach : float
        Chord up to which places are neighbours.
    blocks : int64 (L + 1,), int64 (B,)
        List k is ``blocks[1][blocks[0][k]:blocks[0][k + 1]]``.
    report : callable
        Called with the share that is done.
    """
    places = places_of(sphere)
    held = ranks[places.rows]
    where = np.empty(len(ranks), np.int64)
    where[places.rows] = np.arange(len(ranks))
    # No place needs a rank beyond the number of places and of ranks that are held already.
    marks = np.full(len(ranks) + int(max(ranks.max(initial=-1), blocks[1].max(initial=-1))) + 3, -1, np.int64)
    for start in range(0, len(order), _CHUNK):
        rows = where[order[start : start + _CHUNK]]
        _colour(places, held, rows, start, reach, blocks[0], blocks[1], marks)
        report(min(1.0, (start + _CHUNK) / len(order)))
    ranks[places.rows] = held


@kernel
def _colour(
    places: Places,
    held: NDArray[np.int64],
    rows: NDArray[np.int64],
    first: int,
    reach: float,
    starts: NDArray[np.int64],
    blocked: NDArray[np.int64],
    marks: NDArray[np.int64],
) -> None:
    """Colour points of the tree; `marks` holds for each rank in whose turn it was last seen to be taken."""
    stack = np.empty(places.levels + 1, np.int64)
    square = reach * reach
    for turn in range(rows.shape[0]):
        x, y, z = places.points[rows[turn], 0], places.points[rows[turn], 1], places.points[rows[turn], 2]
        stack[0] = 0
        depth = 1
        while depth > 0:
            depth -= 1
            node = stack[depth]
            axis = places.axis[node]
            if axis >= 0:
                away = places.points[rows[turn], axis] - places.split[node]
                if away <= reach:
                    stack[depth] = places.children[node, 0]
                    depth += 1
                if away >= -reach:
                    stack[depth] = places.children[node, 1]
                    depth += 1
                continue
            for other in range(places.children[node, 0], places.children[node, 1]):
                rank = held[other]
                if rank == -1:
                    continue
                dx, dy, dz = (
                    places.points[other, 0] - x,
                    places.points[other, 1] - y,
                    places.points[other, 2] - z,
                )
                if dx * dx + dy * dy + dz * dz > square:
                    continue
                if rank >= 0:
                    marks[rank] = first + turn
                else:
                    for place in range(starts[-2 - rank], starts[-1 - rank]):
                        marks[blocked[place]] = first + turn
        rank = 0
        while marks[rank] == first + turn:
            rank += 1
        held[rows[turn]] = rank
