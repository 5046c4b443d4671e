"""Place as a prior."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from scipy import integrate

from stampsdk.matching import PlaceModel, PlacePrior, RecognitionModel

DISTANCES = hnp.arrays(float, st.integers(0, 30), elements=st.one_of(st.just(0.0), st.floats(0, 5000)))


@settings(deadline=None)
@given(
    distances=DISTANCES,
    accuracy=st.floats(0, 10_000),
    more=st.integers(0, 1000),
    couriers=st.integers(0, 40),
    confidence=st.sampled_from([0.68, 0.95]),
)
def test_all_stamps_and_none_add_up_to_one(distances, accuracy, more, couriers, confidence):
    """Couriers may also be among the stamps around (ids overlap)."""
    near = np.arange(len(distances))
    courier_ids = 20 + np.arange(couriers)
    total = max(len(near), 20 + couriers) + more
    prior = PlacePrior.from_fix(
        near, distances, accuracy, total, courier_ids=courier_ids, confidence=confidence
    )
    everything = np.exp(prior(np.arange(total)))
    assert everything.sum() + prior.none_probability == pytest.approx(1, abs=1e-9)
    assert (everything > 0).all()
    assert prior.none_probability >= PlaceModel().unregistered_share - 1e-12


@settings(deadline=None)
@given(count=st.integers(0, 100_000))
def test_without_a_place_every_stamp_is_as_likely(count):
    prior = PlacePrior.uniform(count)
    if count:
        assert np.ptp(prior(np.arange(min(count, 50)))) == 0
        assert count * math.exp(prior([0])[0]) + prior.none_probability == pytest.approx(1)
    else:
        assert prior.none_probability == 1.0
        assert prior([0])[0] == -math.inf


@settings(deadline=None)
@given(distances=DISTANCES.filter(len), accuracy=st.floats(0, 1000))
def test_nearer_is_never_less_likely(distances, accuracy):
    prior = PlacePrior.from_fix(np.arange(len(distances)), distances, accuracy, 60_000)
    shares = prior(np.arange(len(distances)))[np.argsort(distances)]
    assert (np.diff(shares) <= 1e-12).all()


def test_one_stamp_here_gets_the_local_share_and_two_divide_it():
    model = PlaceModel()
    local = 1 - model.unregistered_share - model.elsewhere_share
    one = PlacePrior.from_fix([7], [0.0], 15.0, 60_000)
    assert math.exp(one([7])[0]) == pytest.approx(local, abs=1e-6)
    assert one.none_probability == pytest.approx(model.unregistered_share)
    two = PlacePrior.from_fix([7, 8], [0.0, 0.0], 15.0, 60_000)
    assert np.exp(two([7, 8])) == pytest.approx([local / 2, local / 2], abs=1e-6)


def test_where_nothing_is_near_the_press_is_probably_nothing():
    prior = PlacePrior.from_fix([7], [1500.0], 15.0, 60_000)
    assert prior.none_probability > 0.95
    assert prior([7])[0] == pytest.approx(prior([12_345])[0], abs=1)
    nowhere = PlacePrior.from_fix([], [], 15.0, 60_000)
    assert nowhere.none_probability == pytest.approx(1 - PlaceModel().elsewhere_share)


def test_a_courier_is_as_likely_anywhere():
    model = PlaceModel()
    prior = PlacePrior.from_fix([7], [0.0], 15.0, 60_000, courier_ids=[100, 101, 101])
    assert np.exp(prior([100, 101])) == pytest.approx([model.courier_share / 2] * 2, abs=1e-6)


def test_of_an_id_given_twice_the_nearer_fence_counts():
    twice = PlacePrior.from_fix([7, 9, 7], [900.0, 0.0, 0.0], 15.0, 60_000)
    once = PlacePrior.from_fix([7, 9], [0.0, 0.0], 15.0, 60_000)
    assert twice([7, 9]) == pytest.approx(once([7, 9]))


def test_a_stamp_without_a_fence_has_no_local_share():
    prior = PlacePrior.from_fix([7, 8], [math.nan, 0.0], 15.0, 60_000)
    assert prior([7])[0] == pytest.approx(math.log(PlaceModel().elsewhere_share / 60_000))


def test_stamps_registered_meanwhile_do_not_break_the_sum():
    prior = PlacePrior.from_fix(np.arange(10), np.zeros(10), 15.0, 3)
    assert np.exp(prior(np.arange(10))).sum() + prior.none_probability == pytest.approx(1)


def test_the_prior_is_the_model_put_together():
    model = PlaceModel()
    distances = np.array([0.0, 30.0, 200.0])
    prior = PlacePrior.from_fix([1, 2, 3], distances, 20.0, 1000, courier_ids=[50])
    total = model.weights(distances, 20.0).sum()
    expected = model.log_prior(distances, 20.0, nearby_weight_total=total, registered=1000, couriers=1)
    assert prior([1, 2, 3]) == pytest.approx(expected)


def test_radii_of_both_confidences_mean_the_same_error():
    """Android's 68 % radius times 1.62 is the 95 % radius; both against Rayleigh's law by simulation."""
    model = PlaceModel()
    assert model.axis_error_m(16.2, confidence=0.95) == pytest.approx(model.axis_error_m(10.0), rel=2e-3)
    rng = np.random.default_rng(1)
    fixes = rng.normal(0, model.axis_error_m(10.0), (200_000, 2))
    assert (np.hypot(*fixes.T) <= 10.0).mean() == pytest.approx(0.68, abs=0.005)


def test_weights_are_students_density_in_the_plane():
    """Normalised over the plane, the weight is the two-dimensional t density."""
    model = PlaceModel(fence_slack_m=3.0, tail=4.0)
    spread = math.hypot(model.axis_error_m(6.0), 3.0)
    volume = integrate.quad(lambda d: 2 * math.pi * d * model.weights([d], 6.0)[0], 0, math.inf)[0]
    assert volume == pytest.approx(2 * math.pi * spread**2, rel=1e-6)
    assert model.weights([0.0, math.nan], 6.0).tolist() == [1.0, 0.0]


@pytest.mark.parametrize(
    ("call", "named"),
    [
        (lambda: PlaceModel(unregistered_share=0), "unregistered_share"),
        (lambda: PlaceModel(elsewhere_share=1), "elsewhere_share"),
        (lambda: PlaceModel(courier_share=-0.1), "courier_share"),
        (lambda: PlaceModel(courier_share=0.98), "add up"),
        (lambda: PlaceModel(fence_slack_m=0), "fence_slack_m"),
        (lambda: PlaceModel(tail=math.inf), "tail"),
        (lambda: PlaceModel().weights([1.0], math.nan), "accuracy_m"),
        (lambda: PlaceModel().weights([1.0], -1), "accuracy_m"),
        (lambda: PlaceModel().weights([-1.0], 1), "distances_m"),
        (lambda: PlaceModel().weights([1.0], 1, confidence=1), "confidence"),
        (lambda: PlaceModel().log_prior([1.0], 1, nearby_weight_total=1, registered=0), "registered"),
        (lambda: PlacePrior.from_fix([1], [1.0, 2.0], 1, 10), "near_distances_m"),
    ],
)
def test_bad_input_is_named(call, named):
    with pytest.raises(ValueError, match=named):
        call()


def test_two_stamps_of_one_pattern_are_told_by_place_even_when_there_are_no_others():
    prior = PlacePrior.from_fix([1], [0.0], 15.0, 2)
    here, there = np.exp(prior([1, 2]))
    assert here / (here + there) > RecognitionModel().threshold
