"""From the index's hits to a posterior and a verdict."""

import contextlib
import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal, Protocol

import numpy as np
import numpy.typing as npt
from scipy import special

from stampsdk.matching._likelihood import Scale, candidate_log_density
from stampsdk.matching._model import RecognitionModel
from stampsdk.matching._unregistered import unregistered_log_density

LogPrior = Callable[[npt.NDArray[np.int64]], npt.NDArray[np.float64]]
_MODEL = RecognitionModel()
_ATTEMPTS = 5


class Hits(Protocol):
    """What a search returns, best first; row *k* of `labels` gives the tip under each touch."""

    @property
    def ids(self) -> npt.NDArray[np.int64]: ...
    @property
    def residual(self) -> npt.NDArray[np.float64]: ...
    @property
    def labels(self) -> npt.NDArray[Any]: ...


class SearchesPatterns(Protocol):
    """What `recognise` needs of an index: `stampsdk.PatternIndex` or anything like it."""

    def search(self, touches: npt.ArrayLike, *, tolerance: float, scale: Scale) -> Hits:
        """All patterns whose residual is at most the tolerance."""
        ...

    def points(self, ids: npt.NDArray[np.int64]) -> npt.NDArray[np.float64]:
        """Give the registered tips (K, n, 2) in mm of the given ids."""
        ...


@dataclass(frozen=True)
class Candidate:
    """One registered stamp that may have made the press.

    Attributes
    ----------
    stamp_id : int
        Its id in the index.
    residual_mm : float
        Root mean square distance of the touches from its tips after the best fit, in mm.
    posterior : float
        Probability that this stamp made the press.
    labels : tuple of int
        Tip under each touch, in the tip order of registration.
    """

    stamp_id: int
    residual_mm: float
    posterior: float
    labels: tuple[int, ...]


@dataclass(frozen=True)
class Recognition:
    """What is known of a press once shape and place have been weighed.

    Attributes
    ----------
    verdict : {"identified", "ambiguous", "unknown"}
        Identified: one stamp has the threshold's posterior.  Ambiguous: it was some registered stamp,
        with at least that probability, but no single one reaches it.  Unknown: everything else.
    stamp_id : int or None
        The identified stamp; None under any other verdict.
    posterior : float
        Posterior of the best candidate; 0 without candidates.
    none_posterior : float
        Probability that none of the candidates made the press.  It and the candidates' add up to 1.
    candidates : tuple of Candidate
        All stamps within the tolerance, by descending posterior, then residual, then id.
    """

    verdict: Literal["identified", "ambiguous", "unknown"]
    stamp_id: int | None
    posterior: float
    none_posterior: float
    candidates: tuple[Candidate, ...]


def recognise(
    index: SearchesPatterns,
    touches: npt.ArrayLike,
    *,
    scale: Scale,
    log_prior: LogPrior,
    tolerance: float = 0.9,
    model: RecognitionModel = _MODEL,
) -> Recognition:
    r"""Say which registered stamp made a press, how sure that is, or that it was none.

    By Bayes' theorem: the prior of each stamp within the tolerance times the density of the touches
    for that stamp, against the prior of "none of these" times the density of the touches for an
    unregistered stamp.  A registered stamp beyond the tolerance counts as "none of these", with the
    probability that noise carries a stamp out of the tolerance.

    Guarantees:

    - Posteriors are calibrated: if priors, noise and family are as stated, then of all candidates
      with posterior *p* a share *p* made their press, for every *p* and every mixture of shops
      (averaged over random patterns).  In particular at most ``1 - threshold`` of all identified
      presses are wrong.
    - At most one stamp is identified, and only one within the tolerance; mirrored patterns are not.
    - Place, angle and order of the touches change nothing but rounding.

    Parameters
    ----------
    index : PatternIndex
        Index of stamps with as many tips as there are touches.
    touches : (n, 2) array_like
        Touches in any unit, x right and y down.
    scale : (lo, hi) or None
        Millimetres per unit of the touches, log-uniform in that range; None when not known at all.
    log_prior : callable
        Takes ids, (K,) int64; gives (K,) float64, the natural log of the prior probability that this
        press was made by each of them (-inf allowed).  When it has an attribute `none_probability`
        (`stampsdk.matching.PlacePrior` has), that is the prior of an unregistered stamp; otherwise
        all that the candidates leave over is taken to be unregistered, the most cautious reading.
    tolerance : float
        Largest residual in mm that is looked at.
    model : RecognitionModel
        Assumptions and threshold.

    Returns
    -------
    Recognition
        Verdict, posteriors and candidates.

    Raises
    ------
    ValueError
        When the index refuses an argument, or when `log_prior` returns a wrong shape, NaN or
        probabilities that add up to more than 1.
    """
    hits, registered = _search(index, touches, tolerance, scale)
    points = np.asarray(touches, dtype=np.float64)
    prior = _checked_prior(log_prior, hits.ids)
    if len(hits.ids) == 0 or (points == points[0]).all():
        return Recognition("unknown", None, 0.0, 1.0, ())
    y, relative = _in_handy_units(points, scale)
    with np.errstate(divide="ignore"):
        weight = prior + candidate_log_density(y, registered, relative, model)
        none_weight = np.log(
            _none_probability(log_prior, prior, len(y), scale=scale, tolerance=tolerance, model=model)
        )
    none_weight += unregistered_log_density(y, relative, model)
    total = np.logaddexp(np.logaddexp.reduce(weight), none_weight)
    if total == -math.inf:
        return Recognition("unknown", None, 0.0, 1.0, ())
    posterior = np.exp(weight - total)
    order = np.lexsort((hits.ids, hits.residual, -posterior))
    candidates = tuple(
        Candidate(
            int(hits.ids[k]), float(hits.residual[k]), float(posterior[k]), tuple(map(int, hits.labels[k]))
        )
        for k in order
    )
    return _decide(candidates, float(np.exp(none_weight - total)), model.threshold)


def _search(
    index: SearchesPatterns, touches: npt.ArrayLike, tolerance: float, scale: Scale
) -> tuple[Hits, npt.NDArray[np.complex128]]:
    """Find hits and their registered tips (K, n) in the order of the touches.

    Another thread may remove a stamp between search and look-up; then the search is made again.
    """
    for _ in range(_ATTEMPTS):
        hits = index.search(touches, tolerance=tolerance, scale=scale)
        with contextlib.suppress(KeyError):
            tips = index.points(hits.ids)
            laid = np.take_along_axis(tips, np.asarray(hits.labels, dtype=np.intp)[:, :, None], axis=1)
            return hits, laid[..., 0] + 1j * laid[..., 1]
    raise RuntimeError("the index changed during every attempt to read it")


def _in_handy_units(
    points: npt.NDArray[np.float64], scale: Scale
) -> tuple[npt.NDArray[np.complex128], Scale]:
    """Centre the touches and bring them to millimetres, or to size 1, where no square can overflow."""
    z: npt.NDArray[np.complex128] = points[:, 0] + 1j * points[:, 1]
    z -= z.mean()
    if scale is None:
        return z / np.abs(z).max(), None
    return z * scale[0], (1.0, scale[1] / scale[0])


def _decide(candidates: tuple[Candidate, ...], none: float, threshold: float) -> Recognition:
    """Verdict by the threshold alone; it lies above one half, so the best one is unique."""
    best = candidates[0]
    if best.posterior >= threshold:
        return Recognition("identified", best.stamp_id, best.posterior, none, candidates)
    verdict: Literal["ambiguous", "unknown"] = "ambiguous" if none <= 1 - threshold else "unknown"
    return Recognition(verdict, None, best.posterior, none, candidates)


def _checked_prior(log_prior: LogPrior, ids: npt.NDArray[np.int64]) -> npt.NDArray[np.float64]:
    """Ask for the prior of the hits, and make sure that it is part of a probability law."""
    prior = np.asarray(log_prior(ids), dtype=np.float64)
    if prior.shape != ids.shape:
        raise ValueError(f"log_prior must return shape {ids.shape}, not {prior.shape}")
    if np.isnan(prior).any() or np.exp(prior).sum() > 1 + 1e-9:
        raise ValueError("log_prior must return logs of probabilities that add up to at most 1")
    return prior


def _none_probability(
    log_prior: LogPrior,
    prior: npt.NDArray[np.float64],
    tips: int,
    *,
    scale: Scale,
    tolerance: float,
    model: RecognitionModel,
) -> float:
    """Prior that no candidate made the press: unregistered, or registered and carried out of tolerance."""
    rest = max(0.0, 1.0 - float(np.exp(prior).sum()))
    stated: float | None = getattr(log_prior, "none_probability", None)
    if stated is None:
        return rest
    unregistered = min(rest, stated)
    freedom = 2 * tips - (4 if scale is None else 3)
    # The squared residual is sigma²/n times chi-squared: translation and angle are fitted, a free scale too.
    missed = sum(
        share * special.chdtrc(freedom, tips * (tolerance / sigma) ** 2) for share, sigma in model.noise
    )
    return unregistered + (rest - unregistered) * float(missed)
