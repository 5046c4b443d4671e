"""Places on the Earth as points of a sphere, so that near ones are found by a k-d tree, also at the poles.

The straight line (chord) between two points of the sphere grows with the way along it, so that comparing one
with a limit compares the other.
"""

import math

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

EARTH_KM = 6371.0088
"""Mean radius of the Earth (IUGG). The true shape differs: ways by up to 0.6 %."""

_ROUNDING = 1e-12
"""Of the sphere's radius, 6 µm: chords computed from places are exact to far less."""


def on_sphere(places: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return unit vectors (N, 3) of places (N, 2), latitude and longitude in degrees."""
    latitude, longitude = np.radians(places).T
    ring = np.cos(latitude)
    return np.stack([ring * np.cos(longitude), ring * np.sin(longitude), np.sin(latitude)], axis=1)


def chord(way_km: float, *, spare: bool = True) -> float:
    """Return the chord on the unit sphere of a way in km, with `spare` a hair longer; no chord exceeds 2."""
    return 2.0 * math.sin(min(way_km / EARTH_KM, math.pi) / 2.0) + (_ROUNDING if spare else 0.0)


def way_km(chords: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the ways in km that belong to chords on the unit sphere."""
    return 2.0 * EARTH_KM * np.arcsin(np.clip(np.asarray(chords) / 2.0, 0.0, 1.0))


def most_crowded(sphere: NDArray[np.float64], radius_km: float) -> tuple[int, int]:
    """Return a place (its row) and how many of the places (N, 3) lie within half a radius of it.

    All of these are within the radius of each other: so many patterns at least are needed.
    """
    if not len(sphere):
        return 0, 0
    tree = cKDTree(sphere)
    reach = chord(radius_km / 2.0, spare=False) - _ROUNDING
    if reach <= 0.0:
        return 0, 1
    near = tree.query_ball_point(sphere, reach, return_length=True)
    return int(near.argmax()), int(near.max())
