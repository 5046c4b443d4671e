"""Three presses become a pattern, or a reason why not."""

import math
from itertools import permutations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stampsdk.codebook import random_patterns
from stampsdk.geometry import residual
from stampsdk.matching import EnrolmentCode, EnrolmentError, EnrolmentLimits, enrol
from stampsdk.matching.enrolment import _self_distance
from tests.matching.bruteforce import as_complex, press

STAMPS = random_patterns(200, rng=np.random.default_rng(11))


def _fails(code, presses, **limits):
    with pytest.raises(EnrolmentError) as caught:
        enrol(presses, limits=EnrolmentLimits(**limits))
    assert caught.value.code is code
    return str(caught.value)


@settings(deadline=None)
@given(number=st.integers(0, 199), seed=st.integers(0, 2**32 - 1), presses=st.integers(2, 6))
def test_without_noise_the_pattern_is_the_stamp(number, seed, presses):
    rng = np.random.default_rng(seed)
    shown = [press(STAMPS[number], rng, sigma=0) for _ in range(presses)]
    made = enrol(shown, limits=EnrolmentLimits(symmetry_mm=0))
    assert residual(made.pattern_mm, STAMPS[number], scale=(1.0, 1.0)).residual < 1e-9
    assert made.spread_mm < 1e-9
    assert len(made.residuals_mm) == presses
    assert np.abs(made.pattern_mm.mean(axis=0)).max() < 1e-9
    # It stands as the first press did: same order, same angle.
    assert np.abs(made.pattern_mm - (shown[0] - shown[0].mean(axis=0))).max() < 1e-9


def test_the_mean_of_three_is_nearer_than_one_and_the_spread_is_the_noise():
    rng = np.random.default_rng(1)
    spreads, errors, singles = [], [], []
    for stamp in STAMPS:
        shown = [press(stamp, rng, sigma=0.3) for _ in range(3)]
        made = enrol(shown, limits=EnrolmentLimits(symmetry_mm=0))
        spreads.append(made.spread_mm**2)
        errors.append(residual(made.pattern_mm, stamp, scale=(1.0, 1.0)).residual ** 2)
        singles.append(residual(shown[0], stamp, scale=(1.0, 1.0)).residual ** 2)
    # 14 degrees of freedom each: the relative error of the mean variance over 200 stamps is 2.7 %.
    assert math.sqrt(np.mean(spreads)) == pytest.approx(0.3, rel=0.06)
    assert np.mean(singles) / np.mean(errors) == pytest.approx(3, rel=0.2)


def test_the_order_of_the_presses_changes_only_how_the_pattern_stands():
    rng = np.random.default_rng(2)
    shown = [press(STAMPS[5], rng, sigma=0.3) for _ in range(3)]
    first, last = enrol(shown), enrol(shown[::-1])
    assert residual(first.pattern_mm, last.pattern_mm, scale=(1.0, 1.0)).residual < 1e-6
    assert first.spread_mm == pytest.approx(last.spread_mm)


def test_size_is_kept():
    rng = np.random.default_rng(3)
    shown = [press(STAMPS[5] * 1.05, rng, sigma=0.01) for _ in range(3)]
    size = np.linalg.norm(as_complex(enrol(shown).pattern_mm))
    assert size == pytest.approx(1.05 * np.linalg.norm(as_complex(STAMPS[5])), rel=1e-3)


def test_honest_presses_are_seldom_refused():
    """At the assumed noise about one in two thousand; 200 stamps refuse none or one."""
    rng = np.random.default_rng(4)
    refused = 0
    for stamp in STAMPS:
        try:
            enrol([press(stamp, rng, sigma=0.4) for _ in range(3)], limits=EnrolmentLimits(symmetry_mm=0))
        except EnrolmentError:
            refused += 1
    assert refused <= 2


def test_another_stamp_among_the_presses_is_noticed():
    rng = np.random.default_rng(5)
    for one, other in zip(STAMPS[:50], STAMPS[50:100], strict=True):
        assume_far = residual(one, other, scale=(1.0, 1.0)).residual > 2
        if assume_far:
            shown = [press(one, rng, sigma=0.2), press(other, rng, sigma=0.2), press(one, rng, sigma=0.2)]
            assert "press" in _fails(EnrolmentCode.PRESSES_DISAGREE, shown, symmetry_mm=0)


def test_the_mirrored_stamp_is_another_stamp():
    rng = np.random.default_rng(6)
    shown = [press(STAMPS[5], rng, sigma=0), press(STAMPS[5] * [-1, 1], rng, sigma=0)]
    _fails(EnrolmentCode.PRESSES_DISAGREE, shown)


@pytest.mark.parametrize("tips", [3, 4, 5, 6, 8, 10])
def test_a_pattern_that_maps_onto_itself_is_refused(tips):
    angles = 2 * np.pi * np.arange(tips) / tips
    ring = 20 * np.stack((np.cos(angles), np.sin(angles)), axis=1)
    rng = np.random.default_rng(tips)
    shown = [press(ring, rng, sigma=0.1) for _ in range(3)]
    _fails(EnrolmentCode.SYMMETRIC, shown)
    assert enrol(shown, limits=EnrolmentLimits(symmetry_mm=0)).spread_mm == pytest.approx(0.1, abs=0.06)


def test_half_turn_symmetry_and_a_tip_in_the_centre_are_seen_too():
    cross = np.array([[0, 0], [18, 4], [-18, -4], [9, -11], [-9, 11]], dtype=float)
    _fails(EnrolmentCode.SYMMETRIC, [cross, cross[::-1] + 3])


def test_symmetry_is_found_by_trying_every_order():
    """The quick search against all orders of the tips, for 200 random stamps."""
    orders = np.array(list(permutations(range(5))))[1:]
    checked = 0
    for stamp in STAMPS:
        z = as_complex(stamp)
        cosine = np.abs((z.conj() * z[orders]).sum(axis=1)).max() / (np.abs(z) ** 2).sum()
        truth = math.sqrt(2 * (1 - cosine) * (np.abs(z) ** 2).mean())
        if truth < 3:
            assert _self_distance(z) == pytest.approx(truth, abs=1e-9)
            checked += 1
        else:
            assert _self_distance(z) >= truth - 1e-9
    assert checked > 0


def test_bad_presses_have_their_codes():
    good = STAMPS[0]
    _fails(EnrolmentCode.TOO_FEW_PRESSES, [good])
    _fails(EnrolmentCode.TIP_COUNTS_DIFFER, [good, good[:4]])
    _fails(EnrolmentCode.TIP_COUNT_UNSUPPORTED, [good[:2], good[:2]])
    _fails(EnrolmentCode.NOT_FINITE, [good, np.where(np.eye(5, 2) > 0, np.nan, good)])
    _fails(EnrolmentCode.TIPS_TOO_CLOSE, [good * 0.2, good * 0.2])
    _fails(EnrolmentCode.TIPS_TOO_CLOSE, [np.zeros((5, 2)), np.zeros((5, 2))])
    _fails(EnrolmentCode.NOT_POINTS, [good, good.T])
    _fails(EnrolmentCode.TOO_LARGE, [good, good * 10])
    _fails(EnrolmentCode.TOO_LARGE, [good, np.clip(good * 1e306, -1e308, 1e308)])


def test_codes_are_stable():
    assert {code.value for code in EnrolmentCode} == {
        "not_finite",
        "not_points",
        "presses_disagree",
        "symmetric",
        "tip_count_unsupported",
        "tip_counts_differ",
        "tips_too_close",
        "too_few_presses",
        "too_large",
    }
