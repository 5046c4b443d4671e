"""The closed forms against numerical integration and against simulated random stamps."""

import itertools
import math

import numpy as np
import pytest
from scipy import integrate, special

from stampsdk.codebook import random_patterns
from stampsdk.matching import RecognitionModel
from stampsdk.matching._likelihood import candidate_log_density
from stampsdk.matching._unregistered import spacing_probability, unregistered_log_density
from tests.matching.bruteforce import as_complex

PLAIN = RecognitionModel(stress_share=0.0)
SCALES = [(1.0, 1.0), (0.98, 1.02), (0.5, 2.5), None]


def _pair(rng, tips, sigma=0.4):
    pattern = random_patterns(1, tips=tips, rng=rng)[0]
    return as_complex(pattern), as_complex(pattern + sigma * rng.normal(size=pattern.shape))


@pytest.mark.parametrize("tips", [3, 4, 5])
def test_known_scale_is_the_normal_density_averaged_over_angles(tips):
    h, y = _pair(np.random.default_rng(tips), tips)

    def normal(angle):
        return math.exp(-(np.abs(y - np.exp(1j * angle) * h) ** 2).sum() / (2 * 0.16))

    average = integrate.quad(normal, -math.pi, math.pi, points=[0.0], limit=200)[0] / (2 * math.pi)
    expected = math.log(average) - (tips - 1) * math.log(2 * math.pi * 0.16) - math.lgamma(tips + 1)
    assert candidate_log_density(y, h[None], (1.0, 1.0), PLAIN)[0] == pytest.approx(expected, abs=1e-6)


@pytest.mark.parametrize("tips", [3, 5, 8])
@pytest.mark.parametrize("span", [(0.98, 1.02), (1.01, 1.05), (0.9, 1.1), (0.5, 3.0)])
def test_a_range_is_the_integral_over_known_scales(tips, span):
    h, y = _pair(np.random.default_rng(tips), tips) if tips < 8 else _wide(tips)

    def integrand(log_scale):
        s = math.exp(log_scale)
        known = candidate_log_density(y * s, h[None], (1.0, 1.0), PLAIN)[0]
        return math.exp(known + (2 * tips - 2) * log_scale + 20)

    ends = [math.log(value) for value in span]
    inside = [point for point in (-0.02, 0.0, 0.02) if ends[0] < point < ends[1]]
    total = integrate.quad(integrand, *ends, points=inside, limit=400)[0] / (ends[1] - ends[0])
    assert candidate_log_density(y, h[None], span, PLAIN)[0] == pytest.approx(math.log(total) - 20, abs=1e-5)


def _wide(tips):
    pattern = random_patterns(1, tips=tips, face_diameter_mm=60, rng=np.random.default_rng(1))[0]
    noise = 0.4 * np.random.default_rng(2).normal(size=pattern.shape)
    return as_complex(pattern), as_complex(pattern + noise)


@pytest.mark.parametrize("tips", [3, 4, 5, 8])
def test_free_scale_is_the_range_without_ends(tips):
    h, y = _wide(tips)
    span = (1e-3, 1e3)
    ranged = candidate_log_density(y, h[None], span, PLAIN)[0] + math.log(math.log(span[1] / span[0]))
    assert candidate_log_density(y, h[None], None, PLAIN)[0] == pytest.approx(ranged, abs=1e-6)


@pytest.mark.parametrize("tips", [3, 4, 5, 10])
def test_free_scale_agrees_with_the_complex_watson_law_where_noise_is_small(tips):
    rng = np.random.default_rng(tips)
    h = 10 * (rng.normal(size=tips) + 1j * rng.normal(size=tips))
    h -= h.mean()
    sigma = 0.02
    y = h + sigma * (rng.normal(size=tips) + 1j * rng.normal(size=tips))
    y -= y.mean()
    kappa = (np.abs(h) ** 2).sum() / (2 * sigma**2)
    unit_h, unit_y = h / np.linalg.norm(h), y / np.linalg.norm(y)
    distance = np.linalg.norm(unit_y - np.vdot(unit_h, unit_y) * unit_h)
    watson = -kappa * distance**2 + (tips - 2) * math.log(kappa) - math.lgamma(tips - 1)
    watson -= math.log(special.gammainc(tips - 2, kappa))
    uniform = (
        math.lgamma(tips - 1)
        - math.log(2 * math.pi ** (tips - 1))
        - math.log(np.linalg.norm(y)) * (2 * tips - 2)
    )
    model = RecognitionModel(sigma_mm=sigma, stress_share=0.0)
    ours = candidate_log_density(y, h[None], None, model)[0] + math.lgamma(tips + 1) - uniform
    assert ours == pytest.approx(watson, abs=0.01)


@pytest.mark.parametrize("tips", [3, 4, 5])
def test_free_scale_density_has_mean_one_under_uniform_shapes(tips):
    """An e-value: under random shapes the likelihood ratio is 1 on average, whatever the pattern."""
    rng = np.random.default_rng(tips)
    h = rng.normal(size=tips) + 1j * rng.normal(size=tips)
    h -= h.mean()
    model = RecognitionModel(
        sigma_mm=0.5 * np.linalg.norm(h) / math.sqrt(2), stress_share=0.0, broad_share=1.0
    )
    ratios = []
    for _ in range(8_000):
        y = rng.normal(size=tips) + 1j * rng.normal(size=tips)
        y -= y.mean()
        density = candidate_log_density(y, h[None], None, model)[0] + math.lgamma(tips + 1)
        ratios.append(math.exp(density - unregistered_log_density(y, None, model)))
    assert abs(np.mean(ratios) - 1) < 5 * np.std(ratios) / math.sqrt(len(ratios))


@pytest.mark.parametrize(("tips", "expected_of"), [(3, 400_000), (4, 400_000), (5, 400_000)])
def test_spacing_probability_matches_plain_counting(tips, expected_of):
    rng = np.random.default_rng(tips)
    z = 20 * np.sqrt(rng.random((expected_of, tips))) * np.exp(2j * np.pi * rng.random((expected_of, tips)))
    good = np.ones(expected_of, dtype=bool)
    for one, other in itertools.combinations(range(tips), 2):
        good &= np.abs(z[:, one] - z[:, other]) >= 11
    share = good.mean()
    error = 5 * math.sqrt(share / expected_of) + 0.02 * share
    assert spacing_probability(tips, 40.0, 11.0) == pytest.approx(share, abs=error)


def test_spacing_probability_at_its_ends():
    assert spacing_probability(2, 40.0, 0.0) == 1.0
    assert spacing_probability(5, 40.0, 39.0) == 0.0


def _closeness(y, h, scale):
    """Root of the sum of squared distances after the best fit, in mm; beyond 5 sigma a density is 0."""
    a, b, c = (np.abs(y) ** 2).sum(), (np.abs(h) ** 2).sum(axis=1), np.abs(h.conj() @ y)
    s = np.clip(c / a, *((0, np.inf) if scale is None else scale))
    return np.sqrt(np.maximum(0, s**2 * a + b - 2 * s * c))


@pytest.mark.parametrize("scale", SCALES)
@pytest.mark.parametrize("tips", [3, 4])
def test_unregistered_density_is_the_mean_over_random_stamps(tips, scale):
    """The density of "none of these" against what 80,000 simulated unregistered stamps would give.

    By definition it is the mean, over random stamps, of the density of the touches for that stamp; the
    noise that the closed form only approximates is exact in the simulation.
    """
    model = RecognitionModel(stress_share=0.0, sigma_mm=0.8, broad_share=1e-12)
    rng = np.random.default_rng(tips)
    stamps = as_complex(random_patterns(80_000, tips=tips, rng=rng))
    truth, simulated, errors = [], [], []
    for own in as_complex(random_patterns(8, tips=tips, rng=rng)):
        y = own + 0.8 * (rng.normal(size=tips) + 1j * rng.normal(size=tips))
        truth.append(unregistered_log_density(y, scale, model))
        density = np.zeros(len(stamps))
        for order in itertools.permutations(range(tips)):
            turned = stamps[:, list(order)]
            near = np.flatnonzero(_closeness(y, turned, scale) < 5 * 0.8)
            density[near] += np.exp(candidate_log_density(y, turned[near], scale, model) - truth[-1])
        simulated.append(density.mean())
        errors.append(density.std() / math.sqrt(len(stamps)))
    ratio, error = np.array(simulated), np.array(errors)
    assert abs(np.log(np.mean(ratio))) < 0.05 + 4 * np.linalg.norm(error) / len(error)
    assert (np.abs(ratio - 1) < 0.1 + 5 * error).all()
