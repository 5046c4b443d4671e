# ruff: noqa: C901 - kernels: loops by design, positional arguments only
"""Which points of the lattice are patterns that a stamp of the family may have."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from stampsdk.codebook._field import Field, placed
from stampsdk.codebook._frame import Frame, write_pattern
from stampsdk.codebook._nearness import are_nearer
from stampsdk.geometry._compile import kernel

UM_PER_MM = 1000.0
_SPARE_MM = 0.002  # rounding to whole micrometres moves two tips by no more against each other


class Rules(NamedTuple):
    """What makes a lattice point a candidate.

    Attributes
    ----------
    frame : Frame
    field : Field
    along, unit : float
        Millimetres between whole first coordinates, and between others.
    offset : float64 (D,)
        Added to whole coordinates, in units.
    widest : float
        Greatest ratio of what is across the gauge to what is along it.
    spacing, span, distance : float
        Least and greatest distance of two tips; least distance of a pattern from its relabellings and its
        mirror; mm.
    scales : (low, high)
        What that distance allows a pattern to be scaled by; 0 and infinity where it is free.
    permutations : int8 (n!, n)
        All of them, the identity first.
    """

    frame: Frame
    field: Field
    along: float
    unit: float
    offset: NDArray[np.float64]
    widest: float
    spacing: float
    span: float
    distance: float
    scales: tuple[float, float]
    permutations: NDArray[np.int8]


@kernel
def find_candidates(
    rules: Rules,
    code: NDArray[np.uint8],
    first: int,
    most: float,
    addresses: NDArray[np.int16],
) -> int:
    """Write all candidates whose first coordinate is `first`, in lexicographic order.

    Parameters
    ----------
    code : uint8 (C, D)
        See `parities`.
    first : int
    most : float
        Greatest norm of a pattern, mm.
    addresses : int16 (..., D), written as far as there is room

    Returns
    -------
    int
        How many there are.
    """
    dimension = code.shape[1]
    point = np.zeros(dimension, np.int64)
    last = np.zeros(dimension, np.int64)
    spent = np.zeros(dimension + 1, np.float64)
    alive = np.zeros((dimension + 1, code.shape[0]), np.bool_)
    coordinates = np.empty(dimension, np.float64)
    scratch = new_scratch(rules.frame.gauge.shape[0])
    count = 0
    coordinates[0] = (first + rules.offset[0]) * rules.along
    if coordinates[0] <= 0.0:
        return 0
    room = coordinates[0] * coordinates[0] * rules.widest * rules.widest
    room = min(room, most * most - coordinates[0] * coordinates[0])
    if room <= 0.0:
        return 0
    point[0] = first
    for word in range(code.shape[0]):
        alive[1, word] = code[word, 0] == first & 1
    depth = 1
    _open(point, last, depth, rules, room - spent[depth])
    while depth > 0:
        if point[depth] > last[depth]:
            depth -= 1
            if depth > 0:
                point[depth] += 1
            continue
        some = False
        for word in range(code.shape[0]):
            alive[depth + 1, word] = alive[depth, word] and code[word, depth] == point[depth] & 1
            some = some or alive[depth + 1, word]
        value = (point[depth] + rules.offset[depth]) * rules.unit
        coordinates[depth] = value
        if not some or spent[depth] + value * value > room:
            point[depth] += 1
            continue
        if depth == dimension - 1:
            if examine(rules, coordinates, scratch):
                if count < addresses.shape[0]:
                    for k in range(dimension):
                        addresses[count, k] = point[k]
                count += 1
            point[depth] += 1
            continue
        depth += 1
        spent[depth] = spent[depth - 1] + value * value
        _open(point, last, depth, rules, room - spent[depth])
    return count


@kernel
def _open(point: NDArray[np.int64], last: NDArray[np.int64], depth: int, rules: Rules, room: float) -> None:
    """Set the range of a coordinate, a little wider than it need be."""
    reach = np.sqrt(max(room, 0.0)) / rules.unit
    point[depth] = int(np.floor(-reach - rules.offset[depth]))
    last[depth] = int(np.ceil(reach - rules.offset[depth]))


class Scratch(NamedTuple):
    """Room to examine one lattice point after the other, and what refused the last one, which is tried first.

    Attributes
    ----------
    pattern : complex128 (n,)
    steps : int64 (n, 2)
        Tips of a candidate, µm.
    refused_by : int64 (1,)
        A permutation.
    """

    pattern: NDArray[np.complex128]
    steps: NDArray[np.int64]
    refused_by: NDArray[np.int64]


@kernel
def new_scratch(n: int) -> Scratch:
    """Make room for patterns of n tips."""
    return Scratch(np.empty(n, np.complex128), np.empty((n, 2), np.int64), np.ones(1, np.int64))


@kernel
def examine(rules: Rules, coordinates: NDArray[np.float64], scratch: Scratch) -> bool:
    """Tell whether some coordinates (D,) are those of a candidate, and write its tips into ``scratch.steps``.

    A candidate has its tips far enough apart, lies nearer to the gauge under its own labels than under any
    others, fits the field, and keeps its distance from its other labellings and from its mirror.
    """
    pattern, steps = scratch.pattern, scratch.steps
    n = pattern.shape[0]
    write_pattern(rules.frame, coordinates, pattern)
    least = (rules.spacing + _SPARE_MM) * (rules.spacing + _SPARE_MM)
    for j in range(n):
        for k in range(j):
            x, y = pattern[j].real - pattern[k].real, pattern[j].imag - pattern[k].imag
            apart = x * x + y * y
            if apart < least or apart > rules.span * rules.span:
                return False
    along = coordinates[0] * coordinates[0]
    if _overlaps_more(rules, pattern, scratch.refused_by[0], along):
        return False
    for row in range(1, rules.permutations.shape[0]):
        if _overlaps_more(rules, pattern, row, along):
            scratch.refused_by[0] = row
            return False
    fits, turn, shift = placed(pattern, rules.field)
    if not fits:
        return False
    for k in range(n):
        tip = turn * pattern[k] + shift
        steps[k, 0] = np.int64(np.rint(tip.real * UM_PER_MM))
        steps[k, 1] = np.int64(np.rint(tip.imag * UM_PER_MM))
    return keeps_from_itself(steps, rules.permutations, rules.distance, rules.scales)


@kernel
def _overlaps_more(rules: Rules, pattern: NDArray[np.complex128], row: int, along: float) -> bool:
    """Tell whether a pattern, its labels exchanged, has as large a squared product with the gauge."""
    real, imaginary = 0.0, 0.0
    for k in range(pattern.shape[0]):
        side, tip = rules.frame.gauge[k], pattern[rules.permutations[row, k]]
        real += side.real * tip.real + side.imag * tip.imag
        imaginary += side.real * tip.imag - side.imag * tip.real
    return real * real + imaginary * imaginary >= along


@kernel
def keeps_from_itself(
    steps: NDArray[np.int64],
    permutations: NDArray[np.int8],
    distance: float,
    scales: tuple[float, float],
) -> bool:
    """Tell whether a pattern (n, 2), µm, is as far as the distance, mm, from its relabellings and its mirror.

    The greater the product, the nearer they are, so that only those that surpass all before are looked at.
    """
    n = steps.shape[0]
    pattern = np.empty(n, np.complex128)
    square = centred(steps, pattern)
    most = -1.0
    for row in range(permutations.shape[0]):
        overlap, mirrored = 0.0j, 0.0j
        for k in range(n):
            other = pattern[permutations[row, k]]
            overlap += np.conj(pattern[k]) * other
            mirrored += pattern[k] * other
        product = mirrored.real * mirrored.real + mirrored.imag * mirrored.imag
        if row > 0:
            product = max(product, overlap.real * overlap.real + overlap.imag * overlap.imag)
        if product > most:
            most = product
            if are_nearer(square, square, product, scales, distance):
                return False
    return True


@kernel
def centred(steps: NDArray[np.int64], pattern: NDArray[np.complex128]) -> float:
    """Write a pattern (n, 2), µm, around its centroid, mm; return its squared norm."""
    n = steps.shape[0]
    x, y = np.int64(0), np.int64(0)
    for k in range(n):
        x += steps[k, 0]
        y += steps[k, 1]
    square = 0.0
    for k in range(n):
        pattern[k] = complex((n * steps[k, 0] - x) / (n * UM_PER_MM), (n * steps[k, 1] - y) / (n * UM_PER_MM))
        square += pattern[k].real * pattern[k].real + pattern[k].imag * pattern[k].imag
    return square
