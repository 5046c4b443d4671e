"""Tips as whole numbers: about half the bytes of float64, and no more than a quarter of a nanometre off.

Each coordinate is rounded to a grid of 2⁻²² µm (so what lies on a grid of a micrometre is kept exactly), and
a pattern keeps the differences of its tips to the first of them, in two pieces: the leading 32 bits, which
decide nearly every comparison, and one or two bytes more. One byte holds differences of up to 131 mm, two up
to 33 m.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from stampsdk.geometry._compile import kernel

GRID_PER_MM = 2.0**22 * 1000.0
"""Steps of the grid in a millimetre."""

_PER_UM = 2.0**22
SHORT_BITS = 39
"""Bits of a difference that fits the leading 32 and one byte, the sign apart."""

Steps = NDArray[np.int64]


class Tips(NamedTuple):
    """Packed patterns.

    Attributes
    ----------
    leading : int32 (N, 2(n - 1))
        The leading bits of the differences of each tip to the first, in canonical order, x and y in turn.
    trailing : uint8 (N, 2(n - 1), bytes)
        The rest, little-endian.
    codes : uint8 (N, bytes)
        ``order_of(codes[i])[k]`` is where the tip at place k stood as it was given.
    """

    leading: NDArray[np.int32]
    trailing: NDArray[np.uint8]
    codes: NDArray[np.uint8]


@kernel
def pack_row(
    steps: Steps, order: NDArray[np.int8], row: int, leading: NDArray[np.int32], trailing: NDArray[np.uint8]
) -> None:
    """Write one pattern of whole steps (n, 2), the tips in an order, as differences to the first of them."""
    width = trailing.shape[2]
    for k in range(1, steps.shape[0]):
        for axis in range(2):
            difference = steps[order[k], axis] - steps[order[0], axis]
            column = 2 * k - 2 + axis
            leading[row, column] = difference >> (8 * width)
            for place in range(width):
                trailing[row, column, place] = (difference >> (8 * place)) & 0xFF


@kernel
def unpack(
    leading: NDArray[np.int32], trailing: NDArray[np.uint8], row: int, tips: NDArray[np.complex128]
) -> None:
    """Write one pattern (n,), centred, in mm."""
    n = tips.shape[0]
    width = trailing.shape[2]
    total_x = np.int64(0)
    total_y = np.int64(0)
    tips[0] = 0.0j
    for k in range(1, n):
        x = np.int64(leading[row, 2 * k - 2]) << (8 * width)
        y = np.int64(leading[row, 2 * k - 1]) << (8 * width)
        for place in range(width):
            x |= np.int64(trailing[row, 2 * k - 2, place]) << (8 * place)
            y |= np.int64(trailing[row, 2 * k - 1, place]) << (8 * place)
        total_x += x
        total_y += y
        tips[k] = complex(_to_mm(x), _to_mm(y))
    centre = complex(total_x / n, total_y / n) / GRID_PER_MM
    for k in range(n):
        tips[k] -= centre


@kernel
def _to_mm(steps: int) -> float:
    """Return millimetres, those on a grid of a micrometre to the last bit."""
    return float(steps / _PER_UM / 1000.0)


@kernel
def unpack_rows(
    leading: NDArray[np.int32],
    trailing: NDArray[np.uint8],
    rows: NDArray[np.int64],
    tips: NDArray[np.complex128],
) -> None:
    """Write some patterns (K, n), centred, in mm."""
    for at in range(rows.shape[0]):
        unpack(leading, trailing, rows[at], tips[at])


@kernel
def number_of(order: NDArray[np.int8]) -> int:
    """Return the place of a permutation among all of them in lexicographic order (D. H. Lehmer, 1960)."""
    n = order.shape[0]
    number = int(np.int64(0))
    for k in range(n):
        smaller = 0
        for j in range(k + 1, n):
            smaller += order[j] < order[k]
        number = number * (n - k) + smaller
    return number


@kernel
def order_of(number: int, order: NDArray[np.int8]) -> None:
    """Write the permutation at a place: the inverse of `number_of`."""
    n = order.shape[0]
    for k in range(n - 1, -1, -1):
        order[k] = number % (n - k)
        number //= n - k
        for j in range(k + 1, n):
            order[j] += order[j] >= order[k]


@kernel
def pack_order(order: NDArray[np.int8], row: int, codes: NDArray[np.uint8]) -> None:
    """Write the number of a permutation as little-endian bytes."""
    number = number_of(order)
    for place in range(codes.shape[1]):
        codes[row, place] = (number >> (8 * place)) & 0xFF


@kernel
def pack_orders(orders: NDArray[np.int8], codes: NDArray[np.uint8]) -> None:
    """Write the numbers of permutations (N, n) as little-endian bytes (N, bytes)."""
    for row in range(orders.shape[0]):
        pack_order(orders[row], row, codes)


@kernel
def unpack_order(codes: NDArray[np.uint8], row: int, order: NDArray[np.int8]) -> None:
    """Write one permutation."""
    number = int(np.int64(0))
    for place in range(codes.shape[1]):
        number |= int(codes[row, place]) << (8 * place)
    order_of(number, order)


def order_bytes(tips: int) -> int:
    """Return how many bytes hold the number of a permutation of so many."""
    return 1 if tips <= 5 else 2 if tips <= 8 else 3  # noqa: PLR2004 - 5! < 2**8, 8! < 2**16, 10! < 2**24
