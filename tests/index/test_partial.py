"""Presses with a tip missing or a touch too many."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stampsdk import PatternIndex
from tests import oracle, strategies


def assert_partial(index, points, touches, tolerance, scale, **mode):
    hits = index.search(touches, tolerance, scale, **mode)
    found = dict(zip(hits.ids.tolist(), range(len(hits)), strict=True))
    for number, pattern in enumerate(points):
        least, labels = oracle.partial_residual(touches, pattern, scale, **mode)
        if least > tolerance + 1e-4:
            assert number not in found
        elif least <= tolerance - 1e-4:
            assert number in found
        if number in found:
            at = found[number]
            assert hits.residual[at] == pytest.approx(least, abs=1e-8)
            assert tuple(hits.labels[at].tolist()) == labels


@given(data=st.data(), rng=strategies.seeds())
@settings(max_examples=60, deadline=None)
def test_a_missing_tip_matches_the_oracle(data, rng):
    tips = data.draw(st.integers(5, 7))
    family = data.draw(st.sampled_from(strategies.FAMILIES))
    points = np.stack([strategies.family_pattern(family, tips, rng) * 12 for _ in range(3)])
    points += rng.normal(0, 0.01, points.shape)
    tolerance = data.draw(st.sampled_from((0.1, 0.9, 5.0)))
    touches = rng.permutation(points[0] + rng.normal(0, tolerance / 3, (tips, 2)))[1:]
    scale = data.draw(st.sampled_from(strategies.SCALES))
    assert_partial(PatternIndex.build(points), points, touches, tolerance, scale, missing=1)


@given(data=st.data(), rng=strategies.seeds())
@settings(max_examples=60, deadline=None)
def test_a_ghost_matches_the_oracle(data, rng):
    tips = data.draw(st.integers(4, 6))
    family = data.draw(st.sampled_from(strategies.FAMILIES))
    points = np.stack([strategies.family_pattern(family, tips, rng) * 12 for _ in range(3)])
    points += rng.normal(0, 0.01, points.shape)
    tolerance = data.draw(st.sampled_from((0.1, 0.9, 5.0)))
    touches = points[0] + rng.normal(0, tolerance / 3, (tips, 2))
    touches = rng.permutation(np.concatenate([touches, rng.uniform(-20, 20, (1, 2))]))
    scale = data.draw(st.sampled_from(strategies.SCALES))
    assert_partial(PatternIndex.build(points), points, touches, tolerance, scale, ghosts=1)


def test_exact_copies_are_found_with_each_tip_missing_and_a_ghost_anywhere():
    rng = np.random.default_rng(0)
    points = rng.uniform(-20, 20, (500, 6, 2))
    index = PatternIndex.build(points)
    for left_out in range(6):
        hits = index.search(np.delete(points[9], left_out, axis=0), 0.01, missing=1)
        assert hits.ids.tolist() == [9]
        assert hits.labels[0].tolist() == [k for k in range(6) if k != left_out]
        hits = index.search(np.insert(points[9], left_out, [99, 0], axis=0), 0.01, ghosts=1)
        assert hits.ids.tolist() == [9]
        assert hits.labels[0].tolist() == [*range(left_out), -1, *range(left_out, 6)]


@pytest.mark.parametrize(
    ("tips", "mode", "message"),
    [
        (4, {"missing": 1}, "at least 4 matched"),
        (3, {"ghosts": 1}, "at least 4 matched"),
        (5, {"missing": 2}, "missing must be 0 or 1"),
        (5, {"ghosts": -1}, "ghosts must be 0 or 1"),
        (6, {"ghosts": 1, "missing": 1}, "cannot both"),
    ],
)
def test_what_cannot_be_matched_is_refused(tips, mode, message):
    index = PatternIndex.build(np.random.default_rng(0).uniform(-20, 20, (3, tips, 2)))
    count = tips - mode.get("missing", 0) + mode.get("ghosts", 0)
    with pytest.raises(ValueError, match=message):
        index.search(np.random.default_rng(1).uniform(-20, 20, (max(count, 1), 2)), **mode)


@pytest.mark.parametrize(("mode", "count"), [({"missing": 1}, 5), ({"ghosts": 1}, 5), ({"ghosts": 1}, 7)])
def test_a_partial_press_has_its_own_count(mode, count):
    index = PatternIndex.build(np.random.default_rng(0).uniform(-20, 20, (3, 5, 2)))
    with pytest.raises(ValueError, match=f"touches has {count} points"):
        index.search(np.zeros((count, 2)), **mode)
