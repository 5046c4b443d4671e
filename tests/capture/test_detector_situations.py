"""Which contacts make a press: landing, settling, dropouts, resting fingers, ghosts."""

import random

import pytest

from stampsdk.capture import DetectorSettings, Hint, Press, PressDetector, VoidReason
from tests.capture.simulate import Screen, Tick, play, script, stamp_press, worst_error
from tests.capture.steps import TIPS, down, landed, lifted, move, outcomes, reasons, up


def test_a_screen_that_is_silent_while_tips_rest_gives_a_press_by_the_clock():
    steps = script(landed(), lifted(1.4), until=2.0)
    ((index, press),) = play(steps, PressDetector(source="pointer"))
    assert isinstance(steps[index], Tick)
    assert press.touches == tuple(TIPS)
    assert press.source == "pointer"
    assert press.quality.spread_px == (0.0,) * 5
    assert 0.11 <= press.quality.hold_s <= 0.15


def test_a_host_without_ticks_gets_its_press_from_moves_that_complete_an_instant():
    events = landed() + [
        move(uid, 1.0 + n / 100, (x + 0.1 * (n % 2), y))
        for n in range(1, 20)
        for uid, (x, y) in enumerate(TIPS)
    ]
    ((index, press),) = play(events, PressDetector())
    assert events[index].kind == "move"
    assert press.quality.frames_used >= 3
    assert press.frames[-1].time_s < events[index].time_s


def test_the_first_report_is_never_averaged():
    off = [(x + 4.0, y) for x, y in TIPS]
    settled = [move(uid, 1.008, tip) for uid, tip in enumerate(TIPS)]
    (press,) = outcomes(landed(tips=off), settled, lifted(1.5))
    assert press.touches == tuple(TIPS)


def test_settling_does_not_put_off_the_press():
    off = [(x + 4.0, y) for x, y in TIPS]
    settled = [move(uid, 1.008, tip) for uid, tip in enumerate(TIPS)]
    late = [move(0, 1.06, (TIPS[0][0] - 0.1, TIPS[0][1]))]
    (press,) = outcomes(landed(tips=off), settled, late, lifted(1.5))
    assert press.quality.hold_s < 0.13


def test_an_error_of_landing_is_no_slide():
    off = [(x + 20.0, y) for x, y in TIPS]
    settled = [move(uid, 1.008, tip) for uid, tip in enumerate(TIPS)]
    rocks = [move(uid, 1.06, (x - 10.0, y)) for uid, (x, y) in enumerate(TIPS)]
    (press,) = outcomes(landed(tips=off), settled, rocks, lifted(1.5))
    assert worst_error(press.touches, [(x - 10.0, y) for x, y in TIPS]) == 0


def test_an_instant_counts_once_however_often_it_is_heard():
    steps = [*landed()]
    for n in range(1, 12):
        now = 1.0 + n / 60
        steps += [Tick(now), move(0, now, (TIPS[0][0] + 0.1, TIPS[0][1])), Tick(now)]
    ((_, press),) = play(steps, PressDetector())
    times = [frame.time_s for frame in press.frames]
    assert times == sorted(set(times))
    assert press.quality.frames_used == sum(time_s >= 1.03 for time_s in times)


def test_a_stale_report_in_between_does_not_move_the_touch():
    wobble = [move(0, 1.07, (TIPS[0][0] + 2.9, TIPS[0][1])), move(0, 1.075, TIPS[0])]
    (press,) = outcomes(landed(), wobble, lifted(1.5))
    assert press.touches[0] == TIPS[0]


def test_a_stale_report_seen_in_a_frame_is_cut_off():
    wobble = [move(0, 1.07, (TIPS[0][0] + 2.9, TIPS[0][1])), move(0, 1.085, TIPS[0])]
    (press,) = outcomes(landed(), wobble, lifted(1.5))
    assert press.touches[0] == TIPS[0]
    assert press.quality.spread_px[0] > 0
    assert press.quality.spread_px[1] == 0


@pytest.mark.parametrize("away_s", [0.008, 0.05, 0.095])
def test_a_tip_that_comes_back_nearby_under_a_new_uid_is_the_same_tip(away_s):
    place = (TIPS[2][0] + 8.0, TIPS[2][1] - 4.0)
    again = [up(2, 1.02), down(31, 1.02 + away_s, place), up(31, 1.6)]
    (press,) = outcomes(landed(), again, lifted(1.6))
    assert press.touches[2] == place
    assert press.quality.stagger_s == 0.0


def test_the_new_uid_may_be_told_before_the_old_one_is_lifted():
    again = [down(31, 1.05, TIPS[2]), up(2, 1.05), up(31, 1.6)]
    (press,) = outcomes(landed(), again, lifted(1.6))
    assert press.touches == (*TIPS[:2], *TIPS[3:], TIPS[2])
    assert press.quality.stagger_s == 0.0  # it landed when the old one did


def test_a_tip_slides_across_a_change_of_uid():
    near = (TIPS[2][0] + 18.0, TIPS[2][1])
    again = [down(31, 1.05, near), up(2, 1.05), move(31, 1.09, (TIPS[2][0] + 30.0, TIPS[2][1]))]
    assert reasons(landed(), again, lifted(1.6)) == [VoidReason.SLID]


def test_a_contact_that_stays_on_top_of_a_tip_is_one_too_many():
    on_top = (TIPS[2][0] + 18.0, TIPS[2][1])
    assert reasons(landed(), [down(31, 1.05, on_top)], lifted(1.6)) == [VoidReason.TOO_MANY_CONTACTS]


def test_a_tip_that_comes_back_too_late_or_elsewhere_is_another_contact():
    assert reasons(landed(), [up(2, 1.02), down(31, 1.14, TIPS[2])], lifted(1.6)) == [VoidReason.TIP_LOST]
    elsewhere = [up(2, 1.02), down(31, 1.05, (TIPS[2][0], TIPS[2][1] + 60))]
    assert reasons(landed(), elsewhere, lifted(1.6)) == [VoidReason.TIP_LOST]


def test_a_sixth_contact_voids_at_once_and_until_all_are_gone():
    detector = PressDetector()
    for event in landed():
        assert detector.feed(event) is None
    void = detector.feed(down(9, 1.03, (350.0, 700.0)))
    assert (void.reason, void.hint) == (VoidReason.TOO_MANY_CONTACTS, Hint.KEEP_FINGERS_OFF)
    assert len(void.frames[-1].contacts) == 6
    # The sixth leaves, five remain: still void. Then four lift and land again: still void.
    rest = script([up(9, 1.2)], [up(n, 2.0) for n in range(1, 5)], landed(2.05)[1:], start=1.1, until=3.0)
    assert play(rest, detector) == []
    assert detector.hint == Hint.KEEP_FINGERS_OFF
    after = script(lifted(3.1), landed(3.3), start=3.05, until=4.0)
    assert [type(outcome) for _, outcome in play(after, detector)] == [Press]


def test_six_tips_are_a_press_where_six_are_configured():
    tips = [*TIPS, (270.0, 280.0)]
    settings = DetectorSettings(tip_counts=(6,))
    (press,) = outcomes(landed(tips=tips), settings=settings)
    assert press.touches == tuple(tips)
    assert reasons(landed(), lifted(1.5), settings=settings) == [VoidReason.VANISHED_TOGETHER]


def test_a_smaller_count_waits_for_more_tips():
    settings = DetectorSettings(tip_counts=(4, 5))
    (press,) = outcomes(landed(tips=TIPS[:4]), settings=settings)
    assert len(press.touches) == 4
    assert press.quality.hold_s >= settings.more_tips_s
    late = [down(4, 1.19)]
    (press,) = outcomes(landed(tips=TIPS[:4]), late, settings=settings)
    assert len(press.touches) == 5


@pytest.mark.parametrize("old_s", [0.5, 3.0])
def test_a_finger_that_rested_before_is_no_tip_and_does_not_void(old_s):
    thumb = [down(8, 10.0 - old_s, (20.0, 850.0))]
    steps = script(thumb, landed(10.0), lifted(10.5), landed(11.0, first_uid=20), start=6.9, until=12.0)
    found = [outcome for _, outcome in play(steps, PressDetector())]
    assert [type(outcome) for outcome in found] == [Press, Press]  # and it need not lift in between
    assert found[0].touches == tuple(TIPS)
    assert len(found[0].frames[-1].contacts) == 6
    assert [outcome.frames[0].time_s for outcome in found] == [10.0, 11.0]


def test_a_finger_that_came_with_the_stamp_voids():
    assert reasons([down(8, 0.7, (20.0, 850.0))], landed()) == [VoidReason.TOO_MANY_CONTACTS]


def test_a_resting_finger_that_slides_during_the_press_voids():
    thumb = [down(8, 0.2, (20.0, 850.0)), move(8, 1.05, (60.0, 850.0))]
    assert reasons(thumb, landed()) == [VoidReason.TOO_MANY_CONTACTS]


def test_that_finger_has_to_leave_too():
    thumb = [down(8, 0.2, (20.0, 850.0)), move(8, 1.05, (60.0, 850.0)), up(8, 2.2)]
    again = [*landed(1.8, first_uid=20), *lifted(2.1, first_uid=20), *landed(2.5, first_uid=30)]
    assert reasons(thumb, landed(), lifted(1.5), again) == [VoidReason.TOO_MANY_CONTACTS, "press"]


def test_a_resting_finger_may_move_between_presses():
    thumb = [down(8, 0.1, (20.0, 850.0)), move(8, 1.8, (60.0, 850.0)), move(8, 1.9, (90.0, 850.0))]
    assert reasons(thumb, landed(), lifted(1.5), landed(2.2, first_uid=20)) == ["press", "press"]


def test_more_resting_fingers_than_two_are_a_hand():
    hand = [down(7 + n, 0.2, (20.0 + 80 * n, 850.0)) for n in range(3)]
    assert reasons(hand, landed()) == [VoidReason.TOO_MANY_CONTACTS]


def test_a_contact_with_a_lost_up_is_forgotten_after_five_silent_seconds():
    ghosts = [down(40 + n, 0.1, (20.0 + 90 * n, 850.0)) for n in range(3)]
    steps = script(ghosts, landed(7.0), until=8.0)
    found = [getattr(outcome, "reason", "press") for _, outcome in play(steps, PressDetector())]
    assert found == [VoidReason.TOO_FEW_CONTACTS, "press"]


def test_the_same_uids_pressed_again_without_an_up_are_a_new_press():
    shifted = [(x + 60, y + 100) for x, y in TIPS]
    found = outcomes(landed(), landed(2.5, tips=shifted), lifted(3.2))
    assert [outcome.touches for outcome in found] == [tuple(TIPS), tuple(shifted)]


def test_a_down_told_twice_counts_once():
    (press,) = outcomes(landed(), landed(), landed(1.02), lifted(1.6))
    assert press.touches == tuple(TIPS)


def test_frames_are_bounded_and_keep_both_ends():
    rng = random.Random(1)
    events = stamp_press(Screen(report_s=1 / 500, jitter_px=0.1), rng, TIPS, stagger_s=0.2, hold_s=0.5)
    (press,) = outcomes(events)
    assert len(press.frames) == 60
    first = min(event.time_s for event in events)
    assert press.frames[0].time_s == pytest.approx(first)
    gaps = [b.time_s - a.time_s for a, b in zip(press.frames, press.frames[1:], strict=False)]
    assert min(gaps) > 0
    assert max(gaps) == gaps[29]
