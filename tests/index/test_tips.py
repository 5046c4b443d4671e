"""Packed tips come back: to a quarter of a nanometre, and those on a grid of a micrometre exactly."""

import itertools
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stampsdk.index._tips import (
    GRID_PER_MM,
    fine_bytes,
    number_of,
    order_bytes,
    order_of,
    pack,
    pack_orders,
    to_grid,
    unpack_order,
    unpack_rows,
)


def there_and_back(points):
    steps = to_grid(points)
    width = fine_bytes(int(np.ptp(steps, axis=1).max()))
    count, tips, _ = points.shape
    leading, trailing = (
        np.empty((count, 2 * tips - 2), np.int32),
        np.empty((count, 2 * tips - 2, width), np.uint8),
    )
    pack(steps, leading, trailing)
    back = np.empty((count, tips), np.complex128)
    unpack_rows(leading, trailing, np.arange(count), back)
    return np.stack([back.real, back.imag], axis=-1)


@given(
    tips=st.integers(3, 10),
    reach=st.sampled_from((1e-6, 1.0, 25.0, 65.0, 500.0)),
    seed=st.integers(0, 2**32 - 1),
)
def test_points_come_back(tips, reach, seed):
    points = np.random.default_rng(seed).uniform(-reach, reach, (20, tips, 2))
    centred = points - points.mean(axis=1, keepdims=True)
    assert np.abs(there_and_back(points) - centred).max() <= 1.01 / GRID_PER_MM


def test_whole_micrometres_come_back_exactly():
    points = np.round(np.random.default_rng(0).uniform(-60, 60, (500, 5, 2)), 3)
    back = there_and_back(points)
    between, expected = back[:, 1:] - back[:, :1], points[:, 1:] - points[:, :1]
    assert np.abs(between - expected).max() < 1e-13


def test_the_widest_that_fits_one_byte_does_and_the_next_takes_two():
    edge = (1 << 39) - 1
    assert (fine_bytes(edge), fine_bytes(edge + 1)) == (1, 2)
    for span in (edge, edge + 1, 1 << 45):
        points = np.array([[[0.0, 0.0], [span / GRID_PER_MM, -span / GRID_PER_MM], [1.0, 2.0]]])
        assert there_and_back(points) == pytest.approx(points - points.mean(axis=1, keepdims=True), rel=1e-12)


@pytest.mark.parametrize("tips", range(3, 8))
def test_every_permutation_has_its_own_number(tips):
    back = np.empty(tips, np.int8)
    for number, order in enumerate(itertools.permutations(range(tips))):
        assert number_of(np.array(order, np.int8)) == number
        order_of(number, back)
        assert tuple(back.tolist()) == order


@pytest.mark.parametrize("tips", range(3, 11))
def test_numbers_of_permutations_fit_their_bytes(tips):
    assert math.factorial(tips) <= 1 << (8 * order_bytes(tips))
    rng = np.random.default_rng(tips)
    orders = np.stack([rng.permutation(tips) for _ in range(50)]).astype(np.int8)
    orders[0] = np.arange(tips)[::-1]
    codes = np.empty((50, order_bytes(tips)), np.uint8)
    pack_orders(orders, codes)
    back = np.empty(tips, np.int8)
    for row, order in enumerate(orders):
        unpack_order(codes, row, back)
        assert np.array_equal(back, order)
