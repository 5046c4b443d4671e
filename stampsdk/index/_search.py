# ruff: noqa: C901, PLR0917 - kernels: loops by design, positional arguments only
"""Search of one band: walk its tree with the probes that it concerns, check the rows that they reach."""

import numpy as np
from numpy.typing import NDArray

from stampsdk.geometry._compile import kernel
from stampsdk.geometry._fit import fit, squared_misfit
from stampsdk.geometry._hull import TIE_MM
from stampsdk.index._chart import MOST_COMPLETE, stretch
from stampsdk.index._found import Found, cut, room_for, with_room
from stampsdk.index._probes import TO_SCAN, WEIGHT, Plan, Probes, Queries
from stampsdk.index._tips import Tips, unpack, unpack_order
from stampsdk.index._tree import LEAF_ROWS, Tree
from stampsdk.index._walk import new_trail, walk

_FLOAT32_ROUNDING = 4e-6  # of places, boxes and sizes in float32; theory.md, section 7
_PAIRS = 1 << 12

__all__ = ["Plan", "search_band"]


@kernel
def search_band(
    packed: Tips,
    tree: Tree,
    root: int,
    most: float,
    rows: NDArray[np.int32],
    codes: NDArray[np.uint8],
    alive: NDArray[np.bool_],
    queries: Queries,
    probes: Probes,
    reaches: NDArray[np.float64],
    start: int,
    radius: float,
    limit: float,
    tally: NDArray[np.int64],
) -> Found:
    """Find the rows of a band whose residual is within the limit, under every labelling that attains it.

    Parameters
    ----------
    packed : Tips
    tree, root, most : Tree, int, float
        The band: where its tree begins, and its greatest size, mm.
    rows, codes : int32 (E,), uint8 (E, bytes), or empty
        See `Bands`.
    alive : bool (N,) or empty
        Rows that are not alive are passed over; empty where all are.
    queries, probes : Queries, Probes
    reaches : float64 (Q,)
        The column of ``probes.reaches`` for this band; it begins with the query `start`.
    radius, limit : float
        The bound on a norm, and on a residual, mm.
    tally : int64 (5,), added to
        Labellings, nodes and leaves that were visited, rows that were checked, rows that were scanned.
    """
    m = queries.units.shape[1]
    chosen = np.empty(probes.needs.shape[0], np.int32)
    several = 0
    for probe in range(probes.needs.shape[0]):
        reach = reaches[probes.queries[probe] - start]
        if probes.needs[probe] <= reach and reach != TO_SCAN:
            probes.fields[probe, WEIGHT] = 1.0 / stretch(probes.along[probe], reach) ** 2
            chosen[several] = probe
            several += 1
    tally[0] += several
    found = room_for(64 + several, m)
    count = int(np.int64(0))
    if several == 0:
        return cut(found, 0)
    widened = radius + _FLOAT32_ROUNDING * (most + radius)
    trail = new_trail(tree, root, chosen[:several])
    pairs = np.empty((LEAF_ROWS * several + _PAIRS, 2), np.int32)
    while trail.depth[0] >= 0:
        reached = walk(
            tree, trail, probes.fields, m <= MOST_COMPLETE, radius, widened * widened, pairs, tally
        )
        found = with_room(found, count, reached)
        count = check(
            packed, rows, codes, alive, pairs[:reached], queries, probes.orders, probes.queries, limit,
            found, count, tally,
        )  # fmt: skip
    return cut(found, count)


@kernel
def check(
    packed: Tips,
    rows: NDArray[np.int32],
    codes: NDArray[np.uint8],
    alive: NDArray[np.bool_],
    pairs: NDArray[np.int32],
    queries: Queries,
    orders: NDArray[np.int8],
    owners: NDArray[np.int32],
    limit: float,
    found: Found,
    count: int,
    tally: NDArray[np.int64],
) -> int:
    """Append the entries that are within the limit under the labelling of the probe."""
    units, lows, highs = queries.units, queries.lows, queries.highs
    m = units.shape[1]
    n = packed.leading.shape[1] // 2 + 1
    tips, matched = np.empty(n, np.complex128), np.empty(m, np.complex128)
    chosen, given = np.empty(n, np.int8), np.empty(n, np.int8)
    ceiling = m * (limit + TIE_MM) ** 2
    for k in range(n):
        chosen[k] = k
    for index in range(pairs.shape[0]):
        probe = pairs[index, 0]
        row = int(pairs[index, 1])
        query = owners[probe]
        if rows.shape[0] > 0:
            unpack_order(codes, row, chosen)
            row = int(rows[row])
        if alive.shape[0] > 0 and not alive[row]:
            continue
        tally[3] += 1
        unpack(packed.leading, packed.trailing, row, tips)
        overlap = 0.0j
        square = 0.0
        centre = 0.0j
        for k in range(m):
            tip = tips[chosen[k]]
            touch = units[query, orders[probe, k]]
            matched[orders[probe, k]] = tip
            overlap += np.conj(touch) * tip
            square += tip.real * tip.real + tip.imag * tip.imag
            centre += tip
        square -= (centre.real * centre.real + centre.imag * centre.imag) / m
        low, high = lows[query], highs[query]
        if squared_misfit(abs(overlap), np.sqrt(max(square, 0.0)), low, high) > ceiling + 1e-12 * square:
            continue
        if m < n:  # a whole pattern is centred as it comes, to the same last digit wherever it is checked
            for k in range(m):
                matched[k] -= centre / m
        residual = fit(units[query], matched, low, high)[0]
        if residual > limit:
            continue
        found.query[count] = query
        found.rows[count] = row
        found.residual[count] = residual
        unpack_order(packed.codes, row, given)
        for k in range(m):
            found.labels[count, orders[probe, k]] = given[chosen[k]]
        count += 1
    return count
