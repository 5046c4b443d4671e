"""stamp.js decides about presses exactly as the Python detector does."""

import json
import math
import random
from pathlib import Path

import pytest

from server.capture_page.assets import stamp_script
from stampsdk.capture import DetectorSettings, Press, PressDetector, TouchEvent
from tests.capture.hands import PHONE, TABLET, flat_hand
from tests.capture.simulate import (
    Interrupt,
    Screen,
    Tick,
    drop_out,
    put_down,
    random_tips,
    script,
    stamp_press,
)
from tests.requirements import require

pytestmark = pytest.mark.browser
VECTORS = Path(__file__).parents[2] / "patterns" / "vectors" / "detector.json"
PLAY = (Path(__file__).parent / "detector_port.js").read_text("utf-8")


@pytest.fixture(scope="module")
def play(chromium):
    """Play a script of JSON steps through stamp.js."""
    page = chromium.new_page()
    page.add_script_tag(content=stamp_script().body.decode())
    yield lambda steps, settings=None: page.evaluate(PLAY, [steps, settings or {}])
    page.close()


def test_it_gives_every_published_answer(play):
    require(VECTORS.exists(), "patterns/vectors/detector.json is not there")
    published = json.loads(VECTORS.read_text("utf-8"))
    assert published["cases"]
    for case in published["cases"]:
        settings = {**published["settings"], **case.get("settings", {})}
        outcomes = play(case["events"], settings)["outcomes"]
        assert [one["after"] for one in outcomes] == [one["after"] for one in case["outcomes"]], case["name"]
        for mine, expected in zip(outcomes, case["outcomes"], strict=True):
            if "press" in expected:
                assert_close(mine["touches"], expected["press"]["touches"], case["name"])
                assert mine["quality"]["frames_used"] == expected["press"]["frames_used"], case["name"]
            else:
                told = (mine["reason"], mine["hint"])
                assert told == (expected["void"]["reason"], expected["void"]["hint"]), case["name"]


def assert_close(mine, theirs, name):
    assert len(mine) == len(theirs), name
    for a, b in zip(mine, theirs, strict=True):
        assert math.dist(a, b) <= 1e-6, name


def as_json(step):
    """Write a step as the vectors do; JSON has no NaN and no infinities."""
    if isinstance(step, Tick):
        return {"kind": "tick", "t": number(step.time_s)}
    if isinstance(step, Interrupt):
        return {"kind": "interrupt", "t": number(step.time_s), "reason": step.reason}
    return {
        "kind": step.kind,
        "uid": step.uid,
        "x": number(step.x),
        "y": number(step.y),
        "t": number(step.time_s),
        "pressure": step.pressure,
    }


def number(value):
    return value if math.isfinite(value) else str(value)


def reference(steps, settings):
    """Play the script through the Python detector, written as stamp.js writes it."""
    detector = PressDetector(settings)
    outcomes, hints = [], []
    for index, step in enumerate(steps):
        if isinstance(step, Tick):
            outcome = detector.tick(step.time_s)
        elif isinstance(step, Interrupt):
            outcome = detector.interrupt(step.time_s, step.reason)
        else:
            outcome = detector.feed(step)
        if isinstance(outcome, Press):
            quality = outcome.quality
            outcomes.append(
                {
                    "after": index,
                    "touches": [list(touch) for touch in outcome.touches],
                    "quality": [quality.frames_used, quality.stagger_s, quality.hold_s, *quality.spread_px],
                    "frames": frames_of(outcome),
                }
            )
        elif outcome is not None:
            told = {"reason": str(outcome.reason), "hint": str(outcome.hint)}
            outcomes.append({"after": index, **told, "frames": frames_of(outcome)})
        hints.append([str(detector.hint), len(detector.contacts)])
    return outcomes, hints


def frames_of(outcome):
    return [[frame.time_s, [[one.uid, one.x, one.y] for one in frame.contacts]] for frame in outcome.frames]


def assert_same(play, steps, settings, name):
    theirs, hints = reference(steps, settings)
    changed = {
        key: list(value) if isinstance(value, tuple) else value
        for key in ("tip_counts", "cancel_is_reported", "frames_kept", "most_resting")
        for value in [getattr(settings, key)]
    }
    answer = play([as_json(step) for step in steps], changed)
    mine = answer["outcomes"]
    assert answer["hints"] == hints, name
    assert [one["after"] for one in mine] == [one["after"] for one in theirs], name
    for a, b in zip(mine, theirs, strict=True):
        assert a["frames"] == b["frames"], name
        if "touches" not in b:
            assert (a["reason"], a["hint"]) == (b["reason"], b["hint"]), name
            continue
        assert_close(a["touches"], b["touches"], name)
        quality = a["quality"]
        flat = [quality["frames_used"], quality["stagger_s"], quality["hold_s"], *quality["spread_px"]]
        assert flat == pytest.approx(b["quality"], abs=1e-6), name
    return theirs


SCREENS = (
    Screen(),
    Screen(report_s=1 / 60, quantum_px=1.0),
    Screen(report_s=1 / 90, quantum_px=1 / 3, jitter_px=0.2),
    Screen(report_s=1 / 240, jitter_px=0.3, hold_px=1.5),
)


def test_it_agrees_on_stamps(play):
    kinds = set()
    for seed in range(48):
        rng = random.Random(seed)
        count = rng.choice([3, 4, 5, 5, 5])
        tips = put_down(rng, random_tips(rng, count))
        events = stamp_press(
            SCREENS[seed % 4],
            rng,
            tips,
            stagger_s=rng.choice([0.0, 0.04, 0.09, 0.3]),
            hold_s=rng.choice([0.05, 0.15, 0.4, 0.9]),
            first_error_px=rng.random() * 5,
        )
        if seed % 3 == 0:
            landed = events[0].time_s
            events = drop_out(
                events, events[0].uid, landed + 0.02, rng.choice([0.02, 0.08, 0.12]), new_uid=77
            )
        steps = script(events, start=0.9, until=2.6)
        settings = DetectorSettings(tip_counts=((5,), (count,), (3, 4, 5))[seed // 4 % 3])
        kinds |= {outcome.get("reason", "press") for outcome in assert_same(play, steps, settings, seed)}
    assert {"press", "vanished_together", "landed_too_slowly", "tip_lost"} <= kinds


def test_it_agrees_on_hands(play):
    told = 0
    for seed in range(16):
        rng = random.Random(seed)
        events = flat_hand(rng, SCREENS[seed % 4], glass=(PHONE, TABLET)[seed % 2])
        steps = script(events, start=0.9, until=3.0)
        settings = DetectorSettings(cancel_is_reported=seed % 3 > 0, most_resting=seed % 3)
        outcomes = assert_same(play, steps, settings, seed)
        assert not any("touches" in outcome for outcome in outcomes)
        told += len(outcomes)
    assert told > 10


def test_it_agrees_on_any_input(play):
    """Random events of few contacts near each other, clocks that jump and stall, numbers that are none."""
    reasons = set()
    for seed in range(50):
        rng = random.Random(seed)
        now, steps = 0.0, []
        for _ in range(250):
            now += rng.choice([0.0, 0.0, 0.004, 0.008, 0.016, 0.016, 0.05, 0.12])
            if rng.random() < 0.01:
                now += rng.choice([-0.03, -1.0, 6.0])
            kind = rng.choices(
                ["down", "move", "up", "tick", "cancel", "interrupt", "odd"], [12, 20, 8, 40, 1, 0.5, 0.5]
            )[0]
            uid = rng.randrange(7)
            x, y = 60.0 + 75.0 * (uid % 3) + rng.choice([0, 0, 0, 0.5, 4, 30]), 100.0 + 75.0 * (uid // 3)
            if kind == "tick":
                steps.append(Tick(now))
            elif kind == "interrupt":
                steps.append(Interrupt(now, "paused"))
            elif kind == "odd":
                odd = rng.choice([math.nan, math.inf, -1e308, 1e5 + 1])
                steps.append(TouchEvent("move", uid, odd, y, rng.choice([now, math.nan])))
            else:
                steps.append(TouchEvent(kind, uid, x, y, now))
        settings = DetectorSettings(
            tip_counts=rng.choice([(5,), (3,), (4, 5), (3, 4)]), frames_kept=rng.choice([4, 60])
        )
        reasons |= {outcome.get("reason", "press") for outcome in assert_same(play, steps, settings, seed)}
    assert {"slid", "tip_lost", "cancelled", "interrupted", "invalid_position", "invalid_time"} <= reasons
