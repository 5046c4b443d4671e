"""The bounds that are proven in the text hold against forgers who try."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import optimize, stats

from stampsdk.matching.calibration import influence_bound, median_bounds
from stampsdk.matching.calibration.robust import LEVERAGE, Blocks, is_better_for_most, solve

seeds = st.integers(0, 2**32 - 1)


def _blocks(rng, count, *, truth=None, rows=7, coefficients=4, first=0, leverage=0.5):
    design = leverage * rng.normal(size=(count, rows, coefficients))
    target = rng.normal(size=(count, rows))
    if truth is not None:
        target += design @ truth
    return Blocks(design, target, np.full(count, rows), first + np.arange(count))


def _together(one, other):
    parts = (
        np.concatenate((getattr(one, name), getattr(other, name)))
        for name in ("design", "target", "freedom", "contributor")
    )
    return Blocks(*parts)


def _objective(beta, blocks):
    """F, written down once more from its definition."""
    total = 0.5 * float(beta @ beta)
    names, counts = np.unique(blocks.contributor, return_counts=True)
    share = dict(zip(names.tolist(), counts.tolist(), strict=True))
    for k in range(len(blocks.target)):
        norm = np.linalg.svd(blocks.design[k], compute_uv=False)[0]
        weight = min(1.0, LEVERAGE / norm) / share[int(blocks.contributor[k])]
        reach = math.sqrt(stats.chi2.ppf(0.99, blocks.freedom[k]))
        r = float(np.linalg.norm(blocks.target[k] - blocks.design[k] @ beta))
        total += weight * (r * r / 2 if r <= reach else reach * r - reach**2 / 2)
    return total


@pytest.mark.parametrize("seed", range(5))
def test_the_solution_is_the_minimum_that_a_general_optimiser_finds(seed):
    rng = np.random.default_rng(seed)
    blocks = _blocks(rng, 30, truth=np.array([2.0, -1.0, 0.5, 0.0]))
    blocks = Blocks(
        blocks.design, blocks.target * rng.choice([1, 8], (30, 1)), blocks.freedom, np.arange(30) // 2
    )
    found = optimize.minimize(_objective, np.zeros(4), args=(blocks,), method="BFGS", options={"gtol": 1e-7})
    assert solve(blocks) == pytest.approx(found.x, abs=1e-4)


@settings(deadline=None, max_examples=60)
@given(seed=seeds, share=st.sampled_from([0.1, 0.3, 0.49]), size=st.floats(0.1, 1e6), same=st.booleans())
def test_forgers_move_the_solution_by_no_more_than_the_bound(seed, share, size, same):
    rng = np.random.default_rng(seed)
    honest = _blocks(rng, 60, truth=rng.normal(size=4))
    forgers = int(60 * share / (1 - share))
    goal = rng.normal(size=4)
    forged = _blocks(rng, 3 * forgers, first=1000, leverage=10 ** rng.uniform(-2, 3))
    design = np.repeat(forged.design[:1], len(forged.design), axis=0) if same else forged.design
    # Each forger makes three presses, all pulling in the direction of the goal.
    forged = Blocks(design, size * (design @ goal), forged.freedom, 1000 + np.arange(3 * forgers) // 3)
    moved = np.linalg.norm(solve(_together(honest, forged)) - solve(honest))
    assert moved <= influence_bound(honest, forgers) + 1e-6


def test_the_bound_is_of_use_where_honest_presses_are_many():
    rng = np.random.default_rng(3)
    honest = _blocks(rng, 400, truth=np.ones(4))
    worst = influence_bound(honest, 40)
    always = 40 * LEVERAGE * math.sqrt(stats.chi2.ppf(0.99, 7))
    assert worst < always / 50
    assert influence_bound(honest, 0) == 0


@settings(deadline=None)
@given(
    honest=st.lists(st.floats(-10, 10), min_size=1, max_size=30),
    forged=st.lists(st.floats(-1e6, 1e6), max_size=29),
)
def test_the_median_stays_between_honest_order_statistics(honest, forged):
    forged = forged[: len(honest) - 1]
    low, high = median_bounds(honest, len(forged))
    assert low <= np.median([*honest, *forged]) <= high
    assert {low, high} <= set(honest)


def test_the_bounds_of_the_median_are_reached_and_follow_the_formula():
    values = np.sort(stats.norm.ppf((np.arange(1001) + 0.5) / 1001))
    for share, formula in ((0.1, 0.14), (0.3, 0.57), (0.49, 2.06)):
        forged = round(1001 * share / (1 - share))
        low, high = median_bounds(values, forged)
        assert high == pytest.approx(formula, abs=0.03)
        assert low == pytest.approx(-high)
        assert np.median([*values, *[1e9] * forged]) == pytest.approx(high, abs=0.02)


def test_bounds_for_a_majority_are_refused():
    with pytest.raises(ValueError, match="fewer than are honest"):
        median_bounds([1.0, 2.0], 2)


def test_what_is_there_passes_the_vote_and_noise_mostly_does_not():
    rng = np.random.default_rng(4)
    truth = np.array([2.0, -2.0, 1.0, 0.0])
    assert all(is_better_for_most(_blocks(rng, 60, truth=truth)) for _ in range(20))
    passed = sum(is_better_for_most(_blocks(rng, 60)) for _ in range(200))
    # In pure noise a fit makes presses worse more often than better, so chance passes rarely.
    assert passed <= 40


def test_a_vote_needs_honest_voices():
    rng = np.random.default_rng(5)
    honest = _blocks(rng, 70)
    design = np.repeat(0.5 * rng.normal(size=(1, 7, 4)), 30, axis=0)
    forged = Blocks(design, design @ np.full(4, 60.0), np.full(30, 7), 1000 + np.arange(30))
    assert np.linalg.norm(solve(_together(honest, forged)) - solve(honest)) > 0.5
    assert not is_better_for_most(_together(honest, forged))


def test_a_vote_of_one_contributor_is_none():
    rng = np.random.default_rng(6)
    alone = _blocks(rng, 5, truth=np.ones(4))
    assert not is_better_for_most(Blocks(alone.design, alone.target, alone.freedom, np.zeros(5, np.int64)))
