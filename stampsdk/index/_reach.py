# ruff: noqa: FURB136, PLR0917 - parts of a kernel: positional arguments only, and choices written so that they
# become one vector instruction: min and max mind NaN
"""What a probe can reach: the tests of theory.md, lemma 4, on the boxes of a node and on the rows of a leaf.

Everything here is compiled into the walk, over arrays of a length known then, so that a loop over children or
rows becomes vector instructions.
"""

from typing import Any

import numpy as np

from stampsdk.geometry._compile import inlined
from stampsdk.index._chart import COORDINATES
from stampsdk.index._probes import ALONG, HIGH, LOW, TURNED, WEIGHT
from stampsdk.index._tree import AXES, FAN, LEAF_ROWS, SIZE, STEPS

_WIDEST = np.float32(4.0)  # beyond any distance in the chart, which is at most 2
_NONE = np.float32(0.0)
_HALF = np.float32(0.5)
_ONE = np.float32(1.0)
_NEARLY_ONE = np.float32(0.999)
_MEETING = np.float32(4e-6)  # rounding of a squared Procrustes distance, one less a product; theory.md, 7
_STEPS = np.float32(STEPS)


@inlined
def decode_boxes(
    boxes: Any,
    frames: Any,
    node: Any,
    children: Any,
    lows: Any,
    highs: Any,
) -> Any:
    """Write the boxes of a node's children."""
    for axis in range(AXES):
        origin, step = frames[node, 0, axis], frames[node, 1, axis]
        for child in range(children):
            lows[axis, child] = origin + step * np.float32(np.int32(boxes[node, axis, 0, child]))
            highs[axis, child] = origin + step * np.float32(np.int32(boxes[node, axis, 1, child]))


@inlined
def reach_children(
    lows: Any,
    highs: Any,
    probes: Any,
    probe: Any,
    limit: Any,
    reach: Any,
    flags: Any,
) -> Any:
    """Flag the children that can hold a pattern within the radius of a probe (theory.md, lemma 4)."""
    weight, low, high = probes[probe, WEIGHT], probes[probe, LOW], probes[probe, HIGH]
    for child in range(FAN):
        total = _NONE
        for axis in range(COORDINATES):
            at = probes[probe, axis]
            below, above = lows[axis, child] - at, at - highs[axis, child]
            away = below if below > above else above
            away = away if away > _NONE else _NONE
            total += away * away
        total *= weight
        least = lows[SIZE, child]
        below, above = least - high, low - highs[SIZE, child]
        gap = below if below > above else above
        gap = gap if gap > _NONE else _NONE
        norm = least - reach
        norm = norm if norm > low else low
        norm = norm if norm < high else high
        flags[child] = (total * least * least <= limit) & (total * least * norm + gap * gap <= limit)


@inlined
def decode_points(
    boxes: Any,
    frames: Any,
    points: Any,
    node: Any,
    child: Any,
    leaf: Any,
    rows: Any,
    lows: Any,
    steps: Any,
) -> Any:
    """Write the points of a leaf, and in the first column of `steps` the length of a step in each axis."""
    for axis in range(AXES):
        origin, step = frames[node, 0, axis], frames[node, 1, axis]
        low = origin + step * np.float32(np.int32(boxes[node, axis, 0, child]))
        high = origin + step * np.float32(np.int32(boxes[node, axis, 1, child]))
        between = (high - low) / _STEPS
        steps[axis, 0] = between
        for row in range(rows):
            lows[axis, row] = low + between * np.float32(np.int32(points[leaf, axis, row]))


@inlined
def blur_of(
    lows: Any,
    steps: Any,
    rows: Any,
) -> Any:
    """Bound how far the rows of a leaf are off their points, in the chart and in size; and the least size."""
    squares = _NONE
    for axis in range(COORDINATES):
        squares += steps[axis, 0] * steps[axis, 0]
    blur = _HALF * np.sqrt(squares)
    half = _HALF * steps[SIZE, 0]
    least = lows[SIZE, 0]
    for row in range(1, rows):
        least = lows[SIZE, row] if lows[SIZE, row] < least else least
    least -= half
    return blur, half, least if least > _NONE else _NONE


@inlined
def _closes(
    total: Any,
    size: Any,
    square: Any,
    spared: Any,
    factor: Any,
    smallest: Any,
    greatest: Any,
    limit: Any,
) -> Any:
    """Tell whether a point at a squared distance in the chart, and of a size, is near enough."""
    below, above = size - greatest, smallest - size
    gap = below if below > above else above
    gap = gap if gap > _NONE else _NONE
    return (total <= square) & ((total - spared) * factor + gap * gap <= limit)


@inlined
def reach_rows(
    lows: Any,
    probes: Any,
    probe: Any,
    blur: Any,
    half: Any,
    least: Any,
    limit: Any,
    reach: Any,
    flags: Any,
) -> Any:
    """Flag the points that can be a pattern within the radius of a probe.

    With d the distance to a point, that to its row is at least d - blur, and (d - blur)² >= d² - 2·d·blur.
    """
    weight, low, high = probes[probe, WEIGHT], probes[probe, LOW], probes[probe, HIGH]
    norm = least - reach
    norm = norm if norm > low else low
    norm = norm if norm < high else high
    farthest = _WIDEST
    if weight > _NONE and least > _NONE:
        distance = np.sqrt(limit / weight) / least + blur
        farthest = distance if distance < farthest else farthest
    square = farthest * farthest
    spared = np.float32(2.0) * farthest * blur
    factor = weight * least * norm
    smallest, greatest = low - half, high + half
    for row in range(LEAF_ROWS):
        total = _NONE
        for axis in range(COORDINATES):
            away = lows[axis, row] - probes[probe, axis]
            total += away * away
        flags[row] = _closes(total, lows[SIZE, row], square, spared, factor, smallest, greatest, limit)


@inlined
def lengths(
    lows: Any,
    highs: Any,
    rows: Any,
    blur: Any,
) -> Any:
    """Write how much of each point lies along the gauge; return how far rows are off, as shapes.

    Moving a place by `blur` moves the shape by no more than blur over the least of what lies along the gauge.
    """
    widest = _NONE
    for row in range(rows):
        across = _NONE
        for axis in range(COORDINATES):
            across += lows[axis, row] * lows[axis, row]
        widest = across if across > widest else widest
        highs[SIZE, row] = np.sqrt(_ONE - across if across < _ONE else _NONE)
    reach = np.sqrt(widest) + blur
    return blur / np.sqrt(_ONE - reach * reach) if reach < _NEARLY_ONE else _WIDEST


@inlined
def meet_rows(
    lows: Any,
    highs: Any,
    probes: Any,
    probe: Any,
    blur: Any,
    half: Any,
    least: Any,
    limit: Any,
    reach: Any,
    flags: Any,
) -> Any:
    """Flag the points that can be a pattern within the radius of a probe, by their Procrustes distance."""
    low, high, along = probes[probe, LOW], probes[probe, HIGH], probes[probe, ALONG]
    norm = least - reach
    norm = norm if norm > low else low
    norm = norm if norm < high else high
    farthest = _WIDEST
    if least > _NONE:
        distance = np.sqrt(limit) / least + blur
        farthest = distance if distance < farthest else farthest
    square = farthest * farthest + _MEETING
    spared = np.float32(2.0) * farthest * blur + _MEETING
    factor = least * norm
    smallest, greatest = low - half, high + half
    for row in range(LEAF_ROWS):
        real = along * highs[SIZE, row]
        imaginary = _NONE
        for axis in range(COORDINATES):
            real += lows[axis, row] * probes[probe, axis]
            imaginary += lows[axis, row] * probes[probe, TURNED + axis]
        total = _ONE - (real * real + imaginary * imaginary)
        flags[row] = _closes(total, lows[SIZE, row], square, spared, factor, smallest, greatest, limit)
