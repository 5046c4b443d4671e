"""The detector's thresholds."""

import inspect
import math
from dataclasses import fields

import pytest

from stampsdk.capture import DetectorSettings


def test_every_threshold_says_why():
    text = inspect.getdoc(DetectorSettings)
    for field in fields(DetectorSettings):
        assert f"\n{field.name}\n    " in text or f", {field.name}\n    " in text


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("tip_counts", ()),
        ("tip_counts", (2, 5)),
        ("tip_counts", (11,)),
        ("px_per_mm", 0.0),
        ("px_per_mm", math.nan),
        ("still_s", -0.1),
        ("still_mm", math.inf),
        ("dropout_mm", 7.5),
        ("frames_kept", 61),
        ("frames_kept", 2),
    ],
)
def test_a_threshold_that_cannot_be_is_named(field, value):
    with pytest.raises(ValueError, match=field):
        DetectorSettings(**{field: value})


def test_no_resting_finger_may_be_allowed():
    assert DetectorSettings(most_resting=0).most_resting == 0
