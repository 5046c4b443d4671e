"""What is no press, why, and what the person is told."""

import math

import pytest

from stampsdk.capture import DetectorSettings, Hint, Press, PressDetector, TouchEvent, Void, VoidReason
from tests.capture.simulate import Interrupt, Tick, play, script, worst_error
from tests.capture.steps import TIPS, down, landed, lifted, move, outcomes, reasons, up


@pytest.mark.parametrize("pause_s", [0.0, 0.07])
def test_a_cancel_voids_and_leaves_the_glass_empty(pause_s):
    detector = PressDetector()
    steps = script(landed(), [TouchEvent("cancel", 0, math.nan, math.nan, 1.0 + pause_s)], until=1.2)
    ((_, void),) = play(steps, detector)
    assert (void.reason, void.hint) == (VoidReason.CANCELLED, Hint.KEEP_FINGERS_OFF)
    assert detector.contacts == ()


def test_a_gesture_that_the_system_keeps_taking_is_named():
    def stolen(at):
        return [*landed(at, TIPS[:3]), TouchEvent("cancel", 0, 0.0, 0.0, at + 0.05)]

    found = outcomes(stolen(1.0), stolen(2.0), landed(3.0), lifted(3.5), stolen(4.0), until=5.0)
    assert [outcome.hint for outcome in found if isinstance(outcome, Void)] == [
        Hint.LIFT_AND_RETRY,
        Hint.SWITCH_OFF_GESTURES,
        Hint.LIFT_AND_RETRY,
    ]


@pytest.mark.parametrize(("reported", "hint"), [(True, Hint.HOLD_LONGER), (False, Hint.KEEP_FINGERS_OFF)])
def test_five_ups_in_one_frame_may_be_a_cancel(reported, hint):
    settings = DetectorSettings(cancel_is_reported=reported)
    (void,) = outcomes(landed(), lifted(1.06), settings=settings)
    assert (void.reason, void.hint) == (VoidReason.VANISHED_TOGETHER, hint)


def test_a_second_try_may_follow_at_once():
    found = reasons(landed(), lifted(1.05), landed(1.17, first_uid=10), lifted(1.6, first_uid=10))
    assert found == [VoidReason.VANISHED_TOGETHER, "press"]


def test_a_short_dab_is_told_to_hold_longer():
    (void,) = outcomes(landed(), [up(n, 1.05 + n / 200) for n in range(5)])
    assert (void.reason, void.hint) == (VoidReason.LIFTED_EARLY, Hint.HOLD_LONGER)


def test_too_few_tips_hint_at_the_missing_ground_before_they_void():
    detector = PressDetector()
    hints = []
    steps = script(landed(tips=TIPS[:3]), lifted(2.9, 3), start=0.9, until=3.2)
    found = []
    for step in steps:
        outcome = detector.tick(step.time_s) if isinstance(step, Tick) else detector.feed(step)
        found += [outcome] if outcome else []
        hints += [detector.hint] if detector.hint not in hints[-1:] else []
    assert [void.reason for void in found] == [VoidReason.TOO_FEW_CONTACTS]
    assert hints == [Hint.PRESS_STAMP, Hint.HOLD_STILL, Hint.HOLD_PHONE, Hint.PRESS_STAMP]


def test_hints_of_a_good_press():
    detector = PressDetector()
    assert detector.hint == Hint.PRESS_STAMP
    play(script(landed(), until=1.05), detector)
    assert detector.hint == Hint.HOLD_STILL
    assert [contact.uid for contact in detector.contacts] == [0, 1, 2, 3, 4]
    play(script(start=1.06, until=1.3), detector)
    assert detector.hint == Hint.LIFT_STAMP
    play(script(lifted(1.4), start=1.31, until=1.6), detector)
    assert detector.hint == Hint.PRESS_STAMP
    assert detector.contacts == ()


def test_a_stamp_that_slides_is_void_and_one_that_rocks_is_not():
    slides = [
        move(uid, 1.0 + n / 100, (x + 6 * n, y)) for n in range(1, 9) for uid, (x, y) in enumerate(TIPS)
    ]
    assert reasons(landed(), slides, lifted(1.6)) == [VoidReason.SLID]
    rocks = [move(uid, 1.0 + n / 100, (x + 2 * n, y)) for n in range(1, 9) for uid, (x, y) in enumerate(TIPS)]
    (press,) = outcomes(landed(), rocks, lifted(1.6))
    assert worst_error(press.touches, [(x + 16, y) for x, y in TIPS]) == 0


def test_a_finger_that_dragged_before_the_others_landed_is_a_gesture():
    drag = [down(0, 1.0), *(move(0, 1.0 + n / 100, (TIPS[0][0] - 6 * n, TIPS[0][1])) for n in range(1, 10))]
    assert reasons(drag, landed(1.12)[1:], lifted(1.8)) == [VoidReason.SLID]


def test_tips_that_never_rest_give_up():
    shakes = [
        move(uid, 1.0 + n / 50, (x + 6 * (n % 2), y))
        for n in range(2, 100)
        for uid, (x, y) in enumerate(TIPS)
    ]
    assert reasons(landed(), shakes, until=3.0) == [VoidReason.NOT_STILL]


def test_contacts_that_land_over_a_long_time_are_no_stamp():
    slow = [down(n, 1.0 + 0.08 * n) for n in range(5)]
    (void,) = outcomes(slow)
    assert (void.reason, void.hint) == (VoidReason.LANDED_TOO_SLOWLY, Hint.PRESS_STRAIGHT_DOWN)


def test_contacts_of_a_hand_are_too_wide_and_a_split_tip_is_too_close():
    wide = [*TIPS[:4], (TIPS[0][0] + 5, TIPS[0][1] + 390.0)]
    assert reasons(landed(tips=wide)) == [VoidReason.TOO_WIDE]
    split = [*TIPS[:4], (TIPS[0][0] + 22, TIPS[0][1])]
    assert reasons(landed(tips=split)) == [VoidReason.TOO_CLOSE]


@pytest.mark.parametrize("reason", ["pause", "focus_loss", "rotation"])
def test_an_interrupt_voids_and_forgets_every_contact(reason):
    detector = PressDetector()
    steps = script(landed(), [Interrupt(1.05, reason)], lifted(1.5), until=2.0)
    ((_, void),) = play(steps, detector)
    assert (void.reason, void.detail) == (VoidReason.INTERRUPTED, reason)
    assert detector.contacts == ()
    assert detector.interrupt(2.1, reason) is None


def test_an_interrupt_after_the_press_is_silent_and_frees_the_glass():
    for again in (1.5, 2.0):
        found = outcomes(landed(), [Interrupt(1.5, "pause")], landed(again, first_uid=10))
        assert [type(outcome) for outcome in found] == [Press, Press]


@pytest.mark.parametrize("bad", [math.nan, math.inf, -math.inf, 1e308])
def test_a_coordinate_that_cannot_be_is_refused_by_name(bad):
    assert reasons(landed(), [move(0, 1.02, (bad, 5.0))], lifted(1.5)) == [VoidReason.INVALID_POSITION]
    assert reasons([down(0, 1.0, (5.0, bad))]) == [VoidReason.INVALID_POSITION]
    _, void = outcomes(landed(), lifted(1.5), [down(9, 2.0, (bad, bad))])
    assert void.frames == ()  # none of the press before
    # The pad works again afterwards.
    assert reasons([down(9, 1.0, (bad, bad)), up(9, 1.1)], landed(2.0)) == [
        VoidReason.INVALID_POSITION,
        "press",
    ]


@pytest.mark.parametrize("bad", [math.nan, math.inf])
def test_a_time_that_cannot_be_is_refused_by_name(bad):
    detector = PressDetector()
    for event in landed():
        detector.feed(event)
    void = detector.feed(move(0, bad, TIPS[0]))
    assert void.reason == VoidReason.INVALID_TIME
    assert PressDetector().tick(bad).reason == VoidReason.INVALID_TIME
    assert PressDetector().feed(down(0, bad)).reason == VoidReason.INVALID_TIME


def test_a_clock_that_jumps_back_voids_and_one_that_stutters_does_not():
    steps = [*landed(), Tick(1.02), Tick(0.5), *(Tick(0.5 + n / 60) for n in range(60))]
    ((_, void),) = play(steps, PressDetector())
    assert void.reason == VoidReason.INVALID_TIME
    detector = PressDetector()
    stutter = [*landed(), *(Tick(1.0 + n / 60 - 0.03 * (n % 2)) for n in range(60))]
    assert [type(outcome) for _, outcome in play(stutter, detector)] == [Press]


def test_two_glances_are_not_enough():
    detector = PressDetector()
    assert play([*landed(), Tick(1.04), Tick(1.125)], detector) == []
    ((_, press),) = play([Tick(1.2)], detector)
    assert press.quality.frames_used == 3


def test_a_stall_starts_the_rest_anew():
    steps = [*landed(), Tick(1.02), *(Tick(1.3 + n / 60) for n in range(20))]
    ((index, press),) = play(steps, PressDetector())
    assert 1.38 <= steps[index].time_s < 1.41
    assert len(press.frames) == press.quality.frames_used + 2


def test_a_clock_that_was_set_back_while_the_glass_was_empty_changes_nothing():
    steps = [Tick(500.0), *script(landed(), until=2.0)]
    assert [type(outcome) for _, outcome in play(steps, PressDetector())] == [Press]


def test_a_stalled_host_does_not_count_the_stall_as_rest():
    late = [move(uid, 1.5, (x + 30, y)) for uid, (x, y) in enumerate(TIPS)]
    steps = [*landed(), Tick(1.02), Tick(1.49), *late, Tick(1.51)]
    assert [type(outcome) for _, outcome in play(steps, PressDetector())] == [Void]


@pytest.mark.parametrize("count", [1, 2])
def test_taps_end_silently(count):
    taps = [event for n in range(5) for event in (*landed(n / 2, TIPS[:count]), *lifted(n / 2 + 0.08, count))]
    assert outcomes(taps) == []


def test_a_quiet_pad_says_nothing():
    assert outcomes(until=2.0) == []
    assert outcomes([up(3, 1.0), move(4, 1.1, (5.0, 5.0)), TouchEvent("cancel", 0, 0.0, 0.0, 1.2)]) == []


def test_an_event_of_no_kind_is_refused():
    with pytest.raises(ValueError, match=r"kind must be one of down, move, up, cancel, not 'hover'"):
        TouchEvent("hover", 1, 0.0, 0.0, 0.0)
