"""What a plain stamp cannot stop, shown to be so. If one of these fails, change docs/threat-model.md."""

import numpy as np

from tests.server.presses.envelopes import PATTERN, at, press_of


def test_whoever_knows_the_pattern_and_lies_about_the_place_is_accepted(cafe, phone):
    forged = press_of(PATTERN, seed=1, sigma_mm=0.2)
    assert phone.press(touches=forged, location=at(mock=False), source="touch").status_code == 200


def test_a_recording_that_is_moved_by_a_pixel_is_accepted(cafe, phone, make_phone):
    recorded = press_of(seed=1, sigma_mm=0.2)
    assert phone.press(touches=recorded).status_code == 200
    moved = tuple((float(x), float(y)) for x, y in np.asarray(recorded) + 1.0)
    assert make_phone().press(touches=moved).status_code == 200


def test_invented_devices_each_have_attempts_of_their_own(cafe, make_phone):
    for seed in range(3):
        assert make_phone().press(touches=press_of(seed=seed)).status_code == 200
