"""Bands of patterns of like size, each with its own tree, over one chart."""

import itertools
import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from stampsdk.index._chart import COORDINATES
from stampsdk.index._tree import AXES, FAN, LEAF_ROWS, Tree, grow

_PER_OCTAVE = 4


class Bands(NamedTuple):
    """What is searched: labelled shapes in the order of the trees, one tree a band of sizes.

    Margins are relative to the size of a pattern, so patterns of like size stand together: a small one widens
    the margins of its own band only.

    Attributes
    ----------
    gauge, basis : complex128 (m,), float64 (2m, COORDINATES)
        The chart.
    ends : int64 (B + 1,)
        The entries of band b are ``ends[b]:ends[b + 1]``.
    roots : int64 (B,)
    sizes : float64 (B, 2)
        Least and greatest norm in the band, rounded outward, mm.
    tree : Tree
    rows : int32 (E,), or empty
        The row of the part that each entry stands for; where it is empty, entry i is row i.
    codes : uint8 (E, bytes), or empty
        Which of the row's tips, in canonical order, stands at each place of the entry, the tip left out at
        the end (see `stampsdk.index._tips`); where it is empty, all tips as they are.
    """

    gauge: NDArray[np.complex128]
    basis: NDArray[np.float64]
    ends: NDArray[np.int64]
    roots: NDArray[np.int64]
    sizes: NDArray[np.float64]
    tree: Tree
    rows: NDArray[np.int32]
    codes: NDArray[np.uint8]


def no_bands() -> Bands:
    """Return bands of nothing."""
    return Bands(
        np.zeros(1, np.complex128),
        np.zeros((2, COORDINATES)),
        np.zeros(1, np.int64),
        np.zeros(0, np.int64),
        np.zeros((0, 2)),
        _joined([]),
        np.zeros(0, np.int32),
        np.zeros((0, 1), np.uint8),
    )


def grown(
    places: NDArray[np.float32],
    sizes: NDArray[np.float32],
    chart: tuple[NDArray[np.complex128], NDArray[np.float64]],
    report: Callable[[float], None],
) -> tuple[Bands, NDArray[np.int32]]:
    """Grow the trees over the places and sizes of entries.

    Returns
    -------
    Bands, int32 (E,)
        The bands, with every entry a row of its own; and which of the entries given stands at each place.
    """
    with np.errstate(divide="ignore"):
        band_of = np.floor(_PER_OCTAVE * np.log2(sizes)).astype(np.int16)
    rows = np.argsort(band_of, kind="stable").astype(np.int32)
    starts = np.flatnonzero(np.diff(band_of[rows], prepend=np.int16(-(2**15))))
    ends = np.append(starts, len(rows)).astype(np.int64)
    del band_of
    places, sizes = places[rows], sizes[rows]
    spans = list(itertools.pairwise(ends.tolist()))
    done = 0
    trees: list[Tree] = [None] * len(spans)  # type: ignore[list-item]

    def plant(band: int) -> int:
        trees[band] = grow(places, sizes, rows, *spans[band])
        return spans[band][1] - spans[band][0]

    longest_first = sorted(range(len(spans)), key=lambda band: spans[band][0] - spans[band][1])
    with ThreadPoolExecutor(cores()) as pool:
        for entries in pool.map(plant, longest_first):
            done += entries
            report(done / len(rows))
    limits = [(_down(sizes[a:b].min()), _up(sizes[a:b].max())) for a, b in spans]
    counts = [len(tree.links) for tree in trees]
    bands = Bands(
        *chart,
        ends=ends,
        roots=np.cumsum([0, *counts[:-1]], dtype=np.int64)[: len(spans)],
        sizes=np.array(limits, np.float64).reshape(-1, 2),
        tree=_joined(trees),
        rows=np.zeros(0, np.int32),
        codes=np.zeros((0, 1), np.uint8),
    )
    return bands, rows


def cores() -> int:
    """Return how many processors this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _down(size: np.float32) -> float:
    return float(np.nextafter(size, np.float32(0.0)))


def _up(size: np.float32) -> float:
    return float(np.nextafter(size, np.float32(np.inf)))


def _joined(trees: list[Tree]) -> Tree:
    """Put trees one after the other; their links move along."""
    if not trees:
        return Tree(
            np.zeros((0, AXES, 2, FAN), np.uint8),
            np.zeros((0, 2, AXES), np.float32),
            np.zeros((0, 3), np.int32),
            np.zeros((0, AXES, LEAF_ROWS), np.uint8),
            np.zeros(1, np.int32),
        )
    nodes = leaves = 0
    for tree in trees:
        bottom = tree.links[:, 2] == 1
        tree.links[:, 0] += np.where(bottom, leaves, nodes).astype(np.int32)
        nodes += len(tree.links)
        leaves += len(tree.points)
    return Tree(
        boxes=np.concatenate([tree.boxes for tree in trees]),
        frames=np.concatenate([tree.frames for tree in trees]),
        links=np.concatenate([tree.links for tree in trees]),
        points=np.concatenate([tree.points for tree in trees]),
        starts=np.concatenate([*(tree.starts[:-1] for tree in trees), trees[-1].starts[-1:]]),
    )
