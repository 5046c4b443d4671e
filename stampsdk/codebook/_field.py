# ruff: noqa: C901, PLR0917 - kernels: loops by design, positional arguments only
"""The field: where on the face of a stamp the centres of its tips may stand; whether a pattern fits in.

A pattern may be shifted and, on a face that is not round, turned by one of some angles to fit. Everything is
decided by + - × ÷ √ in a fixed order.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from stampsdk.geometry._compile import kernel

_OPPOSITE = -1.0 + 1e-12


class Field(NamedTuple):
    """A disc, or a convex polygon in which patterns are turned.

    Attributes
    ----------
    radius : float
        Of the disc, mm; 0 for a polygon.
    normals, offsets : float64 (E, 2), (E,)
        The polygon: all points whose product with each unit normal is at most its offset, mm.
    turns : complex128 (T,)
        Unit numbers by which a pattern may be turned; 1 alone for a disc.
    """

    radius: float
    normals: NDArray[np.float64]
    offsets: NDArray[np.float64]
    turns: NDArray[np.complex128]


@kernel
def placed(pattern: NDArray[np.complex128], field: Field) -> tuple[bool, complex, complex]:
    """Return whether a pattern (n,) fits, and the turn and then the shift that bring it into the field."""
    if field.radius > 0.0:
        fits, centre = _enclosed(pattern, field.radius)
        return fits, 1.0 + 0.0j, -centre
    for index in range(field.turns.shape[0]):
        fits, shift = _shifted(pattern, field, field.turns[index])
        if fits:
            return True, field.turns[index], shift
    return False, 1.0 + 0.0j, 0.0j


@kernel
def _square(value: complex) -> float:
    return value.real * value.real + value.imag * value.imag


@kernel
def _enclosed(pattern: NDArray[np.complex128], radius: float) -> tuple[bool, complex]:
    """Return whether the least circle around points has at most a radius, and its centre.

    The least circle has two of the points as a diameter, or passes through three.
    """
    n = pattern.shape[0]
    best, centre = np.inf, 0.0j
    for j in range(n):
        for k in range(j):
            middle = complex(
                (pattern[j].real + pattern[k].real) / 2.0, (pattern[j].imag + pattern[k].imag) / 2.0
            )
            square = _square(pattern[j] - pattern[k]) / 4.0
            if square > radius * radius:
                return False, 0.0j
            if square < best and _holds(pattern, middle, square, j, k, -1):
                best, centre = square, middle
    for j in range(n):
        for k in range(j):
            for i in range(k):
                u, v = pattern[k] - pattern[j], pattern[i] - pattern[j]
                double = 2.0 * (u.real * v.imag - u.imag * v.real)
                if double == 0.0:
                    continue
                uu, vv = _square(u), _square(v)
                away = complex((v.imag * uu - u.imag * vv) / double, (u.real * vv - v.real * uu) / double)
                square = _square(away)
                if square < best and _holds(pattern, pattern[j] + away, square, j, k, i):
                    best, centre = square, pattern[j] + away
    return best <= radius * radius, centre


@kernel
def _holds(pattern: NDArray[np.complex128], centre: complex, square: float, j: int, k: int, i: int) -> bool:
    """Tell whether a circle holds all points but those that it passes through."""
    for other in range(pattern.shape[0]):
        if other not in (j, k, i) and _square(pattern[other] - centre) > square:
            return False
    return True


@kernel
def _shifted(pattern: NDArray[np.complex128], field: Field, turn: complex) -> tuple[bool, complex]:
    """Return whether a turned pattern fits a polygon, and the mean of the corners of where it may be shifted.

    Turned by `turn`, its farthest point in the direction of each normal leaves so much room to shift it; what
    is left is a smaller polygon, whose corners lie where two of its edges meet.
    """
    edges = field.normals.shape[0]
    room = np.empty(edges, np.float64)
    for edge in range(edges):
        farthest = -np.inf
        for k in range(pattern.shape[0]):
            x = pattern[k].real * turn.real - pattern[k].imag * turn.imag
            y = pattern[k].real * turn.imag + pattern[k].imag * turn.real
            farthest = max(farthest, field.normals[edge, 0] * x + field.normals[edge, 1] * y)
        room[edge] = field.offsets[edge] - farthest
    for j in range(edges):
        for k in range(j):
            facing = field.normals[j, 0] * field.normals[k, 0] + field.normals[j, 1] * field.normals[k, 1]
            if facing < _OPPOSITE and room[j] + room[k] < 0.0:
                return False, 0.0j  # wider than the polygon is between two edges that face each other
    total, corners = 0.0j, 0
    for j in range(edges):
        for k in range(j):
            a, b = field.normals[j, 0], field.normals[j, 1]
            c, d = field.normals[k, 0], field.normals[k, 1]
            double = a * d - b * c
            if abs(double) < 1e-9:  # noqa: PLR2004 - parallel edges meet nowhere
                continue
            x = (room[j] * d - b * room[k]) / double
            y = (a * room[k] - c * room[j]) / double
            inside = True
            for edge in range(edges):
                if edge not in (j, k) and (
                    field.normals[edge, 0] * x + field.normals[edge, 1] * y > room[edge]
                ):
                    inside = False
                    break
            if inside:
                total += complex(x, y)
                corners += 1
    if corners == 0:
        return False, 0.0j
    return True, complex(total.real / corners, total.imag / corners)
