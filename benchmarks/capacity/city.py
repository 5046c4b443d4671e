"""Presses in the middle of a city, on phones that know roughly where they are."""

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from benchmarks.capacity.jobs import Place, Scale
from stampsdk.index import Hits, PatternIndex
from stampsdk.matching import PlaceModel, PlacePrior

Ids = npt.NDArray[np.int64]
Real = npt.NDArray[np.float64]

# Assumed for central Seoul: Jongno 1-4-ga has 956 Korean restaurants on 2.35 km², about 400 to the square
# kilometre; all kinds of shops together are taken to be ten times as many.
SHOPS_PER_KM2 = 4_000.0
# Six million stamps are taken to be one for each shop of the country; sixty million are ten for each.
STAMPS_OF_ONE_EACH = 6_000_000
FENCE_RADIUS_M = 25.0

_INSIDE_M = 10.0
_REACH = 10.0  # spreads of the fix, beyond which stamps weigh 0.2 % all together


@dataclass(frozen=True)
class Neighbourhood:
    """The stamps within reach of one fix; 0 is the one that stands where the phone is.

    Attributes
    ----------
    patterns : (L,) int64
        Pattern of each, drawn from the codebook as if nobody had planned: many stamps share one.
    prior : PlacePrior
    copies : float
        How many stamps of the whole country share a pattern.
    """

    patterns: Ids
    prior: PlacePrior
    copies: float


def neighbourhood(place: Place, patterns: int, model: PlaceModel, rng: np.random.Generator) -> Neighbourhood:
    """Draw shops around a phone that is in one of them, and its fix.

    Shops are scattered independently (a Poisson field). What is farther than ten spreads of the fix has no
    say, so it is not drawn; stamps there count with the rest of the country.
    """
    axis = model.axis_error_m(place.accuracy_m)
    reach = _REACH * math.hypot(axis, model.fence_slack_m)
    each = max(1, round(place.stamps / STAMPS_OF_ONE_EACH))
    others = int(rng.poisson(SHOPS_PER_KM2 * math.pi * (reach / 1000) ** 2))
    away = reach * np.sqrt(rng.random(others))
    fix = rng.uniform(-_INSIDE_M, _INSIDE_M, 2) + rng.normal(0.0, axis, 2)
    distances = np.concatenate([[float(np.hypot(*fix))], away])
    distances = np.repeat(np.maximum(0.0, distances - FENCE_RADIUS_M), each)
    ids = np.arange(len(distances))
    prior = PlacePrior.from_fix(ids, distances, place.accuracy_m, place.stamps, model=model)
    return Neighbourhood(rng.integers(patterns, size=len(ids)), prior, place.stamps / patterns)


class LocalStamps:
    """An index of patterns, as the index of a country's stamps looks from one place.

    Each hit stands for the stamps within reach that have the pattern, and, as one, for all others in the
    country that have it. Ids below L are those of the neighbourhood; L + pattern those of the others.
    """

    def __init__(self, index: PatternIndex, here: Neighbourhood) -> None:
        self._index = index
        self._here = here
        self._order = np.argsort(here.patterns, kind="stable")
        self._sorted = here.patterns[self._order]

    @property
    def none_probability(self) -> float:
        """Prior of an unregistered stamp."""
        return self._here.prior.none_probability

    def search(self, touches: npt.ArrayLike, *, tolerance: float, scale: Scale) -> Hits:
        """Search, each hit once for each stamp within reach and once for the others."""
        hits = self._index.search(touches, tolerance, scale)
        first = np.searchsorted(self._sorted, hits.ids, side="left")
        count = np.searchsorted(self._sorted, hits.ids, side="right") - first
        row = np.repeat(np.arange(len(hits.ids)), count)
        step = np.arange(len(row)) - np.repeat(np.cumsum(count) - count, count)
        rows = np.concatenate([row, np.arange(len(hits.ids))])
        ids = np.concatenate([self._order[first[row] + step], len(self._sorted) + hits.ids])
        return Hits(ids, hits.residual[rows], hits.labels[rows])

    def points(self, ids: Ids) -> Real:
        """Return the patterns of stamps."""
        return self._index.points(self._pattern(ids))

    def __call__(self, ids: Ids) -> Real:
        """Return the log prior of stamps."""
        prior = self._here.prior(ids)
        others = np.asarray(ids) >= len(self._sorted)
        if others.any():
            pattern = self._pattern(ids[others])
            local = np.searchsorted(self._sorted, pattern, "right") - np.searchsorted(self._sorted, pattern)
            with np.errstate(divide="ignore"):
                prior[others] += np.log(np.maximum(0.0, self._here.copies - local))
        return prior

    def _pattern(self, ids: Ids) -> Ids:
        here = np.asarray(ids) < len(self._sorted)
        local = self._here.patterns[np.where(here, ids, 0)]
        return np.where(here, local, np.asarray(ids) - len(self._sorted))
