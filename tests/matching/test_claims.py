"""What is claimed of recognition, measured by the benchmark itself; figures in docs/adr/0004."""

import json

import numpy as np
import pytest
from scipy import stats

from benchmarks.__main__ import main
from benchmarks.country import FENCE_RADIUS_M, Country
from benchmarks.recognition import Trial, interval
from stampsdk.geometry import NoiseModel


def _assert_claims(trial, presses, strangers):
    for density in ("known", "unknown"):
        registered = trial.run("registered", density, presses)
        assert registered.accepted_right >= 0.99 * presses
        assert registered.accepted_wrong == 0
        elsewhere = trial.run("elsewhere", density, presses)
        assert elsewhere.accepted_right == elsewhere.accepted_wrong == 0
        unregistered = trial.run("unregistered", density, strangers)
        if density == "known":
            assert unregistered.accepted_wrong == 0
        else:
            assert unregistered.accepted_wrong <= 0.005 * strangers


def test_claims_on_a_sample():
    _assert_claims(Trial(1, stamps=20_000, noise=NoiseModel()), 200, 200)


@pytest.mark.slow
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_claims_in_full(seed):
    _assert_claims(Trial(seed, stamps=60_000, noise=NoiseModel()), 1000, 1000)


def test_twice_the_noise_costs_acceptance_and_not_safety():
    trial = Trial(1, stamps=20_000, noise=NoiseModel(sigma_mm=0.8))
    tally = trial.run("registered", "known", 200)
    assert tally.accepted_wrong == 0
    assert tally.accepted_right < 190


def test_the_command_prints_json_and_knows_its_own_names(capsys):
    assert main(["recognition", "--presses", "3", "--stamps", "500", "--seed", "1", "2", "--json"]) == 0
    tallies = json.loads(capsys.readouterr().out)["tallies"]
    assert len(tallies) == 12
    assert {tally["kind"] for tally in tallies} == {"registered", "unregistered", "elsewhere"}
    assert main(["recognition", "--presses", "2", "--stamps", "500", "--seed", "1", "2"]) == 0
    assert "elsewhere" in capsys.readouterr().out
    assert main(["--help"]) == 0
    assert main([]) == 2
    assert "recognition" in capsys.readouterr().out
    assert main(["nonsense"]) == 2
    assert "nonsense" in capsys.readouterr().err
    with pytest.raises(SystemExit):
        main(["recognition", "--presses", "0"])


def test_the_interval_is_the_exact_one():
    for hits, trials in [(0, 1000), (3, 1000), (1000, 1000), (37, 40)]:
        exact = stats.binomtest(hits, trials).proportion_ci(0.95, "exact")
        assert interval(hits, trials) == pytest.approx((exact.low, exact.high), abs=1e-9)


def test_a_simulated_fix_is_as_accurate_as_it_says_and_distances_are_to_fences():
    rng = np.random.default_rng(1)
    country = Country(2_000, rng)
    assert len(country) == 2_000
    inside = 0
    for _ in range(2_000):
        shop = int(rng.integers(2_000))
        fix = country.fix_at(shop, rng)
        near, distances = country.near(fix, 500.0)
        straight = np.hypot(*(country.places[near] - (fix.x, fix.y)).T)
        assert np.allclose(distances, np.maximum(0, straight - FENCE_RADIUS_M))
        inside += np.hypot(*(country.places[shop] - (fix.x, fix.y))) <= fix.accuracy_m
    # Less than 68 %, since the customer stands up to 10 m from the middle in either direction.
    assert 0.50 < inside / 2_000 < 0.68
