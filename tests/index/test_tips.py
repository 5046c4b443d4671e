"""Packed tips come back: to a quarter of a nanometre, and those on a grid of a micrometre exactly."""

import itertools
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stampsdk.index._part import build_part
from stampsdk.index._tips import (
    GRID_PER_MM,
    SHORT_BITS,
    number_of,
    order_bytes,
    order_of,
    pack_orders,
    unpack_order,
)


def there_and_back(points):
    part = build_part(points, np.arange(len(points)))
    return part.points_of(part.by_id.astype(np.int64)), part.tips.trailing.shape[2]


@given(
    tips=st.integers(3, 10),
    reach=st.sampled_from((1e-6, 1.0, 25.0, 65.0, 170.0)),
    seed=st.integers(0, 2**32 - 1),
)
def test_points_come_back(tips, reach, seed):
    points = np.random.default_rng(seed).uniform(-reach, reach, (20, tips, 2))
    centred = points - points.mean(axis=1, keepdims=True)
    assert np.abs(there_and_back(points)[0] - centred).max() <= 1.01 / GRID_PER_MM


def test_whole_micrometres_come_back_exactly():
    points = np.round(np.random.default_rng(0).uniform(-60, 60, (500, 5, 2)), 3)
    back, _ = there_and_back(points)
    between, expected = back[:, 1:] - back[:, :1], points[:, 1:] - points[:, :1]
    assert np.abs(between - expected).max() < 1e-13


def test_the_widest_that_fits_one_byte_does_and_the_next_takes_two():
    edge = (1 << SHORT_BITS) - 1
    for span, width in ((edge - 999, 1), (edge + 999, 2), (1 << 40, 2)):
        points = np.array([[[0.0, 0.0], [span / GRID_PER_MM, -span / GRID_PER_MM], [1.0, -2.0]]])
        back, taken = there_and_back(points)
        assert taken == width
        assert np.abs(back - (points - points.mean(axis=1, keepdims=True))).max() < 1.0 / GRID_PER_MM


def test_a_close_call_is_packed_and_what_is_beyond_it_is_refused():
    tips = np.array([[[0.0, 0.0], [1.5e-9, 0.0], [20.0, 3.0]]])
    assert there_and_back(tips)[0].shape == (1, 3, 2)
    with pytest.raises(ValueError, match="points: row 2 has two tips that coincide"):
        build_part(np.concatenate([tips, tips, tips * [0.5, 1.0]]), np.arange(3))


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
