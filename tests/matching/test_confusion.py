"""How near two stamps at one place may be, against simulated presses."""

import math

import numpy as np
import pytest

from stampsdk import PatternIndex
from stampsdk.codebook import random_patterns
from stampsdk.geometry import residual
from stampsdk.matching import RecognitionModel, confusable, confusable_distance_mm, mix_up_rate, recognise
from tests.matching.bruteforce import press

PLAIN = RecognitionModel(stress_share=0.0)


def _twin(pattern, distance, rng):
    """Return a pattern at that distance, moved randomly, but not turned, shifted or scaled."""
    z = pattern - pattern.mean(axis=0)
    turned = z @ np.array([[0.0, 1.0], [-1.0, 0.0]])
    basis = [np.tile([1.0, 0.0], len(z)), np.tile([0.0, 1.0], len(z)), turned.ravel(), z.ravel()]
    way = rng.normal(size=2 * len(z))
    for direction in basis:
        way -= way @ direction / (direction @ direction) * direction
    way *= math.sqrt(len(z)) * distance / np.linalg.norm(way)
    return pattern + way.reshape(z.shape)


@pytest.mark.parametrize("scale", [(1.0, 1.0), None])
@pytest.mark.parametrize("distance", [0.6, None])
def test_rates_against_simulated_presses(scale, distance):
    rng = np.random.default_rng(1)
    delta = distance or confusable_distance_mm(5, model=PLAIN)
    presses = 1_500
    mixed = spoilt = wrong = 0
    for stamp in random_patterns(30, rng=rng):
        index = PatternIndex.build([stamp, _twin(stamp, delta, rng)])
        assert residual(_twin(stamp, delta, rng), stamp, scale=scale).residual == pytest.approx(
            delta, rel=0.02
        )
        for _ in range(presses // 30):
            answer = recognise(
                index,
                press(stamp, rng),
                scale=scale,
                log_prior=lambda ids: np.full(len(ids), math.log(0.4999)),
                tolerance=5.0,
                model=PLAIN,
            )
            mixed += answer.candidates[0].stamp_id != 0
            spoilt += answer.stamp_id != 0
            wrong += answer.stamp_id == 1
    expected = mix_up_rate(delta, 5, sigma_mm=0.4)
    assert mixed / presses == pytest.approx(expected, abs=4 * math.sqrt(expected / presses) + 0.002)
    if distance is None:
        assert spoilt / presses == pytest.approx(0.01, abs=0.013)
        assert wrong <= 1


def test_the_documented_distance():
    assert confusable_distance_mm(5) == pytest.approx(1.20, abs=0.005)
    assert confusable_distance_mm(10) < confusable_distance_mm(5) < confusable_distance_mm(3)


def test_confusable_finds_the_twin_and_not_the_stranger():
    rng = np.random.default_rng(2)
    stamps = random_patterns(50, rng=rng)
    near, far = _twin(stamps[0], 0.9, rng), _twin(stamps[1], 1.4, rng)
    index = PatternIndex.build(stamps, 100 + np.arange(50))
    for pattern in (near, near * 1.2):
        assert confusable(pattern, index)[0].stamp_id == 100
    assert confusable(near, index)[0].distance_mm == pytest.approx(0.9, abs=0.02)
    assert confusable(near * 1.2, index, scale=(0.98, 1.02)) == ()
    assert 101 not in {neighbour.stamp_id for neighbour in confusable(far, index)}
    assert confusable(far, index, 1.5)[0].stamp_id == 101
    assert 102 not in {neighbour.stamp_id for neighbour in confusable(stamps[2] * [-1, 1], index)}
    rates = [n.mix_up_rate for n in confusable(near, index, 8.0)]
    assert rates == sorted(rates, reverse=True)


@pytest.mark.parametrize("rate", [0, 0.5, -1, math.nan])
def test_a_rate_out_of_range_is_named(rate):
    with pytest.raises(ValueError, match="rate"):
        confusable_distance_mm(5, rate=rate)
