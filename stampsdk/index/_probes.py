# ruff: noqa: C901, PLR0912, PLR0915, PLR0917 - kernels: loops by design, positional arguments only
"""Probes: the labellings of queries, each with a place in the chart."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from stampsdk.geometry._compile import kernel
from stampsdk.index._chart import COORDINATES, place_in_chart
from stampsdk.index._labelling import Margins, find_orders, room_for_orders

TURNED = COORDINATES
ALONG, WEIGHT, LOW, HIGH = range(2 * COORDINATES, 2 * COORDINATES + 4)
PROBE_FIELDS = 2 * COORDINATES + 4
"""Columns of a probe, a cache line in all.

Its place in the chart; the place of the same shape turned by a right angle; how much of it lies along the
gauge; the weight of a squared distance in the chart; the range of its norm, mm. The weight is one over the
square of the stretch, so that a squared distance, times this, is a lower bound of the squared Procrustes
distance.
"""

TO_SCAN = 2.0
"""Marks in `Probes.reaches` a band that is scanned; no distance of shapes is more than 1."""

_ROUNDING = 1e-9  # float64 labelling and charts of shapes of unit norm
_MOST_TOGETHER = 1 << 16


class Plan(NamedTuple):
    """When a band of sizes is scanned instead of probed; both are exact, this only weighs their costs.

    Attributes
    ----------
    most_reach : float
        Relative tolerance from which a tree would hand out most of its rows anyway.
    most_probes : int
        Labellings that are tried at most.
    probe_us : float
        Rough cost of one labelling: its place in the chart and its walk.
    ranged_row_us, free_row_us : float
        Rough cost of scanning one row, over n² when the scale is ranged and over n³ when it is free.
    """

    most_reach: float = 0.5
    most_probes: int = 4096
    probe_us: float = 1.0
    ranged_row_us: float = 0.05
    free_row_us: float = 0.04


class Queries(NamedTuple):
    """What is asked.

    Attributes
    ----------
    units : complex128 (Q, m)
        Centred and of unit norm; all zero where the touches coincide.
    lows, highs : float64 (Q,)
        Range of the norm of each query, mm.
    """

    units: NDArray[np.complex128]
    lows: NDArray[np.float64]
    highs: NDArray[np.float64]


class Probes(NamedTuple):
    """Labellings of queries.

    Attributes
    ----------
    fields : float32 (P, PROBE_FIELDS)
        See there; the weight is not yet written, since it depends on the band.
    along : float64 (P,)
        The same as in the fields, with all digits.
    needs : float64 (P,)
        The least reach at which the labelling is possible.
    orders : int8 (P, m)
        ``orders[i, k]`` is the touch that stands at place k.
    queries : int32 (P,)
    reaches : float64 (Q, B)
        How far the labellings of each query have to reach for each band: -1 where it has nothing within the
        radius, `TO_SCAN` where the band is scanned.
    """

    fields: NDArray[np.float32]
    along: NDArray[np.float64]
    needs: NDArray[np.float64]
    orders: NDArray[np.int8]
    queries: NDArray[np.int32]
    reaches: NDArray[np.float64]


@kernel
def label_queries(
    queries: Queries,
    start: int,
    ends: NDArray[np.int64],
    sizes: NDArray[np.float64],
    gauge: NDArray[np.complex128],
    basis: NDArray[np.float64],
    twist: NDArray[np.float64],
    radius: float,
    margins: Margins,
    plan: Plan,
) -> tuple[Probes, int]:
    """Label queries from `start` on, as many as are searched together.

    Every order that is possible for one band is possible for a band with a wider reach. So the orders are
    sought once, for the widest; each says how much reach it needs. A band whose labellings would cost more
    than a scan is scanned.

    Returns
    -------
    Probes, int
        The labellings, and the query to go on with; ``reaches`` counts from `start`.
    """
    count, m = queries.units.shape
    bands = sizes.shape[0]
    together = min(_MOST_TOGETHER, 8 * (count - start))
    room = room_for_orders(together + plan.most_probes, m)
    fields = np.empty((room.needs.shape[0], PROBE_FIELDS), np.float32)
    along = np.empty(room.needs.shape[0], np.float64)
    owners = np.empty(room.needs.shape[0], np.int32)
    reaches = np.empty((count - start, bands), np.float64)
    afford = np.empty(bands, np.int64)
    scratch = np.empty(m, np.complex128)
    waiting = int(np.int64(0))  # a plain 0 would have kernels compiled twice
    query = start
    while query < count and waiting < together:
        unit, low, high = queries.units[query], queries.lows[query], queries.highs[query]
        reach = reaches[query - start]
        row_us = plan.ranged_row_us * m**2 if high < np.inf else plan.free_row_us * m**3
        coincident = abs(unit[0]) == 0.0 and abs(unit[1]) == 0.0 and abs(unit[2]) == 0.0
        for band in range(bands):
            reach[band] = _reach(sizes[band, 0], sizes[band, 1], low, high, radius)
            if coincident or reach[band] >= plan.most_reach:
                reach[band] = TO_SCAN
            elif reach[band] >= 0.0:
                reach[band] = reach[band] * (1.0 + _ROUNDING) + _ROUNDING
            afford[band] = int(
                min(1.0 + (ends[band + 1] - ends[band]) * row_us / plan.probe_us, plan.most_probes)
            )
        end = waiting
        while True:
            widest = -1
            for band in range(bands):
                if 0.0 <= reach[band] < TO_SCAN and (widest < 0 or reach[band] > reach[widest]):
                    widest = band
            if widest < 0:
                break
            end = find_orders(unit, reach[widest], margins, room, waiting, waiting + afford[widest])
            if end >= 0:
                break
            reach[widest] = TO_SCAN
            end = waiting
        for band in range(bands):
            if 0.0 <= reach[band] < TO_SCAN:
                possible = 0
                for probe in range(waiting, end):
                    if room.needs[probe] <= reach[band]:
                        possible += 1
                if possible > afford[band]:
                    reach[band] = TO_SCAN
        for probe in range(waiting, end):
            along[probe] = place_in_chart(unit, room.orders[probe], gauge, basis, scratch, fields[probe])
            fields[probe, ALONG] = along[probe]
            for axis in range(COORDINATES):
                turned = 0.0
                for other in range(COORDINATES):
                    turned += twist[axis, other] * fields[probe, other]
                fields[probe, TURNED + axis] = turned
            fields[probe, LOW] = low
            fields[probe, HIGH] = high
            owners[probe] = query
        waiting = end
        query += 1
    return (
        Probes(
            fields[:waiting], along[:waiting], room.needs[:waiting], room.orders[:waiting], owners[:waiting],
            reaches[: query - start],
        ),
        query,
    )  # fmt: skip


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
