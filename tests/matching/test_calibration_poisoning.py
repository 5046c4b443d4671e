"""A minority of forgers moves nothing by more than the bound that is stated, however they press."""

import math

import numpy as np
import pytest

from stampsdk.matching.calibration import (
    Bend,
    CalibrationModel,
    CalibrationState,
    SampleLimits,
    influence_bound,
    learn,
    learn_device,
    learn_stamp,
    median_bounds,
)
from stampsdk.matching.calibration._contributors import by_contributor
from stampsdk.matching.calibration.bend import COEFFICIENTS, basis
from stampsdk.matching.calibration.device import bend_blocks, log_scales
from stampsdk.matching.calibration.robust import solve
from stampsdk.matching.calibration.stamp import tip_blocks
from tests.matching.phones import SCREEN, STAMPS, grouped, observed, presses, registered, touches_on

MODEL = CalibrationModel()
SHARES = [0.1, 0.3, 0.49]
HONEST = 120


def _forgers(share):
    return math.floor(HONEST * share / (1 - share))


def _by_tip(press):
    return press.touches_by_tip


def _same(blocks, forged):
    parts = (
        np.concatenate(
            (getattr(blocks, name), getattr(forged, name) + (HONEST if name == "contributor" else 0))
        )
        for name in ("design", "target", "freedom", "contributor")
    )
    return type(blocks)(*parts)


@pytest.mark.parametrize("share", SHARES)
@pytest.mark.parametrize("claim", [0.9, 0.97, 1.03, 1.1])
def test_the_scale_stays_between_honest_contributors(share, claim):
    rng = np.random.default_rng(1)
    honest = presses(HONEST, rng, each=2, scale=1.01)
    forged = presses(_forgers(share), rng, each=2, sigma=0, scale=claim, name="forger")
    low, high = median_bounds(log_scales(grouped(honest), registered, Bend()), _forgers(share))
    narrow = CalibrationModel(bend_mm=1e-9)
    found = learn_device(grouped(honest + forged), registered, narrow).scale
    clean = learn_device(grouped(honest), registered, narrow).scale
    assert math.exp(low) - 1e-9 <= found <= math.exp(high) + 1e-9
    # The same as a formula: two presses of five tips say the scale with s = 1.2 % / sqrt 2.
    formula = {0.1: 0.14, 0.3: 0.57, 0.49: 2.06}[share] * 0.0085
    assert abs(found - clean) <= 1.4 * formula + 0.002
    assert abs(found - 1) <= MODEL.greatest_scale_error


@pytest.mark.parametrize("share", SHARES)
@pytest.mark.parametrize("size", [0.5, 0.9, 1.6])
def test_tips_move_by_no_more_than_the_bound(share, size):
    rng = np.random.default_rng(2)
    honest = presses(HONEST, rng, stamps=[0])
    pull = rng.normal(size=(5, 2))
    pull *= size / np.sqrt((pull**2).sum(axis=1).mean())
    count = _forgers(share)
    forged = presses(count, rng, sigma=0, stamps=[0], true_tips={0: STAMPS[0] + pull}, name="forger")
    clean = tip_blocks(grouped(honest), _by_tip, MODEL)
    both = tip_blocks(grouped(honest + forged), _by_tip, MODEL)
    moved = np.linalg.norm(solve(both) - solve(clean))
    bound = influence_bound(clean, count, MODEL.placement_mm / MODEL.sigma_mm)
    assert moved <= bound
    if share == 0.1:
        # It is a bound of use: less than 0.1 mm a tip, root mean square.
        assert bound * MODEL.placement_mm / math.sqrt(5) < 0.1
    shift = np.array(learn_stamp(grouped(honest + forged), _by_tip, MODEL).shift_mm)
    assert np.hypot(*shift.T).max() <= MODEL.greatest_shift_mm + 1e-12


@pytest.mark.parametrize("share", SHARES)
def test_the_bend_moves_by_no_more_than_the_bound(share):
    rng = np.random.default_rng(3)
    goal = rng.normal(size=COEFFICIENTS)

    def false_bend(at):
        return -basis(at, SCREEN) @ goal * 0.4

    honest = presses(HONEST, rng)
    count = _forgers(share)
    forged = presses(count, rng, each=3, sigma=0, bend=false_bend, name="forger")
    clean = bend_blocks(grouped(honest), registered, 1.0, MODEL)
    both = bend_blocks(grouped(honest + forged), registered, 1.0, MODEL)
    assert np.linalg.norm(solve(both) - solve(clean)) <= influence_bound(clean, count)
    found = learn_device(grouped(honest + forged), registered, MODEL)
    at = rng.uniform(0, SCREEN, (400, 2))
    assert np.hypot(*found.bend.at(at, SCREEN).T).max() <= MODEL.greatest_bend_mm + 1e-12


def test_a_forged_bend_is_not_taken_when_honest_presses_fit_worse_with_it():
    rng = np.random.default_rng(4)

    def strong(at):
        return -basis(at, SCREEN)[:, :, 4:8] @ np.array([0.9, -0.9, 0.9, 0.9])

    honest = presses(HONEST, rng)
    forged = presses(_forgers(0.2), rng, each=3, sigma=0, bend=strong, name="forger")
    blocks = bend_blocks(grouped(honest + forged), registered, 1.0, MODEL)
    assert np.linalg.norm(solve(blocks)) * MODEL.bend_mm > 0.2
    assert not learn_device(grouped(honest + forged), registered, MODEL).bend.coefficients_mm


def _one_person(count, rng, customer, device):
    """Forge presses of which each gives its customer and its phone by number."""
    made = []
    for number in range(count):
        tips = STAMPS[number % 40]
        touches = touches_on(tips, rng, sigma=0, scale=1.06)
        made.append(observed(touches, customer=customer(number), device=device(number), stamp=number % 40))
    return made


@pytest.mark.parametrize(
    ("customer", "device"),
    [
        (lambda _: "she", lambda _: "her phone"),
        (lambda k: f"account {k}", lambda _: "her phone"),
        (lambda _: "she", lambda k: f"phone {k}"),
        # Accounts and phones in a chain, no two presses alike.
        (lambda k: f"account {k // 2}", lambda k: f"phone {(k + 1) // 2}"),
    ],
)
def test_one_person_weighs_once_with_any_number_of_accounts_and_phones(customer, device):
    rng = np.random.default_rng(5)
    honest = presses(40, rng, each=2)
    state = CalibrationState("salt", SampleLimits(presses_per_customer=200))
    for press in honest + _one_person(200, rng, customer, device):
        state.add(press)
    groups = by_contributor(state.models()["phone"])
    assert len(groups) == 41
    assert max(len(group) for group in groups) == 200
    low, high = median_bounds(log_scales(grouped(honest), registered, Bend()), 1)
    both = learn_device(groups, registered, CalibrationModel(bend_mm=1e-9))
    assert math.exp(low) - 1e-9 <= both.scale <= math.exp(high) + 1e-9


def test_grouping_does_not_depend_on_order():
    rng = np.random.default_rng(6)
    made = _one_person(30, rng, lambda k: f"a{k % 7}", lambda k: f"p{k % 5 + 10 * (k % 2)}")
    groups = by_contributor(made)
    assert groups == by_contributor([made[k] for k in rng.permutation(30)])
    assert sorted(press.stamp_id for group in groups for press in group) == list(range(30))


@pytest.mark.parametrize("share", SHARES)
def test_learning_all_together_keeps_every_bound(share):
    rng = np.random.default_rng(7)
    honest = presses(HONEST, rng, each=2, stamps=range(6), scale=1.02)
    pull = {k: STAMPS[k] + 0.7 * rng.choice([-1, 1], (5, 2)) for k in range(6)}
    forged = presses(
        _forgers(share),
        rng,
        each=2,
        sigma=0,
        stamps=range(6),
        true_tips=pull,
        scale=1.07,
        bend=lambda at: basis(at, SCREEN)[:, :, 2:6].sum(axis=2) * 0.4,
        name="forger",
    )
    states = [CalibrationState("salt") for _ in range(2)]
    for state, pressed in zip(states, (honest, honest + forged), strict=True):
        for press in pressed:
            state.add(press)
    clean, poisoned = (learn(state) for state in states)
    at = rng.uniform(0, SCREEN, (200, 2))
    for known in (clean, poisoned):
        one = known.device("phone")
        assert abs(one.scale - 1) <= 0.07
        assert np.hypot(*one.bend.at(at, SCREEN).T).max() <= 1.0 + 1e-12
        for stamp in range(6):
            assert np.hypot(*(known.tips(stamp, STAMPS[stamp]) - STAMPS[stamp]).T).max() <= 0.6 + 1e-12
    # What the scale alone may be off by, and what forged tips, cut back to 0.6 mm, may add to it.
    assert clean.device("phone").scale == pytest.approx(1.02, rel=0.005)
    formula = {0.1: 0.14, 0.3: 0.57, 0.49: 2.06}[share] * 0.0085
    assert abs(poisoned.device("phone").scale / 1.02 - 1) <= 1.4 * formula + 0.015
