# ruff: noqa: PLR0917 - kernels: loops by design, positional arguments only
"""Search of one part: choose probes or a scan for each band of sizes, walk its tree, check what it yields."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from stampsdk.geometry._compile import kernel
from stampsdk.geometry._fit import fit, norm_of, squared_misfit
from stampsdk.geometry._hull import TIE_MM
from stampsdk.index._key import project, write_key
from stampsdk.index._labelling import Margins, possible_orders
from stampsdk.index._part import Part
from stampsdk.index._scan import Visit, check_pattern, plan_visit
from stampsdk.index._tree import Nodes, walk

ALLOWANCE_MM = 1e-9
"""A residual may exceed the tolerance by this, so that rounding drops no exact copy at tolerance zero."""

_ROUNDING = 1e-9  # float64 labelling and keys of shapes of unit norm
_KEY_ROUNDING = 1e-6  # float32 keys: at most 8 coordinates of at most sqrt(2), each off by at most 2**-24


class Plan(NamedTuple):
    """When a band of sizes is scanned instead of probed; both are exact, this only weighs their costs.

    Attributes
    ----------
    most_reach : float
        Relative tolerance from which a tree would hand out most of its rows anyway.
    most_probes : int
        Labellings that are tried at most.
    probe_us : float
        Rough cost of one labelling: its key and its walk.
    ranged_row_us, free_row_us : float
        Rough cost of scanning one row, over n² when the scale is ranged and over n³ when it is free.
    """

    most_reach: float = 0.5
    most_probes: int = 4096
    probe_us: float = 10.0
    ranged_row_us: float = 0.05
    free_row_us: float = 0.04


class Found(NamedTuple):
    """Room for what a search finds: the same row several times where several labellings fit."""

    query: NDArray[np.int64]
    rows: NDArray[np.int64]
    residual: NDArray[np.float64]
    labels: NDArray[np.int64]

    @classmethod
    def room(cls, count: int, touches: int) -> "Found":
        """Return room for so many rows."""
        return cls(
            np.empty(count, np.int64),
            np.empty(count, np.int64),
            np.empty(count, np.float64),
            np.empty((count, touches), np.int64),
        )


@kernel
def search_part(
    part: Part,
    alive: NDArray[np.bool_],
    units: NDArray[np.complex128],
    lows: NDArray[np.float64],
    highs: NDArray[np.float64],
    tolerance: float,
    margins: Margins,
    plan: Plan,
    found: Found,
) -> int:
    """Find, for each query in turn, the rows whose residual is at most the tolerance.

    Parameters
    ----------
    part, alive : Part, bool (N,)
        What to search; rows that are not alive are passed over.
    units : complex128 (Q, m)
        Queries, centred and of unit norm (all zero where the touches coincide); m = n, or n - 1 for a missing
        tip.
    lows, highs : float64 (Q,)
        Range of the norm of each query, mm.
    tolerance : float
        Millimetres.
    margins, plan : Margins, Plan
        See there.
    found : Found, written
        Every labelling within the tolerance where a tree was used, the best one where rows were scanned.

    Returns
    -------
    int
        How much was found. If it is more than there is room for, only the first were written.
    """
    n = part.tips.shape[1]
    limit = tolerance + ALLOWANCE_MM
    radius = np.sqrt(n) * (limit + 10.0 * TIE_MM)
    longest = 0
    for band in range(part.band_rows.shape[0] - 1):
        longest = max(longest, part.band_rows[band + 1] - part.band_rows[band])
    candidates = np.empty(longest, np.int64)
    probes = np.empty((plan.most_probes, n), np.int8)
    count = int(np.int64(0))  # a plain 0 would have every kernel below compiled twice
    for query in range(units.shape[0]):
        unit, low, high = units[query], lows[query], highs[query]
        visit = plan_visit(unit)
        probed = unit.shape[0] == n and norm_of(unit) > 0.0
        for band in range(part.band_rows.shape[0] - 1):
            first, last = part.band_rows[band], part.band_rows[band + 1]
            top, end = part.band_nodes[band], part.band_nodes[band + 1]
            orders = -1
            if probed:
                reach = _reach(part.nodes.least[top], part.nodes.most[top], low, high, radius)
                if reach < 0.0:
                    continue
                if reach < plan.most_reach:
                    reach = reach * (1.0 + _ROUNDING) + _ROUNDING
                    row_us = plan.ranged_row_us * n**2 if high < np.inf else plan.free_row_us * n**3
                    budget = 1.0 + (last - first) * row_us / plan.probe_us
                    orders = possible_orders(
                        unit, reach, margins, probes[: int(min(budget, plan.most_probes))]
                    )
            if orders < 0:
                count = _scan(
                    part.tips,
                    part.orders,
                    alive,
                    first,
                    last,
                    query,
                    unit,
                    visit,
                    low,
                    high,
                    limit,
                    found,
                    count,
                )
            for index in range(orders):
                near = _candidates(
                    part.nodes, part.keys, part.sizes, part.centre, part.basis, top, end, unit, probes[index],
                    low, high, radius, candidates,
                )  # fmt: skip
                count = _check(
                    part.tips, part.orders, part.sizes, alive, candidates[:near], query, unit, probes[index],
                    low, high, limit, found, count,
                )  # fmt: skip
    return count


@kernel
def _reach(least: float, most: float, low: float, high: float, radius: float) -> float:
    """Bound the distance of the query from shapes of sizes least to most within the radius; -1: none is.

    theory.md, lemma 4: with g the gap between the size of the pattern and the range of the query's norm,
    ``B·sin φ <= r`` and ``B·t·sin² φ <= r² - g²``.
    """
    smallest = max(least, low - radius)
    if smallest > min(most, high + radius):
        return -1.0
    if smallest <= radius:
        return np.inf
    gap = max(least - high, low - most, 0.0)
    norm = min(max(np.sqrt(smallest * smallest - radius * radius), low), high)
    room = max(radius * radius - gap * gap, 0.0)
    reach = radius / smallest
    return min(reach, np.sqrt(room / (smallest * norm))) if norm > 0.0 else reach


@kernel
def _candidates(
    nodes: Nodes,
    keys: NDArray[np.float32],
    sizes: NDArray[np.float64],
    centre: NDArray[np.float64],
    basis: NDArray[np.float64],
    top: int,
    end: int,
    unit: NDArray[np.complex128],
    order: NDArray[np.int8],
    low: float,
    high: float,
    radius: float,
    candidates: NDArray[np.int64],
) -> int:
    """Walk one tree with one labelling of the query."""
    full = np.empty(centre.shape[0], np.float64)
    key = np.empty(keys.shape[1], np.float64)
    write_key(unit, order, full)
    project(full, centre, basis, key)
    # The rounding of keys, as a distance in mm: sizes within reach are at most `most`, norms at most `radius`
    # more.
    widened = radius + _KEY_ROUNDING * (nodes.most[top] + radius)
    return walk(nodes, keys, sizes, top, end, key, low, high, radius, widened * widened, candidates)


@kernel
def _check(
    tips: NDArray[np.complex128],
    orders: NDArray[np.int8],
    sizes: NDArray[np.float64],
    alive: NDArray[np.bool_],
    candidates: NDArray[np.int64],
    query: int,
    unit: NDArray[np.complex128],
    order: NDArray[np.int8],
    low: float,
    high: float,
    limit: float,
    found: Found,
    count: int,
) -> int:
    """Append the candidates that are within the limit under this labelling."""
    n = unit.shape[0]
    matched = np.empty(n, np.complex128)
    ceiling = n * (limit + TIE_MM) ** 2
    for row in candidates:
        if not alive[row]:
            continue
        overlap = 0.0j
        for k in range(n):
            matched[order[k]] = tips[row, k]
            overlap += np.conj(unit[order[k]]) * tips[row, k]
        size = sizes[row]
        if squared_misfit(abs(overlap), size, low, high) > ceiling + 1e-12 * size * size:
            continue
        residual = fit(unit, matched, low, high)[0]
        if residual > limit:
            continue
        if count < found.rows.shape[0]:
            found.query[count] = query
            found.rows[count] = row
            found.residual[count] = residual
            for k in range(n):
                found.labels[count, order[k]] = orders[row, k]
        count += 1
    return count


@kernel
def _scan(
    tips: NDArray[np.complex128],
    orders: NDArray[np.int8],
    alive: NDArray[np.bool_],
    first: int,
    last: int,
    query: int,
    unit: NDArray[np.complex128],
    visit: Visit,
    low: float,
    high: float,
    limit: float,
    found: Found,
    count: int,
) -> int:
    """Append the rows from first to last that the touches lie on."""
    given = np.empty(tips.shape[1], np.complex128)
    labels = np.empty(unit.shape[0], np.int64)
    for row in range(first, last):
        if not alive[row]:
            continue
        for k in range(given.shape[0]):
            given[orders[row, k]] = tips[row, k]
        residual = check_pattern(unit, visit, given, low, high, limit, labels)
        if residual > limit:
            continue
        if count < found.rows.shape[0]:
            found.query[count] = query
            found.rows[count] = row
            found.residual[count] = residual
            for k in range(labels.shape[0]):
                found.labels[count, k] = labels[k]
        count += 1
    return count
