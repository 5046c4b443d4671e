"""Random patterns follow the law they promise."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

import stampsdk.codebook
from stampsdk.codebook import random_patterns


def _gaps(patterns):
    difference = patterns[:, :, None, :] - patterns[:, None, :, :]
    distance = np.hypot(difference[..., 0], difference[..., 1])
    upper = np.triu_indices(patterns.shape[1], 1)
    return distance[:, upper[0], upper[1]]


@settings(deadline=None)
@given(
    tips=st.integers(3, 6),
    face=st.floats(30, 60),
    spacing=st.floats(0, 9),
    margin=st.floats(0, 3),
    seed=st.integers(0, 2**32 - 1),
)
def test_every_pattern_keeps_its_rules(tips, face, spacing, margin, seed):
    patterns = random_patterns(
        20,
        tips=tips,
        face_diameter_mm=face,
        least_spacing_mm=spacing,
        margin_mm=margin,
        rng=np.random.default_rng(seed),
    )
    assert patterns.shape == (20, tips, 2)
    assert patterns.dtype == np.float64
    assert _gaps(patterns).min() >= spacing - 1e-9
    assert np.hypot(patterns[..., 0], patterns[..., 1]).max() <= face / 2 - margin + 1e-9
    assert np.array_equal(np.round(patterns, 3), patterns)


def test_same_generator_state_gives_the_same_patterns():
    first, again, other = (random_patterns(500, rng=np.random.default_rng(seed)) for seed in (5, 5, 6))
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)


def test_a_demo_town_of_sixty_thousand_in_one_go():
    heard = []
    patterns = random_patterns(60_000, rng=np.random.default_rng(1), progress=heard.append)
    assert patterns.shape == (60_000, 5, 2)
    assert heard == sorted(heard)
    assert heard[-1] == 60_000
    assert len(np.unique(patterns.reshape(60_000, -1), axis=0)) == 60_000


def test_without_spacing_tips_are_uniform_in_the_disc():
    patterns = random_patterns(20_000, tips=3, least_spacing_mm=0, rng=np.random.default_rng(2))
    x, y = patterns.reshape(-1, 2).T
    assert stats.kstest((x**2 + y**2) / 400, "uniform").pvalue > 1e-4
    assert stats.kstest((np.arctan2(y, x) + math.pi) / (2 * math.pi), "uniform").pvalue > 1e-4


def test_tips_are_exchangeable_and_match_plain_rejection():
    """Drawing tip after tip must not favour the early ones, as placing them greedily would."""
    patterns = random_patterns(20_000, tips=5, rng=np.random.default_rng(3))
    radii = np.hypot(patterns[..., 0], patterns[..., 1])
    assert stats.ks_2samp(radii[:, 0], radii[:, 4]).pvalue > 1e-4

    rng = np.random.default_rng(4)
    plain = 40 * rng.random((600_000, 5, 2)) - 20
    plain = plain[(np.hypot(plain[..., 0], plain[..., 1]) <= 20).all(axis=1)]
    plain = plain[(_gaps(plain) >= 11).all(axis=1)]
    assert len(plain) > 5_000
    for ours, theirs in zip(np.sort(_gaps(patterns), axis=1).T, np.sort(_gaps(plain), axis=1).T, strict=True):
        assert stats.ks_2samp(ours, theirs).pvalue > 1e-4


def test_none_asked_for_none_given():
    assert random_patterns(0, rng=np.random.default_rng(0)).shape == (0, 5, 2)


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        ({"count": -1}, "count"),
        ({"tips": 2}, "tips"),
        ({"tips": 11}, "tips"),
        ({"face_diameter_mm": math.nan}, "face_diameter_mm"),
        ({"face_diameter_mm": math.inf}, "face_diameter_mm"),
        ({"least_spacing_mm": -1}, "least_spacing_mm"),
        ({"margin_mm": 20}, "margin_mm"),
        ({"margin_mm": -1}, "margin_mm"),
        ({"least_spacing_mm": 23.6}, "least_spacing_mm=23.6 is impossible"),
        ({"tips": 7, "least_spacing_mm": 20.1}, "impossible"),
        ({"tips": 10}, "too tight"),
    ],
)
def test_what_cannot_be_drawn_is_refused_with_the_reason(arguments, named):
    with pytest.raises(ValueError, match=named):
        random_patterns(**({"count": 3} | arguments), rng=np.random.default_rng(0))


def test_public_names():
    assert stampsdk.codebook.__all__ == sorted(stampsdk.codebook.__all__)
    assert all(hasattr(stampsdk.codebook, name) for name in stampsdk.codebook.__all__)
