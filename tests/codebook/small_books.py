"""Families that are generated in a moment."""

from functools import cache

import numpy as np

from stampsdk.codebook import Codebook, Face, StampFamily, generate, random_patterns
from stampsdk.codebook._gauge import best_gauge


@cache
def family(tips, width, distance, spacing=11.0):
    rng = np.random.default_rng(1)
    patterns = random_patterns(
        2000, tips=tips, face_diameter_mm=width, least_spacing_mm=spacing, margin_mm=2.5, rng=rng
    )
    gauge, _ = best_gauge(patterns, rng)
    return StampFamily(
        name="little",
        tips=tips,
        scale="known",
        noise_mm=0.4,
        count=1,
        seed=1,
        face=Face("round", float(width)),
        tip_diameter_mm=5.0,
        spacing_mm=spacing,
        edge_mm=2.5,
        distance_mm=distance,
        stretch=1.04,
        widest=0.6,
        gauge_um=tuple((int(x), int(y)) for x, y in gauge),
    )


@cache
def book(tips, width, distance) -> Codebook:
    return generate(family(tips, width, distance))
