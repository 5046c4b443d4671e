"""Bad input is named; strange but legal input is answered."""

import numpy as np
import pytest

from stampsdk import PatternIndex
from stampsdk.index import _packing

GOOD = np.array([[0.0, 0.0], [10.0, 0.0], [0.0, 12.0], [9.0, 9.0], [-8.0, 5.0]])


def with_value(value, row=1):
    points = np.stack([GOOD, GOOD + [[1, 0]] * 5, GOOD * 1.1])
    points[row, 2, 0] = value
    return points


@pytest.mark.parametrize(
    ("points", "message"),
    [
        (with_value(np.nan), "points: row 1 holds NaN"),
        (with_value(-np.inf, 2), "points: row 2 holds NaN or an infinity"),
        (with_value(1e308), "points: row 1 has a tip farther than 500 mm"),
        (with_value(700.0, 0), "points: row 0 has a tip farther than 500 mm"),
        (np.stack([GOOD, GOOD[[0, 1, 2, 3, 3]]]), "points: row 1 has two tips that coincide"),
        (np.stack([GOOD[[0, 1, 0, 3, 4]], GOOD]), "points: row 0 has two tips that coincide"),
        (GOOD, r"shape \(N, n, 2\)"),
        (np.zeros((4, 5, 3)), r"shape \(N, n, 2\)"),
        (np.zeros((0,)), r"shape \(N, n, 2\)"),
        (np.arange(8.0).reshape(2, 2, 2), "2 tips"),
        (np.random.default_rng(0).normal(size=(1, 11, 2)), "11 tips"),
        ([[["a", "b"]] * 5], "points must be an array of real numbers"),
        ([[[1j, 0]] * 5], "points must be an array of real numbers"),
        ([[[None, 0]] * 5], "points must be an array of real numbers"),
        ([[[0, 0]] * 5, [[0]] * 4], "points must be an array of real numbers"),
        ([[[10**400, 0]] * 5], "points must be an array of real numbers"),
    ],
)
def test_patterns_are_checked(points, message):
    with pytest.raises(ValueError, match=message):
        PatternIndex.build(points)
    if isinstance(points, np.ndarray) and points.shape[1:] == (5, 2):
        index = PatternIndex.build(GOOD[np.newaxis], [77])
        with pytest.raises(ValueError, match=message):
            index.add(points, range(len(points)))
        assert len(index) == 1


@pytest.mark.parametrize(
    ("ids", "message"),
    [
        ([1, 1], "ids: row 1 repeats the id 1"),
        ([1], r"ids must have the shape \(2,\)"),
        ([[1, 2]], r"ids must have the shape \(2,\)"),
        ([1.0, 2.0], "ids must be integers"),
        (["a", "b"], "ids must be integers"),
        ([True, False], "ids must be integers"),
        (np.array([2**63, 1], np.uint64), "ids: row 0 exceeds"),
        ([1, 2**70], "ids: row 1 exceeds"),
        ([-1, 2**63], "ids: row 1 exceeds"),
        ([0.5, 2], "ids must be integers"),
    ],
)
def test_ids_are_checked(ids, message):
    with pytest.raises(ValueError, match=message):
        PatternIndex.build(np.stack([GOOD, GOOD]), ids)


def test_ids_are_registered_once_and_removed_once():
    index = PatternIndex.build(np.stack([GOOD, GOOD]), [5, 6])
    with pytest.raises(ValueError, match="ids: row 1 has the id 6, which is registered already"):
        index.add(np.stack([GOOD, GOOD]), [7, 6])
    with pytest.raises(KeyError, match="7"):
        index.remove([5, 7])
    assert len(index) == 2
    index.remove(5)
    with pytest.raises(KeyError, match="5"):
        index.remove(5)
    with pytest.raises(ValueError, match="ids must be integers"):
        index.remove([1.5])
    with pytest.raises(ValueError, match="repeats the id 6"):
        index.remove([6, 6])
    index.remove([])
    index.add(GOOD[np.newaxis], [5])
    assert index.search(GOOD).ids.tolist() == [5, 6]
    with pytest.raises(ValueError, match="4 tips in a pattern; this index holds patterns of 5"):
        index.add(GOOD[np.newaxis, :4], [9])


@pytest.mark.parametrize(
    ("touches", "message"),
    [
        (GOOD[:4], "touches has 4 points; 5 are expected"),
        (np.zeros((0, 2)), "touches has 0 points"),
        (GOOD.T, r"touches must have the shape \(n, 2\)"),
        (GOOD[np.newaxis], r"touches must have the shape \(n, 2\)"),
        (with_value(np.nan)[1], "touches: row 2 holds NaN"),
        (with_value(np.inf)[1], "touches: row 2 holds NaN or an infinity"),
        ("junk", "touches must be an array of real numbers"),
        ({"x": 1}, "touches must be an array of real numbers"),
        (None, "touches must be an array of real numbers"),
    ],
)
def test_touches_are_checked(touches, message):
    with pytest.raises(ValueError, match=message):
        PatternIndex.build(GOOD[np.newaxis]).search(touches)


def test_the_query_of_a_batch_is_named():
    index = PatternIndex.build(GOOD[np.newaxis])
    with pytest.raises(ValueError, match="touches: row 1 holds NaN"):
        index.search_batch(with_value(np.nan))
    with pytest.raises(ValueError, match=r"touches must have the shape \(Q, n, 2\)"):
        index.search_batch(GOOD)
    with pytest.raises(ValueError, match="touches has 4 points"):
        index.search_batch(GOOD[np.newaxis, :4])


@pytest.mark.parametrize(
    "tolerance", [-0.1, np.nan, np.inf, 1e300, "much", "0.9", True, 0.9 + 0j, None, [0.9]]
)
def test_the_tolerance_is_checked(tolerance):
    with pytest.raises(ValueError, match="tolerance must be"):
        PatternIndex.build(GOOD[np.newaxis]).search(GOOD, tolerance)


@pytest.mark.parametrize(
    "scale",
    [
        (0, 1),
        (-1, 1),
        (1.1, 0.9),
        (np.nan, 1),
        (1, np.nan),
        (1, np.inf),
        (1,),
        (1, 1, 1),
        1.0,
        "ab",
        (None, 1),
        ("0.9", "1.1"),
        b"ab",
        (True, True),
        (1 + 0j, 2),
    ],
)
def test_the_scale_is_checked(scale):
    with pytest.raises(ValueError, match="scale must"):
        PatternIndex.build(GOOD[np.newaxis]).search(GOOD, 0.9, scale)


@pytest.mark.parametrize("exponent", [30, 40, 44])
def test_an_exact_copy_is_found_however_far_away(exponent):
    points = np.rint(np.random.default_rng(0).uniform(-20, 20, (50, 5, 2)) * 256) / 256
    index = PatternIndex.build(points)
    for number, pattern in enumerate(points):
        hits = index.search(pattern + 2.0**exponent, 1e-6, (1.0, 1.0))
        assert hits.ids.tolist() == [number]


@pytest.mark.parametrize("scale", [None, (0.98, 1.02)])
@pytest.mark.parametrize("size", [1e308, 1e150, 1e-150, 1e-308, 5e-324])
def test_touches_of_any_size_are_answered(size, scale):
    index = PatternIndex.build(GOOD[np.newaxis])
    touches = GOOD / 12 * size
    hits = index.search(touches, 0.01, scale)
    assert len(index.search(touches[1:], 0.01, (0.98, 1.02), missing=1)) == 0
    if size > 1e-300:  # below, too few bits are left of the shape
        assert len(hits) == (scale is None)


@pytest.mark.parametrize("scale", [None, (0.98, 1.02)])
def test_coincident_touches_match_what_is_small(scale):
    index = PatternIndex.build(np.stack([GOOD, GOOD * 0.01]), [1, 2])
    radius = np.sqrt(((GOOD - GOOD.mean(axis=0)) ** 2).sum(axis=1).mean())
    touches = np.full((5, 2), 321.7)
    hits = index.search(touches, 0.9, scale)
    assert hits.ids.tolist() == [2]
    assert hits.residual == pytest.approx([radius * 0.01])
    assert hits.labels.tolist() == [[0, 1, 2, 3, 4]]
    assert index.search(touches, radius + 1e-6, scale).ids.tolist() == [2, 1]


def test_no_pattern_and_one_pattern():
    nothing = PatternIndex.build(np.zeros((0, 5, 2)))
    assert len(nothing) == 0
    assert len(nothing.search(GOOD, 1e6)) == 0
    assert nothing.search(GOOD).labels.shape == (0, 5)
    nothing.add(GOOD[np.newaxis], [3])
    assert nothing.search(GOOD, 0.0).ids.tolist() == [3]
    nothing.remove(3)
    assert len(nothing) == len(nothing.search(GOOD, 1e6)) == 0


def test_a_tolerance_beyond_every_pattern_returns_all():
    points = np.random.default_rng(0).uniform(-20, 20, (300, 5, 2))
    hits = PatternIndex.build(points).search(points[7], 1e6, None)
    assert sorted(hits.ids.tolist()) == list(range(300))
    assert hits.ids[0] == 7


def test_patterns_that_are_all_alike():
    rng = np.random.default_rng(0)
    points = GOOD + rng.normal(0, 1e-3, (3000, 5, 2))
    hits = PatternIndex.build(points).search(GOOD, 0.1)
    assert len(hits) == 3000
    assert len(set(hits.ids.tolist())) == 3000


def test_a_million_patterns_that_share_four_of_five_tips():
    rng = np.random.default_rng(0)
    shared = np.array([[-20.0, -8.0], [-6.0, 18.0], [15.0, 9.0], [4.0, -19.0]])
    own = rng.uniform(-25.0, 25.0, (1_000_000, 1, 2))
    index = PatternIndex.build(np.concatenate([np.broadcast_to(shared, (len(own), 4, 2)), own], axis=1))
    z = shared[:, 0] + 1j * shared[:, 1]
    touched = np.append(z, 0.5 - 0.7j)  # in the middle, so that no other labelling comes near
    hits = index.search(np.column_stack([touched.real, touched.imag])[::-1] + 70.0, 0.9, (1.0, 1.0))
    expected = _residuals_as_labelled(touched, np.column_stack([np.tile(z, (len(own), 1)), own @ [1.0, 1j]]))
    assert 3000 < len(hits) == (expected <= 0.9).sum()
    assert np.abs(hits.residual - expected[hits.ids]).max() < 1e-9
    assert hits.residual.tolist() == sorted(hits.residual.tolist())
    assert (hits.labels == [4, 3, 2, 1, 0]).all()


def _residuals_as_labelled(touches, patterns):
    """Residual at known scale of touches (n,) on patterns (N, n), tip by tip."""
    touches = touches - touches.mean()
    patterns = patterns - patterns.mean(axis=1, keepdims=True)
    overlap = np.abs(patterns @ np.conj(touches))
    squared = (np.abs(touches) ** 2).sum() + (np.abs(patterns) ** 2).sum(axis=1) - 2.0 * overlap
    return np.sqrt(np.maximum(squared, 0.0) / len(touches))


def test_one_small_pattern_among_large_ones():
    rng = np.random.default_rng(0)
    points = np.concatenate([rng.uniform(-20, 20, (500, 5, 2)), GOOD[np.newaxis] * 1e-6])
    hits = PatternIndex.build(points).search(points[7] + rng.normal(0, 0.1, (5, 2)), 0.9, None)
    assert hits.ids[:2].tolist() == [500, 7]
    assert 500 not in PatternIndex.build(points).search(points[7], 0.9).ids


def test_patterns_mapped_from_a_file_compile_nothing_anew(tmp_path):
    """Numba takes a read-only array for another type, for which it would compile the packing once more."""
    points = np.random.default_rng(0).uniform(-20, 20, (50, 5, 2))
    built = PatternIndex.build(points)
    before = list(_packing.pack_patterns.signatures)
    np.save(tmp_path / "points.npy", points)
    mapped = np.load(tmp_path / "points.npy", mmap_mode="r")
    assert not mapped.flags.writeable
    again = PatternIndex.build(mapped)
    assert np.array_equal(again.points(range(50)), built.points(range(50)))
    assert list(_packing.pack_patterns.signatures) == before
