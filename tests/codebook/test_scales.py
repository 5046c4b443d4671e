"""Families of ranged and free scale, against `stampsdk.geometry.residual` over all pairs, both ways."""

import itertools
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stampsdk.codebook import Codebook, check_assignment, generate, load_family, throw, verify
from stampsdk.codebook import generation as module
from stampsdk.codebook._apart import confusable_pairs
from stampsdk.codebook._candidates import UM_PER_MM, keeps_from_itself
from stampsdk.codebook._choice import _conflicts, choose
from stampsdk.codebook._nearness import are_nearer
from stampsdk.codebook._rules import candidates_of, greatest_norm, rules_of, slices, steps_of
from stampsdk.geometry import residual
from stampsdk.geometry._validation import checked_scale
from stampsdk.index import PatternIndex
from tests.codebook.families import FOUR_TIPS, TEXT, family

LINES = {
    "known": 'scale = "known"',
    "ranged": 'scale = "ranged"\nscale_error = 0.03',
    "free": 'scale = "free"',
}
TEXTS = {
    scale: TEXT.replace(LINES["known"], line).replace("stretch = 1.04", "stretch = 1.07")
    for scale, line in LINES.items()
}
SEVERAL = "scale", ["free", "ranged"]
SILENT = lambda _what, _share: None  # noqa: E731
LITTLE_MM = 1e-6


def keep(_name, make):
    return make()


def small(scale):
    return family(TEXTS[scale], distance_mm=5.0, count=50)


@cache
def candidates(scale):
    """All candidates of a small family: their addresses and, of each first coordinate, how many."""
    spec = small(scale)
    found = [candidates_of(rules_of(spec), first, greatest_norm(spec)) for first in slices(spec)]
    return np.concatenate(found), [len(piece) for piece in found]


@cache
def book(scale):
    return generate(small(scale))


def distance(one, other, scale):
    """Straight from the definition: the lesser of both ways, one or the other scaled."""
    both = residual(one, other, scale=scale).residual, residual(other, one, scale=scale).residual
    return min(both) * len(one) ** 0.5


@cache
def all_distances(scale):
    """Of all candidates, (N, N)."""
    spec = small(scale)
    points = steps_of(rules_of(spec), candidates(scale)[0]) / UM_PER_MM
    table = np.full((len(points), len(points)), np.inf)
    for j, k in itertools.combinations(range(len(points)), 2):
        table[j, k] = table[k, j] = distance(points[j], points[k], spec.scale_range)
    return table


@pytest.mark.parametrize(*SEVERAL)
def test_conflicts_are_just_the_pairs_that_are_too_near(scale):
    spec, (addresses, _) = small(scale), candidates(scale)
    left, right = _conflicts(spec, steps_of(rules_of(spec), addresses), keep, "")
    table = all_distances(scale)
    assert np.abs(table - spec.distance_mm).min() > LITTLE_MM, "none is a matter of rounding"
    wanted = {(j, k) for j, k in np.argwhere(table < spec.distance_mm).tolist() if j < k}
    assert len(wanted) > 10
    assert len(left) == len(wanted)
    assert set(zip(left.tolist(), right.tolist(), strict=True)) == wanted


@pytest.mark.parametrize(*SEVERAL)
def test_what_is_chosen_keeps_its_distance_and_nothing_more_could_be(scale):
    spec, (addresses, counts) = small(scale), candidates(scale)
    chosen = choose(spec, steps_of(rules_of(spec), addresses), counts, keep, SILENT)
    assert (addresses[chosen] == book(scale).addresses).all()
    table = all_distances(scale)
    assert table[np.ix_(chosen, chosen)].min() >= spec.distance_mm
    assert (table[np.ix_(~chosen, chosen)].min(axis=1) < spec.distance_mm).all()
    assert chosen.sum() > 50


def test_a_free_scale_takes_most_of_one_slice_and_some_of_others():
    spec, (addresses, _) = small("free"), candidates("free")
    firsts, counts = np.unique(book("free").addresses[:, 0], return_counts=True)
    steps = steps_of(rules_of(spec), addresses)
    alone = []
    for first in np.unique(addresses[:, 0]):
        piece = steps[addresses[:, 0] == first]
        alone.append(choose(spec, piece, [len(piece)], keep, SILENT).sum())
    assert counts.max() == max(alone)
    assert len(firsts) > 1


@pytest.mark.parametrize(*SEVERAL)
def test_mirrors_and_relabellings_keep_their_distance_at_the_scale(scale):
    spec = small(scale)
    for points in book(scale).points()[::9]:
        assert distance(points, points * [-1, 1], spec.scale_range) >= spec.distance_mm
        tips = points[:, 0] + 1j * points[:, 1]
        tips -= tips.mean()
        assert least_over_labels(tips, tips, spec.scales(), own=False) >= spec.distance_mm


def least_over_labels(one, other, scales, *, own=True):
    """Least distance over labellings, the identity only where `own`, by trying them all on a grid of none."""
    best = np.inf
    for order in itertools.permutations(range(len(one))):
        if not own and order == tuple(range(len(one))):
            continue
        for fixed, moved in ((one, other[list(order)]), (other[list(order)], one)):
            overlap = np.vdot(moved, fixed)
            size = np.clip(abs(overlap) / np.vdot(moved, moved).real, *scales)
            best = min(best, float(np.linalg.norm(fixed - size * overlap / abs(overlap) * moved)))
    return best


@st.composite
def two_shapes(draw):
    rng = np.random.default_rng(draw(st.integers(0, 2**32)))
    n = draw(st.integers(3, 5))
    one = rng.uniform(-20, 20, (n, 2))
    near = draw(st.booleans())
    other = one * rng.uniform(0.7, 1.4) + rng.normal(0, 1.5, (n, 2)) if near else rng.uniform(-25, 25, (n, 2))
    error = draw(st.sampled_from([0.0, 0.01, 0.02, 0.1, 0.5, None]))
    scale = None if error is None else (1 / (1 + error), 1 / (1 - error))
    return one, other, scale, draw(st.floats(0.1, 20.0))


@given(two_shapes())
@settings(deadline=None)
def test_nearer_is_what_the_residual_says(case):
    one, other, scale, limit = case
    a, b = (shape[:, 0] + 1j * shape[:, 1] for shape in (one, other))
    a, b = a - a.mean(), b - b.mean()
    product = max(abs(np.vdot(a, b[list(order)])) ** 2 for order in itertools.permutations(range(len(a))))
    true = distance(one, other, scale)
    if abs(true - limit) > LITTLE_MM:
        scales = checked_scale(scale)
        squares = float(np.vdot(a, a).real), float(np.vdot(b, b).real)
        assert are_nearer(*squares, float(product), scales, limit) == (true < limit)


@given(two_shapes())
@settings(deadline=None)
def test_keeping_from_itself_is_what_the_definition_says(case):
    one, _, scale, limit = case
    scales = checked_scale(scale)
    steps = np.rint(one * UM_PER_MM).astype(np.int64)
    tips = steps[:, 0] / UM_PER_MM + 1j * steps[:, 1] / UM_PER_MM
    tips -= tips.mean()
    true = min(
        least_over_labels(tips, tips, scales, own=False), least_over_labels(tips, -np.conj(tips), scales)
    )
    orders = np.array(list(itertools.permutations(range(len(tips)))), np.int8)
    if abs(true - limit) > LITTLE_MM:
        assert keeps_from_itself(steps, orders, limit, scales) == (true >= limit)


@pytest.mark.parametrize(*SEVERAL)
def test_numbers_serials_and_patterns_lead_to_each_other(scale):
    rng = np.random.default_rng(1)
    known = book(scale)
    for number in range(0, len(known), 5):
        points = known.points([number])[0]
        z = (points[:, 0] + 1j * points[:, 1]) * np.exp(1j * rng.uniform(0, 7)) + complex(
            *rng.uniform(-9, 9, 2)
        )
        moved = rng.permutation(np.column_stack([z.real, z.imag]))
        assert known.number_of(moved) == number
        assert known.number_of(moved * [-1, 1]) is None
        assert known.number_of(moved * 1.01) is None, "a drawing has a size, whatever screens make of it"
        assert known.number_of_serial(known.serial(number)) == number


@pytest.mark.parametrize(*SEVERAL)
def test_any_number_of_threads_and_a_second_run_give_the_same_bits(scale, monkeypatch, tmp_path):
    for cores in (1, 2):
        monkeypatch.setattr(module, "cores", lambda cores=cores: cores)
        monkeypatch.setattr("stampsdk.index._bands.cores", lambda cores=cores: cores)
        monkeypatch.setattr("stampsdk.index._part.cores", lambda cores=cores: cores)
        assert generate(small(scale), work=tmp_path).digest() == book(scale).digest()
        if cores == 1:
            for piece in sorted(tmp_path.glob("*.npy"))[::2]:
                piece.unlink()  # as a run leaves it that was stopped


@pytest.mark.parametrize(*SEVERAL)
def test_a_codebook_is_kept_and_not_taken_for_one_of_another_scale(scale, tmp_path):
    path = tmp_path / "it.npz"
    book(scale).save(path)
    assert Codebook.load(path, small(scale)).digest() == book(scale).digest()
    for other in (
        small("free"),
        small("ranged"),
        family(TEXTS["ranged"].replace("0.03", "0.04"), distance_mm=5.0),
    ):
        if other.scale_range != small(scale).scale_range:
            with pytest.raises(Exception, match="generated for another family"):
                Codebook.load(path, other)


@pytest.mark.parametrize(*SEVERAL)
def test_verifying_finds_the_least_distance_at_the_scale(scale):
    spec, (addresses, _) = small(scale), candidates(scale)
    found = verify(book(scale), SILENT)
    assert found.faults == ()
    least = min(
        distance(one, other, spec.scale_range)
        for one, other in itertools.combinations(book(scale).points(), 2)
    )
    assert found.least_distance_mm == pytest.approx(least, abs=1e-6)
    worse = verify(Codebook(spec, addresses), SILENT)
    assert worse.least_distance_mm == pytest.approx(all_distances(scale).min(), abs=1e-6)
    assert any("mm apart" in fault for fault in worse.faults)


@pytest.mark.parametrize(*SEVERAL)
def test_pairs_that_can_be_confused_are_found_whichever_is_scaled(scale):
    spec, (addresses, _) = small(scale), candidates(scale)
    points = steps_of(rules_of(spec), addresses) / UM_PER_MM
    asked, there = points[::3], np.arange(len(points))[1::3]
    rows, ids, far = confusable_pairs(asked, PatternIndex.build(points[there], there), 5.5, spec.scale_range)
    table = all_distances(scale)
    wanted = {
        (j, k): table[j, k] for j in range(0, len(points), 3) for k in there.tolist() if table[j, k] < 5.5
    }
    assert wanted
    got = dict(zip(zip((3 * rows).tolist(), ids.tolist(), strict=True), far.tolist(), strict=True))
    assert len(rows) == len(got)
    assert got == pytest.approx(wanted, abs=1e-6)
    assert (np.diff(rows) >= 0).all()


@pytest.mark.parametrize(*SEVERAL)
def test_an_assignment_is_checked_at_the_scale_of_the_family(scale):
    spec, (addresses, _) = small(scale), candidates(scale)
    everything, table = Codebook(spec, addresses), all_distances(scale)
    near = np.argwhere(np.triu(table < spec.distance_mm))
    points = everything.points()
    hidden = [
        pair
        for pair in near.tolist()
        if distance(points[pair[0]], points[pair[1]], (1.0, 1.0)) >= spec.distance_mm
    ]
    assert hidden, "some differ in size, so that a screen of known density would tell them apart"
    here = [[37.5, 127.0], [37.5, 127.0]]
    for pair in hidden[:5]:
        found = check_assignment(everything, here, pair, radius_km=1.0, distance_mm=spec.distance_mm)
        assert found is not None
        assert found.distance_mm == pytest.approx(table[tuple(pair)], abs=1e-6)
    j, k = np.argwhere(np.triu(table, 1) >= spec.distance_mm)[0]
    assert check_assignment(everything, here, [j, k], radius_km=1.0, distance_mm=spec.distance_mm) is None


@pytest.mark.slow
def test_random_throwing_keeps_its_distance_at_the_scale():
    counts = {}
    for scale in ("known", "ranged", "free"):
        text = FOUR_TIPS.replace(LINES["known"], LINES[scale])
        spec = family(text, width_mm=44.0, count=1)
        counts[scale] = throw(spec, np.random.default_rng(3), least_share=0.05)
    assert counts["known"] > counts["ranged"] > counts["free"] > 10


def test_families_of_known_density_are_what_they_were():
    for name in ("small", "medium"):
        spec = load_family(Path("patterns/families") / f"{name}.toml")
        codebook = Codebook.load(Path("patterns/codebooks") / f"{name}.npz", spec)
        assert len(codebook) == spec.generated.count
        if name == "small":
            assert codebook.digest() == spec.generated.sha256


def test_the_family_for_browsers_is_what_its_file_says():
    spec = load_family(Path("patterns/families/browser.toml"))
    codebook = Codebook.load(Path("patterns/codebooks/browser.npz"), spec)
    assert codebook.digest() == spec.generated.sha256
    assert verify(codebook, SILENT).faults == ()
    rng = np.random.default_rng(5)
    points = codebook.points()
    index = PatternIndex.build(points)
    asked = rng.choice(len(points), 400, replace=False)
    batch = index.search_batch(points[asked] * rng.uniform(5, 20, (400, 1, 1)), 1e-3, None)
    assert batch.ids.tolist() == asked.tolist(), "of whatever size, each is found, and nothing else"
