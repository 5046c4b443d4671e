"""Many queries, random and adversarial, against every labelling of every pattern; numpy only."""

import itertools

import numpy as np
import pytest

from stampsdk import PatternIndex
from stampsdk.index._search import Plan
from tests import strategies

BAND_MM = 1e-4
SCALES = ((1.0, 1.0), (0.98, 1.02), (0.6, 1.5), None)
ROUNDS = {3: 250, 4: 250, 5: 250, 6: 40}  # of 4 scales with 32 queries each: 101,120 in all


class ProbingIndex(PatternIndex):
    _plan = Plan(most_reach=0.94, probe_us=1e-9)


def patterns_of(tips, rng):
    """Unlike ones, near-duplicates, mirror images, and symmetric ones with a jitter."""
    unlike = rng.uniform(-22, 22, (40, tips, 2))
    near = unlike[:12] + rng.normal(0, 10.0 ** rng.uniform(-3, 0, (12, 1, 1)), (12, tips, 2))
    mirrored = unlike[12:18] * [-1.0, 1.0]
    families = strategies.FAMILIES
    made = np.stack([strategies.family_pattern(families[k % len(families)], tips, rng) for k in range(21)])
    made *= 17.0 / np.sqrt((made**2).sum(axis=2).mean(axis=1))[:, None, None]
    made += rng.normal(0, 10.0 ** rng.uniform(-5, -1, (21, 1, 1)), made.shape)
    return np.concatenate([unlike, near, mirrored, made])


def queries_of(points, rng, count, tolerance):
    """Noise, pushes along and across pairs of tips to the very tolerance, snapped touches, strangers."""
    touches = []
    for number in range(count):
        base = points[rng.integers(len(points))]
        tips = len(base)
        step = rng.normal(size=base.shape)
        kind = number % 4
        if kind == 1:
            j, k = rng.choice(tips, 2, replace=False)
            along = base[j] - base[k]
            along = along if rng.integers(2) else along[::-1] * [-1.0, 1.0]
            step = np.zeros_like(base)
            step[j], step[k] = along, -along * rng.choice([1.0, -1.0, 0.0])
        reach = tolerance * np.sqrt(tips) * rng.choice([0.5, 0.999, 1.001])
        base = base + step / np.linalg.norm(step) * reach
        if kind == 2:
            j, k = rng.choice(tips, 2, replace=False)
            base[j] = base[k]
        if kind == 3 and number % 8 == 3:
            base = rng.uniform(-22, 22, base.shape)
        touches.append(rng.permutation(strategies.moved(base, rng, rng.choice([1.0, 0.99, 1.02, 1.3]))))
    return np.stack(touches)


def least_residuals(touches, points, scale):
    """Residual (Q, N) of each query on each pattern: the least over all n! labellings."""
    q = touches[..., 0] + 1j * touches[..., 1]
    p = points[..., 0] + 1j * points[..., 1]
    q, p = q - q.mean(axis=1, keepdims=True), p - p.mean(axis=1, keepdims=True)
    orders = np.array(list(itertools.permutations(range(q.shape[1]))))
    greatest = np.zeros((len(q), len(p)))
    for order in orders:
        np.maximum(greatest, np.abs(np.conj(q) @ p[:, order].T), out=greatest)
    energy = (np.abs(q) ** 2).sum(axis=1)[:, None]
    size = (np.abs(p) ** 2).sum(axis=1)[None, :]
    factor = greatest / np.maximum(energy, 1e-300)
    if scale is not None:
        factor = np.clip(factor, *scale)
    squared = factor**2 * energy - 2.0 * factor * greatest + size
    return np.sqrt(np.maximum(squared, 0.0) / q.shape[1])


def check(tips, rounds):
    rng = np.random.default_rng([tips, rounds])
    asked = 0
    for turn in range(rounds):
        points = patterns_of(tips, rng)
        index = (ProbingIndex if turn % 2 else PatternIndex).build(points)
        tolerance = rng.choice([0.05, 0.5, 0.9, 2.0])
        for scale in SCALES:
            touches = queries_of(points, rng, 32, tolerance)
            batch = index.search_batch(touches, tolerance, scale)
            found = np.zeros((32, len(points)), np.bool_)
            found[np.repeat(np.arange(32), np.diff(batch.offsets)), batch.ids] = True
            expected = least_residuals(touches, points, scale)
            assert not (found & (expected > tolerance + BAND_MM)).any(), "something extra"
            assert not (~found & (expected < tolerance - BAND_MM)).any(), "something missed"
            given = np.full(found.shape, np.nan)
            given[np.repeat(np.arange(32), np.diff(batch.offsets)), batch.ids] = batch.residual
            assert np.nanmax(np.abs(given - expected) * (expected > 1e-3), initial=0.0) < 1e-7
            asked += len(touches)
    return asked


@pytest.mark.parametrize("tips", ROUNDS)
def test_a_sample_of_queries_has_no_miss_and_no_extra(tips):
    assert check(tips, 4) == 512


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_a_hundred_thousand_queries_have_no_miss_and_no_extra():
    assert sum(check(tips, rounds) for tips, rounds in ROUNDS.items()) >= 100_000
