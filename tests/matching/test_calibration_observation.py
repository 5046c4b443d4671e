"""Only accepted presses are learnt from, and only ones that can be presses."""

import json

import numpy as np
import pytest

from stampsdk.matching.calibration import CalibrationState, Observation, ObservationCode, ObservationError
from tests.matching.phones import SCREEN, STAMPS, observed, touches_on

GOOD = touches_on(STAMPS[0], np.random.default_rng(1))


def _with(**changes):
    return Observation.from_dict({**observed(GOOD).to_dict(), **changes})


@pytest.mark.parametrize("verdict", ["held", "refused", "Accepted", "", None, True])
def test_no_observation_can_be_made_of_a_press_that_was_not_accepted(verdict):
    with pytest.raises(ObservationError) as caught:
        observed(GOOD, verdict=verdict)
    assert caught.value.code is ObservationCode.NOT_ACCEPTED


def test_nothing_but_an_observation_enters_the_state():
    state = CalibrationState("salt")
    with pytest.raises(TypeError, match="only an Observation"):
        state.add(observed(GOOD).to_dict())
    assert not state.presses()


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"customer": ""}, ObservationCode.NO_NAME),
        ({"device": None}, ObservationCode.NO_NAME),
        ({"device_model": 3}, ObservationCode.NO_NAME),
        ({"touches_mm": [[1, 2], [3, float("nan")]]}, ObservationCode.NOT_POINTS),
        ({"touches_mm": "no"}, ObservationCode.NOT_POINTS),
        ({"tips_mm": [[1, 2, 3]]}, ObservationCode.NOT_POINTS),
        ({"touches_mm": GOOD[:4]}, ObservationCode.TIP_COUNT_UNSUPPORTED),
        ({"touches_mm": GOOD[:3], "tips_mm": STAMPS[0][:3]}, ObservationCode.TIP_COUNT_UNSUPPORTED),
        ({"labels": (0, 1, 2, 3, 3)}, ObservationCode.LABELS),
        ({"labels": (0, 1, 2, 3)}, ObservationCode.LABELS),
        ({"screen_mm": (0.0, 100.0)}, ObservationCode.SCREEN),
        ({"screen_mm": (10.0, float("inf"))}, ObservationCode.SCREEN),
        ({"screen_mm": (10.0, 10.0)}, ObservationCode.OFF_SCREEN),
        ({"labels": (1, 0, 2, 3, 4)}, ObservationCode.MISFIT),
        ({"touches_mm": GOOD / 2}, ObservationCode.MISFIT),
        ({"tips_mm": STAMPS[1]}, ObservationCode.MISFIT),
        ({"touches_mm": np.full((5, 2), 20.0)}, ObservationCode.MISFIT),
    ],
)
def test_what_cannot_be_a_press_is_refused_by_name(changes, code):
    with pytest.raises(ObservationError) as caught:
        _with(**changes)
    assert caught.value.code is code


def test_an_observation_survives_json_and_is_equal():
    rng = np.random.default_rng(2)
    touches = touches_on(STAMPS[3], rng)
    order = rng.permutation(5)
    press = Observation(
        "accepted", "c", "d", "m", SCREEN, touches[order], tuple(order), np.int64(3), STAMPS[3]
    )
    again = Observation.from_dict(json.loads(json.dumps(press.to_dict())))
    assert again == press
    assert hash(again) == hash(press)
    assert np.array_equal(press.touches_by_tip, touches)
