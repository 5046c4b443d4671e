"""Brute force for the geometry contract; shares no code with the library.

Up to eight points every assignment is tried. Above, the best assignment for a fixed angle is a linear
assignment problem; its value, over the angle, is the support function of a polygon, so between two angles w
apart it cannot exceed the greater end value over cos(w / 2). Angles are halved until that bound is spent.
"""

import itertools
import math

import numpy as np
from scipy.optimize import linear_sum_assignment

TIE_MM = 1e-9


def residuals_of(touches, pattern, labels, scale):
    """Residual of each labelling (L, n): the contract's formula, straight."""
    q = np.asarray(touches, float) - np.mean(touches, axis=0)
    p = np.asarray(pattern, float) - np.mean(pattern, axis=0)
    matched = p[labels]
    dot = np.einsum("kc,lkc->l", q, matched)
    cross = np.einsum("k,lk->l", q[:, 0], matched[:, :, 1]) - np.einsum("k,lk->l", q[:, 1], matched[:, :, 0])
    angle = np.arctan2(cross, dot)
    energy = float((q**2).sum())
    factor = np.hypot(dot, cross) / energy if energy > 0 else np.zeros(len(labels))
    if scale is not None:
        factor = np.clip(factor, *scale)
    turned_x = np.cos(angle)[:, None] * q[:, 0] - np.sin(angle)[:, None] * q[:, 1]
    turned_y = np.sin(angle)[:, None] * q[:, 0] + np.cos(angle)[:, None] * q[:, 1]
    dx = factor[:, None] * turned_x - matched[:, :, 0]
    dy = factor[:, None] * turned_y - matched[:, :, 1]
    return np.sqrt((dx**2 + dy**2).mean(axis=1))


def residual(touches, pattern, scale=None):
    """Return (residual, labels): the least over all labellings, and the least labelling tied for it."""
    n = len(pattern)
    labellings = _all_labellings(n) if n <= 8 else _likely_labellings(touches, pattern)
    values = residuals_of(touches, pattern, labellings, scale)
    tied = labellings[values <= values.min() + TIE_MM]
    return float(values.min()), min(map(tuple, tied.tolist()))


def partial_residual(touches, pattern, scale=None, *, missing=0, ghosts=0):
    """Return (residual, labels) when some tips are missing and some touches are ghosts (label -1)."""
    touches, pattern = np.asarray(touches, float), np.asarray(pattern, float)
    found = []
    for real in itertools.combinations(range(len(touches)), len(touches) - ghosts):
        for kept in itertools.combinations(range(len(pattern)), len(pattern) - missing):
            value, labels = residual(touches[list(real)], pattern[list(kept)], scale)
            full = [-1] * len(touches)
            for touch, label in zip(real, labels, strict=True):
                full[touch] = kept[label]
            found.append((value, tuple(full)))
    least = min(value for value, _ in found)
    return least, min(labels for value, labels in found if value <= least + TIE_MM)


_cache = {}


def _all_labellings(n):
    if n not in _cache:
        _cache[n] = np.array(list(itertools.permutations(range(n))))
    return _cache[n]


def _likely_labellings(touches, pattern):
    q = np.asarray(touches, float) - np.mean(touches, axis=0)
    p = np.asarray(pattern, float) - np.mean(pattern, axis=0)
    if np.ptp(np.asarray(touches, float), axis=0).max() == 0.0:  # all labellings are as good
        return np.arange(len(p))[np.newaxis]
    table = (q[:, 0] - 1j * q[:, 1])[:, None] * (p[:, 0] + 1j * p[:, 1])[None, :]
    precision = 1e-11 * math.sqrt(float((q**2).sum() * (p**2).sum()))
    seen = {}

    def support(angle):
        gain = (table * np.exp(-1j * angle)).real
        rows, columns = linear_sum_assignment(gain, maximize=True)
        seen[tuple(columns.tolist())] = abs(table[rows, columns].sum())
        return gain[rows, columns].sum()

    quarters = [(i * math.pi / 4, (i + 1) * math.pi / 4) for i in range(8)]
    todo = [(a, b, support(a), support(b)) for a, b in quarters]
    while todo:
        a, b, at_a, at_b = todo.pop()
        if max(at_a, at_b) / math.cos((b - a) / 2) < max(seen.values()) + precision or b - a < 1e-7:
            continue
        middle = (a + b) / 2
        at_middle = support(middle)
        todo += [(a, middle, at_a, at_middle), (middle, b, at_middle, at_b)]
    return np.array(sorted(seen))
