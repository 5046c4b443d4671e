"""The frame in which lattice points become patterns: along the gauge, and across it.

A labelled, centred pattern z of C^n is turned until its product with a fixed shape, the gauge, is real; its
coordinates are that product and its products with vectors across the gauge, real parts, then imaginary
parts: 2n - 3 lengths in mm. Two patterns are never farther apart than their coordinates, and hardly closer:
only turning what is across the gauge against what is along it counts for less, by the share that lies along
it (docs/theory.md, section 9). So the gauge is chosen as the shape that patterns can best be laid along when
their labels are free; about 0.96 of them then lies along it.

Everything is computed by + - × ÷ √ in a fixed order, so that it comes out the same to the last bit on every
machine.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from stampsdk.geometry._compile import kernel


class Frame(NamedTuple):
    """A gauge and what is across it.

    Attributes
    ----------
    gauge : complex128 (n,)
        Centred, of unit norm.
    across : complex128 (n - 2, n)
        Orthonormal, across the gauge and across shifts.
    """

    gauge: NDArray[np.complex128]
    across: NDArray[np.complex128]


@kernel
def frame_of(gauge: NDArray[np.complex128]) -> Frame:
    """Return the frame along a pattern (n,) by Gram's and Schmidt's method."""
    n = gauge.shape[0]
    rows = np.zeros((n, n), np.complex128)
    for k in range(n):
        rows[0, k] = 1.0
        rows[1, k] = gauge[k]
        for row in range(2, n):
            rows[row, k] = 1.0 if k == row else 0.0
    for row in range(n):
        for before in range(row):
            overlap = 0.0j
            for k in range(n):
                overlap += np.conj(rows[before, k]) * rows[row, k]
            for k in range(n):
                rows[row, k] -= overlap * rows[before, k]
        square = 0.0
        for k in range(n):
            square += rows[row, k].real * rows[row, k].real + rows[row, k].imag * rows[row, k].imag
        length = np.sqrt(square)
        for k in range(n):
            rows[row, k] = complex(rows[row, k].real / length, rows[row, k].imag / length)
    return Frame(rows[1].copy(), rows[2:].copy())


@kernel
def write_pattern(frame: Frame, coordinates: NDArray[np.float64], pattern: NDArray[np.complex128]) -> None:
    """Write the pattern (n,), centred, in mm, that has some coordinates (2n - 3,)."""
    n = pattern.shape[0]
    for k in range(n):
        real = coordinates[0] * frame.gauge[k].real
        imaginary = coordinates[0] * frame.gauge[k].imag
        for row in range(n - 2):
            x, y = coordinates[1 + row], coordinates[n - 1 + row]
            side = frame.across[row, k]
            real += x * side.real - y * side.imag
            imaginary += x * side.imag + y * side.real
        pattern[k] = complex(real, imaginary)


@kernel
def write_coordinates(
    frame: Frame, pattern: NDArray[np.complex128], coordinates: NDArray[np.float64]
) -> None:
    """Write the coordinates (2n - 3,) of a centred pattern (n,), mm: the inverse of `write_pattern`."""
    n = pattern.shape[0]
    overlap = 0.0j
    for k in range(n):
        overlap += np.conj(frame.gauge[k]) * pattern[k]
    along = np.sqrt(overlap.real * overlap.real + overlap.imag * overlap.imag)
    turn = complex(overlap.real / along, -overlap.imag / along) if along > 0.0 else 1.0 + 0.0j
    coordinates[0] = along
    for row in range(n - 2):
        product = 0.0j
        for k in range(n):
            product += np.conj(frame.across[row, k]) * (turn * pattern[k])
        coordinates[1 + row] = product.real
        coordinates[n - 1 + row] = product.imag
