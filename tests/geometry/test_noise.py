import numpy as np
import pytest

from stampsdk.geometry import NoiseModel, residual, simulate_touches

PATTERN = np.array([[0.0, 0.0], [20.0, 3.0], [3.0, 14.0], [-9.0, 6.0], [-4.0, -11.0]])
CLEAN = NoiseModel(sigma_mm=0.0, scale_error=0.0, quantum_mm=0.0)


def test_without_noise_the_pattern_is_all_there_at_its_density():
    for seed in range(20):
        touches = simulate_touches(PATTERN, np.random.default_rng(seed), noise=CLEAN, px_per_mm=6.3)
        found = residual(touches, PATTERN)
        assert found.residual == pytest.approx(0, abs=1e-9)
        assert found.scale == pytest.approx(1 / 6.3)


def test_order_angle_and_place_are_random_and_repeatable():
    runs = [simulate_touches(PATTERN, np.random.default_rng(seed), noise=CLEAN) for seed in (1, 1, 2)]
    assert np.array_equal(runs[0], runs[1])
    many = [
        residual(simulate_touches(PATTERN, np.random.default_rng(s), noise=CLEAN), PATTERN) for s in range(60)
    ]
    assert len({tuple(found.labels.tolist()) for found in many}) > 30
    assert np.ptp([found.rotation for found in many]) > 5
    assert np.ptp([found.shift[0] for found in many]) > 10


def test_the_centre_can_be_given():
    touches = simulate_touches(PATTERN, np.random.default_rng(0), noise=CLEAN, centre_px=(200.0, 300.0))
    assert touches.mean(axis=0) == pytest.approx([200.0, 300.0])


def test_the_spread_is_sigma_on_each_axis():
    noise = NoiseModel(sigma_mm=0.4, scale_error=0.0, quantum_mm=0.0)
    rng = np.random.default_rng(0)
    squares = [
        residual(simulate_touches(PATTERN, rng, noise=noise), PATTERN, (1 / 6.3,) * 2).residual ** 2
        for _ in range(500)
    ]
    # Of 2n coordinates the fit takes three: two of the shift, one of the angle.
    assert np.mean(squares) == pytest.approx(0.4**2 * (2 * 5 - 3) / 5, rel=0.1)


def test_the_density_is_wrong_uniformly():
    noise = NoiseModel(sigma_mm=0.0, scale_error=0.02, quantum_mm=0.0)
    rng = np.random.default_rng(0)
    factors = np.array(
        [1 / (6.3 * residual(simulate_touches(PATTERN, rng, noise=noise), PATTERN).scale) for _ in range(400)]
    )
    assert factors.min() >= 0.98 - 1e-9
    assert factors.max() <= 1.02 + 1e-9
    assert np.std(factors) == pytest.approx(0.04 / np.sqrt(12), rel=0.1)


def test_touches_stand_on_the_quantum():
    noise = NoiseModel(sigma_mm=0.4, scale_error=0.0, quantum_mm=0.1)
    touches = simulate_touches(PATTERN, np.random.default_rng(0), noise=noise, px_per_mm=5.0)
    assert touches / 0.5 == pytest.approx(np.round(touches / 0.5))


@pytest.mark.parametrize(
    "wrong", [{"sigma_mm": -1}, {"scale_error": 1.0}, {"quantum_mm": np.nan}, {"sigma_mm": np.inf}]
)
def test_a_noise_model_makes_sense(wrong):
    with pytest.raises(ValueError, match=next(iter(wrong))):
        NoiseModel(**wrong)


@pytest.mark.parametrize(
    ("pattern", "more", "message"),
    [
        ([[1, 2, 3]], {}, "pattern"),
        ([[np.nan, 2]], {}, "pattern"),
        (PATTERN, {"px_per_mm": 0.0}, "px_per_mm"),
        (PATTERN, {"centre_px": (1.0, np.nan)}, "centre_px"),
    ],
)
def test_bad_input_is_named(pattern, more, message):
    with pytest.raises(ValueError, match=message):
        simulate_touches(pattern, np.random.default_rng(0), noise=CLEAN, **more)
