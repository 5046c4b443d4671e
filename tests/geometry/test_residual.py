"""The residual against brute force, and the alignment that goes with it."""

import math

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from stampsdk.geometry import residual
from tests import oracle, strategies


def assert_is_the_least(touches, pattern, scale):
    least, labels = oracle.residual(touches, pattern, scale)
    found = residual(touches, pattern, scale)
    assert found.residual == pytest.approx(least, abs=1e-9)
    given_labels = found.labels[np.newaxis]
    value = oracle.residuals_of(touches, pattern, given_labels, scale)[0]
    assert value == pytest.approx(least, abs=2e-9)
    if tuple(found.labels.tolist()) != labels:  # a tie at the very edge of what counts as one
        other = oracle.residuals_of(touches, pattern, np.array([labels]), scale)[0]
        assert max(value, other) - least == pytest.approx(oracle.TIE_MM, rel=0.01)
    turn = np.array(
        [
            [math.cos(found.rotation), -math.sin(found.rotation)],
            [math.sin(found.rotation), math.cos(found.rotation)],
        ]
    )
    laid = found.scale * touches @ turn.T + found.shift
    misses = ((laid - pattern[found.labels]) ** 2).sum(axis=1)
    assert math.sqrt(misses.mean()) == pytest.approx(least, abs=1e-8)
    low, high = scale or (0.0, math.inf)
    assert low * (1 - 1e-12) <= found.scale <= high * (1 + 1e-12)


@given(data=st.data(), tips=strategies.tip_counts(8))
@settings(max_examples=200, deadline=None)
def test_it_is_the_least_over_all_assignments(data, tips):
    pattern = data.draw(strategies.patterns(tips))
    assume(min(np.linalg.norm(pattern[j] - pattern[k]) for j in range(tips) for k in range(j)) > 1e-8)
    touches = data.draw(strategies.queries(pattern[np.newaxis], data.draw(strategies.tolerances())))
    assert_is_the_least(touches, pattern, data.draw(st.sampled_from(strategies.SCALES)))


@pytest.mark.parametrize("family", strategies.FAMILIES)
@pytest.mark.parametrize("tips", [9, 10])
def test_it_is_the_least_with_many_tips(tips, family):
    rng = np.random.default_rng(tips)
    for noise in (0.0, 0.3, 8.0):
        pattern = strategies.family_pattern(family, tips, rng) * 12
        touches = strategies.moved(rng.permutation(pattern + rng.normal(0, noise, pattern.shape)), rng)
        assert_is_the_least(touches, pattern, None)
        assert_is_the_least(touches, pattern, (0.98, 1.02))


def test_near_zero_it_keeps_its_digits():
    """Two labellings 1e-7 mm apart, both nearly perfect: sums of squares would not tell them apart."""
    angle = 2 * np.pi * np.arange(6) / 6
    pattern = 17 * np.column_stack([np.cos(angle), np.sin(angle)])
    pattern[2] += [3e-7, 2e-7]
    for seed in range(20):
        rng = np.random.default_rng(seed)
        order = rng.permutation(6)
        found = residual(strategies.moved(pattern[order], rng), pattern, (1.0, 1.0))
        assert found.labels.tolist() == order.tolist()
        assert found.residual < 1e-12


def test_a_mirror_image_is_not_reached_by_turning():
    pattern = np.array([[0.0, 0.0], [20.0, 0.0], [3.0, 11.0], [-6.0, -9.0]])
    assert residual(pattern, pattern).residual == pytest.approx(0, abs=1e-12)
    assert residual(pattern * [1, -1], pattern).residual > 2


def test_coincident_touches_leave_the_size_of_the_pattern():
    pattern = np.array([[0.0, 0.0], [20.0, 0.0], [3.0, 11.0]])
    radius = np.sqrt(((pattern - pattern.mean(axis=0)) ** 2).sum(axis=1).mean())
    for scale in strategies.SCALES:
        found = residual(np.full((3, 2), 7.5), pattern, scale)
        assert found.residual == pytest.approx(radius)
        assert found.labels.tolist() == [0, 1, 2]
    half = residual([[0, 0], [0, 0], [5, 5]], pattern)
    assert half.labels.tolist() in ([0, 2, 1], [0, 1, 2])


@pytest.mark.parametrize(
    ("touches", "pattern", "scale", "message"),
    [
        ([[0, 0]] * 3, [[0, 0], [1, 0]], None, "2 tips"),
        ([[0, 0]] * 4, [[0, 0], [1, 0], [0, 1]], None, "touches has 4 points; pattern has 3"),
        ([[0, np.nan]] * 3, [[0, 0], [1, 0], [0, 1]], None, "touches: row 0 holds NaN"),
        ([[0, 0]] * 3, [[0, 0], [1, 0], [1, 0]], None, "pattern: row 0 has two tips that coincide"),
        ([[0, 0]] * 3, [0, 1], None, r"pattern must have the shape \(n, 2\)"),
        ([[0, 0]] * 3, [[0, 0], [1, 0], [0, 1]], (2, 1), "scale must satisfy"),
        ([[0, 0], [1e308, 0], [0, 1e308]], [[0, 0], [1, 0], [0, 1]], (1e9, 1e9), "range of float64"),
    ],
)
def test_bad_input_is_named(touches, pattern, scale, message):
    with pytest.raises(ValueError, match=message):
        residual(touches, pattern, scale)
