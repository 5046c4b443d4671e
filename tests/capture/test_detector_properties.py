"""What holds for every stamp, screen, landing order and noise; and for any input whatever."""

import math
import random
from dataclasses import dataclass, field, replace

from hypothesis import given, settings
from hypothesis import strategies as st

from stampsdk.capture import DetectorSettings, Press, PressDetector, TouchEvent, Void, VoidReason
from tests.capture.simulate import (
    PX_PER_MM,
    Interrupt,
    Screen,
    Tick,
    drop_out,
    play,
    put_down,
    random_tips,
    script,
    stamp_press,
    worst_error,
)

screens = st.builds(
    Screen,
    report_s=st.sampled_from([1 / 60, 1 / 90, 1 / 120, 1 / 240]),
    quantum_px=st.sampled_from([0.0, 1 / 3, 1.0]),
    jitter_px=st.floats(0.0, 0.05 * PX_PER_MM),
    hold_px=st.sampled_from([0.0, 0.25 * PX_PER_MM]),
)


milliseconds = st.integers


@dataclass(frozen=True)
class Case:
    """A stamp on a screen: tips in px, events; shown by what made it."""

    screen: Screen
    tips: list = field(repr=False)
    events: list = field(repr=False)
    made_of: dict


@st.composite
def presses(draw):
    """Draw a stamp press, with or without a dropout while it lands."""
    screen = draw(screens)
    made_of = {"seed": draw(st.integers(0, 2**32)), "face_mm": draw(st.sampled_from([34.0, 40.0, 50.0]))}
    rng = random.Random(made_of["seed"])
    tips = put_down(rng, random_tips(rng, 5, face_mm=made_of["face_mm"]))
    made_of |= {
        "stagger_s": draw(milliseconds(0, 90)) / 1000,
        "hold_s": draw(milliseconds(350, 500)) / 1000,
        "first_error_px": draw(st.floats(0.0, 0.75 * PX_PER_MM)),
    }
    told = {key: made_of[key] for key in ("stagger_s", "hold_s", "first_error_px")}
    events = stamp_press(screen, rng, tips, **told)
    if draw(st.booleans()):
        uid = made_of["dropped"] = draw(st.integers(0, 4))
        landed = next(event.time_s for event in events if event.uid == uid)
        after = made_of["after_s"] = draw(milliseconds(5, 70)) / 1000
        away = made_of["away_s"] = draw(milliseconds(5, 99)) / 1000
        events = drop_out(events, uid, landed + after, away, new_uid=99)
    return Case(screen, tips, events, made_of)


@given(presses(), st.floats(0.0, 1 / 60))
@settings(deadline=None, max_examples=150)
def test_a_stamp_is_one_press_where_its_tips_are(case, phase):
    screen, tips, events = case.screen, case.tips, case.events
    steps = script(events, start=0.9 + phase, until=1.9)
    outcomes = play(steps, PressDetector())
    assert [type(outcome) for _, outcome in outcomes] == [Press]
    index, press = outcomes[0]
    assert len(press.touches) == 5
    # A mean of at least three instants, each off by jitter and half a step, or held back by the firmware.
    allowed = 4 * screen.jitter_px + screen.quantum_px * math.sqrt(0.5) + screen.hold_px + 0.02
    assert worst_error(press.touches, tips) <= allowed
    assert press.quality.stagger_s <= 0.09 + 1e-9
    assert press.quality.frames_used >= 3
    # The spread may still see the second report of a slow screen, a quarter of the first one's error.
    assert max(press.quality.spread_px) <= 2 * allowed + 0.75 * PX_PER_MM / 4
    assert len(press.frames) <= 60
    assert [frame.time_s for frame in press.frames] == sorted({frame.time_s for frame in press.frames})
    # Before the lift: every tip is down at the commit, and no tip has left for good.
    last_up = max(event.time_s for event in events if event.kind == "up")
    assert steps[index].time_s < last_up
    assert len(press.frames[-1].contacts) == 5


@given(presses(), st.sampled_from([-64.0, 1.0, 4096.0]), st.integers(-512, 512), st.integers(-512, 512))
@settings(deadline=None)
def test_shifting_time_or_place_shifts_the_press(case, later, right, down):
    events = case.events
    steps = script(events, start=0.9, until=1.9)
    moved = [
        replace(step, time_s=step.time_s + later)
        if not isinstance(step, TouchEvent)
        else replace(step, time_s=step.time_s + later, x=step.x + right, y=step.y + down)
        for step in steps
    ]
    ((index, press),) = play(steps, PressDetector())
    ((index_moved, press_moved),) = play(moved, PressDetector())
    assert index == index_moved
    assert press.quality.frames_used == press_moved.quality.frames_used
    for (x, y), (x_moved, y_moved) in zip(press.touches, press_moved.touches, strict=True):
        assert math.isclose(x + right, x_moved, abs_tol=1e-6)
        assert math.isclose(y + down, y_moved, abs_tol=1e-6)


@given(presses(), st.permutations(range(5)))
@settings(deadline=None)
def test_names_of_contacts_do_not_matter(case, names):
    events = case.events
    renamed = [replace(event, uid=names[event.uid] if event.uid < 5 else event.uid) for event in events]
    ((index, press),) = play(script(events, start=0.9, until=1.9), PressDetector())
    ((index_renamed, press_renamed),) = play(script(renamed, start=0.9, until=1.9), PressDetector())
    assert (index, press.touches) == (index_renamed, press_renamed.touches)


@given(presses(), st.floats(0.0, 0.1), st.floats(-0.3, 1.0))
@settings(deadline=None)
def test_a_sixth_contact_voids_until_all_are_gone(case, after, lift_from_end):
    tips, events = case.tips, case.events
    landed = max(event.time_s for event in events if event.kind == "down")
    lifted = max(event.time_s for event in events if event.kind == "up")
    sixth = (tips[0][0] + 300.0, tips[0][1])
    at = landed + after
    up = max(at + 0.01, lifted + lift_from_end)
    extra = [TouchEvent("down", 77, *sixth, at), TouchEvent("up", 77, *sixth, up)]
    outcomes = play(script(events, extra, until=4.0), PressDetector())
    assert [type(outcome) for _, outcome in outcomes] == [Void]
    assert outcomes[0][1].reason == VoidReason.TOO_MANY_CONTACTS


@given(presses(), st.floats(0.0, 0.1))
@settings(deadline=None)
def test_a_cancel_before_the_commit_voids(case, after):
    events = case.events
    landed = max(event.time_s for event in events if event.kind == "down")
    at = landed + after
    cancelled = [event for event in events if event.time_s <= at]
    outcomes = play(
        script(cancelled, [TouchEvent("cancel", 0, 0.0, 0.0, at)], until=3.0),
        PressDetector(),
    )
    assert [outcome.reason for _, outcome in outcomes] == [VoidReason.CANCELLED]


@given(presses(), st.floats(0.0, 0.105), st.booleans())
@settings(deadline=None)
def test_a_lift_before_the_commit_is_no_press(case, after, together):
    events = case.events
    landed = max(event.time_s for event in events if event.kind == "down")
    down = {}
    for event in events:
        if event.time_s <= landed:
            down[event.uid] = event
    alive = [event for uid, event in down.items() if event.kind != "up"]
    at = landed + after
    ups = [
        replace(event, kind="up", time_s=at + (0.0 if together else 0.004 * n))
        for n, event in enumerate(alive)
    ]
    kept = [event for event in events if event.time_s <= landed]
    outcomes = play(script(kept, ups, until=3.0), PressDetector())
    assert [type(outcome) for _, outcome in outcomes] == [Void]
    assert outcomes[0][1].reason in {
        VoidReason.VANISHED_TOGETHER,
        VoidReason.LIFTED_EARLY,
        VoidReason.TIP_LOST,
        VoidReason.TOO_FEW_CONTACTS,  # one tip was in a dropout when the last one landed
    }


times = st.one_of(st.floats(0.0, 0.35), st.just(0.2))
places = st.tuples(st.floats(0, 400), st.floats(0, 900))


@st.composite
def short_episodes(draw):
    """Draw any contacts that all land within 0.35 s, with dropouts and repeats, gone by 0.9 s."""
    steps = []
    for uid in range(draw(st.integers(1, 9))):
        place = draw(places)
        down = draw(times)
        up = down + draw(st.floats(0.01, 0.55))
        steps.append(TouchEvent("down", uid, *place, down))
        for _ in range(draw(st.integers(0, 3))):
            slip = draw(st.tuples(st.floats(-8, 8), st.floats(-8, 8)))
            when = down + draw(st.floats(0.0, 1.0)) * (up - down)
            steps.append(TouchEvent("move", uid, place[0] + slip[0], place[1] + slip[1], when))
        steps.append(TouchEvent("up", uid, *place, up))
    return sorted(steps, key=lambda step: (step.time_s, step.kind == "up"))


def episodes_of(steps, quiet_s):
    """Return for each step how often the glass had been empty for longer than ``quiet_s``."""
    live, number, empty_since = set(), 0, -math.inf
    numbers = []
    for step in steps:
        if isinstance(step, TouchEvent):
            if not live and step.kind == "down" and step.time_s - empty_since > quiet_s:
                number += 1
            (live.add if step.kind == "down" else live.discard)(step.uid) if step.kind != "move" else None
            if not live and step.kind == "up":
                empty_since = step.time_s
        numbers.append(number)
    return numbers


@given(
    st.lists(short_episodes(), min_size=1, max_size=3), st.sampled_from([(5,), (4, 5), (3,), (3, 4, 5, 6)])
)
@settings(deadline=None, max_examples=150)
def test_at_most_one_outcome_from_landing_to_empty(episodes, tip_counts):
    limits = DetectorSettings(tip_counts=tip_counts)
    events = [
        replace(event, time_s=event.time_s + 2.0 * number, uid=event.uid + 20 * number)
        for number, episode in enumerate(episodes)
        for event in episode
    ]
    steps = script(events, until=2.0 * len(episodes))
    outcomes = play(steps, PressDetector(limits))
    numbers = episodes_of(steps, limits.dropout_s)
    # A void may only become certain at the first event of the next episode: count by its first frame.
    starts = [outcome.frames[0].time_s + 2e-6 for _, outcome in outcomes]
    started = [
        max(number for number, step in zip(numbers, steps, strict=True) if step.time_s <= start)
        for start in starts
    ]
    assert len(started) == len(set(started))
    for index, outcome in outcomes:
        assert len(outcome.frames) <= limits.frames_kept
        if isinstance(outcome, Press):
            assert len(outcome.touches) in tip_counts
            assert len(outcome.quality.spread_px) == len(outcome.touches)
            down = {contact.uid for contact in outcome.frames[-1].contacts}
            gone = {e.uid for e in steps[:index] if isinstance(e, TouchEvent) and e.kind == "up"}
            assert not down & gone


wild = st.floats(allow_nan=True, allow_infinity=True)
near = st.floats(0.0, 3.0)
anything = st.one_of(
    st.builds(
        TouchEvent,
        st.sampled_from(["down", "move", "up", "cancel"]),
        st.integers(0, 6),
        st.one_of(st.floats(0, 400), wild),
        st.one_of(st.floats(0, 900), wild),
        st.one_of(near, near, wild),
        st.one_of(st.none(), wild),
    ),
    st.builds(Tick, st.one_of(near, near, wild)),
    st.builds(Interrupt, st.one_of(near, wild), st.text(max_size=3)),
)


@given(st.lists(anything, max_size=60), st.booleans())
@settings(deadline=None, max_examples=300)
def test_no_input_breaks_it_and_it_works_afterwards(steps, in_order):
    if in_order:
        steps.sort(key=lambda step: step.time_s if math.isfinite(step.time_s) else 0.0)
    detector = PressDetector()
    for _, outcome in play(steps, detector):
        if isinstance(outcome, Press):
            assert len(outcome.touches) == 5
            assert all(math.isfinite(value) for touch in outcome.touches for value in touch)
        assert len(outcome.frames) <= 60
    finite = [step.time_s for step in steps if math.isfinite(step.time_s)]
    base = max(finite, default=0.0)
    if abs(base) > 1e6:
        return  # a clock that has lost the digits of a millisecond
    detector.interrupt(base + 1.0, "resume")
    rng = random.Random(0)
    tips = put_down(rng, random_tips(rng))
    again = script(stamp_press(Screen(), rng, tips, start=base + 2.0), start=base + 1.5, until=base + 4.0)
    outcomes = [outcome for _, outcome in play(again, detector)]
    assert [type(outcome) for outcome in outcomes] == [Press]
    assert worst_error(outcomes[0].touches, tips) < 1e-6
