"""A simulated country: shops where people live, and phones that know roughly where they are."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.spatial import cKDTree

Real = npt.NDArray[np.float64]
Ids = npt.NDArray[np.int64]

FENCE_RADIUS_M = 25.0

_CITY_M = 25_000.0
_COUNTRY_M = 300_000.0
_QUARTERS, _QUARTER_SHARE, _QUARTER_SPREAD_M = 20, 0.05, 250.0
_TOWNS, _TOWN_SHARE, _TOWN_SPREAD_M = 160, 0.65, 1_500.0
_ACCURACY_M, _ACCURACY_LOG_SPREAD, _ACCURACY_RANGE_M = 15.0, 0.5, (4.0, 100.0)
_RADIUS_68_IN_SIGMAS = 1.5096


@dataclass(frozen=True)
class Fix:
    """Where a phone believes to be: metres east and north, and the radius that holds the truth in 68 %."""

    x: float
    y: float
    accuracy_m: float


class Country:
    """Shops on a plane, each a disc of 25 m, as unevenly spread as cafés are.

    One shop in twenty stands in one of 20 busy quarters of a city of 25 km (with 60,000 shops: 150 to a
    quarter, nearly 400 to the square kilometre in its middle), three in ten elsewhere in that city, the
    others in 160 towns.

    Parameters
    ----------
    shops : int
        Number of shops.
    rng : numpy.random.Generator
        Source of randomness.
    """

    def __init__(self, shops: int, rng: np.random.Generator) -> None:
        in_quarters = max(1, round(_QUARTER_SHARE * shops))
        in_towns = round(_TOWN_SHARE * shops)
        quarters = rng.uniform(0, _CITY_M, (_QUARTERS, 2))[rng.integers(_QUARTERS, size=in_quarters)]
        towns = rng.uniform(_CITY_M, _COUNTRY_M, (_TOWNS, 2))[rng.integers(_TOWNS, size=in_towns)]
        self.places: Real = np.concatenate(
            (
                quarters + rng.normal(0, _QUARTER_SPREAD_M, quarters.shape),
                rng.uniform(0, _CITY_M, (shops - in_quarters - in_towns, 2)),
                towns + rng.normal(0, _TOWN_SPREAD_M, towns.shape),
            )
        )
        self.busy: Ids = np.arange(in_quarters)
        self._tree = cKDTree(self.places)

    def __len__(self) -> int:
        return len(self.places)

    def fix_at(self, shop: int, rng: np.random.Generator) -> Fix:
        """Draw the fix of a phone in a shop: somewhere inside, seen with the error that it states."""
        accuracy = float(
            np.clip(rng.lognormal(np.log(_ACCURACY_M), _ACCURACY_LOG_SPREAD), *_ACCURACY_RANGE_M)
        )
        inside = self.places[shop] + rng.uniform(-10.0, 10.0, 2)
        x, y = inside + rng.normal(0.0, accuracy / _RADIUS_68_IN_SIGMAS, 2)
        return Fix(float(x), float(y), accuracy)

    def near(self, fix: Fix, radius_m: float = 2_000.0) -> tuple[Ids, Real]:
        """Shops around a fix, and the metres from it to their fences, 0 inside."""
        found = np.array(self._tree.query_ball_point((fix.x, fix.y), radius_m), dtype=np.int64)
        return found, self.distances(found, fix)

    def distances(self, shops: npt.ArrayLike, fix: Fix) -> Real:
        """Metres from a fix to the fences of these shops, 0 inside."""
        away = self.places[np.asarray(shops, dtype=np.int64)] - (fix.x, fix.y)
        distance: Real = np.maximum(0.0, np.hypot(away[..., 0], away[..., 1]) - FENCE_RADIUS_M)
        return distance
