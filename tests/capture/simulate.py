"""A screen that a stamp or a hand touches: scripts of events and ticks for the detector."""

import math
import random
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

from stampsdk.capture import Press, PressDetector, TouchEvent, Void

PX_PER_MM = 6.3
Place = tuple[float, float]


@dataclass(frozen=True)
class Tick:
    time_s: float


@dataclass(frozen=True)
class Interrupt:
    time_s: float
    reason: str


Step = TouchEvent | Tick | Interrupt


@dataclass(frozen=True)
class Screen:
    """How a screen reports: interval, step of its coordinates (px), jitter (px).

    ``hold_px`` is how far a contact must go before the firmware reports it anew; until then it is
    silent, as half of the measured screens are.
    """

    report_s: float = 1 / 120
    quantum_px: float = 0.0
    jitter_px: float = 0.0
    hold_px: float = 0.0

    def read(self, rng: random.Random, place: Place) -> Place:
        x, y = (value + rng.gauss(0.0, self.jitter_px) for value in place)
        if self.quantum_px:
            x, y = (round(value / self.quantum_px) * self.quantum_px for value in (x, y))
        return x, y


def contact(
    screen: Screen,
    rng: random.Random,
    uid: int,
    *,
    path: Callable[[float], Place],
    down_s: float,
    up_s: float | None,
    first_error: Place = (0.0, 0.0),
) -> list[TouchEvent]:
    """Return one contact from its landing to its lift (``None``: never); ``path`` gives its place by time.

    The first report is off by ``first_error``; the error is a quarter at the second, then gone.
    """
    events: list[TouchEvent] = []
    end = up_s if up_s is not None else down_s + 3.0
    last: Place | None = None
    for count in range(int((end - down_s) / screen.report_s) + 1):
        now = down_s + count * screen.report_s
        if now >= end:
            break
        share = (1.0, 0.25, 0.0)[min(count, 2)]
        x, y = path(now)
        seen = screen.read(rng, (x + share * first_error[0], y + share * first_error[1]))
        if last is None or math.dist(seen, last) > screen.hold_px:
            events.append(TouchEvent("down" if last is None else "move", uid, *seen, now))
            last = seen
    if up_s is not None:
        assert last is not None
        events.append(TouchEvent("up", uid, *last, up_s))
    return events


def standing(place: Place) -> Callable[[float], Place]:
    """Return the path of a contact that stands still."""
    return lambda _now: place


def script(*parts: Iterable[Step], until: float, start: float = 0.0, tick_s: float = 1 / 60) -> list[Step]:
    """Merge events by time, with a tick each display frame after the events of its time."""
    steps = [step for part in parts for step in part]
    ticks = [Tick(start + n * tick_s) for n in range(int((until - start) / tick_s) + 1)]
    return sorted(steps + ticks, key=lambda step: (step.time_s, isinstance(step, Tick)))


def play(steps: Iterable[Step], detector: PressDetector) -> list[tuple[int, Press | Void]]:
    """Feed every step; return the outcomes with the index of the step that gave each."""
    outcomes = []
    for index, step in enumerate(steps):
        if isinstance(step, Tick):
            outcome = detector.tick(step.time_s)
        elif isinstance(step, Interrupt):
            outcome = detector.interrupt(step.time_s, step.reason)
        else:
            outcome = detector.feed(step)
        if outcome is not None:
            outcomes.append((index, outcome))
    return outcomes


def random_tips(
    rng: random.Random, count: int = 5, *, face_mm: float = 40.0, spacing_mm: float = 11.0
) -> list[Place]:
    """Tips of a stamp in mm around its centre, at least ``spacing_mm`` apart."""
    while True:
        tips: list[Place] = []
        for _ in range(400):
            radius = face_mm / 2 * math.sqrt(rng.random())
            angle = rng.random() * math.tau
            tip = (radius * math.cos(angle), radius * math.sin(angle))
            if all(math.dist(tip, other) >= spacing_mm for other in tips):
                tips.append(tip)
            if len(tips) == count:
                return tips


def put_down(
    rng: random.Random, tips_mm: list[Place], px_per_mm: float = PX_PER_MM, centre_px: Place = (206.0, 400.0)
) -> list[Place]:
    """Place a stamp on the screen at a random angle: tips in px."""
    angle = rng.random() * math.tau
    cos, sin = math.cos(angle) * px_per_mm, math.sin(angle) * px_per_mm
    return [(centre_px[0] + x * cos - y * sin, centre_px[1] + x * sin + y * cos) for x, y in tips_mm]


def stamp_press(
    screen: Screen,
    rng: random.Random,
    tips_px: list[Place],
    *,
    start: float = 1.0,
    stagger_s: float = 0.06,
    hold_s: float = 0.4,
    first_error_px: float = 0.0,
    first_uid: int = 0,
) -> list[TouchEvent]:
    """Press a stamp: tips land in random order within ``stagger_s``, stand, and lift together."""
    landings = [0.0, stagger_s, *(rng.random() * stagger_s for _ in tips_px[2:])][: len(tips_px)]
    rng.shuffle(landings)
    lifted = start + stagger_s + hold_s
    events: list[TouchEvent] = []
    for uid, (tip, landing) in enumerate(zip(tips_px, landings, strict=True), first_uid):
        angle = rng.random() * math.tau
        error = (first_error_px * math.cos(angle), first_error_px * math.sin(angle))
        down = start + landing
        events += contact(screen, rng, uid, path=standing(tip), down_s=down, up_s=lifted, first_error=error)
    return sorted(events, key=lambda event: event.time_s)


def drop_out(events: list[TouchEvent], uid: int, at_s: float, for_s: float, new_uid: int) -> list[TouchEvent]:
    """Let the contact vanish at ``at_s`` and come back after ``for_s`` under ``new_uid``."""
    mine = [event for event in events if event.uid == uid]
    before = [event for event in mine if event.time_s < at_s]
    after = [event for event in mine if event.time_s >= at_s + for_s]
    lifted = replace(before[-1], kind="up", time_s=at_s)
    missed = [event for event in mine if event.time_s < at_s + for_s]
    returned = replace(missed[-1], kind="down", time_s=at_s + for_s, uid=new_uid)
    renamed = [replace(event, uid=new_uid) for event in after if event.kind != "down"]
    others = [event for event in events if event.uid != uid]
    return sorted([*others, *before, lifted, returned, *renamed], key=lambda event: event.time_s)


def worst_error(touches: Iterable[Place], truth: Iterable[Place]) -> float:
    """Greatest distance from a true tip to the touch nearest to it, px."""
    touches = list(touches)
    return max(min(math.dist(tip, touch) for touch in touches) for tip in truth)
