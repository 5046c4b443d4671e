"""What is remembered is small, depends on no order, and survives JSON."""

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stampsdk.matching import calibration
from stampsdk.matching.calibration import (
    Calibration,
    CalibrationState,
    CalibrationStateError,
    SampleLimits,
    learn,
)
from tests.matching.phones import STAMPS, presses
from tests.public_names import assert_public_names

DISPLACED = STAMPS + np.random.default_rng(4).normal(0, 0.3, STAMPS.shape)
POOL = [
    press
    for seed in range(3)
    for press in presses(
        30,
        np.random.default_rng(seed),
        each=3,
        stamps=range(4),
        true_tips=DISPLACED,
        name=f"{seed} ",
        scale=1.02,
    )
]
SMALL = SampleLimits(customers_per_model=12, customers_per_stamp=7, presses_per_customer=2)


def _state(pressed, salt="salt", limits=SMALL):
    state = CalibrationState(salt, limits)
    for press in pressed:
        state.add(press)
    return state


def test_public_names():
    assert_public_names(calibration)


@settings(deadline=None, max_examples=25)
@given(order=st.permutations(range(60)), cut=st.integers(0, 60), again=st.lists(st.integers(0, 59)))
def test_the_state_is_that_of_the_set_of_presses(order, cut, again):
    chosen = [POOL[4 * k] for k in range(60)]
    whole = _state(chosen)
    shuffled = [chosen[k] for k in order]
    assert _state([*shuffled, *(chosen[k] for k in again)]).to_dict() == whole.to_dict()
    one, other = _state(shuffled[:cut]), _state(shuffled[cut:])
    one.merge(other)
    assert one == whole


def test_what_is_learnt_depends_on_the_presses_alone():
    rng = np.random.default_rng(1)
    first = learn(_state(POOL))
    other = learn(_state([POOL[k] for k in rng.permutation(len(POOL))]))
    assert first == other


def test_the_state_stays_small():
    state = _state(POOL)
    (sample,) = state.models().values()
    customers = [press.customer for press in sample]
    assert len(set(customers)) == 12
    assert max(customers.count(name) for name in customers) == 2
    for sample in state.stamps().values():
        assert len({press.customer for press in sample}) == 7
    assert len(state.presses()) <= 12 * 2 + 4 * 7 * 2


def test_who_is_kept_depends_on_the_secret_and_on_nothing_a_customer_chooses():
    kept = [{press.customer for press in _state(POOL, salt=f"salt {k}").models()["phone"]} for k in range(60)]
    counts = np.array([sum(press.customer in one for one in kept) for press in POOL[::3]])
    # 12 of 90 customers are kept: 8 times in 60, with a standard deviation of 2.6.
    assert counts.mean() == pytest.approx(60 * 12 / 90)
    assert counts.max() < 8 + 5 * 2.6
    assert (counts == 0).sum() <= 2


def test_the_state_survives_json():
    state = _state(POOL)
    again = CalibrationState.from_dict(json.loads(json.dumps(state.to_dict())))
    assert again == state
    assert learn(again) == learn(state)


def test_what_was_learnt_survives_json_to_the_last_bit():
    known = learn(_state(POOL, limits=SampleLimits()))
    again = Calibration.from_dict(json.loads(json.dumps(known.to_dict())))
    assert again == known
    assert known.device("phone").scale != 1
    assert not np.array_equal(known.tips(0, STAMPS[0]), STAMPS[0])
    # A stamp that was given other tips starts anew.
    assert np.array_equal(known.tips(0, STAMPS[1]), STAMPS[1])


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"format": "other"}, "no state"),
        ({"version": 2}, "version 2"),
        ({"limits": [1, 2, 3, 4]}, "damaged"),
        ({"limits": [0, 1, 1]}, "damaged"),
        ({"presses": [{}]}, "damaged"),
        ({"salt": ""}, "damaged"),
    ],
)
def test_a_damaged_state_is_refused(change, message):
    data = {**_state(POOL[:5]).to_dict(), **change}
    with pytest.raises(CalibrationStateError, match=message):
        CalibrationState.from_dict(data)


def test_a_refused_press_smuggled_into_a_stored_state_is_refused():
    data = _state(POOL[:5]).to_dict()
    data["presses"][2]["verdict"] = "refused"
    with pytest.raises(CalibrationStateError, match="must not be learnt from"):
        CalibrationState.from_dict(data)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"format": 1}, "no calibration"),
        ({"version": None}, "version None"),
        ({"devices": {"m": {"scale": 1}}}, "damaged"),
        ({"devices": {"m": {"scale": 0, "scale_error": 0, "bend_mm": [], "contributors": 1}}}, "damaged"),
        ({"devices": {"m": {"scale": 1, "scale_error": 0, "bend_mm": [1], "contributors": 1}}}, "damaged"),
        ({"devices": []}, "damaged"),
        ({"stamps": [{"stamp_id": 1, "tips_mm": [[1, 2]], "shift_mm": [], "contributors": 1}]}, "damaged"),
    ],
)
def test_a_damaged_calibration_is_refused(change, message):
    with pytest.raises(CalibrationStateError, match=message):
        Calibration.from_dict({**Calibration().to_dict(), **change})


def test_states_of_different_secrets_do_not_merge():
    with pytest.raises(ValueError, match="same salt"):
        _state(POOL[:2]).merge(_state(POOL[:2], salt="other"))
    with pytest.raises(ValueError, match="salt must be"):
        CalibrationState("")
    with pytest.raises(ValueError, match="presses_per_customer"):
        SampleLimits(presses_per_customer=0)
