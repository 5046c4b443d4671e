"""Choosing, of all candidates of a family, many that are far enough from each other.

Which candidates are too near each other is found by `PatternIndex`, which misses none (docs/theory.md,
section 9), and decided on whole micrometres, so that it is the same everywhere.
"""

from collections.abc import Callable
from functools import partial
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from stampsdk.codebook._candidates import UM_PER_MM
from stampsdk.codebook._selection import are_too_near, independent
from stampsdk.codebook.family import StampFamily
from stampsdk.index import PatternIndex

Steps = NDArray[np.int32]
Report = Callable[[str, float], None]

_CHUNK = 1 << 16
_SPARE_MM = 2e-4
"""The index may leave out what lies closer than half of this to its tolerance."""


class Keep(Protocol):
    """What keeps a piece of the work under a name, or makes it if it is not there yet."""

    def __call__(self, name: str, make: Callable[[], NDArray[Any]], /) -> NDArray[Any]:
        """Return the piece."""


def choose(
    family: StampFamily, steps: Steps, counts: list[int], keep: Keep, report: Report
) -> NDArray[np.bool_]:
    """Choose candidates no two of which are nearer than the family's distance.

    Parameters
    ----------
    family : StampFamily
    steps : int32 (N, n, 2)
        Candidates, µm.
    counts : list of int
        How many of them have each first coordinate, one after the other.
    keep : callable
    report : callable

    Returns
    -------
    bool (N,)
        Which are chosen.
    """
    if family.scale == "free":
        slices = np.split(steps, np.cumsum(counts)[:-1])
        return np.concatenate(_slice_by_slice(family, slices, keep, report))
    graph = _conflicts(family, steps, keep, "conflicts", partial(report, "finding conflicts"))
    report("choosing", 0.0)
    chosen = independent(*_neighbours(*graph, len(steps)))
    report("choosing", 1.0)
    return chosen


def _slice_by_slice(
    family: StampFamily, slices: list[Steps], keep: Keep, report: Report
) -> list[NDArray[np.bool_]]:
    """Choose as many as there can be of one slice, then of others those that are left, and so on.

    At free scale slices lie upon each other: patterns are told apart by what is across the gauge alone. The
    lattice holds its distance within a slice, so the slice that keeps most comes first, and the others add
    shapes that it does not have.
    """
    graphs = []
    for place, steps in enumerate(slices):
        graphs.append(_conflicts(family, steps, keep, f"conflicts-{place}"))
        report("finding conflicts", (place + 1) / len(slices))
    pairs = zip(graphs, slices, strict=True)
    chosen = [independent(*_neighbours(*graph, len(steps))) for graph, steps in pairs]
    order = sorted(range(len(slices)), key=lambda place: -int(chosen[place].sum()))
    taken = slices[order[0]][chosen[order[0]]]
    for done, place in enumerate(order[1:], 2):
        steps = slices[place]
        near = keep(f"near-{place}", partial(_near_any, family, steps, taken))
        free = np.flatnonzero(~near)
        chosen[place][:] = False
        chosen[place][free] = independent(*_neighbours(*_within(graphs[place], free, len(steps)), len(free)))
        taken = np.concatenate([taken, steps[chosen[place]]])
        report("choosing", done / len(slices))
    return chosen


def _conflicts(
    family: StampFamily,
    steps: Steps,
    keep: Keep,
    name: str,
    report: Callable[[float], None] = lambda _share: None,
) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """Return all pairs of patterns that are nearer than the distance, each once, the earlier one first."""
    index = PatternIndex.build(steps / UM_PER_MM)
    # The index scales what is asked. Where that matters, a pair may be found from one of its ends only.
    both_ends = family.scale != "known"

    def near(rows: slice) -> NDArray[np.int32]:
        asked, met = _near(family, steps, rows, steps, index, once=not both_ends)
        return np.sort(np.stack([asked, met]).astype(np.int32), axis=0)

    found = [np.zeros((2, 0), np.int32)]
    for rows in _chunks(len(steps)):
        found.append(keep(f"{name}-{rows.start}", partial(near, rows)))
        report(rows.stop / len(steps))
    left, right = np.concatenate(found, axis=1)
    if both_ends:
        left, right = np.divmod(np.unique(left * np.int64(len(steps)) + right), max(len(steps), 1))
    return left.astype(np.int32), right.astype(np.int32)


def _near_any(family: StampFamily, steps: Steps, taken: Steps) -> NDArray[np.bool_]:
    """Tell which patterns are nearer than the distance to any of those that are taken."""
    near = np.zeros(len(steps), np.bool_)
    index = PatternIndex.build(taken / UM_PER_MM)
    for rows in _chunks(len(steps)):
        near[_near(family, steps, rows, taken, index)[0]] = True
    index = PatternIndex.build(steps / UM_PER_MM)
    for rows in _chunks(len(taken)):
        near[_near(family, taken, rows, steps, index)[1]] = True
    return near


def _near(
    family: StampFamily, asked: Steps, rows: slice, others: Steps, index: PatternIndex, *, once: bool = False
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return which rows of some patterns are nearer than the distance to which others, the former scaled.

    Parameters
    ----------
    index : PatternIndex
        Of the others, by their rows.
    once : bool
        Only those of a later row than what is asked. A pattern never meets itself.
    """
    tolerance = family.distance_mm / asked.shape[1] ** 0.5 + _SPARE_MM
    batch = index.search_batch(asked[rows] / UM_PER_MM, tolerance, family.scale_range)
    left = np.repeat(np.arange(rows.start, rows.stop), np.diff(batch.offsets))
    right, labels = batch.ids, batch.labels
    if asked is others:
        wanted = right > left if once else right != left
        left, right, labels = left[wanted], right[wanted], labels[wanted]
    nearer = are_too_near(asked, others, left, right, labels, family.distance_mm, family.scales())
    return left[nearer], right[nearer]


def _within(
    graph: tuple[NDArray[np.int32], NDArray[np.int32]], free: NDArray[np.int64], count: int
) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """Return the edges of a graph between some of its vertices, which are numbered anew."""
    number = np.full(count, -1, np.int32)
    number[free] = np.arange(len(free), dtype=np.int32)
    left, right = number[graph[0]], number[graph[1]]
    there = (left >= 0) & (right >= 0)
    return left[there], right[there]


def _neighbours(
    left: NDArray[np.int32], right: NDArray[np.int32], count: int
) -> tuple[NDArray[np.int64], NDArray[np.int32]]:
    """Return a graph as its vertices' neighbours, one after the other, each list ascending."""
    ends = np.concatenate([left, right])
    others = np.concatenate([right, left])
    order = np.lexsort((others, ends))
    starts = np.zeros(count + 1, np.int64)
    np.cumsum(np.bincount(ends, minlength=count), out=starts[1:])
    return starts, others[order]


def _chunks(count: int) -> list[slice]:
    return [slice(start, min(start + _CHUNK, count)) for start in range(0, count, _CHUNK)]
