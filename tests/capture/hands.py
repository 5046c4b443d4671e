"""Hands on the glass: what must not be taken for a stamp."""

import math
import random
from dataclasses import dataclass

from stampsdk.capture import TouchEvent
from tests.capture.simulate import PX_PER_MM, Place, Screen, contact

# Right hand of an adult, mm from the middle of the palm, x right, y down, fingers upwards.
FINGERTIPS = ((-70.0, -25.0), (-25.0, -95.0), (0.0, -103.0), (22.0, -97.0), (45.0, -75.0))
PALM = ((-25.0, 5.0), (25.0, 10.0), (-20.0, -45.0), (0.0, -48.0), (20.0, -45.0))


@dataclass(frozen=True)
class Glass:
    """The part of the hand that is over the screen: width and height, mm, or any (``inf``)."""

    width_mm: float = math.inf
    height_mm: float = math.inf

    def holds(self, place_mm: Place) -> bool:
        return abs(place_mm[0]) <= self.width_mm / 2 and abs(place_mm[1]) <= self.height_mm / 2


PHONE = Glass(68.0, 145.0)
TABLET = Glass()


def flat_hand(
    rng: random.Random, screen: Screen, *, glass: Glass = TABLET, size: float = 1.0, start: float = 1.0
) -> list[TouchEvent]:
    """Lay a hand flat for a second: fingertips land over 0 to 120 ms, palm contacts come and go."""
    angle = rng.uniform(-0.6, 0.6)
    shift = (0.0, 0.0) if glass is TABLET else (rng.uniform(-15, 15), rng.uniform(20, 70))
    events: list[TouchEvent] = []
    uid = 0

    def put(place: Place, down: float, up: float, tremor_mm: float) -> None:
        nonlocal uid
        x = place[0] * size * math.cos(angle) - place[1] * size * math.sin(angle) + shift[0]
        y = place[0] * size * math.sin(angle) + place[1] * size * math.cos(angle) + shift[1]
        if not glass.holds((x, y)):
            return
        drift = (rng.gauss(0, 2.0), rng.gauss(0, 2.0))  # mm/s: a hand is never quite at rest
        phase = rng.random()

        def path(now: float) -> Place:
            swing = tremor_mm * math.sin(math.tau * (9 * now + phase))  # physiological tremor, 8 to 12 Hz
            moved = (x + drift[0] * (now - down) + swing, y + drift[1] * (now - down))
            return 206 + moved[0] * PX_PER_MM, 457 + moved[1] * PX_PER_MM

        events.extend(contact(screen, rng, uid, path=path, down_s=down, up_s=up))
        uid += 1

    for tip in FINGERTIPS:
        noisy = (tip[0] + rng.gauss(0, 3), tip[1] + rng.gauss(0, 3))
        put(noisy, start + rng.random() * 0.12, start + 1.0 + rng.random() * 0.1, rng.uniform(0, 0.15))
    for blob in PALM:
        now = start + rng.random() * 0.3
        while now < start + 1.0:
            stay = rng.expovariate(1 / 0.25) + 0.02
            place = (blob[0] + rng.gauss(0, 4), blob[1] + rng.gauss(0, 4))
            put(place, now, min(now + stay, start + 1.05), rng.uniform(0, 0.4))
            now += stay + rng.expovariate(1 / 0.15) + 0.02
    return sorted(events, key=lambda event: event.time_s)


def swipe(
    rng: random.Random,
    screen: Screen,
    *,
    fingers: int = 3,
    wait_s: float = 0.03,
    length_mm: float = 50.0,
    pause_s: float = 0.0,
    start: float = 1.0,
) -> list[TouchEvent]:
    """Drag some fingers of a hand down the screen: they land, wait, slide, perhaps stop, and lift."""
    slide_s = rng.uniform(0.12, 0.5)
    events: list[TouchEvent] = []
    for uid, tip in enumerate(FINGERTIPS[1 : 1 + fingers]):
        place = (tip[0] * rng.uniform(0.75, 1.0), (tip[1] + 95) * rng.uniform(0.75, 1.0))
        down = start + rng.random() * 0.06
        begin = start + 0.06 + wait_s + rng.random() * 0.02

        def path(now: float, place: Place = place, begin: float = begin) -> Place:
            share = min(max((now - begin) / slide_s, 0.0), 1.0)
            eased = (1 - math.cos(math.pi * share)) / 2
            return 206 + place[0] * PX_PER_MM, 300 + (place[1] + length_mm * eased) * PX_PER_MM

        up = begin + slide_s + pause_s + rng.random() * 0.03
        events += contact(screen, rng, uid, path=path, down_s=down, up_s=up)
    return sorted(events, key=lambda event: event.time_s)


def pinch(
    rng: random.Random, screen: Screen, *, thumb_rests: bool = False, start: float = 1.0
) -> list[TouchEvent]:
    """Pinch with two fingers, outwards or inwards, perhaps with a third contact at the edge."""
    angle = rng.random() * math.tau
    from_mm, to_mm = rng.sample((8.0, 15.0, 30.0, 45.0), 2)
    events: list[TouchEvent] = []
    for uid, side in enumerate((1, -1)):
        down = start + rng.random() * 0.08

        def path(now: float, side: int = side, down: float = down) -> Place:
            share = min(max((now - down - 0.05) / 0.4, 0.0), 1.0)
            reach = side * (from_mm + (to_mm - from_mm) * share) * PX_PER_MM
            return 206 + reach * math.cos(angle), 400 + reach * math.sin(angle)

        events += contact(screen, rng, uid, path=path, down_s=down, up_s=start + 0.7 + rng.random() * 0.05)
    if thumb_rests:
        events += contact(
            screen, rng, 2, path=lambda _now: (10.0, 800.0), down_s=start - rng.random(), up_s=start + 1.5
        )
    return sorted(events, key=lambda event: event.time_s)
