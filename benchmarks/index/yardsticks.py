"""What every competitor shares with our index: labelling before the tree, verification after it.

All uses of the index's internals stand here.
"""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from stampsdk.geometry._hull import TIE_MM
from stampsdk.geometry._validation import checked_scale, normalised
from stampsdk.index import PatternIndex
from stampsdk.index._arrange import arranged
from stampsdk.index._chart import COORDINATES, chart_of, stretch, twist_of
from stampsdk.index._found import room_for
from stampsdk.index._labelling import Margins
from stampsdk.index._part import Part
from stampsdk.index._probes import TO_SCAN, Plan, Queries, label_queries
from stampsdk.index._query import ALLOWANCE_MM, answer
from stampsdk.index._scan import scan_rows
from stampsdk.index._search import _check
from stampsdk.index._tips import unpack_rows

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

TALLIES = ("labellings", "nodes", "leaves", "checked", "scanned")
_CHUNK = 1 << 18
_FLOAT32 = 1e-6  # places in the chart are kept in float32


class Answers(NamedTuple):
    """Matches of many queries, by query, residual and id."""

    query: Ints
    ids: Ints
    residual: Floats


class Asked(NamedTuple):
    """A batch of queries and how it is searched.

    Attributes
    ----------
    touches : float64 (Q, n, 2)
    tolerance : float
    scale : (lo, hi) or None
    """

    touches: Floats
    tolerance: float
    scale: tuple[float, float] | None

    def first(self, count: int) -> "Asked":
        """Return the first queries."""
        return self._replace(touches=self.touches[:count])


class Labelled(NamedTuple):
    """The labellings of a batch and where each lies.

    Attributes
    ----------
    places, along : float64 (P, 6), float64 (P,)
        In the chart, and along its gauge.
    owners : int32 (P,)
        The query that each is of.
    needs : float64 (P,)
        The least reach at which a labelling is possible.
    reaches : float64 (Q, B)
        For each band of sizes; negative where nothing in it can match.
    orders : int8 (P, n)
    queries : Queries
    """

    places: Floats
    along: Floats
    owners: npt.NDArray[np.int32]
    needs: Floats
    reaches: Floats
    orders: npt.NDArray[np.int8]
    queries: Queries

    def concerns(self, band: int) -> tuple[npt.NDArray[np.intp], Floats]:
        """Return the labellings that a band concerns, and the radius of each in the chart."""
        reach = self.reaches[self.owners, band]
        probes = np.flatnonzero((reach >= self.needs) & (reach != TO_SCAN))
        reach = reach[probes]
        return probes, reach * stretches(self.along[probes], reach) + _FLOAT32

    @property
    def widest(self) -> Floats:
        """The reach of each labelling (P,), the widest of any band; negative where no band is concerned."""
        reach = np.where(self.reaches == TO_SCAN, -1.0, self.reaches).max(axis=1)[self.owners]
        return np.where(reach >= self.needs, reach, -1.0)


def part_of(index: PatternIndex) -> Part:
    """Return the arrays of an index that was built in one go."""
    (plot,) = index._forest  # noqa: SLF001 - this module is where internals are used
    return plot.part


def ours(index: PatternIndex, asked: Asked) -> tuple[Answers, dict[str, float]]:
    """Search as `search_batch` does; also count what was visited, for each query."""
    question = index._question(asked.tolerance, asked.scale)  # noqa: SLF001
    question.tally[:] = 0
    found = answer(index._forest, asked.touches, question)  # noqa: SLF001
    share = question.tally / max(1, len(asked.touches))
    return Answers(found.query, found.ids, found.residual), dict(zip(TALLIES, share.tolist(), strict=True))


def bands_of(index: PatternIndex) -> tuple[Ints, Floats]:
    """Return where each band of sizes ends, (B + 1,), and its least and greatest size, (B, 2)."""
    bands = part_of(index).bands
    return bands.ends, bands.sizes


def chart_places(index: PatternIndex) -> tuple[Floats, Floats, Floats]:
    """Return the place of every row in the chart (N, 6), how much of it lies along the gauge, and its size."""
    part = part_of(index)
    count, n = len(part.ids), part.tip_count
    places, along, sizes = np.empty((count, COORDINATES)), np.empty(count), np.empty(count)
    for start in range(0, count, _CHUNK):
        rows = np.arange(start, min(start + _CHUNK, count))
        tips = np.empty((len(rows), n), np.complex128)
        unpack_rows(part.tips.leading, part.tips.trailing, rows, tips)
        sizes[rows] = np.linalg.norm(tips, axis=1)
        here = np.empty((len(rows), COORDINATES), np.float32)
        chart_of(tips, sizes[rows], part.bands.gauge, part.bands.basis, here)
        places[rows] = here
        along[rows] = np.abs(tips @ np.conj(part.bands.gauge)) / sizes[rows]
    return places, along, sizes


def radius_of(asked: Asked) -> float:
    """Return the tolerance as a bound on norms, mm."""
    return float(np.sqrt(asked.touches.shape[1]) * (asked.tolerance + ALLOWANCE_MM + 10.0 * TIE_MM))


def label(index: PatternIndex, asked: Asked) -> Labelled:
    """Label a batch exactly as the index does."""
    bands = part_of(index).bands
    queries = _queries(asked)
    blocks = []
    start = 0
    while start < len(asked.touches):
        probes, after = label_queries(
            queries, start, bands.ends, bands.sizes, bands.gauge, bands.basis, twist_of(bands.basis),
            radius_of(asked), Margins(), Plan(),
        )  # fmt: skip
        blocks.append(probes)
        start = after
    if len(blocks) == 1:
        (block,) = blocks
    else:
        block = type(blocks[0])(*(np.concatenate(fields) for fields in zip(*blocks, strict=True)))
    return Labelled(
        block.fields[:, :COORDINATES].astype(np.float64), block.along, block.queries, block.needs,
        block.reaches, block.orders, queries,
    )  # fmt: skip


def verify(index: PatternIndex, asked: Asked, labelled: Labelled, pairs: npt.NDArray[np.int32]) -> Answers:
    """Keep the candidates (a labelling and a row each, (K, 2)) that match, exactly as the index does."""
    part = part_of(index)
    limit = asked.tolerance + ALLOWANCE_MM
    found = room_for(len(pairs), asked.touches.shape[1])
    tally = np.zeros(len(TALLIES), np.int64)
    alive = np.zeros(0, np.bool_)
    count = _check(
        part.tips, part.bands.rows, part.bands.codes, alive, pairs, labelled.queries, labelled.orders,
        labelled.owners, limit, found, 0, tally,
    )  # fmt: skip
    kept = [field[:count] for field in found]
    for query, band in np.argwhere(labelled.reaches == TO_SCAN).tolist():
        first, last = part.bands.ends[band : band + 2]
        scanned = scan_rows(
            part.tips,
            part.bands.rows,
            part.bands.codes,
            first,
            last,
            alive,
            labelled.queries,
            query,
            limit,
            tally,
        )
        kept = [np.concatenate(fields) for fields in zip(kept, scanned, strict=True)]
    query, rows, residual, labels = kept
    ids = part.ids_of(rows)
    chosen, least = arranged(query, ids, residual, labels, len(asked.touches))
    return Answers(query[chosen], ids[chosen], least)


def pairs_of_hits(
    index: PatternIndex, labelled: Labelled, pairs: npt.NDArray[np.int32], hits: Answers
) -> npt.NDArray[np.int32]:
    """Return the candidates that turned out to match."""
    span = np.int64(1) << 40
    ids = part_of(index).ids_of(pairs[:, 1].astype(np.int64))
    matched = np.isin(labelled.owners[pairs[:, 0]] * span + ids, hits.query * span + hits.ids)
    return np.ascontiguousarray(pairs[matched])


def stretches(along: Floats, reach: Floats) -> Floats:
    """Bound how much farther apart in the chart two shapes lie than they are; see `stampsdk.index._chart`."""
    return np.fromiter(map(stretch, along.tolist(), reach.tolist()), np.float64, len(along))


def assert_same(found: Answers, expected: Answers, who: str) -> None:
    """Hold an answer to ours: the same ids in the same order, residuals equal to a nanometre."""
    same = np.array_equal(found.query, expected.query) and np.array_equal(found.ids, expected.ids)
    assert same, f"{who} found {len(found.ids)} matches, our index {len(expected.ids)}; they must be the same"
    assert np.allclose(found.residual, expected.residual, rtol=0.0, atol=1e-9), f"{who}: residuals differ"


def _queries(asked: Asked) -> Queries:
    units, norms = normalised(asked.touches)
    low, high = checked_scale(asked.scale)
    if low == 0.0:
        return Queries(units, np.zeros_like(norms), np.full_like(norms, np.inf))
    return Queries(units, low * norms, high * norms)
