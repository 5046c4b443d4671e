"""Patterns and presses of the vectors, from `random.Random`, which draws the same everywhere."""

import cmath
import math

from tests.vectors.writing import rounded


def pattern(rng, tips, *, radius=20.0, spacing=None):
    """Return tips in a disc, that far apart, in whole micrometres."""
    spacing = spacing or 0.9 * radius / math.sqrt(tips)
    while True:
        points = []
        for _ in range(400):
            x, y = rng.uniform(-radius, radius), rng.uniform(-radius, radius)
            if math.hypot(x, y) <= radius and all(math.dist((x, y), p) >= spacing for p in points):
                points.append((x, y))
                if len(points) == tips:
                    return rounded(points, 3)


def polygon(corners, radius=15.0):
    """Return a regular polygon, as exact as its text is."""
    turn = 2.0 * math.pi / corners
    return rounded([(radius * math.cos(k * turn), radius * math.sin(k * turn)) for k in range(corners)], 12)


def press(rng, points, sigma, unit=1.0):
    """Return touches of a pattern, in units of `unit` mm: noise, any place, any angle, any order."""
    turn = cmath.rect(1.0, rng.uniform(-math.pi, math.pi)) / unit
    shift = complex(rng.uniform(100.0, 300.0), rng.uniform(100.0, 600.0))
    touched = [
        complex(x + rng.gauss(0.0, sigma), y + rng.gauss(0.0, sigma)) * turn + shift for x, y in points
    ]
    rng.shuffle(touched)
    return rounded([(z.real, z.imag) for z in touched], 4)


def mirrored(points):
    return rounded([(-x, y) for x, y in points], 12)
