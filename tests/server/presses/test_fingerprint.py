"""Fingerprints of captures."""

import math

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from server.presses.fingerprint import capture_fingerprints
from stampsdk.capture import Contact, Frame
from stampsdk.protocol import PressReport

coordinates = st.floats(-2000, 2000)
touches = st.lists(st.tuples(coordinates, coordinates), min_size=3, max_size=10)


def prints(touches, frames=()):
    return capture_fingerprints(PressReport(touches=tuple(touches), frames=tuple(frames)))


@given(touches, st.randoms())
def test_the_order_of_touches_changes_nothing(touches, random):
    shuffled = random.sample(touches, len(touches))
    assert prints(touches) == prints(shuffled)


@given(touches, st.integers(0, 9), st.sampled_from([-math.inf, math.inf]))
def test_one_bit_of_one_position_changes_it(touches, which, direction):
    which %= len(touches)
    x, y = touches[which]
    moved = math.nextafter(x, direction)
    assume(moved != x)
    other = [*touches[:which], (moved, y), *touches[which + 1 :]]
    assert prints(touches) != prints(other)


def test_the_two_zeros_are_one_place():
    assert prints([(0.0, 1.0), (2.0, 3.0), (5.0, -0.0)]) == prints([(-0.0, 1.0), (2.0, 3.0), (5.0, 0.0)])


def _frame(time_s, uid, x):
    return Frame(time_s, (Contact(uid, x, 1.0, 0.5, None), Contact(uid + 1, 7.0, 8.0, None, 0.1)))


def test_frames_have_a_fingerprint_of_their_own_that_times_and_finger_numbers_do_not_change():
    first = prints([(1.0, 2.0)], [_frame(0.0, 1, 3.0), _frame(0.016, 1, 3.5)])
    again = prints([(9.0, 9.0)], [_frame(0.0, 40, 3.0), _frame(0.9, 40, 3.5)])
    other = prints([(1.0, 2.0)], [_frame(0.0, 1, 3.0), _frame(0.016, 1, 3.25)])
    assert len(first) == 2
    assert first[1] == again[1]
    assert first[0] != again[0]
    assert first[0] == other[0]
    assert first[1] != other[1]


@pytest.mark.parametrize("frames", [(), (Frame(0.0, ()),)])
def test_without_contacts_in_frames_there_is_none_of_them(frames):
    # Else every press without frames would be every other one's recording.
    assert len(prints([(1.0, 2.0)], frames)) == 1
