"""Balls that cover what may match a probe, for trees that can only be asked for balls."""

import numpy as np
import numpy.typing as npt
from scipy.spatial import cKDTree

Real = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

_HALVINGS = 50


def cover(radius: Real, half: Real, balls: int) -> tuple[Real, Real]:
    """Cover all that lies within a radius of a segment by equal balls on it, as small as can be.

    Parameters
    ----------
    radius, half : (P,)
        The radius, and half the length of the segment.

    Returns
    -------
    (P, balls), (P,)
        Centres along the segment, counted from its middle; and the radius of the balls. The outermost reach
        beyond the end of the segment by the radius; two neighbours meet that far beside it.
    """
    if balls == 1:
        return np.zeros((len(radius), 1)), radius + half
    low, high = np.zeros_like(half), half.copy()
    for _ in range(_HALVINGS):
        outermost = (low + high) / 2
        short = radius + half - outermost > np.hypot(radius, outermost / (balls - 1))
        low, high = np.where(short, outermost, low), np.where(short, high, outermost)
    reach = np.maximum(radius + half - high, np.hypot(radius, high / (balls - 1)))
    return high[:, None] * np.linspace(-1.0, 1.0, balls), reach


def spread(radius: Real, along: Real, across_squared: Real) -> Real:
    """Bound how far what lies within a radius of a point can be from it in the chart.

    A point of C^m is turned until its product with the gauge is real and positive, `along` the length of
    that and `across_squared` the square of the rest. For y and z with min over turns of |y - z| <= r let
    Δ = z's part along the gauge less y's, and t = 2·sin(θ/2) for the turn θ that the phase of z makes beyond
    the best one. By the law of cosines the part of y - z along the gauge is √(Δ² + along·(along + Δ)·t²)
    long, and across it the two keep within |rest of y - z| + t·|rest of y|. By Cauchy and Schwarz the squared
    distance in the chart is at most r² + across²·(r² - Δ²)/(along·(along + Δ)), greatest where
    Δ = √(along² - r²) - along.
    """
    within = radius < along
    ratio = np.where(within, radius / np.where(along > 0.0, along, 1.0), 0.0)
    extra = 2.0 * across_squared * (1.0 - np.sqrt(1.0 - ratio**2))
    return np.where(within, np.sqrt(radius**2 + extra), np.inf)


def neighbours_together(centres: Real) -> Ints:
    """Return an order of balls in which those near each other are asked one after the other."""
    return np.asarray(cKDTree(centres, leafsize=4).indices, dtype=np.int64)
