"""A posterior of 0.9 means right nine times out of ten: presses drawn from the model itself."""

import itertools
import math

import numpy as np
import pytest

from stampsdk import PatternIndex
from stampsdk.codebook import random_patterns
from stampsdk.matching import RecognitionModel, recognise
from tests.matching.bruteforce import press

MODEL = RecognitionModel()
EDGES = [0.0, 0.01, 0.05, 0.2, 0.4, 0.6, 0.8, 0.9, 0.95, 0.99, 1.0]
STAMPS = 3000


class _Prior:
    """A random place: a few stamps weigh much, most little, and something may be unregistered."""

    def __init__(self, rng) -> None:
        weight = np.exp(rng.uniform(1, 5) * rng.normal(size=STAMPS))
        self.none_probability = rng.uniform(0.02, 0.6)
        self.share = (1 - self.none_probability) * weight / weight.sum()

    def __call__(self, ids) -> np.ndarray:
        return np.log(self.share[ids])


def _strangers(count, tips, rng):
    family = random_patterns(count, tips=tips, rng=rng)
    broad = rng.normal(0, MODEL.face_diameter_mm / 4, family.shape)
    return np.where(rng.random((count, 1, 1)) < MODEL.broad_share, broad, family)


def _draw(stamps, stranger, prior, scale, rng):
    """Make one press as the model has it; who made it (-1 for nobody registered), and its touches."""
    maker = int(rng.choice(STAMPS, p=prior.share / prior.share.sum()))
    if rng.random() < prior.none_probability:
        maker = -1
    pattern = stamps[maker] if maker >= 0 else stranger
    sigma = MODEL.stress_sigma_mm if rng.random() < MODEL.stress_share else MODEL.sigma_mm
    lo, hi = scale or (0.1, 10.0)
    return maker, press(pattern, rng, sigma=sigma, scale=math.exp(rng.uniform(math.log(lo), math.log(hi))))


def _reliability(tips, scale, presses, rng):
    """Posterior of every candidate, and of none, beside whether it was true."""
    stamps = random_patterns(STAMPS, tips=tips, rng=rng)
    index = PatternIndex.build(stamps)
    said, true = [], []
    for stranger in _strangers(presses, tips, rng):
        prior = _Prior(rng)
        maker, touches = _draw(stamps, stranger, prior, scale, rng)
        answer = recognise(index, touches, scale=scale, log_prior=prior)
        said.append(answer.none_posterior)
        true.append(maker not in {c.stamp_id for c in answer.candidates})
        for candidate in answer.candidates:
            said.append(candidate.posterior)
            true.append(candidate.stamp_id == maker)
    return np.array(said), np.array(true, dtype=bool)


def _assert_calibrated(said, true):
    for low, high in itertools.pairwise(EDGES):
        inside = (said >= low) & (said <= high)
        count = inside.sum()
        if count < 30:
            continue
        expected, seen = said[inside].mean(), true[inside].mean()
        error = math.sqrt((said[inside] * (1 - said[inside])).sum()) / count
        # Four standard errors, and a little for what the closed forms leave out.
        assert abs(seen - expected) < 4 * error + 0.02 * expected * (1 - expected), (low, high)


CASES = [(4, (1.0, 1.0)), (4, (0.98, 1.02)), (4, None), (5, (0.98, 1.02)), (5, None)]


@pytest.mark.parametrize(("tips", "scale"), CASES)
def test_posteriors_are_the_share_of_cases_that_are_true(tips, scale):
    _assert_calibrated(*_reliability(tips, scale, 1_000, np.random.default_rng(tips)))


@pytest.mark.slow
@pytest.mark.timeout(1800)
@pytest.mark.parametrize(("tips", "scale"), CASES)
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_posteriors_are_calibrated_in_a_long_run(tips, scale, seed):
    _assert_calibrated(*_reliability(tips, scale, 10_000, np.random.default_rng([seed, tips])))
