"""The cases of ``patterns/vectors/detector.json``: name, settings that differ from the default, steps."""

import random
from collections.abc import Iterator
from dataclasses import replace

from stampsdk.capture import TouchEvent
from tests.capture.hands import PHONE, flat_hand, pinch, swipe
from tests.capture.simulate import (
    PX_PER_MM,
    Interrupt,
    Screen,
    Step,
    Tick,
    drop_out,
    put_down,
    random_tips,
    script,
    stamp_press,
)
from tests.capture.steps import TIPS, down, landed, lifted, move, up

PHONE_SCREEN = Screen(report_s=1 / 60, quantum_px=1 / 2.625, jitter_px=0.2)
COARSE_SCREEN = Screen(report_s=1 / 60, quantum_px=1.0, jitter_px=0.3)
SILENT_SCREEN = Screen(report_s=1 / 60, quantum_px=1 / 3, jitter_px=0.1, hold_px=0.25 * PX_PER_MM)

Case = tuple[str, dict[str, object], list[Step]]


def cases() -> Iterator[Case]:
    """Yield every case; the same ones at each call."""
    yield from _presses()
    yield from _tips_that_come_and_go()
    yield from _fingers()
    yield from _voids()
    yield from _hosts()


def _stamp(seed: int, screen: Screen, *, count: int = 5, **how: float) -> list[TouchEvent]:
    rng = random.Random(seed)
    tips = put_down(rng, random_tips(rng, count))
    return stamp_press(screen, rng, tips, **({"hold_s": 0.25, "first_error_px": 2.0} | how))


def _case(name: str, *parts: list[Step], until: float = 2.0, start: float = 0.9, **settings: object) -> Case:
    return name, settings, script(*parts, start=start, until=until)


def _presses() -> Iterator[Case]:
    yield _case("press on a phone", _stamp(1, PHONE_SCREEN), until=1.5)
    yield _case("press on whole pixels", _stamp(2, COARSE_SCREEN), until=1.5)
    yield _case("press on a screen silent at rest", _stamp(3, SILENT_SCREEN), until=1.5)
    yield _case("all tips in one frame, no further report", landed(), lifted(1.3), until=1.5)
    yield _case(
        "tips land over 90 ms, first reports 0.75 mm off",
        _stamp(4, PHONE_SCREEN, stagger_s=0.09, first_error_px=4.7),
        until=1.5,
    )
    yield _case(
        "two presses in one visit",
        _stamp(5, SILENT_SCREEN),
        _stamp(6, SILENT_SCREEN, start=1.9, first_uid=10),
        until=2.4,
    )
    yield _case("three tips", _stamp(7, SILENT_SCREEN, count=3, hold_s=0.4), until=1.7, tip_counts=[3])
    yield _case("seven tips", _stamp(8, SILENT_SCREEN, count=7), until=1.5, tip_counts=[7])
    yield _case(
        "four tips where five are possible: waits",
        landed(tips=TIPS[:4]),
        lifted(1.6, 4),
        until=1.8,
        tip_counts=[4, 5],
    )
    yield _case(
        "the fifth tip ends the wait",
        landed(tips=TIPS[:4]),
        [down(4, 1.2)],
        lifted(1.6),
        until=1.8,
        tip_counts=[4, 5],
    )
    yield _case(
        "a stamp that rocks 2.5 mm",
        landed(),
        [move(u, 1 + n / 100, (x + 2 * n, y)) for n in range(1, 9) for u, (x, y) in enumerate(TIPS)],
        lifted(1.5),
        until=1.7,
    )
    yield _case(
        "a stale report in between",
        landed(),
        [move(0, 1.07, (TIPS[0][0] + 2.9, TIPS[0][1])), move(0, 1.085, TIPS[0])],
        lifted(1.5),
        until=1.7,
    )


def _tips_that_come_and_go() -> Iterator[Case]:
    yield _case(
        "a tip drops out and returns under a new uid",
        drop_out(_stamp(9, PHONE_SCREEN), 2, 1.1, 0.06, 31),
        until=1.5,
    )
    yield _case(
        "the new uid is told before the old one's up",
        landed(),
        [down(31, 1.05, TIPS[2]), up(2, 1.05), up(31, 1.5)],
        lifted(1.5),
        until=1.7,
    )
    yield _case("a tip is lost for good", landed(), [up(2, 1.05)], lifted(1.5), until=1.7)
    yield _case(
        "a tip returns too far away",
        landed(),
        [up(2, 1.02), down(31, 1.05, (150.0, 270.0)), up(31, 1.5)],
        lifted(1.5),
        until=1.7,
    )
    yield _case("downs told twice", landed(), landed(), landed(1.02), lifted(1.4), until=1.6)
    yield _case(
        "ups were lost: the same uids land elsewhere",
        landed(),
        landed(2.0, tips=[(x + 60, y + 99) for x, y in TIPS]),
        lifted(2.5),
        until=2.7,
    )


def _fingers() -> Iterator[Case]:
    thumb = (20.0, 850.0)
    yield _case(
        "a thumb rests while two stamps come",
        [down(8, 0.1, thumb)],
        landed(1.0),
        lifted(1.3),
        landed(1.6, first_uid=20),
        lifted(1.9, first_uid=20),
        start=0.5,
        until=2.1,
    )
    yield _case(
        "the resting thumb slides",
        [down(8, 0.1, thumb), move(8, 1.05, (60.0, 850.0))],
        landed(),
        lifted(1.3),
        start=0.5,
        until=1.6,
    )
    yield _case(
        "a finger came just before the stamp",
        [down(8, 0.8, thumb)],
        landed(),
        lifted(1.3),
        up_all(8, 1.3),
        start=0.7,
        until=1.6,
    )
    yield _case(
        "a sixth contact, then five remain, then a new press",
        landed(),
        [down(9, 1.04, (350.0, 700.0)), up(9, 1.2)],
        lifted(1.5),
        landed(1.8),
        lifted(2.1),
        until=2.3,
    )
    yield _case("a flat hand on a phone", flat_hand(random.Random(4), PHONE_SCREEN, glass=PHONE), until=2.4)
    yield _case("a pinch", pinch(random.Random(5), PHONE_SCREEN), until=2.0)
    yield _case(
        "three fingers swipe where stamps have three tips",
        swipe(random.Random(6), PHONE_SCREEN, wait_s=0.05, pause_s=0.4),
        until=2.6,
        tip_counts=[3],
    )


def _voids() -> Iterator[Case]:
    yield _case(
        "cancel while tips land", landed(tips=TIPS[:4]), [TouchEvent("cancel", 0, 0.0, 0.0, 1.04)], until=1.4
    )
    stolen = [[*landed(at, TIPS[:3]), TouchEvent("cancel", 0, 0.0, 0.0, at + 0.05)] for at in (1.0, 1.5)]
    yield _case("the system takes three contacts away, twice", *stolen, until=1.8)
    yield _case("five ups in one frame before the commit", landed(), lifted(1.06), until=1.4)
    yield _case(
        "the same where cancels are not reported", landed(), lifted(1.06), until=1.4, cancel_is_reported=False
    )
    yield _case("a short dab", landed(), [up(n, 1.05 + n / 200) for n in range(5)], until=1.4)
    yield _case("only four of five tips", landed(tips=TIPS[:4]), lifted(3.0, 4), until=3.2)
    yield _case("tips land over 320 ms", [down(n, 1.0 + 0.08 * n) for n in range(5)], lifted(1.9), until=2.1)
    yield _case(
        "slides",
        landed(),
        [move(u, 1 + n / 100, (x + 6 * n, y)) for n in range(1, 9) for u, (x, y) in enumerate(TIPS)],
        lifted(1.4),
        until=1.6,
    )
    yield _case(
        "never rests",
        landed(),
        [move(u, 1 + n / 50, (x + 6 * (n % 2), y)) for n in range(2, 90) for u, (x, y) in enumerate(TIPS)],
        lifted(2.9),
        until=3.1,
    )
    yield _case("too wide", landed(tips=[*TIPS[:4], (105.0, 490.0)]), lifted(1.4), until=1.6)
    yield _case("one tip seen twice", landed(tips=[*TIPS[:4], (122.0, 100.0)]), lifted(1.4), until=1.6)


def _hosts() -> Iterator[Case]:
    yield _case(
        "rotation during a press, the tips still report",
        landed(),
        [Interrupt(1.05, "rotation"), move(0, 1.1, TIPS[0])],
        lifted(1.4),
        until=1.6,
    )
    yield _case(
        "a coordinate that cannot be",
        landed(),
        [move(0, 1.02, (1e308, 5.0))],
        lifted(1.3),
        landed(1.6),
        lifted(1.9),
        until=2.1,
    )
    yield (
        "the clock jumps back",
        {},
        [*landed(), Tick(1.02), Tick(0.2), *lifted(0.3), *(Tick(0.3 + n / 60) for n in range(30))],
    )
    moves = [
        move(u, 1.0 + n / 100, (x + 0.1 * (n % 2), y)) for n in range(1, 16) for u, (x, y) in enumerate(TIPS)
    ]
    yield "a host without ticks", {}, [*landed(), *moves, *lifted(1.2)]
    late = [move(u, 1.5, (x + 30, y)) for u, (x, y) in enumerate(TIPS)]
    yield (
        "a stalled host",
        {},
        [*landed(), Tick(1.02), Tick(1.49), *late, Tick(1.51), Tick(1.53), *lifted(1.54)],
    )
    stutter = [Tick(1.0 + n / 60 - 0.03 * (n % 2)) for n in range(30)]
    yield "a clock that stutters", {}, [*landed(), *stutter, *lifted(1.5)]
    yield (
        "contacts whose ups were lost are forgotten",
        {},
        script(
            [down(40 + n, 1.0, (20.0 + 90 * n, 850.0)) for n in range(3)],
            landed(7.0),
            until=7.4,
            start=0.9,
            tick_s=1 / 20,
        ),
    )


def up_all(uid: int, at: float) -> list[Step]:
    return [up(uid, at)]


def rounded(step: Step) -> Step:
    """Return the step with figures that JSON carries exactly: 1 µs and 0.0001 px."""
    step = replace(step, time_s=round(step.time_s, 6))
    if isinstance(step, TouchEvent):
        step = replace(step, x=round(step.x, 4), y=round(step.y, 4))
    return step
