"""The promise of the library: none missed, none extra, labels and order as the contract says."""

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from stampsdk import PatternIndex
from stampsdk.index._search import Plan
from tests import oracle, strategies

BAND_MM = 1e-4


class ProbingIndex(PatternIndex):
    """An index that walks its trees wherever theory allows it, however few its patterns."""

    _plan = Plan(most_reach=0.99, probe_us=1e-9)


class ScanningIndex(PatternIndex):
    """An index that never walks a tree."""

    _plan = Plan(most_reach=0.0)


KINDS = (PatternIndex, ProbingIndex, ScanningIndex)


def assert_exact(index, points, ids, touches, tolerance, scale):
    hits = index.search(touches, tolerance, scale)
    found = dict(zip(hits.ids.tolist(), range(len(hits)), strict=True))
    assert len(found) == len(hits)
    order = list(zip(hits.residual.tolist(), hits.ids.tolist(), strict=True))
    assert order == sorted(order)
    for number, pattern in zip(ids.tolist(), points, strict=True):
        least, labels = oracle.residual(touches, pattern, scale)
        if least > tolerance + BAND_MM:
            assert number not in found, f"extra: {least} over {tolerance}"
        elif least <= tolerance - BAND_MM:
            assert number in found, f"missed: {least} within {tolerance}"
        if number in found:
            at = found[number]
            assert hits.residual[at] == pytest.approx(least, abs=1e-8)
            assert_least_labels(touches, pattern, scale, hits.labels[at], least, labels)


def assert_least_labels(touches, pattern, scale, given_labels, least, labels):
    """Hold that labels attain the least residual and, where ties are clear-cut, are the least that do."""
    assert sorted(given_labels.tolist()) == list(range(len(pattern)))
    value = oracle.residuals_of(touches, pattern, given_labels[np.newaxis], scale)[0]
    assert value == pytest.approx(least, abs=2e-9)
    if tuple(given_labels.tolist()) != labels:
        # Only rounding at the very edge of what counts as a tie can lead to another choice.
        other = oracle.residuals_of(touches, pattern, np.array([labels]), scale)[0]
        assert max(value, other) - least == pytest.approx(oracle.TIE_MM, rel=0.01)


@given(data=st.data())
@settings(max_examples=300, deadline=None)
def test_search_is_exact(data):
    tips = data.draw(strategies.tip_counts(7))
    tolerance = data.draw(strategies.tolerances())
    points = data.draw(strategies.pattern_sets(tips))
    touches = data.draw(strategies.queries(points, tolerance))
    scale = data.draw(st.sampled_from(strategies.SCALES))
    ids = np.arange(len(points)) * -7 + 3
    try:
        index = data.draw(st.sampled_from(KINDS)).build(points, ids)
    except ValueError as refusal:
        assume("coincide" not in str(refusal))  # a jitter of nothing on a symmetric pattern
        raise
    assert_exact(index, points, ids, touches, tolerance, scale)


@given(data=st.data())
@settings(max_examples=30, deadline=None)
def test_search_is_exact_with_many_tips(data):
    tips = data.draw(st.integers(8, 10))
    tolerance = data.draw(st.sampled_from((0.0, 0.3, 0.9, 3.0)))
    points = data.draw(strategies.pattern_sets(tips, most=2))
    touches = data.draw(strategies.queries(points, tolerance))
    scale = data.draw(st.sampled_from(strategies.SCALES))
    ids = np.arange(len(points))
    try:
        index = data.draw(st.sampled_from(KINDS)).build(points, ids)
    except ValueError as refusal:
        assume("coincide" not in str(refusal))
        raise
    assert_exact(index, points, ids, touches, tolerance, scale)


@given(data=st.data())
@settings(max_examples=60, deadline=None)
def test_the_boundary_is_sharp(data):
    tips = data.draw(strategies.tip_counts(7))
    points = data.draw(strategies.patterns(tips))[np.newaxis]
    touches = data.draw(strategies.queries(points, 0.9))
    scale = data.draw(st.sampled_from(strategies.SCALES))
    least, _ = oracle.residual(touches, points[0], scale)
    assume(least > 2 * BAND_MM)
    index = data.draw(st.sampled_from(KINDS)).build(points)
    assert len(index.search(touches, least + BAND_MM, scale)) == 1
    assert len(index.search(touches, least - BAND_MM, scale)) == 0


@pytest.mark.parametrize("scale", strategies.SCALES)
@pytest.mark.parametrize("tips", [3, 4, 5, 6, 8, 10])
def test_trees_find_what_a_scan_finds_among_many(tips, scale):
    rng = np.random.default_rng(tips)
    polygon = strategies.family_pattern("polygon", tips, rng) * 17
    points = np.concatenate(
        [
            rng.uniform(-20, 20, (2000, tips, 2)),
            np.stack([strategies.family_pattern("grid", tips, rng) * 9 for _ in range(200)]),
            polygon + rng.normal(0, 0.3, (200, tips, 2)),
        ]
    )
    step = 50 if tips <= 6 else 200
    touches = np.stack(
        [strategies.moved(points[row] + rng.normal(0, 0.4, (tips, 2)), rng) for row in range(0, 2400, step)]
    )
    probing = ProbingIndex.build(points).search_batch(touches, 0.9, scale)
    scanning = ScanningIndex.build(points).search_batch(touches, 0.9, scale)
    assert len(probing.ids) >= len(touches) / 2
    assert np.array_equal(probing.offsets, scanning.offsets)
    assert np.array_equal(probing.ids, scanning.ids)
    assert probing.residual == pytest.approx(scanning.residual, abs=1e-12)
    assert np.array_equal(probing.labels, scanning.labels)
