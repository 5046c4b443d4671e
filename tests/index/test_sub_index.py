"""Presses that lack a tip, through the trees kept for them: as every pattern looked at one by one."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stampsdk import PatternIndex
from stampsdk.index._search import Plan
from tests import oracle, strategies
from tests.index.test_partial import assert_partial


class ProbingIndex(PatternIndex):
    _plan = Plan(most_reach=0.94, probe_us=1e-9)


@given(data=st.data(), rng=strategies.seeds())
@settings(max_examples=60, deadline=None)
def test_a_missing_tip_matches_the_oracle(data, rng):
    tips = data.draw(st.integers(5, 7))
    family = data.draw(st.sampled_from(strategies.FAMILIES))
    points = np.stack([strategies.family_pattern(family, tips, rng) * 12 for _ in range(3)])
    points += rng.normal(0, 0.01, points.shape)
    tolerance = data.draw(st.sampled_from((0.0, 0.1, 0.9, 5.0)))
    touches = rng.permutation(points[0] + rng.normal(0, tolerance / 3, (tips, 2)))[1:]
    scale = data.draw(st.sampled_from(strategies.SCALES))
    kind = data.draw(st.sampled_from((PatternIndex, ProbingIndex)))
    assert_partial(kind.build(points, partial=True), points, touches, tolerance, scale, missing=1)


@pytest.mark.parametrize("scale", strategies.SCALES)
@pytest.mark.parametrize("tips", [5, 6, 8])
def test_trees_find_what_a_scan_finds(tips, scale):
    rng = np.random.default_rng(tips)
    points = rng.uniform(-25, 25, (800, tips, 2))
    with_trees, without = ProbingIndex.build(points, partial=True), PatternIndex.build(points)
    for row in range(0, 800, 100):
        touches = rng.permutation(points[row] + rng.normal(0, 0.3, (tips, 2)))[1:]
        first = with_trees.search(touches, 0.9, scale, missing=1)
        second = without.search(touches, 0.9, scale, missing=1)
        assert row in first.ids
        assert np.array_equal(first.ids, second.ids)
        assert first.residual == pytest.approx(second.residual, abs=1e-10)
        assert np.array_equal(first.labels, second.labels)


def test_full_presses_are_as_ever_and_files_and_changes_keep_the_trees(tmp_path):
    rng = np.random.default_rng(0)
    points = rng.uniform(-20, 20, (300, 6, 2))
    path = tmp_path / "stamps.index"
    index = PatternIndex.build(points[:200], path=path, partial=True)
    index.add(points[200:], np.arange(200, 300))
    index.remove([7])
    index.flush()
    opened = PatternIndex.open(path)
    assert all(len(plot.part.partial.roots) for plot in opened._forest)
    for row in (3, 250):
        assert opened.search(points[row], 0.01).ids.tolist() == [row]
        assert opened.search(points[row][1:], 0.01, missing=1).ids.tolist() == [row]
    assert len(opened.search(points[7][1:], 0.01, missing=1)) == 0


def test_no_trees_are_kept_where_too_few_tips_are_left():
    points = np.random.default_rng(0).uniform(-20, 20, (50, 4, 2))
    index = PatternIndex.build(points, partial=True)
    assert index.search(points[3], 0.01).ids.tolist() == [3]
    with pytest.raises(ValueError, match="at least 4 matched"):
        index.search(points[3][1:], missing=1)


def test_an_index_of_nothing_keeps_them_from_the_first_pattern_on(tmp_path):
    index = PatternIndex.build(np.zeros((0, 5, 2)), path=tmp_path / "none", partial=True)
    points = np.random.default_rng(1).uniform(-20, 20, (60, 5, 2))
    assert len(index.search(points[0][1:], 0.5, missing=1)) == 0
    index.add(points, np.arange(60))
    hits = index.search(points[9][1:], 1e-6, (1.0, 1.0), missing=1)
    least, labels = oracle.partial_residual(points[9][1:], points[9], (1.0, 1.0), missing=1)
    assert (hits.ids.tolist(), tuple(hits.labels[0].tolist())) == ([9], labels)
    assert hits.residual[0] == pytest.approx(least, abs=1e-8)
