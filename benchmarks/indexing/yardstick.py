"""The same labelling and verification as the index's, around any tree that finds points in balls.

The only module of the benchmarks that knows the index from inside.
"""

from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt

from stampsdk.geometry._hull import TIE_MM
from stampsdk.geometry._validation import normalised
from stampsdk.index import PatternIndex
from stampsdk.index._arrange import arranged
from stampsdk.index._chart import chart_of, twist_of
from stampsdk.index._found import cut, room_for
from stampsdk.index._labelling import Margins
from stampsdk.index._probes import Plan, Probes, Queries, label_queries
from stampsdk.index._query import ALLOWANCE_MM, answer
from stampsdk.index._search import check
from stampsdk.index._tips import unpack_rows

Real = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Scale = tuple[float, float] | None

_PRINCIPAL = 8
_SAMPLE = 20_000
_CHUNK = 1 << 18
_PLAN = Plan(most_reach=0.94, probe_us=1e-9)  # other trees cannot scan, so everything is probed


class Ball(Protocol):
    """A tree: `within` returns which point lies in which ball, as two arrays, ball and point."""

    def within(self, centres: Real, radii: Real) -> tuple[Ints, Ints]:
        """Return pairs of a ball (B, d) and a point in it."""


@dataclass(frozen=True)
class Labelled:
    """Labelled queries, and what the index knows of them."""

    queries: Queries
    probes: Probes
    radius: float


@dataclass(frozen=True)
class Matches:
    """Full matches, in the order of the index, and how many candidates were checked for them."""

    query: Ints
    ids: Ints
    residual: Real
    candidates: int


class Yardstick:
    """The patterns of an index as points for other trees.

    Two keys are offered. *veronese*: the entries of h·h* of the labelled shape, projected to eight principal
    directions and times its size, and the size itself; one millimetre is one millimetre. *chart*: the
    index's own coordinates times the size, and the part along the gauge; fewer of them, but a ball has to be
    larger (`spread`).

    Parameters
    ----------
    index : PatternIndex
        Just built or opened, in one part.
    """

    def __init__(self, index: PatternIndex) -> None:
        self.index = index
        self.part = index._forest[0].part
        self.bands = self.part.bands
        count, tips = len(self.part.ids), self.part.tip_count
        self.sizes = np.empty(count)
        self.places = np.empty((count, self.bands.basis.shape[1]), np.float32)
        self.helmert = _helmert(tips)
        sample = self._shapes(np.arange(0, count, max(1, count // _SAMPLE)))[0]
        keys = _veronese(sample @ self.helmert.T)
        # Not centred: a key that is multiplied by the size of its pattern is a cone, and has its tip at 0.
        self.principal = np.linalg.eigh(keys.T @ keys)[1][:, ::-1][:, : min(_PRINCIPAL, keys.shape[1] - 1)]
        self.keys = np.empty((count, self.principal.shape[1]))
        for start in range(0, count, _CHUNK):
            rows = np.arange(start, min(start + _CHUNK, count))
            shapes, self.sizes[rows] = self._shapes(rows)
            chart_of(
                shapes * self.sizes[rows, None],
                self.sizes[rows],
                self.bands.gauge,
                self.bands.basis,
                self.places[rows[0] : rows[-1] + 1],
            )
            self.keys[rows] = _veronese(shapes @ self.helmert.T) @ self.principal

    def _shapes(self, rows: Ints) -> tuple[npt.NDArray[np.complex128], Real]:
        tips = np.empty((len(rows), self.part.tip_count), np.complex128)
        unpack_rows(self.part.tips.leading, self.part.tips.trailing, rows, tips)
        sizes = np.linalg.norm(tips, axis=1)
        return tips / sizes[:, None], sizes

    def points(self, key: str) -> Real:
        """Return the patterns as points in mm (N, d), for a known or ranged scale."""
        if key == "veronese":
            return np.column_stack([self.keys, np.full(len(self.keys), 0.5**0.5)]) * self.sizes[:, None]
        along = np.sqrt(np.maximum(1.0 - (self.places.astype(float) ** 2).sum(axis=1), 0.0))
        return np.column_stack([self.places, along]) * self.sizes[:, None]

    def shapes(self, key: str) -> Real:
        """Return the shapes of the patterns as points (N, d)."""
        return self.keys if key == "veronese" else self.places.astype(float)

    def labelled(self, touches: Real, tolerance: float, scale: Scale) -> Labelled:
        """Label queries as the index does."""
        units, norms = normalised(touches)
        low, high = (norms * 0.0, norms + np.inf) if scale is None else (norms * scale[0], norms * scale[1])
        queries = Queries(units, low, high)
        limit = tolerance + ALLOWANCE_MM
        radius = float(np.sqrt(touches.shape[1])) * (limit + 10.0 * TIE_MM)
        parts, start = [], 0
        while start < len(touches):
            probes, start = label_queries(
                queries, start, self.bands.ends, self.bands.sizes, self.bands.gauge, self.bands.basis,
                twist_of(self.bands.basis), radius, Margins(), _PLAN,
            )  # fmt: skip
            parts.append(probes)
        return Labelled(queries, Probes(*(np.concatenate(f) for f in zip(*parts, strict=True))), radius)

    def places_of(self, key: str, asked: Labelled, which: Ints) -> Real:
        """Return the shapes of some probes as points."""
        probes = asked.probes
        if key == "chart":
            return probes.fields[which, : self.places.shape[1]].astype(float)
        shapes = np.take_along_axis(
            asked.queries.units[probes.queries[which]], probes.orders[which].astype(np.intp), axis=1
        )
        return _veronese(shapes @ self.helmert.T) @ self.principal

    def verified(self, pairs: list[tuple[Ints, Ints]], asked: Labelled, *, several: bool) -> Matches:
        """Check pairs of a probe and a row as the index does, and put the hits in its order."""
        probe = np.concatenate([np.zeros(0, np.int64), *(p for p, _ in pairs)])
        row = np.concatenate([np.zeros(0, np.int64), *(r for _, r in pairs)])
        if several:
            unique = np.unique(probe * len(self.sizes) + row)
            probe, row = unique // len(self.sizes), unique % len(self.sizes)
        m = asked.queries.units.shape[1]
        found = room_for(len(probe), m)
        limit = asked.radius / np.sqrt(m) - 10.0 * TIE_MM
        both = np.ascontiguousarray(np.column_stack([probe, row]).astype(np.int32))
        count = check(
            self.part.tips, self.bands.rows, self.bands.codes, np.zeros(0, np.bool_), both, asked.queries,
            asked.probes.orders, asked.probes.queries, limit, found, 0, np.zeros(5, np.int64),
        )  # fmt: skip
        hits = cut(found, count)
        ids = self.part.ids_of(hits.rows)
        kept, residual = arranged(hits.query, ids, hits.residual, hits.labels, len(asked.queries.units))
        return Matches(hits.query[kept], ids[kept], residual, len(both))


def _helmert(n: int) -> Real:
    """Return an orthonormal basis (n - 1, n) of what adds up to zero."""
    rows = np.zeros((n - 1, n))
    for k in range(1, n):
        rows[k - 1, :k] = 1.0
        rows[k - 1, k] = -k
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def _veronese(reduced: npt.NDArray[np.complex128]) -> Real:
    """Return the entries of h·h* (K, (n - 1)²), whose distances are full Procrustes distances."""
    products = reduced[:, :, None] * np.conj(reduced[:, None, :])
    below = np.tril_indices(reduced.shape[1], -1)
    diagonal = np.abs(reduced) ** 2 / np.sqrt(2.0)
    return np.hstack([diagonal, products[:, below[0], below[1]].real, products[:, below[0], below[1]].imag])


def tally_of(index: PatternIndex, touches: Real, tolerance: float, scale: Scale) -> dict[str, float]:
    """Return what one query costs on average: labellings, nodes, leaves, rows checked and scanned."""
    question = index._question(tolerance, scale)
    answer(index._forest, touches, question)
    names = ("labellings", "nodes", "leaves", "checked", "scanned")
    return dict(zip(names, (question.tally / len(touches)).round(2).tolist(), strict=True))
