"""Presses on phones whose faults are known, made without any code of the library."""

import math

import numpy as np

from stampsdk.codebook import random_patterns
from stampsdk.matching.calibration import Observation

SCREEN = (68.0, 148.0)
STAMPS = random_patterns(40, rng=np.random.default_rng(40))


def touches_on(tips, rng, *, sigma=0.4, scale=1.0, bend=None):
    """Tips pressed anywhere on the screen, as it reports them: (n, 2), in the order of the tips.

    `scale` is true mm per reported mm; `bend` takes true places (n, 2) and gives displacements.
    """
    tips = tips - tips.mean(axis=0)
    true = np.array(SCREEN) * scale
    for _ in range(1000):
        angle = rng.uniform(-math.pi, math.pi)
        turn = np.array([[math.cos(angle), -math.sin(angle)], [math.sin(angle), math.cos(angle)]])
        laid = tips @ turn.T
        low, high = 3.0 - laid.min(axis=0), true - 3.0 - laid.max(axis=0)
        if (low < high).all():
            break
    at = laid + rng.uniform(low, high)
    moved = at + rng.normal(0, sigma, at.shape) + (0 if bend is None else bend(at))
    return np.clip(moved / scale, 0, SCREEN)


def observed(touches, *, customer="c", device=None, model="phone", stamp=0, tips=None, verdict="accepted"):
    """Return an observation of touches in the order of the tips."""
    return Observation(
        verdict=verdict,
        customer=customer,
        device=device or f"phone of {customer}",
        device_model=model,
        screen_mm=SCREEN,
        touches_mm=touches,
        labels=tuple(range(len(touches))),
        stamp_id=stamp,
        tips_mm=STAMPS[stamp] if tips is None else tips,
    )


def presses(customers, rng, *, each=1, stamps=range(40), true_tips=None, name="c", **faults):
    """Presses of many customers, each of random stamps."""
    made = []
    for number in range(customers):
        for _ in range(each):
            stamp = int(rng.choice(stamps))
            tips = STAMPS[stamp] if true_tips is None else true_tips[stamp]
            touches = touches_on(tips, rng, **faults)
            made.append(observed(touches, customer=f"{name}{number}", stamp=stamp))
    return made


def grouped(observations):
    """One group for each customer."""
    groups = {}
    for press in observations:
        groups.setdefault(press.customer, []).append(press)
    return list(groups.values())


def registered(press):
    return np.array(press.tips_mm)
