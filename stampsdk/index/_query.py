"""From touches to ordered hits, over all parts of an index."""

from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from stampsdk.geometry._hull import TIE_MM
from stampsdk.geometry._validation import normalised
from stampsdk.index._arrange import arranged
from stampsdk.index._bands import Bands, cores
from stampsdk.index._chart import twist_of
from stampsdk.index._forest import Forest, Plot
from stampsdk.index._found import Found
from stampsdk.index._labelling import Margins
from stampsdk.index._probes import TO_SCAN, Plan, Queries, label_queries
from stampsdk.index._scan import scan_rows
from stampsdk.index._search import search_band

ALLOWANCE_MM = 1e-9
"""A residual may exceed the tolerance by this, so that rounding drops no exact copy at tolerance zero."""

_LEAST_BLOCK = 32
_BEYOND_MM = 1e100  # no press of this size is within any tolerance, and its square is still a number


class Answers(NamedTuple):
    """Hits of many queries, ordered by query, residual and id; each id once a query."""

    query: NDArray[np.int64]
    ids: NDArray[np.int64]
    residual: NDArray[np.float64]
    labels: NDArray[np.int64]


class Question(NamedTuple):
    """What is the same for all queries of a call.

    Attributes
    ----------
    tally : int64 (5,), added to
        Labellings, nodes and leaves that were visited, rows that were checked, rows that were scanned.
    """

    scale: tuple[float, float]
    tolerance: float
    margins: Margins
    plan: Plan
    tally: NDArray[np.int64]


def answer(forest: Forest, touches: NDArray[np.float64], question: Question) -> Answers:
    """Find the living patterns within the tolerance of each query (Q, m, 2), on all cores."""
    blocks = min(cores(), len(touches) // _LEAST_BLOCK)
    if blocks <= 1:
        return _answer_block(forest, touches, question)
    pieces = np.array_split(touches, blocks)
    asked = [question._replace(tally=np.zeros_like(question.tally)) for _ in pieces]
    with ThreadPoolExecutor(blocks) as pool:
        found = list(pool.map(lambda piece, own: _answer_block(forest, piece, own), pieces, asked))
    for own in asked:
        question.tally[:] += own.tally
    starts = np.cumsum([0, *map(len, pieces)])
    shifted = [part._replace(query=part.query + start) for part, start in zip(found, starts, strict=False)]
    return Answers(*(np.concatenate(fields) for fields in zip(*shifted, strict=True)))


def without_ghost(forest: Forest, touches: NDArray[np.float64], question: Question) -> Answers:
    """Find the living patterns within the tolerance of one query (m, 2), any one of its touches left out."""
    count = len(touches)
    kept = np.array([[k for k in range(count) if k != ghost] for ghost in range(count)])
    found = answer(forest, touches[kept], question)
    labels = np.full((len(found.ids), count), -1, np.int64)
    np.put_along_axis(labels, kept[found.query], found.labels, axis=1)
    return _best_of_each(
        found.ids, Found(np.zeros_like(found.query), found.query, found.residual, labels.astype(np.int8)), 1
    )


def _answer_block(forest: Forest, touches: NDArray[np.float64], question: Question) -> Answers:
    units, norms = normalised(touches)
    low, high = np.zeros_like(norms), np.full_like(norms, np.inf)
    if question.scale[0] > 0.0:
        with np.errstate(over="ignore"):
            low, high = (np.minimum(end * norms, _BEYOND_MM) for end in question.scale)
    queries = Queries(units, low, high)
    found = [
        (plot.part.ids_of(hits.rows), hits)
        for plot in forest
        for hits in _search_plot(plot, queries, question)
    ]
    if len(found) == 1:
        return _best_of_each(*found[0], len(touches))
    none = Found(
        np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros(0), np.zeros((0, units.shape[1]), np.int8)
    )
    ids = np.concatenate([np.zeros(0, np.int64), *(ids for ids, _ in found)])
    hits = Found(*(np.concatenate(fields) for fields in zip(none, *(hits for _, hits in found), strict=True)))
    return _best_of_each(ids, hits, len(touches))


def _search_plot(plot: Plot, queries: Queries, question: Question) -> list[Found]:
    part, alive = plot.part, plot.marks
    count, m = queries.units.shape
    limit = question.tolerance + ALLOWANCE_MM
    if m < part.tip_count and not len(part.partial.roots):
        full = part.bands
        return [
            scan_rows(
                part.tips,
                full.rows,
                full.codes,
                0,
                len(part.ids),
                alive,
                queries,
                query,
                limit,
                question.tally,
            )
            for query in range(count)
        ]
    bands = part.bands if m == part.tip_count else part.partial
    radius = float(np.sqrt(m)) * (limit + 10.0 * TIE_MM)
    twist = twist_of(bands.basis)
    found: list[Found] = []
    start = 0
    while start < count and len(bands.roots):
        probes, after = label_queries(
            queries,
            start,
            bands.ends,
            bands.sizes,
            bands.gauge,
            bands.basis,
            twist,
            radius,
            question.margins,
            question.plan,
        )
        found.extend(
            _scan_band(plot, bands, band, queries, start + query, question)
            for query, band in np.argwhere(probes.reaches == TO_SCAN).tolist()
        )
        concerned = ((probes.reaches >= 0.0) & (probes.reaches != TO_SCAN)).any(axis=0)
        found.extend(
            search_band(
                part.tips, bands.tree, bands.roots[band], bands.sizes[band, 1], bands.rows, bands.codes,
                alive, queries, probes, np.ascontiguousarray(probes.reaches[:, band]), start, radius, limit,
                question.tally,
            )
            for band in np.flatnonzero(concerned).tolist()
        )  # fmt: skip
        start = after
    return found


def _scan_band(  # noqa: PLR0917 - internal
    plot: Plot, bands: Bands, band: int, queries: Queries, query: int, question: Question
) -> Found:
    first, last = bands.ends[band : band + 2]
    limit = question.tolerance + ALLOWANCE_MM
    return scan_rows(
        plot.part.tips,
        bands.rows,
        bands.codes,
        first,
        last,
        plot.marks,
        queries,
        query,
        limit,
        question.tally,
    )


def _best_of_each(ids: NDArray[np.int64], hits: Found, queries: int) -> Answers:
    """Keep the least residual of each query and id and the least labelling tied for it; then order."""
    kept, residual = arranged(hits.query, ids, hits.residual, hits.labels, queries)
    return Answers(hits.query[kept], ids[kept], residual, hits.labels[kept].astype(np.int64))
