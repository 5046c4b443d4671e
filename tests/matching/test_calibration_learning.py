"""What is true of phones and stamps is found, within bounds, and with few presses nothing is."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stampsdk.matching.calibration import (
    Bend,
    Calibration,
    CalibrationModel,
    CalibrationState,
    Observation,
    SampleLimits,
    learn,
    learn_device,
    learn_stamp,
)
from stampsdk.matching.calibration.bend import COEFFICIENTS, basis
from stampsdk.matching.calibration.device import bend_blocks, log_scales
from stampsdk.matching.calibration.stamp import tip_blocks
from tests.matching.phones import SCREEN, STAMPS, grouped, observed, presses, registered, touches_on

MODEL = CalibrationModel()
NO_BEND = CalibrationModel(bend_mm=1e-9)


def _grid():
    sides = [np.linspace(5, side - 5, 8) for side in SCREEN]
    return np.stack(np.meshgrid(*sides), axis=-1).reshape(-1, 2)


def _barrel(at):
    """Half a millimetre of bend, none of it of an order that the library learns exactly."""
    x, y = at[:, 0] / 68 * 2 - 1, at[:, 1] / 148 * 2 - 1
    return 0.5 * np.stack((np.sin(1.5 * y) * x, np.cos(2.2 * x) * np.cos(1.2 * y) - 0.5), axis=1)


def _varies(field, at):
    """Root mean square of a field of displacements, less what shifts, turns and scales (least squares)."""
    ones, zeros = np.ones(len(at)), np.zeros(len(at))
    columns = [
        np.stack(pair, axis=1).ravel()
        for pair in ((ones, zeros), (zeros, ones), (-at[:, 1], at[:, 0]), (at[:, 0], at[:, 1]))
    ]
    rigid = np.stack(columns, axis=1)
    left = field.ravel() - rigid @ np.linalg.lstsq(rigid, field.ravel(), rcond=None)[0]
    return math.sqrt((left**2).mean())


@pytest.mark.parametrize("scale", [0.94, 1.0, 1.06])
def test_the_scale_is_found(scale):
    rng = np.random.default_rng(round(100 * scale))
    found = learn_device(grouped(presses(300, rng, scale=scale)), registered, MODEL)
    # One press says 1.2 %, the median of 300 contributors 1.25 * 1.2 % / 17 = 0.09 %.
    assert found.scale == pytest.approx(scale, rel=0.004)
    assert abs(found.scale / scale - 1) <= found.scale_error <= 0.01
    assert found.contributors == 300


@settings(deadline=None, max_examples=25)
@given(seed=st.integers(0, 2**32 - 1), scale=st.floats(0.94, 1.06))
def test_without_noise_every_press_says_the_scale_itself(seed, scale):
    rng = np.random.default_rng(seed)
    pressed = grouped(presses(6, rng, sigma=0, scale=scale))
    assert np.exp(log_scales(pressed, registered, Bend())) == pytest.approx(scale, rel=1e-12)
    assert learn_device(pressed, registered, NO_BEND).scale == pytest.approx(scale, rel=1e-6)


@settings(deadline=None, max_examples=25)
@given(seed=st.integers(0, 2**32 - 1))
def test_turning_shifting_and_relabelling_presses_changes_nothing_about_scale_and_tips(seed):
    rng = np.random.default_rng(seed)
    before = presses(8, rng, stamps=[3], scale=1.03)
    after = []
    for press in before:
        angle = rng.uniform(-math.pi, math.pi)
        turn = np.array([[math.cos(angle), -math.sin(angle)], [math.sin(angle), math.cos(angle)]])
        moved = press.touches_by_tip @ turn.T
        moved += rng.uniform(0, 100, 2) - moved.min(axis=0)
        order = rng.permutation(5)
        after.append(
            Observation.from_dict(
                {
                    **press.to_dict(),
                    "screen_mm": (400.0, 400.0),
                    "touches_mm": moved[order],
                    "labels": tuple(order),
                }
            )
        )
    one, other = grouped(before), grouped(after)
    assert log_scales(one, registered, Bend()) == pytest.approx(
        log_scales(other, registered, Bend()), abs=1e-12
    )
    scales = [learn_device(groups, registered, NO_BEND).scale for groups in (one, other)]
    assert scales[0] == pytest.approx(scales[1], abs=1e-8)
    shifts = [learn_stamp(groups, lambda p: p.touches_by_tip, MODEL).shift_mm for groups in (one, other)]
    assert np.array(shifts[0]) == pytest.approx(np.array(shifts[1]), abs=1e-7)


def test_a_bend_is_found_and_taken_out():
    rng = np.random.default_rng(5)
    found = learn_device(grouped(presses(600, rng, scale=0.97, bend=_barrel)), registered, MODEL)
    at = _grid()
    moved = at + _barrel(at)
    left = found.corrected(moved / 0.97, SCREEN) - at
    assert found.scale == pytest.approx(0.97, rel=0.006)
    assert _varies(left, at) < 0.5 * _varies(_barrel(at), at)


def test_a_straight_screen_stays_nearly_straight():
    rng = np.random.default_rng(6)
    found = learn_device(grouped(presses(600, rng)), registered, MODEL)
    assert _varies(found.bend.at(_grid(), SCREEN), _grid()) < 0.06


@pytest.mark.parametrize("axis", [0, 1])
def test_the_bend_has_no_mean_divergence_and_stays_below_one(axis):
    nodes, weights = np.polynomial.legendre.leggauss(8)
    step = 1e-5
    at = (np.stack(np.meshgrid(nodes, nodes), axis=-1).reshape(-1, 2) + 1) / 2 * np.array(SCREEN)
    both = np.outer(weights, weights).ravel()
    divergence = 0
    for k in (0, 1):
        ahead = at + step * np.eye(2)[k]
        divergence = divergence + (basis(ahead, SCREEN) - basis(at, SCREEN))[:, k, :] / step
    assert both @ divergence == pytest.approx(np.zeros(COEFFICIENTS), abs=1e-5)
    assert np.abs(basis(_grid(), SCREEN)[:, axis]).max() <= 1


def test_displaced_tips_are_found():
    rng = np.random.default_rng(7)
    errors, faults = [], []
    for stamp in range(10):
        true = STAMPS[stamp] + rng.normal(0, 0.2, (5, 2))
        pressed = presses(60, rng, stamps=[stamp], true_tips={stamp: true})
        found = learn_stamp(grouped(pressed), lambda p: p.touches_by_tip, MODEL)
        assert found.contributors == 60
        plain = touches_on(true, rng, sigma=0)
        for tips, misses in ((found.true_tips_mm, errors), (STAMPS[stamp], faults)):
            # How far a press without noise lies from the tips, its place and angle fitted.
            aligned = tip_blocks([[observed(plain, tips=tips)]], lambda p: p.touches_by_tip, MODEL)
            misses.append((aligned.target**2).sum() * MODEL.sigma_mm**2 / 7)
    assert math.sqrt(np.mean(faults)) == pytest.approx(0.2, rel=0.3)
    # 0.4 mm of noise over 60 presses leaves 0.052 mm.
    assert math.sqrt(np.mean(errors)) < 0.09


def test_with_few_contributors_nothing_is_learnt_however_much_they_press():
    rng = np.random.default_rng(8)
    pressed = presses(4, rng, each=40, stamps=[0], scale=1.05, bend=_barrel)
    state = CalibrationState("salt", SampleLimits(presses_per_customer=40))
    for press in pressed:
        state.add(press)
    known = learn(state)
    assert known.device("phone").scale == 1
    assert known.device("phone").scale_error == MODEL.greatest_scale_error
    touches = touches_on(STAMPS[0], rng)
    assert np.array_equal(known.correct(touches, "phone", screen=SCREEN), touches)
    assert np.array_equal(known.tips(0, STAMPS[0]), STAMPS[0])


def test_with_few_presses_the_prior_keeps_most_of_a_shift_back():
    rng = np.random.default_rng(9)
    true = {1: STAMPS[1] + rng.normal(0, 0.1, (5, 2))}
    lengths = []
    for count in (5, 500):
        pressed = grouped(presses(count, rng, sigma=0, stamps=[1], true_tips=true))
        lengths.append(np.linalg.norm(learn_stamp(pressed, lambda p: p.touches_by_tip, MODEL).shift_mm))
    # Of m presses m / (m + 0.4² / 0.2²) of the shift is believed.
    assert lengths[0] / lengths[1] == pytest.approx((5 / 9) / (500 / 504), rel=0.01)


@settings(deadline=None, max_examples=40)
@given(
    seed=st.integers(0, 2**32 - 1),
    scale=st.floats(0.01, 100),
    size=st.floats(0, 1e9),
    at=st.tuples(st.floats(-1e3, 1e3), st.floats(-1e3, 1e3)),
)
def test_nothing_that_is_applied_leaves_its_bounds(seed, scale, size, at):
    rng = np.random.default_rng(seed)
    tips = STAMPS[2]
    data = {
        "format": "stamp calibration",
        "version": 1,
        "devices": {
            "m": {
                "scale": scale,
                "scale_error": 0.01,
                "bend_mm": (size * rng.normal(size=COEFFICIENTS)).tolist(),
                "contributors": 9,
            }
        },
        "stamps": [
            {
                "stamp_id": 2,
                "tips_mm": tips.tolist(),
                "shift_mm": (size * rng.normal(size=(5, 2))).tolist(),
                "contributors": 9,
            }
        ],
    }
    known = Calibration.from_dict(data)
    touches = np.array(at) + rng.uniform(0, 60, (5, 2))
    moved = known.correct(touches, "m", screen=SCREEN)
    used = min(max(scale, 0.93), 1.07)
    assert np.hypot(*(moved / used - touches).T).max() <= 1.0 + 1e-9
    assert np.hypot(*(known.tips(2, tips) - tips).T).max() <= 0.6 + 1e-9


def test_pixels_and_millimetres_give_the_same():
    rng = np.random.default_rng(11)
    found = learn_device(grouped(presses(80, rng, scale=1.04, bend=_barrel)), registered, MODEL)
    known = Calibration({"m": found})
    touches = touches_on(STAMPS[0], rng)
    px = known.correct(touches * 6.3, "m", screen=(SCREEN[0] * 6.3, SCREEN[1] * 6.3), px_per_mm=6.3)
    assert px == pytest.approx(known.correct(touches, "m", screen=SCREEN), abs=1e-9)
    assert np.array_equal(known.correct(touches, "other", screen=SCREEN), touches)
    assert known.scale_range("other") == pytest.approx((0.93, 1.07))
    assert known.scale_range("m") == pytest.approx((1, 1), abs=0.02)


@pytest.mark.parametrize(
    "changes", [{"screen": (0, 1)}, {"px_per_mm": 0}, {"px_per_mm": math.nan}, {"touches": [[1, math.inf]]}]
)
def test_bad_touches_are_refused(changes):
    arguments = {"touches": touches_on(STAMPS[0], np.random.default_rng(1)), "screen": SCREEN, **changes}
    with pytest.raises(ValueError, match=r"screen|touches"):
        Calibration().correct(arguments.pop("touches"), "m", **arguments)


@pytest.mark.parametrize(
    "setting",
    [
        {"sigma_mm": 0},
        {"greatest_bend_mm": math.inf},
        {"greatest_scale_error": 0.5},
        {"least_contributors": 2},
        {"rounds": 0},
    ],
)
def test_impossible_settings_are_named(setting):
    with pytest.raises(ValueError, match=next(iter(setting))):
        CalibrationModel(**setting)


def test_blocks_take_out_place_and_angle_only():
    rng = np.random.default_rng(12)
    blocks = bend_blocks(grouped(presses(400, rng)), registered, 1.0, MODEL)
    noise = MODEL.sigma_mm**2 / (MODEL.sigma_mm**2 + MODEL.placement_mm**2)
    # The mean of 400 chi-squared variables of 7 degrees of freedom: 7 % of 7 is four standard errors.
    assert (blocks.target**2).sum(axis=1).mean() == pytest.approx(7 * noise, rel=0.08)
