"""The lattice, against what is known of E7 and of shortened extended Hamming codes."""

import itertools

import numpy as np
import pytest

from stampsdk.codebook._lattice import cells_per_point, dimensions, is_lattice_point, parities


def short_vectors(dimension, bound):
    found = []
    for point in itertools.product((-2, -1, 0, 1, 2), repeat=dimension):
        length = sum(x * x for x in point)
        if 0 < length <= bound and is_lattice_point(np.array(point)):
            found.append(point)
    return found


def test_for_five_tips_it_is_e7():
    """E7 has 126 vectors of least length, and no lattice of seven dimensions has more."""
    shortest = short_vectors(dimensions(5), 4)
    assert len(shortest) == 126
    assert {sum(x * x for x in point) for point in shortest} == {4}


@pytest.mark.parametrize("tips", range(3, 9))
def test_the_code_is_linear_of_least_weight_four_and_as_large_as_it_can_be(tips):
    dimension = dimensions(tips)
    code = parities(dimension)
    words = {tuple(word) for word in code.tolist()}
    assert len(words) == len(code) == 2**dimension // cells_per_point(dimension)
    weights = code.sum(axis=1)
    assert set(weights[weights > 0]) <= set(range(4, dimension + 1))
    rng = np.random.default_rng(tips)
    for left, right in rng.integers(len(code), size=(50, 2)):
        assert tuple((code[left] ^ code[right]).tolist()) in words


def test_sums_and_differences_stay_in_it():
    rng = np.random.default_rng(0)
    points = [np.array(p) for p in short_vectors(7, 6)]
    for left, right in rng.integers(len(points), size=(200, 2)):
        assert is_lattice_point(points[left] + points[right])
        assert is_lattice_point(points[left] - 3 * points[right])
