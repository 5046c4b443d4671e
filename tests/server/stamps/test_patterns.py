"""What may be a pattern, and that it is kept to the micrometre."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst

from server.stamps.patterns import PatternError, check_patterns, decode, encode

LIMITS = {"least_spacing_mm": 8.0, "largest_face_mm": 80.0}
GOOD = [[0.0, 0.0], [14.0, 0.0], [30.0, 12.0], [9.0, 25.0], [24.0, 31.0]]


@given(
    npst.arrays(
        np.float64,
        st.tuples(st.integers(0, 4), st.integers(3, 10), st.just(2)),
        elements=st.floats(-500, 500),
    )
)
def test_what_is_kept_comes_back_to_half_a_micrometre(points):
    kept = [encode(pattern) for pattern in points]
    assert all(len(each) == 8 * points.shape[1] for each in kept)
    back = decode(kept, points.shape[1])
    assert back.shape == points.shape
    assert np.abs(back - points).max(initial=0) <= 0.000501
    assert [encode(pattern) for pattern in back] == kept, "what came back is kept as the same bytes"


def test_a_good_pattern_passes_unchanged():
    assert check_patterns([GOOD], **LIMITS).tolist() == [GOOD]


WRONG = {
    "pattern_tip_count": [GOOD[:2], [[0, 0, 0]] * 5, [[15.0 * k, 0.0] for k in range(11)], []],
    "pattern_not_finite": [[*GOOD[:4], [np.nan, 1]], [*GOOD[:4], [np.inf, 1]]],
    "pattern_too_wide": [[*GOOD[:4], [1e308, 0]], [*GOOD[:4], [-90.0, 0.0]], [*GOOD[:4], [600.0, 0.0]]],
    "pattern_tips_too_close": [[*GOOD[:4], [0.0, 0.0]], [*GOOD[:4], [7.99, 0.0]]],
}


@pytest.mark.parametrize(
    ("code", "points"), [(code, each) for code, several in WRONG.items() for each in several]
)
def test_what_is_no_pattern_is_refused_by_name(code, points):
    with pytest.raises(PatternError) as refused:
        check_patterns([points], **LIMITS)
    assert refused.value.code == code


def test_the_row_and_the_tips_are_named():
    bad = [*GOOD[:4], [3.0, 4.0]]
    with pytest.raises(PatternError, match=r"row 2: tips 0 and 4 are 5\.00 mm apart"):
        check_patterns([GOOD, GOOD, bad], **LIMITS)


@given(
    npst.arrays(
        np.float64, st.tuples(st.just(1), st.integers(3, 10), st.just(2)), elements=st.floats(-60, 60)
    )
)
def test_spacing_and_width_are_held_exactly(points):
    gaps = [float(np.hypot(*(a - b))) for k, a in enumerate(points[0]) for b in points[0][:k]]
    allowed = min(gaps) >= 8.0 and max(gaps) <= 80.0
    try:
        check_patterns(points, **LIMITS)
    except PatternError:
        assert not allowed
    else:
        assert allowed
