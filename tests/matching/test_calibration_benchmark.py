"""The benchmark of calibration in small: held-out presses fit better, and are recognised more often."""

import json

import numpy as np
import pytest

from benchmarks import calibration
from benchmarks.calibrating import Measurement, Size
from benchmarks.screens import Screen, ScreenNoise, World
from stampsdk.codebook import random_patterns

SIZE = Size(patterns=1000, stamps=8, screens=3, customers=50, each=2, held_out=50)
TINY = Size(patterns=200, stamps=3, screens=2, customers=8, each=1, held_out=6)


def _outcomes(seed=3):
    rng = np.random.default_rng(seed)
    patterns = random_patterns(SIZE.patterns, rng=rng)
    return Measurement(patterns, SIZE, ScreenNoise(), rng).run((0.3,))


def test_learning_brings_held_out_presses_nearer_to_the_truth():
    outcomes = _outcomes()
    nothing, scale, _, everything, poisoned, truth = outcomes
    assert everything.sigma_mm < scale.sigma_mm
    assert everything.sigma_mm < nothing.sigma_mm
    # More than half of the variance that could be taken away is.
    assert nothing.sigma_mm**2 - everything.sigma_mm**2 > 0.5 * (nothing.sigma_mm**2 - truth.sigma_mm**2)
    assert truth.sigma_mm == pytest.approx(0.4, rel=0.08)
    assert everything.right > nothing.right
    assert poisoned.sigma_mm < 1.25 * everything.sigma_mm
    for one in outcomes:
        assert one.right + one.wrong + one.undecided == one.presses == 150
        assert one.right <= one.first <= one.presses
        assert one.sigma_low_mm <= one.sigma_mm <= one.sigma_high_mm


def test_everything_follows_from_the_seed():
    rngs = [np.random.default_rng(8) for _ in range(2)]
    worlds = [World(random_patterns(3, rng=rng), 2, rng) for rng in rngs]
    pressed = [world.presses(2, 2, "x") for world in worlds]
    assert all(np.array_equal(a.touches_mm, b.touches_mm) for a, b in zip(*pressed, strict=True))


def test_the_simulated_screen_is_as_stated():
    rng = np.random.default_rng(9)
    screen = Screen("m", ScreenNoise(sigma_mm=0.0, quantum_mm=0.0), rng)
    at = rng.uniform((0, 0), screen.size_mm, (2000, 2))
    longest = np.hypot(*screen.bend(at).T).max()
    assert 0.5 < longest <= 0.61
    assert 0.93 <= screen.scale <= 1.07
    tips = random_patterns(1, rng=rng)[0]
    touches, labels = screen.press(tips, rng)
    straight = np.empty_like(touches)
    straight[list(labels)] = screen.straightened(touches)
    gaps = [np.linalg.norm(points[:, None] - points[None], axis=2) for points in (straight, tips)]
    assert gaps[0] == pytest.approx(gaps[1], abs=1e-4)


def test_the_command_writes_json_and_refuses_nonsense(monkeypatch, capsys):
    monkeypatch.setattr(calibration, "QUICK", TINY)
    monkeypatch.setattr(
        calibration, "codebook_patterns", lambda count, rng, _report: random_patterns(count, rng=rng)
    )
    assert calibration.main(["--quick", "--json", "--forged"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert [one["knowledge"] for one in said["outcomes"]][-1] == "the truth"
    for one in said["outcomes"]:
        low, high = one["right_interval"]
        assert low <= one["right"] / one["presses"] <= high
    for wrong in (["--forged", "0.5"], ["--sigma", "0"], ["--sigma", "x"], ["--forged", "y"]):
        with pytest.raises(SystemExit) as stopped:
            calibration.main(wrong)
        assert stopped.value.code == 2
