"""How probable the observed touches are if no registered stamp made them."""

import functools
import math

import numpy as np
from scipy import special

from stampsdk.matching._likelihood import Complex, Real, Scale, log_free_volume
from stampsdk.matching._model import RecognitionModel

_PARTICLES = 1 << 16
_NARROW = 0.2
_SCALE_NODES = {True: np.polynomial.legendre.leggauss(8), False: np.polynomial.legendre.leggauss(64)}


def unregistered_log_density(touches: Complex, scale: Scale, model: RecognitionModel) -> float:
    r"""Log density of the touches for a press that no registered stamp made.

    A stamp of the family has its tips uniform in a disc of radius *R*, given that they keep their
    spacing.  Leaving out its place, the density of the centred configuration *h* in the 2n-2
    coordinates that remain is exact:

    .. math:: f(h) = \frac{n\,A(h)}{(\pi R^2)^n P_n} \prod_{k<l} [\,|h_k - h_l| \ge \text{spacing}\,],

    where *A(h)* is the area of the places at which the whole configuration fits the disc, that is the
    area of the intersection of *n* discs, and *P_n* the probability that *n* uniform tips keep their
    spacing (`spacing_probability`).  Touch noise softens the spacing: each factor becomes the
    probability that the true distance keeps the rule, given the observed one.  What is not of the
    family is normal with the variance of a uniform disc, R²/4 per axis; its shape is uniform.

    Scale is log-uniform as in `candidate_log_density`, and the labelling is random, so the ratio of
    both densities is the likelihood ratio.

    Parameters
    ----------
    touches : (n,) complex128
        Touches x + iy in input units; not all at one place.
    scale : (lo, hi) or None
        Range of the scale in mm per unit; None for free.
    model : RecognitionModel
        Face, spacing, noise and the share of presses outside the family.

    Returns
    -------
    float
        Natural logarithm of the density.
    """
    y = touches - touches.mean()
    parts = [math.log(model.broad_share) + _broad_log_density(y, scale, model)]
    if model.broad_share < 1:
        parts.append(math.log1p(-model.broad_share) + _family_log_density(y, scale, model))
    return float(np.logaddexp.reduce(parts))


def _broad_log_density(y: Complex, scale: Scale, model: RecognitionModel) -> float:
    """Log density of normal configurations, integrated over the scale."""
    dimensions = 2 * len(y) - 2
    a = float((np.abs(y) ** 2).sum())
    if scale is None:
        return log_free_volume(len(y)) - (dimensions / 2) * math.log(a)
    variance = (model.face_diameter_mm / 4) ** 2
    s, log_weight = _scales(*scale)
    values = dimensions * (np.log(s) - 0.5 * math.log(2 * math.pi * variance)) - s**2 * a / (2 * variance)
    return float(np.logaddexp.reduce(values + log_weight))


def _family_log_density(y: Complex, scale: Scale, model: RecognitionModel) -> float:
    """Log density of stamps of the family, integrated over the scale; -inf where none fits."""
    tips = len(y)
    gaps = np.abs(y[:, None] - y[None, :])[np.triu_indices(tips, 1)]
    normaliser = spacing_probability(tips, model.face_diameter_mm, model.least_spacing_mm)
    if normaliser == 0 or gaps.min() == 0:
        return -math.inf
    blur = math.sqrt(2) * model.sigma_mm
    # Outside these bounds the configuration is too wide for the face, or hopelessly too tight.
    low = max(0.0, model.least_spacing_mm - _BLURS * blur) / gaps.min()
    high = model.face_diameter_mm / gaps.max()
    lo, hi = (max(low, high * 1e-3), high) if scale is None else (max(low, scale[0]), min(high, scale[1]))
    if lo > hi:
        return -math.inf
    s, log_weight = _scales(lo, hi)
    if scale is None:
        log_weight = log_weight + (math.log(math.log(hi / lo)) if hi > lo else -math.inf)
    elif scale[1] > scale[0]:
        share = math.log(hi / lo) / math.log(scale[1] / scale[0])
        log_weight = log_weight + (math.log(share) if share > 0 else -math.inf)
    area = _common_area(s[:, None] * y, model.face_diameter_mm / 2)
    spaced = special.log_ndtr((s[:, None] * gaps - model.least_spacing_mm) / blur).sum(axis=1)
    disc = math.pi * model.face_diameter_mm**2 / 4
    with np.errstate(divide="ignore"):
        values = np.log(area) + spaced + (2 * tips - 2) * np.log(s) + log_weight
    return float(np.logaddexp.reduce(values)) + math.log(tips / normaliser) - tips * math.log(disc)


_BLURS = 6.0


def _scales(lo: float, hi: float) -> tuple[Real, Real]:
    """Nodes between two scales and log weights of the log-uniform law, which add up to 1."""
    width = math.log(hi / lo)
    nodes, weights = _SCALE_NODES[width <= _NARROW]
    return lo * np.exp(width * (nodes + 1) / 2), np.log(weights / 2)


def _common_area(centres: Complex, radius: float) -> Real:
    """Area of the intersection of equal discs, for each row of distinct centres; 0 where they do not meet.

    Exact: on each circle the part inside another disc is one arc of at most half a turn, so the part inside
    all of them is one arc too, and Green's theorem sums the arcs.
    """
    towards = centres[:, None, :] - centres[:, :, None]
    tips = centres.shape[1]
    others = np.array([[other for other in range(tips) if other != tip] for tip in range(tips)])
    towards = np.take_along_axis(towards, others[None], axis=2)
    half = np.arccos(np.minimum(1.0, np.abs(towards) / (2 * radius)))
    first = np.angle(towards[:, :, :1])
    middle = np.angle(towards * np.exp(-1j * first))
    begin, end = (middle - half).max(axis=2), (middle + half).min(axis=2)
    end = np.maximum(begin, end)
    begin, end = begin + first[..., 0], end + first[..., 0]
    # Half the integral of x dy - y dx along each arc.
    sweep = radius * (end - begin)
    across = (centres.conj() * (np.exp(1j * end) - np.exp(1j * begin))).imag
    area: Real = (radius / 2 * (sweep + across)).sum(axis=1)
    return np.maximum(0.0, area)


@functools.lru_cache(maxsize=64)
def spacing_probability(tips: int, face_diameter_mm: float, least_spacing_mm: float) -> float:
    """Probability that tips drawn uniformly in a disc are all at least a given distance apart.

    The product of the probabilities that each next tip keeps its distance from those before, given
    that those keep theirs, each estimated from 65,536 configurations that are carried along and
    resampled (sequential Monte Carlo; the product is unbiased [1]_).  The seed is fixed, so the value
    is the same in every process.  Relative standard error below 1 % while the probability is above
    1e-3 or so; 0 when no configuration survives.

    Parameters
    ----------
    tips : int
        Number of tips, at least 1.
    face_diameter_mm, least_spacing_mm : float
        Diameter of the disc and least distance, in mm.

    Returns
    -------
    float
        The probability, between 0 and 1.

    References
    ----------
    .. [1] P. Del Moral, Feynman-Kac Formulae, Springer 2004, ch. 7.
    """
    rng = np.random.default_rng(20_260_101)
    placed = np.empty((_PARTICLES, 0), dtype=np.complex128)
    probability = 1.0
    for _ in range(tips):
        angle = 2 * np.pi * rng.random(_PARTICLES)
        tip = face_diameter_mm / 2 * np.sqrt(rng.random(_PARTICLES)) * np.exp(1j * angle)
        good = (np.abs(placed - tip[:, None]) >= least_spacing_mm).all(axis=1)
        share = float(good.mean())
        probability *= share
        if share == 0:
            return 0.0
        survivors = np.concatenate((placed, tip[:, None]), axis=1)[good]
        placed = survivors[rng.integers(len(survivors), size=_PARTICLES)]
    return probability
