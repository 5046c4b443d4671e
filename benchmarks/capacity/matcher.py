"""The real matcher, asked as each row says: whole presses, presses that lack a tip, presses with a ghost."""

import math
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
from scipy import stats

from benchmarks.capacity.jobs import Job, Scale
from stampsdk.index import Hits, PatternIndex
from stampsdk.matching import PlacePrior, RecognitionModel, recognise
from stampsdk.matching._recognition import LogPrior, SearchesPatterns
from stampsdk.matching._unregistered import unregistered_log_density

Real = npt.NDArray[np.float64]

_SHIPPED_TOLERANCE = 0.9
_OUT_OF_TOLERANCE = 1e-4
_LEAST = 1e-300


@dataclass(frozen=True)
class Answer:
    """The most probable candidate, its posterior, that of none of them, and how many there were."""

    best: int | None
    posterior: float
    none: float
    candidates: int

    def identifies(self, threshold: float) -> bool:
        """Say whether the best candidate is as probable as that."""
        return self.best is not None and self.posterior >= threshold

    def verdict(self, threshold: float) -> str:
        """Return the verdict as `recognise` words it."""
        if self.identifies(threshold):
            return "identified"
        return "ambiguous" if self.best is not None and self.none <= 1 - threshold else "unknown"


@dataclass(frozen=True)
class Matcher:
    """How presses of a job are recognised.

    Attributes
    ----------
    model : RecognitionModel
    tolerance : float
        Told the noise: the residual that one normal press in 10,000 exceeds. Shipped: the library's.
    scale : (lo, hi) or None
    trouble : {"", "missing", "ghost"}
    """

    model: RecognitionModel
    tolerance: float
    scale: Scale
    trouble: str

    def ask(self, index: SearchesPatterns, touches: Real, prior: LogPrior) -> Answer:
        """Recognise one press.

        A tip that is missing may be any of n, so that a candidate's prior is shared among as many ways; the
        touches that are there are weighed as a press of n - 1 tips. A ghost may be any touch: the press
        without each of them is recognised, and the n + 1 answers are averaged, weighed by how probable the
        touches are under each (its "none of these" times the density of an unregistered stamp says how much).
        """
        if self.trouble == "ghost":
            return self._without_each(index, touches, prior)
        told = recognise(
            index, touches, scale=self.scale, log_prior=prior, tolerance=self.tolerance, model=self.model
        )
        best = told.candidates[0] if told.candidates else None
        return Answer(
            best.stamp_id if best else None, told.posterior, told.none_posterior, len(told.candidates)
        )

    def _without_each(self, index: SearchesPatterns, touches: Real, prior: LogPrior) -> Answer:
        logs, parts = [], []
        for left_out in range(len(touches)):
            rest = np.delete(touches, left_out, axis=0)
            told = recognise(
                index, rest, scale=self.scale, log_prior=prior, tolerance=self.tolerance, model=self.model
            )
            unregistered = unregistered_log_density(rest[:, 0] + 1j * rest[:, 1], self.scale, self.model)
            logs.append(unregistered - math.log(max(told.none_posterior, _LEAST)))
            parts.append(told)
        shares = np.exp(np.array(logs) - np.logaddexp.reduce(logs))
        posteriors: dict[int, float] = {}
        for share, told in zip(shares, parts, strict=True):
            for candidate in told.candidates:
                stamp = candidate.stamp_id
                posteriors[stamp] = posteriors.get(stamp, 0.0) + share * candidate.posterior
        none = float(sum(share * told.none_posterior for share, told in zip(shares, parts, strict=True)))
        if not posteriors:
            return Answer(None, 0.0, none, 0)
        best = max(posteriors, key=lambda stamp: (posteriors[stamp], -stamp))
        return Answer(best, float(posteriors[best]), none, len(posteriors))


@dataclass(frozen=True)
class LacksTip:
    """An index as one that is asked for presses without one of their tips."""

    index: PatternIndex

    def search(self, touches: npt.ArrayLike, *, tolerance: float, scale: Scale) -> Hits:
        """Search with one tip missing."""
        return self.index.search(touches, tolerance, scale, missing=1)

    def points(self, ids: npt.NDArray[np.int64]) -> Real:
        """Return whole patterns; labels pick the tips that touched."""
        return self.index.points(ids)


@dataclass(frozen=True)
class Shared:
    """A prior whose every probability is divided among so many ways; that of none is left as it is."""

    prior: PlacePrior
    ways: int

    @property
    def none_probability(self) -> float:
        """Prior of an unregistered stamp."""
        return self.prior.none_probability

    def __call__(self, ids: npt.NDArray[np.int64]) -> Real:
        """Return the log prior of stamps."""
        return self.prior(ids) - math.log(self.ways)


def matcher_of(job: Job) -> Matcher:
    """Return the matcher of a job."""
    make = {"face_diameter_mm": job.source.face_mm, "least_spacing_mm": job.source.spacing_mm}
    if job.matcher == "shipped":
        return Matcher(replace(RecognitionModel(), **make), _SHIPPED_TOLERANCE, job.scale, job.trouble)
    sigma = math.hypot(job.noise.sigma_mm, job.noise.quantum_mm / math.sqrt(12))
    model = RecognitionModel(sigma_mm=sigma, stress_sigma_mm=2 * sigma, stress_share=0.0, **make)
    return Matcher(model, tolerance_mm(job, sigma), job.scale, job.trouble)


def tolerance_mm(job: Job, sigma: float) -> float:
    """Return the residual, mm, that one press in 10,000 exceeds when errors are normal.

    n residual² / sigma² follows chi-squared with 2n - 3 degrees of freedom, one fewer if the scale is fitted.
    """
    points = job.source.tips - (job.trouble == "missing")
    freedom = 2 * points - (3 if job.density == "known" else 4)
    # A scale that is fitted within bounds lies between the two; the larger number of freedoms is safe.
    freedom += job.density == "ranged"
    return sigma * math.sqrt(float(stats.chi2.isf(_OUT_OF_TOLERANCE, freedom)) / points)
