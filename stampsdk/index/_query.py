"""From touches to ordered hits, over all parts of an index."""

import os
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from stampsdk.geometry._hull import TIE_MM
from stampsdk.geometry._validation import normalised
from stampsdk.index._forest import Forest, Plot
from stampsdk.index._labelling import Margins
from stampsdk.index._search import Found, Plan, search_part

_LEAST_BLOCK = 32
_FIRST_ROOM = 64
_BEYOND_MM = 1e100  # no press of this size is within any tolerance, and its square is still a number


class Answers(NamedTuple):
    """Hits of many queries, ordered by query, residual and id; each id once a query."""

    query: NDArray[np.int64]
    ids: NDArray[np.int64]
    residual: NDArray[np.float64]
    labels: NDArray[np.int64]


class Question(NamedTuple):
    """What is the same for all queries of a call."""

    scale: tuple[float, float]
    tolerance: float
    margins: Margins
    plan: Plan


def answer(forest: Forest, touches: NDArray[np.float64], question: Question) -> Answers:
    """Find the living patterns within the tolerance of each query (Q, m, 2), on all cores."""
    blocks = min(os.cpu_count() or 1, len(touches) // _LEAST_BLOCK)
    if blocks <= 1:
        return _answer_block(forest, touches, question)
    pieces = np.array_split(touches, blocks)
    with ThreadPoolExecutor(blocks) as pool:
        found = list(pool.map(lambda piece: _answer_block(forest, piece, question), pieces))
    starts = np.cumsum([0, *map(len, pieces)])
    shifted = [part._replace(query=part.query + start) for part, start in zip(found, starts, strict=False)]
    return _joined(shifted)


def without_ghost(forest: Forest, touches: NDArray[np.float64], question: Question) -> Answers:
    """Find the living patterns within the tolerance of one query (m, 2), any one of its touches left out."""
    count = len(touches)
    kept = np.array([[k for k in range(count) if k != ghost] for ghost in range(count)])
    found = answer(forest, touches[kept], question)
    labels = np.full((len(found.ids), count), -1, np.int64)
    np.put_along_axis(labels, kept[found.query], found.labels, axis=1)
    return _best_of_each(Answers(np.zeros_like(found.query), found.ids, found.residual, labels))


def _answer_block(forest: Forest, touches: NDArray[np.float64], question: Question) -> Answers:
    units, norms = normalised(touches)
    low, high = np.zeros_like(norms), np.full_like(norms, np.inf)
    if question.scale[0] > 0.0:
        with np.errstate(over="ignore"):
            low, high = (np.minimum(end * norms, _BEYOND_MM) for end in question.scale)
    found = _joined([_search_plot(plot, units, low, high, question) for plot in forest])
    return _best_of_each(found)


def _search_plot(
    plot: Plot,
    units: NDArray[np.complex128],
    low: NDArray[np.float64],
    high: NDArray[np.float64],
    question: Question,
) -> Answers:
    room = Found.room(_FIRST_ROOM + 16 * len(units), units.shape[1])
    while True:
        count = search_part(
            plot.part, plot.alive, units, low, high, question.tolerance, question.margins, question.plan, room
        )
        if count <= len(room.rows):
            break
        room = Found.room(count, units.shape[1])
    return Answers(
        room.query[:count], plot.part.ids[room.rows[:count]], room.residual[:count], room.labels[:count]
    )


def _joined(found: list[Answers]) -> Answers:
    return Answers(*(np.concatenate(fields) for fields in zip(*found, strict=True)))


def _best_of_each(found: Answers) -> Answers:
    """Keep the least residual of each query and id and the least labelling tied for it; then order."""
    order = np.lexsort((found.ids, found.query))
    query, ids, residual, labels = found = _taken(found, order)
    fresh = np.ones(len(ids), np.bool_)
    fresh[1:] = (ids[1:] != ids[:-1]) | (query[1:] != query[:-1])
    if not fresh.all():
        group = np.cumsum(fresh) - 1
        least = np.minimum.reduceat(residual, np.flatnonzero(fresh))[group]
        tied = residual <= least + TIE_MM
        order = np.lexsort((*labels.T[::-1], ~tied, group))
        first = order[np.flatnonzero(np.diff(group[order], prepend=-1))]
        found = _taken(Answers(query, ids, least, labels), first)
    return _taken(found, np.lexsort((found.ids, found.residual, found.query)))


def _taken(found: Answers, rows: NDArray[np.int64]) -> Answers:
    return Answers(found.query[rows], found.ids[rows], found.residual[rows], found.labels[rows])
