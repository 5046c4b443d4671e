"""Patterns can be read back by id."""

import numpy as np
import pytest

from stampsdk import PatternIndex
from stampsdk.codebook import random_patterns

STAMPS = random_patterns(300, rng=np.random.default_rng(1))


def test_patterns_come_back_centred_in_the_order_given_and_in_the_order_asked():
    ids = np.random.default_rng(2).permutation(10_000)[:300]
    index = PatternIndex.build(STAMPS[:200], ids[:200])
    index.add(STAMPS[200:], ids[200:])
    index.remove(ids[[7]])
    asked = np.array([250, 3, 199, 3])
    expected = STAMPS[asked] - STAMPS[asked].mean(axis=1, keepdims=True)
    assert np.abs(index.points(ids[asked]) - expected).max() < 1e-12
    assert index.points(np.empty(0, np.int64)).shape == (0, 5, 2)
    for gone in (ids[7], 10_001):
        with pytest.raises(KeyError, match=str(gone)):
            index.points([ids[3], gone])
    with pytest.raises(ValueError, match="ids"):
        index.points([0.5])
