"""Rates of small rows against a decoder that tries everything, and the simulation against its own words."""

import math
from dataclasses import replace
from itertools import permutations

import numpy as np
import pytest
from scipy import stats

from benchmarks.capacity.jobs import THRESHOLDS, Job, Noise, Place
from benchmarks.capacity.measure import measure
from benchmarks.capacity.presses import press
from benchmarks.capacity.sources import index_of, random_source
from benchmarks.capacity.uniform import TooTightError, uniform_patterns
from stampsdk.codebook import random_patterns

FEW = random_source(4, 40.0, 40, seed=1)
MANY = random_source(5, 40.0, 3000, seed=1)


def as_complex(points):
    z = points[..., 0] + 1j * points[..., 1]
    return z - z.mean(axis=-1, keepdims=True)


def nearest_by_trying(touches, patterns):
    """Return the pattern with the least residual at known scale, over all orders of the touches."""
    y, h = as_complex(touches), as_complex(patterns)
    best = [
        max(abs((row.conj() * y[list(order)]).sum()) for order in permutations(range(len(y)))) for row in h
    ]
    return int(np.argmin((np.abs(h) ** 2).sum(axis=1) - 2 * np.array(best)))


@pytest.mark.parametrize("sigma", [0.4, 2.0])
def test_the_nearest_is_wrong_as_often_as_a_decoder_that_tries_everything_says(sigma):
    job = Job(f"tiny/{sigma}", "t", FEW, "known", 600, Noise(sigma_mm=sigma))
    row = measure(job)
    index = index_of(FEW, partial=False)
    patterns = index.points(np.arange(len(index)))
    rng = np.random.default_rng(5)
    wrong = 0
    for _ in range(600):
        pressed = int(rng.integers(len(patterns)))
        wrong += nearest_by_trying(press(patterns[pressed], job.noise, 0.0, rng), patterns) != pressed
    table = [[row.nearest_wrong, 600 - row.nearest_wrong], [wrong, 600 - wrong]]
    assert row.nearest_wrong == wrong == 0 or stats.fisher_exact(table).pvalue > 1e-3
    assert row.right + row.wrong + row.refused == row.presses == 600
    assert row.right == row.at["0.999"][0]


def test_the_union_bound_holds_and_is_near_where_it_is_small():
    job = Job("bound", "t", MANY, "known", 3000, Noise(sigma_mm=0.3))
    row = measure(job)
    low = stats.binomtest(row.nearest_wrong, row.presses).proportion_ci(0.999).low
    assert row.nearest_wrong > 0
    assert low <= row.predicted * 1.3
    assert row.predicted < 4 * row.nearest_wrong / row.presses


def test_more_noise_less_knowledge_and_lost_tips_never_help():
    rows = {
        name: measure(Job(name, "t", MANY, density, 200, Noise(sigma_mm=sigma), trouble=trouble))
        for name, density, sigma, trouble in (
            ("plain", "known", 0.3, ""),
            ("noisy", "known", 0.9, ""),
            ("free", "free", 0.3, ""),
            ("missing", "known", 0.3, "missing"),
            ("ghost", "known", 0.3, "ghost"),
        )
    }
    best = rows.pop("plain")
    assert all(row.right < best.right for row in rows.values())
    assert rows["ghost"].right > 100
    assert all(row.wrong <= 2 for row in rows.values())
    stricter = [best.at[f"{threshold:g}"][0] for threshold in THRESHOLDS]
    assert stricter == sorted(stricter, reverse=True)


def test_copies_that_are_larger_pass_only_where_the_size_is_unknown():
    larger = Job("larger", "t", MANY, "free", 150, Noise(sigma_mm=0.1), kind="scaled", factor=1.3)
    assert measure(larger).right > 140
    assert measure(replace(larger, density="known")).right == 0
    mirrored = measure(replace(larger, kind="mirrored", factor=1.0))
    assert mirrored.right == 0


def test_the_place_tells_stamps_apart_that_share_a_pattern():
    here = Job("here", "t", FEW, "known", 150, Noise(sigma_mm=0.2), place=Place(6_000_000, 5.0))
    shared = measure(here)
    assert shared.wrong <= 2
    assert shared.right < 75  # forty patterns for all the shops around: most have a double at hand
    plenty = replace(here, source=random_source(5, 50.0, 20_000, seed=1))
    assert measure(plenty).right > 130
    carried = measure(replace(plenty, kind="elsewhere"))
    assert carried.wrong < 15


def test_simulated_errors_are_as_large_as_they_say():
    rng = np.random.default_rng(2)
    pattern = np.array([[0.0, 0.0], [20.0, 0.0], [0.0, 12.0]])
    for kind in ("normal", "placed"):
        squares = []
        for _ in range(3000):
            y = as_complex(press(pattern, Noise(kind, 0.4), 0.0, rng))
            h = as_complex(pattern)
            least = min(
                (np.abs(h) ** 2).sum() + (np.abs(y) ** 2).sum() - 2 * abs((h.conj() * y[list(order)]).sum())
                for order in permutations(range(3))
            )
            squares.append(least)
        # Place and angle are fitted: 3 of 6 degrees of freedom are left; a smooth bias loses some to them.
        assert math.sqrt(np.mean(squares) / 3) == pytest.approx(0.4, rel=0.03 if kind == "normal" else 0.2)
    touches = press(pattern, Noise(sigma_mm=0.4, quantum_mm=0.16), 0.02, rng)
    assert np.allclose(touches / 0.16, np.rint(touches / 0.16))


def reach(patterns):
    return np.linalg.norm(patterns[:, 0], axis=1)


def size(patterns):
    return np.linalg.norm(patterns - patterns.mean(axis=1, keepdims=True), axis=(1, 2))


def test_patterns_put_down_and_shaken_follow_the_law_of_those_drawn_whole():
    shaken = uniform_patterns(4000, 5, 17.5, 11.0, np.random.default_rng(3))
    exact = random_patterns(4000, face_diameter_mm=35.0, rng=np.random.default_rng(4))
    for measured in (reach, size):
        assert stats.ks_2samp(measured(shaken), measured(exact)).pvalue > 1e-3
    with pytest.raises(TooTightError, match="10 tips"):
        uniform_patterns(10, 10, 12.5, 11.0, np.random.default_rng(1))
