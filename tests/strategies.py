"""Hypothesis strategies for patterns, shared by the rooms."""

import math

import numpy as np
from hypothesis import strategies as st

FAMILIES = (
    "generic",
    "polygon",
    "polygon_with_centre",
    "point_symmetric",
    "mirror_symmetric",
    "collinear",
    "grid",
)
SCALES = (None, (0.98, 1.02), (1.0, 1.0), (0.6, 1.5))


def seeds():
    """Return a strategy of numpy generators."""
    return st.integers(0, 2**32 - 1).map(np.random.default_rng)


def tip_counts(most=8):
    """Return a strategy of tip counts from 3."""
    return st.integers(3, most)


def tolerances():
    """Return a strategy of tolerances in mm: none, tiny, usual, as large as a pattern."""
    return st.one_of(st.just(0.0), st.floats(1e-6, 0.1), st.floats(0.1, 2.0), st.floats(2.0, 40.0))


@st.composite
def patterns(draw, tips, families=FAMILIES):
    """Draw a pattern (tips, 2) in mm of one family, its near-ties broken by a jitter of up to 1e-1 mm."""
    rng = draw(seeds())
    family = draw(st.sampled_from(families))
    jitter = draw(st.sampled_from((0.0, 1e-6, 1e-4, 1e-2, 1e-1)))
    size = draw(st.sampled_from((0.5, 5.0, 17.0, 17.0, 17.0, 200.0)))
    shape = family_pattern(family, tips, rng)
    shape = shape / np.sqrt((shape**2).sum(axis=1).mean()) * size
    return shape + rng.normal(0.0, jitter, shape.shape)


def family_pattern(family, tips, rng):  # noqa: PLR0911 - one for each family
    """Make one pattern of a family, of no particular size; tips are apart."""
    half = rng.normal(size=(tips // 2, 2))
    odd = np.zeros((tips % 2, 2))
    if family == "polygon":
        return _polygon(tips)
    if family == "polygon_with_centre":
        return np.concatenate([_polygon(tips - 1), [[0.0, 0.0]]])
    if family == "point_symmetric":
        return np.concatenate([half, -half, odd])
    if family == "mirror_symmetric":
        half = half + np.array([3.0, 0.0])
        return np.concatenate([half, half * [-1.0, 1.0], odd + np.array([0.0, rng.normal()])])
    if family == "collinear":
        places = np.arange(tips) + rng.uniform(-0.3, 0.3, tips) * rng.integers(0, 2)
        return np.outer(places, [1.0, rng.normal()])
    if family == "grid":
        cells = rng.choice(16, tips, replace=False)
        return np.column_stack([cells % 4, cells // 4]).astype(float)
    return rng.normal(size=(tips, 2))


@st.composite
def pattern_sets(draw, tips, most=6):
    """Draw patterns (N, tips, 2): unlike ones, near-duplicates, mirror images, re-orderings of the first."""
    rng = draw(seeds())
    first = draw(patterns(tips))
    made = [first]
    for kind in draw(st.lists(st.sampled_from(("new", "near", "mirror", "shuffle", "same")), max_size=most)):
        if kind == "new":
            made.append(draw(patterns(tips)))
        else:
            step = {"near": 10.0 ** rng.uniform(-6, 0)}.get(kind, 0.0)
            base = first * ([-1.0, 1.0] if kind == "mirror" else [1.0, 1.0])
            base = base if kind == "same" else rng.permutation(base)
            made.append(moved(base, rng) + rng.normal(0.0, step, base.shape))
    return np.stack(made)


def moved(points, rng, scale=1.0):
    """Turn, shift and scale points (n, 2)."""
    angle = rng.uniform(-math.pi, math.pi)
    turn = np.array([[math.cos(angle), -math.sin(angle)], [math.sin(angle), math.cos(angle)]])
    return scale * points @ turn.T + rng.uniform(-100.0, 100.0, 2)


@st.composite
def queries(draw, points, tolerance):
    """Draw touches (n, 2): often one of the patterns, moved and disturbed by about the tolerance."""
    rng = draw(seeds())
    tips = points.shape[1]
    kind = draw(st.sampled_from(("exact", "noise", "push", "push", "snap", "unlike", "coincident")))
    base = points[rng.integers(len(points))]
    reach = tolerance * math.sqrt(tips) * draw(st.sampled_from((0.3, 1.0, 1.0, 1.1)))
    if kind == "noise":
        step = rng.normal(size=base.shape)
        base = base + step / np.linalg.norm(step) * reach
    elif kind == "push":  # two tips, each along the line between them or across it
        step = np.zeros_like(base)
        j, k = rng.choice(tips, 2, replace=False)
        along = base[j] - base[k]
        along = along / max(np.linalg.norm(along), 1e-300)
        along = along if rng.integers(2) else along[::-1] * [-1.0, 1.0]
        step[j] = along
        step[k] = -along * rng.choice([1.0, -1.0, 0.0])
        base = base + step / np.linalg.norm(step) * reach
    elif kind == "snap":  # touches that coincide pairwise
        j, k = rng.choice(tips, 2, replace=False)
        base = base.copy()
        base[j] = base[k]
    elif kind == "unlike":
        base = rng.normal(size=base.shape) * 17.0
    elif kind == "coincident":
        base = np.repeat(base[:1], tips, axis=0)
    if kind == "coincident":
        return np.repeat(moved(base, rng)[:1], tips, axis=0)
    return rng.permutation(moved(base, rng, draw(st.sampled_from((1.0, 1.0, 0.99, 1.02, 1.1, 6.3)))))


def _polygon(corners):
    angle = 2.0 * np.pi * np.arange(corners) / corners
    return np.column_stack([np.cos(angle), np.sin(angle)])
