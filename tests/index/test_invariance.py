"""What must not change an answer, and what must."""

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from stampsdk import PatternIndex
from tests import strategies


def random_index(rng, tips, count=150):
    points = rng.uniform(-20, 20, (count, tips, 2))
    return PatternIndex.build(points), points


@given(tips=strategies.tip_counts(10), rng=strategies.seeds(), free=st.booleans())
@settings(max_examples=60, deadline=None)
def test_moving_and_reordering_touches_only_reorders_labels(tips, rng, free):
    index, points = random_index(rng, tips)
    touches = points[3] + rng.normal(0, 0.3, (tips, 2))
    scale = None if free else (0.9, 1.1)
    order = rng.permutation(tips)
    plain = index.search(touches, 2.0, scale)
    shuffled = index.search(strategies.moved(touches, rng)[order], 2.0, scale)
    assert np.array_equal(plain.ids, shuffled.ids)
    assert shuffled.residual == pytest.approx(plain.residual, abs=1e-10)
    assert np.array_equal(shuffled.labels, plain.labels[:, order])


@given(tips=strategies.tip_counts(10), rng=strategies.seeds(), factor=st.floats(1e-3, 1e3))
@settings(max_examples=40, deadline=None)
def test_the_unit_of_the_touches_is_the_scale(tips, rng, factor):
    index, points = random_index(rng, tips)
    touches = points[3] + rng.normal(0, 0.3, (tips, 2))
    for plain, scaled in (((0.9, 1.1), (0.9 / factor, 1.1 / factor)), (None, None)):
        first, second = index.search(touches, 1.5, plain), index.search(touches * factor, 1.5, scaled)
        assert np.array_equal(first.ids, second.ids)
        assert second.residual == pytest.approx(first.residual, abs=1e-9)
        assert np.array_equal(first.labels, second.labels)


@given(tips=st.integers(4, 10), rng=strategies.seeds())
@settings(max_examples=40, deadline=None)
def test_the_mirror_image_is_another_pattern(tips, rng):
    pattern = rng.uniform(-20, 20, (tips, 2))
    index = PatternIndex.build(np.stack([pattern, pattern * [-1, 1]]), ids=[7, -7])
    touches = strategies.moved(pattern, rng)
    hits = index.search(touches, 0.0, (1.0, 1.0))
    assume(len(hits) == 1)  # unless the pattern is its own mirror image
    assert hits.ids.tolist() == [7]
    assert index.search(touches * [1, -1], 0.0, (1.0, 1.0)).ids.tolist() == [-7]


@pytest.mark.parametrize("tips", range(3, 11))
def test_a_regular_polygon_gets_the_least_of_its_labellings(tips):
    angle = 2 * np.pi * np.arange(tips) / tips
    polygon = 15 * np.column_stack([np.cos(angle), np.sin(angle)])
    order = np.random.default_rng(tips).permutation(tips)
    hits = PatternIndex.build(polygon[np.newaxis]).search(polygon[order], 0.5)
    # Turning the polygon so that the first touch lies on tip 0 gives the least labels.
    assert hits.labels[0].tolist() == ((order - order[0]) % tips).tolist()


@pytest.mark.parametrize("scale", strategies.SCALES)
def test_a_batch_is_its_searches(scale):
    rng = np.random.default_rng(1)
    index, points = random_index(rng, 5, 2000)
    touches = np.stack([strategies.moved(p + rng.normal(0, 0.3, (5, 2)), rng) for p in points[:200]])
    batch = index.search_batch(touches, 1.2, scale)
    assert batch.offsets[0] == 0
    assert batch.offsets[-1] == len(batch.ids) == len(batch.residual) == len(batch.labels)
    for number, query in enumerate(touches):
        one = index.search(query, 1.2, scale)
        part = slice(batch.offsets[number], batch.offsets[number + 1])
        assert np.array_equal(one.ids, batch.ids[part])
        assert np.array_equal(one.residual, batch.residual[part])
        assert np.array_equal(one.labels, batch.labels[part])
        assert number in one.ids


def test_an_empty_batch_has_no_hits():
    batch = PatternIndex.build(np.zeros((0, 5, 2))).search_batch(np.zeros((0, 5, 2)))
    assert batch.offsets.tolist() == [0]
    assert len(batch.ids) == 0


def test_copies_are_ordered_by_id():
    rng = np.random.default_rng(2)
    pattern = rng.uniform(-20, 20, (6, 2))
    copies = np.stack([rng.permutation(pattern) for _ in range(40)])
    ids = rng.choice(10_000, 40, replace=False) - 5000
    hits = PatternIndex.build(copies, ids).search(pattern + rng.normal(0, 0.3, (6, 2)))
    assert hits.ids.tolist() == sorted(ids.tolist())
    assert len(set(hits.residual.tolist())) == 1


@pytest.mark.parametrize(
    "form",
    [
        lambda a: a.astype(np.float32),
        lambda a: a.astype(">f8"),
        np.asfortranarray,
        lambda a: np.repeat(a, 2, axis=0)[::2],
        lambda a: a.tolist(),
        lambda a: np.round(a).astype(np.int16),
        lambda a: [a.setflags(write=False), a][1],
    ],
    ids=["float32", "big-endian", "fortran", "strided", "lists", "int16", "read-only"],
)
def test_any_real_array_will_do(form):
    rng = np.random.default_rng(3)
    points = np.round(rng.uniform(-20, 20, (30, 5, 2)))
    index = PatternIndex.build(form(points.copy()))
    hits = index.search(form(points[4].copy()), 0.01)
    assert hits.ids.tolist() == [4]
    assert index.search_batch(form(points.copy()), 0.01).ids[4] == 4
    index.add(form(points[:1].copy() * 2), [99])
    assert index.search(form(points[0] * 2), 0.01).ids.tolist() == [99]


def test_ids_are_any_int64():
    points = np.random.default_rng(4).uniform(-20, 20, (3, 5, 2))
    ids = [np.iinfo(np.int64).min, -1, np.iinfo(np.int64).max]
    index = PatternIndex.build(points, ids)
    assert [index.search(p).ids.tolist() for p in points] == [[i] for i in ids]
    assert PatternIndex.build(points, np.array([1, 2, 3], np.uint8)).search(points[0]).ids.dtype == np.int64
