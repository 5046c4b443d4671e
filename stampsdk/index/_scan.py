# ruff: noqa: C901, PLR0917 - kernels: loops by design, positional arguments only
"""Exact check of single patterns, without a tree: for small parts, endless near-ties and missing tips."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from stampsdk.geometry._compile import kernel
from stampsdk.geometry._fit import norm_of
from stampsdk.geometry._hull import TIE_MM
from stampsdk.geometry._solver import best_labelling, precedes
from stampsdk.index._found import Found, cut, room_for, with_room
from stampsdk.index._probes import Queries
from stampsdk.index._tips import Tips, unpack, unpack_order

_STEPS_PER_TIP = 60  # beyond, the polygon of the solver is the cheaper check of a full press
_STEPS = 4000  # the solver has to be asked once for each tip that may be missing


class Visit(NamedTuple):
    """How the touches of one query are laid on tips, and room to do so.

    Attributes
    ----------
    order : int64 (m,)
        The first few pin down a fit: a widest pair, then always the touch farthest from those before.
    chosen : int64 (m,)
    sums : complex128 (m + 1, 4)
        After k touches: sums of touches, of tips, of conj(touch)·tip, and of squares, touches + i·tips.
    """

    order: NDArray[np.int64]
    chosen: NDArray[np.int64]
    sums: NDArray[np.complex128]


@kernel
def plan_visit(unit: NDArray[np.complex128]) -> Visit:
    """Choose the order in which the touches are laid on tips."""
    n = unit.shape[0]
    order = np.empty(n, np.int64)
    widest = -1.0
    for j in range(n):
        for k in range(j):
            if abs(unit[j] - unit[k]) > widest:
                widest = abs(unit[j] - unit[k])
                order[0], order[1] = j, k
    near = np.empty(n, np.float64)
    for j in range(n):
        near[j] = min(abs(unit[j] - unit[order[0]]), abs(unit[j] - unit[order[1]]))
    near[order[0]] = near[order[1]] = -1.0
    for place in range(2, n):
        farthest = 0
        for j in range(1, n):
            if near[j] > near[farthest]:
                farthest = j
        order[place] = farthest
        near[farthest] = -1.0
        for j in range(n):
            near[j] = min(near[j], abs(unit[j] - unit[farthest]))
    return Visit(order, np.empty(n, np.int64), np.zeros((n + 1, 4), np.complex128))


@kernel
def may_lie_on(
    unit: NDArray[np.complex128],
    visit: Visit,
    tips: NDArray[np.complex128],
    low: float,
    high: float,
    limit: float,
    steps: int,
) -> bool:
    """Whether the touches can lie on tips, each on its own, with a sum of squared misses of at most `limit`.

    True may be wrong, where more than `steps` attempts do not settle it; False never is. Touches are laid on
    tips one by one; those already laid, fitted on their own, can only miss by less than they do in the whole.
    """
    m = unit.shape[0]
    n = tips.shape[0]
    chosen, sums = visit.chosen, visit.sums
    taken = 0
    chosen[0] = -1
    depth = 0
    while depth >= 0:
        if depth == m or steps < 0:
            return True
        touch = unit[visit.order[depth]]
        if chosen[depth] >= 0:
            taken ^= 1 << chosen[depth]
        laid = depth + 1
        touches = sums[depth, 0] + touch
        touch_square = sums[depth, 3].real + touch.real**2 + touch.imag**2
        energy = max(touch_square - (touches.real**2 + touches.imag**2) / laid, 0.0)
        k = chosen[depth] + 1
        while k < n:
            if not taken >> k & 1:
                steps -= 1
                tip = tips[k]
                laid_on = sums[depth, 1] + tip
                product = sums[depth, 2] + np.conj(touch) * tip
                tip_square = sums[depth, 3].imag + tip.real**2 + tip.imag**2
                spread = max(tip_square - (laid_on.real**2 + laid_on.imag**2) / laid, 0.0)
                overlap = abs(product - np.conj(touches) * laid_on / laid)
                factor = min(max(overlap / energy, low), high) if energy > 0.0 else low
                miss = factor * (factor * energy - 2.0 * overlap) + spread
                # Sums of squares cancel; what that can lose is allowed for. NaN counts as a fit.
                if not miss > limit + 1e-12 * (factor * factor + tip_square):
                    sums[laid, 0] = touches
                    sums[laid, 1] = laid_on
                    sums[laid, 2] = product
                    sums[laid, 3] = complex(touch_square, tip_square)
                    break
            k += 1
        if k == n:
            depth -= 1
            continue
        chosen[depth] = k
        taken |= 1 << k
        depth += 1
        if depth < m:
            chosen[depth] = -1
    return False


@kernel
def check_pattern(
    unit: NDArray[np.complex128],
    visit: Visit,
    tips: NDArray[np.complex128],
    low: float,
    high: float,
    tolerance: float,
    labels: NDArray[np.int64],
) -> float:
    """Return the residual of the touches on a pattern, or infinity where it exceeds the tolerance.

    As many touches as tips, or one less: then one tip is missing, and the residual is over the others. The
    labels are the lexicographically least that are tied for the best.
    """
    m = unit.shape[0]
    n = tips.shape[0]
    steps = _STEPS_PER_TIP * n if m == n else _STEPS
    if not may_lie_on(unit, visit, tips, low, high, m * tolerance * tolerance, steps):
        return np.inf
    if m == n:
        return best_labelling(unit, tips, norm_of(tips), low, high, tolerance, labels)
    best = np.inf
    trial = np.empty(m, np.int64)
    kept = np.empty(m, np.complex128)
    for missing in range(n):
        centroid = 0.0j
        for k in range(m):
            kept[k] = tips[k if k < missing else k + 1]
            centroid += kept[k] / m
        for k in range(m):
            kept[k] -= centroid
        found = best_labelling(unit, kept, norm_of(kept), low, high, tolerance, trial)
        if found == np.inf:
            continue
        for k in range(m):
            if trial[k] >= missing:
                trial[k] += 1
        if found < best - TIE_MM or (found <= best + TIE_MM and precedes(trial, labels)):
            for k in range(m):
                labels[k] = trial[k]
        best = min(best, found)
    return best


@kernel
def scan_rows(
    packed: Tips,
    rows: NDArray[np.int32],
    codes: NDArray[np.uint8],
    first: int,
    last: int,
    alive: NDArray[np.bool_],
    queries: Queries,
    query: int,
    limit: float,
    tally: NDArray[np.int64],
) -> Found:
    """Find the entries from first to last that the touches of a query lie on, whatever the labelling.

    An entry is a row, or with `rows` and `codes` some tips of one (see `Bands`). With one touch fewer than
    tips a tip is missing.
    """
    unit, low, high = queries.units[query], queries.lows[query], queries.highs[query]
    m = unit.shape[0]
    n = packed.leading.shape[1] // 2 + 1
    kept = m if rows.shape[0] > 0 else n
    visit = plan_visit(unit)
    stored, given = np.empty(n, np.complex128), np.empty(n, np.complex128)
    order, chosen = np.empty(n, np.int8), np.empty(n, np.int8)
    used = np.ones(n, np.bool_)
    names = np.empty(kept, np.int64)
    tips = np.empty(kept, np.complex128)
    labels = np.empty(m, np.int64)
    count = int(np.int64(0))
    found = room_for(64, m)
    for entry in range(first, last):
        row = int(entry)
        if rows.shape[0] > 0:
            row = int(rows[entry])
        if alive.shape[0] > 0 and not alive[row]:
            continue
        tally[4] += 1
        unpack(packed.leading, packed.trailing, row, stored)
        unpack_order(packed.codes, row, order)
        for k in range(n):
            given[order[k]] = stored[k]
        if rows.shape[0] > 0:
            unpack_order(codes, entry, chosen)
            used[:] = True
            used[order[chosen[n - 1]]] = False
        at = 0
        centre = 0.0j
        for k in range(
            n
        ):  # in the order given, so that the least labelling is the least as the caller counts
            if used[k]:
                names[at] = k
                tips[at] = given[k]
                centre += given[k] / kept
                at += 1
        if kept < n:
            for k in range(kept):
                tips[k] -= centre
        residual = check_pattern(unit, visit, tips, low, high, limit, labels)
        if residual > limit:
            continue
        found = with_room(found, count, 1)
        found.query[count] = query
        found.rows[count] = row
        found.residual[count] = residual
        for k in range(m):
            found.labels[count, k] = names[labels[k]]
        count += 1
    return cut(found, count)
