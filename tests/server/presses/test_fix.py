"""The quality of a location."""

import dataclasses

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.presses.fix import Fix, FixProblem, accuracy_95, judge_fix
from server.presses.policy import PressPolicy
from server.presses.reasons import Reason
from stampsdk.protocol import Location, LocationError

POLICY = PressPolicy()
GOOD = Location(37.5663, 126.9779, 12.0, age_s=1.0, mock=False, confidence=0.68)


def judged(**members):
    return judge_fix(dataclasses.replace(GOOD, **members), None, POLICY)


def test_a_good_fix_is_used():
    assert judged() == Fix(37.5663, 126.9779, pytest.approx(12.0 * 1.6216, rel=1e-3))


@pytest.mark.parametrize(
    ("members", "reason"),
    [
        ({"mock": True}, Reason.LOCATION_MOCKED),
        ({"mock": True, "lat": 91.0, "age_s": 1e6}, Reason.LOCATION_MOCKED),
        ({"lat": 91.0}, Reason.LATITUDE_RANGE),
        ({"lat": -90.001}, Reason.LATITUDE_RANGE),
        ({"lon": 180.5}, Reason.LONGITUDE_RANGE),
        ({"lat": 0.0, "lon": 0.0}, Reason.NULL_ISLAND),
        ({"accuracy_m": 0.0}, Reason.ACCURACY_INVALID),
        ({"accuracy_m": -5.0}, Reason.ACCURACY_INVALID),
        ({"confidence": 0.0}, Reason.ACCURACY_INVALID),
        ({"confidence": 1.0}, Reason.ACCURACY_INVALID),
        ({"confidence": -3.0}, Reason.ACCURACY_INVALID),
        ({"accuracy_m": 10_000.0}, Reason.ACCURACY_COARSE),
        ({"accuracy_m": 100.1, "confidence": 0.95}, Reason.ACCURACY_COARSE),
        ({"accuracy_m": 62.0}, Reason.ACCURACY_COARSE),
        ({"age_s": 30.1}, Reason.FIX_OLD),
        ({"age_s": 3600.0}, Reason.FIX_OLD),
        ({"age_s": -2.0}, Reason.FIX_AGE_INVALID),
    ],
)
def test_a_bad_fix_is_refused_for_its_own_reason(members, reason):
    assert judged(**members) == FixProblem(reason, missing=False)


@pytest.mark.parametrize(
    "members",
    [
        {"lat": 90.0},
        {"lon": -180.0},
        {"lat": 0.0},
        {"age_s": 30.0},
        {"age_s": -0.5},
        {"mock": None},
        {"accuracy_m": 100.0, "confidence": 0.95},
        {"accuracy_m": 61.0},
    ],
)
def test_the_edges_are_allowed(members):
    assert isinstance(judged(**members), Fix)


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (None, Reason.LOCATION_MISSING),
        (LocationError.DENIED, Reason.LOCATION_DENIED),
        (LocationError.UNAVAILABLE, Reason.LOCATION_UNAVAILABLE),
        (LocationError.TIMEOUT, Reason.LOCATION_TIMEOUT),
    ],
)
def test_a_missing_fix_says_why(error, reason):
    assert judge_fix(None, error, POLICY) == FixProblem(reason, missing=True)


@given(
    st.builds(
        Location,
        *(st.floats(-1e9, 1e9) for _ in range(3)),
        age_s=st.floats(-1e9, 1e9),
        mock=st.sampled_from([True, False, None]),
        confidence=st.floats(-1e9, 1e9) | st.floats(0, 1),
    )
)
def test_whatever_is_used_is_on_the_globe_and_fine_enough(location):
    verdict = judge_fix(location, None, POLICY)
    if isinstance(verdict, Fix):
        assert abs(verdict.latitude) <= 90
        assert abs(verdict.longitude) <= 180
        assert 0 < verdict.accuracy_m <= 100
        assert location.age_s <= 30


@pytest.mark.parametrize("confidence", [0.5, 0.68, 0.95])
def test_the_95_percent_radius_against_simulated_errors(confidence):
    errors = np.hypot(*np.random.default_rng(7).normal(size=(2, 200_000)))
    stated = float(np.quantile(errors, confidence))
    radius = accuracy_95(dataclasses.replace(GOOD, accuracy_m=stated, confidence=confidence))
    assert np.mean(errors <= radius) == pytest.approx(0.95, abs=0.003)
