"""What is said about touches before any search, and how far a density is believed."""

import itertools
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.presses.policy import PressPolicy
from server.presses.reasons import Reason
from server.presses.touches import Scale, claimed_scale, judge_touches
from tests.server.presses.envelopes import envelope

POLICY = PressPolicy()
KNOWN = Scale(6.3, (0.98, 1.02))
FREE = Scale(1.0, None)
FACE = [(0.0, 0.0), (90.0, 0.0), (190.0, 80.0), (60.0, 160.0), (150.0, 190.0)]


@pytest.mark.parametrize(
    ("touches", "scale", "reason"),
    [
        ([], KNOWN, Reason.TOUCHES_FEW),
        (FACE[:1], KNOWN, Reason.TOUCHES_FEW),
        (FACE[:2], FREE, Reason.TOUCHES_FEW),
        ([(k * 20.0, k * k * 9.0) for k in range(11)], KNOWN, Reason.TOUCHES_MANY),
        ([*FACE[:4], (1e9, 0.0)], FREE, Reason.TOUCHES_RANGE),
        ([*FACE[:4], FACE[0]], KNOWN, Reason.TOUCHES_COINCIDENT),
        ([*FACE[:4], (1.0, 1.0)], KNOWN, Reason.TOUCHES_COINCIDENT),
        ([(5.0, 5.0)] * 5, FREE, Reason.TOUCHES_COINCIDENT),
        ([(x / 10, y / 10) for x, y in FACE], KNOWN, Reason.TOUCHES_SMALL),
        ([(x / 20, y / 20) for x, y in FACE], FREE, Reason.TOUCHES_SMALL),
        ([(x * 10, y * 10) for x, y in FACE], KNOWN, Reason.TOUCHES_LARGE),
        ([(x * 50, y * 50) for x, y in FACE], FREE, Reason.TOUCHES_LARGE),
        (FACE, KNOWN, None),
        (FACE, FREE, None),
        ([(x - 1e4, y) for x, y in FACE], KNOWN, None),
    ],
)
def test_touches_are_named_for_what_is_wrong(touches, scale, reason):
    assert judge_touches(touches, scale, POLICY) is reason


points = st.tuples(st.floats(-1e9, 1e9), st.floats(-1e9, 1e9))


@given(st.lists(points, max_size=14), st.sampled_from([KNOWN, FREE]))
def test_whatever_passes_can_be_searched(touches, scale):
    if judge_touches(touches, scale, POLICY) is None:
        assert 3 <= len(touches) <= 10
        in_units = [(x / scale.px_per_mm, y / scale.px_per_mm) for x, y in touches]
        spread = max(math.dist(a, b) for a, b in itertools.combinations(in_units, 2))
        assert 8 <= spread <= 4800


@pytest.mark.parametrize(
    ("claim", "source", "system", "expected"),
    [
        (None, "script", None, Scale(1.0, None)),
        (6.3, "script", "Android 15", Scale(6.3, (0.98, 1.02))),
        (6.3, "script", None, Scale(6.3, (0.98, 1.02))),
        (16.5, "kivy-sdl", "Android 15", Scale(16.5, (0.98, 1.02))),
        (6.3, "kivy-sdl", "iOS 26.1", Scale(6.3, (0.93, 1.07))),
        (6.3, "touch", "Android 15", Scale(6.3, (0.93, 1.07))),
        (6.3, "pointer", None, Scale(6.3, (0.93, 1.07))),
        (0.5, "script", None, Scale(1.0, None)),
        (900.0, "script", None, Scale(1.0, None)),
    ],
)
def test_a_density_is_believed_as_far_as_its_source(claim, source, system, expected):
    scale = claimed_scale(envelope(px_per_mm=claim, source=source, os=system), POLICY)
    assert scale.px_per_mm == expected.px_per_mm
    assert scale.interval == (None if expected.interval is None else pytest.approx(expected.interval))
