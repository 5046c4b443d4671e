"""Two ways to find patterns by trees that know only balls: one tree, or one for each band of sizes."""

import itertools
from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from benchmarks.indexing.covers import cover, neighbours_together, spread
from benchmarks.indexing.yardstick import Ball, Labelled, Matches, Yardstick
from stampsdk.index._probes import TO_SCAN

Real = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Make = Callable[[Real], Ball]

_ROUNDING = 1e-7
_ROUNDING_MM = 1e-5
_WIDEST_SHAPES = 4.0  # no two shapes are farther apart, in either key
_THIN = 400  # bands are joined until they hold one pattern in so many


class OneTree:
    """All patterns as points in mm; the norms that a probe may take are a segment, covered by a few balls.

    For a known or ranged scale.
    """

    def __init__(self, yardstick: Yardstick, key: str, balls: int, tree: Ball) -> None:
        self.yardstick, self.key, self.balls, self.tree = yardstick, key, balls, tree
        self.name = f"one tree, {key}, {balls} ball{'s' * (balls > 1)}"

    def match(self, asked: Labelled) -> Matches:
        """Match labelled queries in full."""
        probes, queries, radius = asked.probes, asked.queries, asked.radius
        # Whole bands beyond the reach are no reason to ask: the labelling needs none of them.
        reach = np.where(probes.reaches == TO_SCAN, 1.0, probes.reaches).max(axis=1)[probes.queries]
        asking = np.flatnonzero(probes.needs <= reach)
        low, high = (end[probes.queries[asking]] for end in (queries.lows, queries.highs))
        unit = self.yardstick.places_of(self.key, asked, asking)
        along = probes.along[asking]
        wide = np.full(len(asking), radius)
        if self.key == "chart":
            wide = spread(wide, low * along, low**2 * np.maximum(1.0 - along**2, 0.0))
        last = along if self.key == "chart" else np.full(len(asking), 0.5**0.5)
        unit = np.column_stack([unit, last])
        length = np.linalg.norm(unit, axis=1)
        places, ball = cover(wide, (high - low) / 2 * length, self.balls)
        norms = (low + high)[:, None] / 2 + places / length[:, None]
        centres = (unit[:, None, :] * norms[:, :, None]).reshape(-1, unit.shape[1])
        probe, radii = np.repeat(asking, self.balls), np.repeat(ball, self.balls)
        order = neighbours_together(centres)
        near, rows = self.tree.within(centres[order], radii[order] * (1.0 + _ROUNDING) + _ROUNDING_MM)
        return self.yardstick.verified([(probe[order][near], rows)], asked, several=self.balls > 1)


class TreePerBand:
    """Shapes as points, a tree for each band of sizes; for any scale."""

    def __init__(self, yardstick: Yardstick, key: str, per_octave: int, make: Make) -> None:
        self.yardstick, self.key = yardstick, key
        self.name = f"{per_octave} bands an octave, {key}"
        self._order = np.argsort(yardstick.sizes, kind="stable")
        sizes = yardstick.sizes[self._order]
        self._ends = _bands(sizes, per_octave)
        spans = list(itertools.pairwise(self._ends))
        self._limits = [(sizes[a] * (1 - 1e-12), sizes[b - 1] * (1 + 1e-12)) for a, b in spans]
        shapes = yardstick.shapes(key)
        self._trees = [make(shapes[self._order[a:b]]) for a, b in spans]

    def match(self, asked: Labelled) -> Matches:
        """Match labelled queries in full."""
        probes, queries = asked.probes, asked.queries
        low, high = queries.lows[probes.queries], queries.highs[probes.queries]
        places = self.yardstick.places_of(self.key, asked, np.arange(len(probes.needs)))
        order = neighbours_together(places)
        pairs = []
        for first, (least, most), tree in zip(self._ends, self._limits, self._trees, strict=False):
            reach = _reach(least, most, low, high, asked.radius)
            asking = order[((probes.needs <= reach) & (reach >= 0.0))[order]]
            if not len(asking):
                continue
            radii = reach[asking]
            if self.key == "chart":
                along = probes.along[asking]
                chord = 2.0 * np.sin(np.arcsin(radii) / 2.0)
                radii = np.minimum(spread(chord, along, np.maximum(1.0 - along**2, 0.0)), _WIDEST_SHAPES)
            near, rows = tree.within(places[asking], radii * (1.0 + _ROUNDING) + 1e-6)
            pairs.append((asking[near], self._order[rows + first]))
        return self.yardstick.verified(pairs, asked, several=False)


def _bands(sizes: Real, per_octave: int) -> list[int]:
    """Return where bands of ascending sizes end, thin ones joined."""
    octave = np.floor(per_octave * np.log2(sizes))
    thin = max(len(sizes) // _THIN, 1)
    ends = [0]
    for end in (np.flatnonzero(np.diff(octave)) + 1).tolist():
        if end - ends[-1] >= thin:
            ends.append(end)
    if len(sizes) - ends[-1] < thin and len(ends) > 1:
        ends.pop()
    return [*ends, len(sizes)]


def _reach(least: float, most: float, low: Real, high: Real, radius: float) -> Real:
    """Bound the Procrustes distance of probes from a band's shapes (theory.md, lemma 4); -1: none is near."""
    smallest = np.maximum(least, low - radius)
    gap = np.maximum(np.maximum(least - high, low - most), 0.0)
    with np.errstate(invalid="ignore", divide="ignore"):
        norm = np.minimum(np.maximum(np.sqrt(np.maximum(smallest**2 - radius**2, 0.0)), low), high)
        room = np.sqrt(np.maximum(radius**2 - gap**2, 0.0) / (smallest * norm))
    reach = np.where(norm > 0.0, np.minimum(radius / smallest, room), radius / smallest)
    reach = np.where(smallest <= radius, 1.0, np.minimum(reach * (1 + 1e-9) + 1e-9, 1.0))
    return np.where(smallest > np.minimum(most, high + radius), -1.0, reach)
