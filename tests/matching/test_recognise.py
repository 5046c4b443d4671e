"""Verdicts and posteriors."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import stampsdk.matching
from stampsdk import PatternIndex
from stampsdk.codebook import random_patterns
from stampsdk.matching import PlacePrior, RecognitionModel, recognise
from tests.matching.bruteforce import TinyIndex, press
from tests.public_names import assert_public_names

SCALES = [(1.0, 1.0), (0.98, 1.02), None]
STAMPS = random_patterns(300, rng=np.random.default_rng(1))
INDEX = PatternIndex.build(STAMPS, 1000 + np.arange(300))


@pytest.mark.parametrize("scale", SCALES)
@pytest.mark.parametrize("tips", [4, 6, 8, 10])
def test_every_tip_count_is_recognised(tips, scale):
    """With ten tips no stamp fits the face that unregistered ones are assumed to have; no matter."""
    rng = np.random.default_rng(tips)
    stamps = random_patterns(30, tips=tips, face_diameter_mm=60, rng=rng)
    index = PatternIndex.build(stamps)
    for number in range(3):
        answer = recognise(
            index, press(stamps[number], rng, sigma=0.3), scale=scale, log_prior=PlacePrior.uniform(30)
        )
        assert answer.stamp_id == number


def _only(*stamps, share=0.97):
    """Prior of a place where these stamps are, one as likely as the other."""

    def log_prior(ids):
        return np.where(np.isin(ids, stamps), math.log(share / len(stamps)), math.log(1e-7))

    return log_prior


@pytest.mark.parametrize("scale", SCALES)
@pytest.mark.parametrize("number", range(5))
def test_a_press_at_its_shop_is_identified(number, scale):
    rng = np.random.default_rng(number)
    touches = press(STAMPS[number], rng, sigma=0.3)
    answer = recognise(INDEX, touches, scale=scale, log_prior=_only(1000 + number))
    assert answer.verdict == "identified"
    assert answer.stamp_id == 1000 + number
    assert answer.posterior == answer.candidates[0].posterior >= RecognitionModel().threshold
    best = answer.candidates[0]
    laid = STAMPS[number][list(best.labels)]
    gaps = np.linalg.norm(laid[:, None] - laid[None], axis=2) - np.linalg.norm(
        touches[:, None] - touches[None], axis=2
    )
    assert np.abs(gaps).max() < 2.5
    assert best.residual_mm < 0.9


@pytest.mark.parametrize("scale", SCALES)
def test_a_mirrored_stamp_is_unknown(scale):
    for number in range(20):
        touches = press(STAMPS[number] * [-1, 1], np.random.default_rng(number), sigma=0.1)
        answer = recognise(INDEX, touches, scale=scale, log_prior=_only(1000 + number))
        assert answer.stamp_id is None
        assert answer.none_posterior > 0.5


def test_two_stamps_of_one_pattern_at_one_place_are_ambiguous_and_apart_are_told():
    index = PatternIndex.build(np.concatenate((STAMPS, STAMPS[:1])), 1000 + np.arange(301))
    touches = press(STAMPS[0], np.random.default_rng(0), sigma=0.2)
    shared = recognise(index, touches, scale=(1, 1), log_prior=_only(1000, 1300))
    assert shared.verdict == "ambiguous"
    assert shared.stamp_id is None
    assert {c.stamp_id for c in shared.candidates[:2]} == {1000, 1300}
    assert shared.posterior == pytest.approx(0.5, abs=0.01)
    for here in (1000, 1300):
        assert recognise(index, touches, scale=(1, 1), log_prior=_only(here)).stamp_id == here


def test_shape_alone_identifies_among_few_and_place_overrules_a_weak_shape():
    touches = press(STAMPS[7], np.random.default_rng(1), sigma=0.2)
    alone = recognise(INDEX, touches, scale=(1, 1), log_prior=PlacePrior.uniform(300))
    assert alone.stamp_id == 1007
    elsewhere = recognise(INDEX, touches, scale=(1, 1), log_prior=_only(1008, share=1 - 1e-5))
    assert elsewhere.candidates[0].stamp_id == 1007


def test_what_nobody_registered_is_unknown():
    strangers = random_patterns(200, rng=np.random.default_rng(99))
    rng = np.random.default_rng(100)
    for stranger in strangers:
        answer = recognise(INDEX, press(stranger, rng), scale=(0.98, 1.02), log_prior=PlacePrior.uniform(300))
        assert answer.stamp_id is None or answer.posterior < 1
    verdicts = [
        recognise(INDEX, press(s, rng), scale=(0.98, 1.02), log_prior=_only(1000)).verdict for s in strangers
    ]
    assert verdicts == ["unknown"] * 200


def test_fingers_all_at_one_place_are_unknown():
    tiny = PatternIndex.build(STAMPS[:1] * 0.01)
    for scale in SCALES:
        answer = recognise(tiny, np.ones((5, 2)), scale=scale, log_prior=PlacePrior.uniform(1))
        assert answer.stamp_id is None
        assert answer.posterior + answer.none_posterior == pytest.approx(1)


@settings(deadline=None)
@given(
    seed=st.integers(0, 2**32 - 1),
    scale=st.sampled_from(SCALES),
    angle=st.floats(0, 6.3),
    shift=st.floats(-1000, 1000),
)
def test_posteriors_add_up_and_forget_place_angle_and_order(seed, scale, angle, shift):
    rng = np.random.default_rng(seed)
    touches = press(STAMPS[rng.integers(300)], rng, sigma=0.5)
    prior = PlacePrior.uniform(300)
    answer = recognise(INDEX, touches, scale=scale, log_prior=prior, tolerance=2.0)
    assert sum(c.posterior for c in answer.candidates) + answer.none_posterior == pytest.approx(1)
    assert [c.posterior for c in answer.candidates] == sorted(
        (c.posterior for c in answer.candidates), reverse=True
    )
    turn = np.array([[math.cos(angle), math.sin(angle)], [-math.sin(angle), math.cos(angle)]])
    moved = rng.permutation(touches @ turn + shift)
    again = recognise(INDEX, moved, scale=scale, log_prior=prior, tolerance=2.0)
    assert again.verdict == answer.verdict
    assert again.none_posterior == pytest.approx(answer.none_posterior, abs=1e-6)
    assert {c.stamp_id: c.posterior for c in again.candidates} == pytest.approx(
        {c.stamp_id: c.posterior for c in answer.candidates}, abs=1e-6
    )


def test_units_of_the_touches_do_not_matter():
    touches = press(STAMPS[3], np.random.default_rng(3))
    prior = PlacePrior.uniform(300)
    in_mm = recognise(INDEX, touches, scale=(0.98, 1.02), log_prior=prior)
    in_px = recognise(INDEX, touches * 6.3, scale=(0.98 / 6.3, 1.02 / 6.3), log_prior=prior)
    assert in_px.none_posterior == pytest.approx(in_mm.none_posterior, abs=1e-9)
    units = (1, 6.3, 1e-200, 1e150)
    free = [recognise(INDEX, touches * unit, scale=None, log_prior=prior).none_posterior for unit in units]
    assert free == pytest.approx([free[0]] * 4, abs=1e-9)
    odd = recognise(INDEX, touches * 1e-200, scale=(0.98e200, 1.02e200), log_prior=prior)
    assert odd.none_posterior == pytest.approx(in_mm.none_posterior, abs=1e-9)


def test_a_stamp_removed_while_it_is_recognised_is_searched_for_again():
    class Busy(TinyIndex):
        removed = False

        def points(self, ids):
            if not self.removed:
                self.removed = True
                self._points, self._h, self._ids = self._points[1:], self._h[1:], self._ids[1:]
                raise KeyError(0)
            return super().points(ids)

    answer = recognise(Busy(STAMPS), STAMPS[0], scale=(1, 1), log_prior=PlacePrior.uniform(300))
    assert 0 not in {c.stamp_id for c in answer.candidates}
    touches = press(STAMPS[1], np.random.default_rng(0), sigma=0.1)
    assert recognise(Busy(STAMPS), touches, scale=(1, 1), log_prior=PlacePrior.uniform(300)).stamp_id == 1


def test_the_tiny_index_and_the_real_one_agree():
    tiny = TinyIndex(STAMPS, 1000 + np.arange(300))
    for number in range(20):
        touches = press(STAMPS[number], np.random.default_rng(number))
        answers = [
            recognise(index, touches, scale=None, log_prior=PlacePrior.uniform(300), tolerance=2.0)
            for index in (tiny, INDEX)
        ]
        assert [c.stamp_id for c in answers[0].candidates] == [c.stamp_id for c in answers[1].candidates]
        assert [c.posterior for c in answers[0].candidates] == pytest.approx(
            [c.posterior for c in answers[1].candidates], abs=1e-9
        )


def test_a_plain_prior_leaves_the_rest_to_none():
    touches = press(STAMPS[3], np.random.default_rng(3))
    certain = PlacePrior.uniform(300)
    cautious = recognise(INDEX, touches, scale=(1, 1), log_prior=certain.__call__)
    informed = recognise(INDEX, touches, scale=(1, 1), log_prior=certain)
    assert cautious.none_posterior > informed.none_posterior


@pytest.mark.parametrize(
    "log_prior",
    [
        lambda ids: np.zeros(len(ids) + 1),
        lambda ids: np.full(len(ids), math.nan),
        lambda ids: np.full(len(ids), 0.5),
    ],
)
def test_a_prior_that_is_none_is_refused(log_prior):
    with pytest.raises(ValueError, match="log_prior"):
        recognise(INDEX, STAMPS[0], scale=(1, 1), log_prior=log_prior)


def test_a_stamp_ruled_out_by_its_prior_is_not_identified():
    answer = recognise(INDEX, STAMPS[0], scale=(1, 1), log_prior=lambda ids: np.full(len(ids), -math.inf))
    assert answer.verdict == "unknown"
    assert answer.none_posterior == 1.0


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("sigma_mm", 0),
        ("stress_sigma_mm", math.nan),
        ("stress_share", 1),
        ("face_diameter_mm", -1),
        ("least_spacing_mm", -1),
        ("broad_share", 0),
        ("threshold", 0.5),
        ("threshold", 1),
    ],
)
def test_settings_out_of_range_are_named(setting, value):
    with pytest.raises(ValueError, match=setting):
        RecognitionModel(**{setting: value})


def test_public_names():
    assert_public_names(stampsdk.matching)
