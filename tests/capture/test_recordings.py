"""Hands on real screens are no stamp; a stamp on the same screens is."""

import random

import pytest

from stampsdk.capture import DetectorSettings
from stampsdk.capture.replay import find_scale, replay_file
from tests.capture.recordings import description_of, device_of, every_stream, with_stamp
from tests.capture.simulate import worst_error

# The size of most of the screens is not known; what is a stamp must not hang on the guess.
LONG_SIDES_MM = (110.0, 220.0, 520.0)


@every_stream
@pytest.mark.parametrize("tip_counts", [(5,), (4,), (3,), (3, 4, 5, 6)], ids=str)
def test_fingers_on_a_real_screen_give_no_press(stream, tip_counts):
    settings = DetectorSettings(tip_counts=tip_counts)
    for long_side_mm in LONG_SIDES_MM:
        found = list(replay_file(stream, description_of(stream), settings, long_side_mm=long_side_mm))
        assert found == []


@every_stream
@pytest.mark.parametrize("tips", [3, 4, 5, 7])
def test_a_stamp_on_the_same_screen_gives_one_press_where_its_tips_are(stream, tips, tmp_path):
    settings = DetectorSettings(tip_counts=(tips,))
    scale = find_scale(device_of(stream), settings, 220.0)
    counts_per_mm = scale.counts_per_mm[0]
    for seed in range(3):
        rng = random.Random(f"{stream.name} {tips} {seed}")
        text, places = with_stamp(stream, rng, counts_per_mm, tips=tips)
        path = tmp_path / f"{seed}.events"
        path.write_text(text, encoding="utf-8")
        (found,) = replay_file(path, description_of(stream), settings)
        assert len(found.touches) == tips
        # Jitter of 0.03 mm, averaged, and half a count in each direction.
        assert worst_error(found.touches, places) <= 0.1 * counts_per_mm + 0.75
        assert found.time_s < 5.7  # before the lift
        assert (found.touches_mm is not None) == scale.known
