"""A simulated country: shops over Korea's cities, a stamp of a family each, three demo cafés in Seoul.

Everything follows from the seed, so that a second run knows the patterns of the stamps that the first one
registered, as a café owner knows the stamp in his hand.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from stampsdk.codebook import Codebook, load_family, random_patterns

#: Name, latitude, longitude, spread in km (one standard deviation) and share of the shops.
CITIES = (
    ("Seoul", 37.5565, 126.9780, 8.0, 0.34),
    ("Busan", 35.1600, 129.0600, 7.0, 0.11),
    ("Incheon", 37.4560, 126.7052, 6.0, 0.09),
    ("Daegu", 35.8714, 128.6014, 6.0, 0.09),
    ("Daejeon", 36.3504, 127.3845, 5.0, 0.07),
    ("Gwangju", 35.1595, 126.8526, 5.0, 0.07),
    ("Suwon", 37.2636, 127.0286, 4.0, 0.07),
    ("Ulsan", 35.5384, 129.3114, 4.0, 0.05),
    ("Jeonju", 35.8242, 127.1480, 3.0, 0.04),
    ("Gangneung", 37.7519, 128.8761, 3.0, 0.03),
    ("Jeju", 33.4996, 126.5312, 4.0, 0.04),
)
METRES_PER_DEGREE = 111_195.0
FAMILIES = ("small", "medium", "large")
_PATTERNS = Path(__file__).parents[2] / "patterns"


@dataclass(frozen=True, slots=True)
class Cafe:
    """One of the demo's own cafés: its name, its front door and its outline as GeoJSON."""

    name: str
    latitude: float
    longitude: float
    fence: dict[str, Any]


@dataclass(frozen=True, slots=True)
class World:
    """All places and patterns; the first rows belong to the cafés.

    Attributes
    ----------
    cafes : tuple of Cafe
        The three demo cafés, rows 0 to 2 of every array.
    names : tuple of str
        Name of each shop.
    latitudes, longitudes : ndarray of float64, shape (N,)
        WGS84, degrees.
    patterns : ndarray of float64, shape (N, 5, 2)
        Tips in mm, as the screen sees them.
    owned : Cafe
        One more café, that belongs to the demo's owner and not to the country's partner.
    owned_pattern : ndarray of float64, shape (5, 2)
        The tips of its stamp, in mm.
    """

    cafes: tuple[Cafe, ...]
    names: tuple[str, ...]
    latitudes: NDArray[np.float64]
    longitudes: NDArray[np.float64]
    patterns: NDArray[np.float64]
    owned: Cafe
    owned_pattern: NDArray[np.float64]

    def serial(self, row: int) -> str:
        """Return the serial number engraved on the stamp of that row."""
        return f"DEMO-{row:07d}"


def make_world(stamps: int, *, seed: int, progress: Callable[[int], None] | None = None) -> World:
    """Scatter `stamps` shops over the country and give each a stamp of its own from a shipped family.

    Parameters
    ----------
    stamps : int
        How many, at least 3.
    seed : int
        Equal seeds give worlds of which the smaller is not always a part of the larger: a database belongs to
        one number of stamps.
    progress : callable, optional
        Told how many patterns exist so far.
    """
    if stamps < len(_CAFES):
        raise ValueError(f"stamps must be at least {len(_CAFES)}, got {stamps}")
    place_rng, pattern_rng = (np.random.default_rng(child) for child in np.random.SeedSequence(seed).spawn(2))
    latitudes, longitudes, names = _scatter(stamps - len(_CAFES), place_rng)
    patterns = _patterns(stamps + 1, pattern_rng)
    if progress is not None:
        progress(stamps)
    return World(
        cafes=_CAFES,
        names=tuple(cafe.name for cafe in _CAFES) + names,
        latitudes=np.concatenate([[cafe.latitude for cafe in _CAFES], latitudes]),
        longitudes=np.concatenate([[cafe.longitude for cafe in _CAFES], longitudes]),
        patterns=patterns[:stamps],
        owned=_OWNED,
        owned_pattern=patterns[stamps],
    )


def _patterns(stamps: int, rng: np.random.Generator) -> NDArray[np.float64]:
    """Draw patterns of the smallest family that has so many and whose codebook is there; else at random."""
    for name in FAMILIES:
        path = _PATTERNS / "codebooks" / f"{name}.npz"
        if path.exists():
            codebook = Codebook.load(path, load_family(_PATTERNS / "families" / f"{name}.toml"))
            if len(codebook) >= stamps:
                return codebook.points(rng.permutation(len(codebook))[:stamps])
    return random_patterns(stamps, tips=5, face_diameter_mm=40.0, least_spacing_mm=11.0, rng=rng)


def _scatter(
    count: int, rng: np.random.Generator
) -> tuple[NDArray[np.float64], NDArray[np.float64], tuple[str, ...]]:
    """Draw places around the cities' centres."""
    share = np.array([city[4] for city in CITIES])
    city = rng.choice(len(CITIES), size=count, p=share / share.sum())
    centre = np.array([city_[1:3] for city_ in CITIES])[city]
    spread_m = np.array([city_[3] for city_ in CITIES])[city] * 1000.0
    offset_m = rng.normal(size=(count, 2)) * spread_m[:, None]
    latitude = centre[:, 0] + offset_m[:, 0] / METRES_PER_DEGREE
    longitude = centre[:, 1] + offset_m[:, 1] / (METRES_PER_DEGREE * np.cos(np.radians(latitude)))
    names = tuple(f"{CITIES[c][0]} {row:05d}" for row, c in enumerate(city.tolist()))
    return latitude, longitude, names


def _outline(latitude: float, longitude: float, corners_m: tuple[tuple[float, float], ...]) -> dict[str, Any]:
    """Turn corners in metres east and north of a point into a closed GeoJSON polygon."""
    east = METRES_PER_DEGREE * float(np.cos(np.radians(latitude)))
    ring = [[longitude + x / east, latitude + y / METRES_PER_DEGREE] for x, y in corners_m]
    return {"type": "Polygon", "coordinates": [[*ring, ring[0]]]}


def _cafe(name: str, latitude: float, longitude: float, corners_m: tuple[tuple[float, float], ...]) -> Cafe:
    return Cafe(name, latitude, longitude, _outline(latitude, longitude, corners_m))


_CAFES = (
    _cafe("카페 온기 · Cafe Ongi", 37.5796, 126.9770, ((-32, -24), (30, -26), (34, 22), (2, 30), (-30, 24))),
    _cafe("모퉁이 커피 · Corner Coffee", 37.5447, 127.0557, ((-28, -30), (28, -28), (30, 30), (-26, 28))),
    _cafe(
        "달빛 로스터스 · Moonlight Roasters", 37.5563, 126.9236, ((-30, -22), (34, -20), (28, 28), (-34, 24))
    ),
)
_OWNED = _cafe("하루 커피 · Cafe Haru", 37.5660, 126.9910, ((-28, -22), (30, -24), (32, 26), (-30, 24)))
