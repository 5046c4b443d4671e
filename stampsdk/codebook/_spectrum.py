"""How often a press is taken for that of another pattern of a lattice codebook: the union bound."""

import math
from functools import cache

import numpy as np
from scipy import optimize, special

from stampsdk.codebook._lattice import parities

_LARGEST_NORM = 80


@cache
def neighbours(dimension: int) -> tuple[tuple[int, int], ...]:
    """Return how many points of the lattice have each squared norm, in whole coordinates, from the least on.

    The theta series of a lattice by construction A follows from the weights of its code: an entry that is
    even in a codeword is 0, ±2, ±4, …, one that is odd ±1, ±3, … (J. H. Conway and N. J. A. Sloane, Sphere
    Packings, Lattices and Groups, chapter 7, theorem 3).
    """
    even, odd = np.zeros(_LARGEST_NORM + 1, np.int64), np.zeros(_LARGEST_NORM + 1, np.int64)
    for value in range(math.isqrt(_LARGEST_NORM) + 1):
        (odd if value & 1 else even)[value * value] = 1 if value == 0 else 2
    weights = np.bincount(parities(dimension).sum(axis=1), minlength=dimension + 1)
    series = np.zeros(_LARGEST_NORM + 1)
    for weight, words in enumerate(weights.tolist()):
        if words:
            term = np.zeros(_LARGEST_NORM + 1)
            term[0] = float(words)
            for place in range(dimension):
                term = np.convolve(term, odd if place < weight else even)[: _LARGEST_NORM + 1]
            series += term
    return tuple((norm, int(series[norm])) for norm in range(1, _LARGEST_NORM + 1) if series[norm])


def kissing_number(dimension: int) -> int:
    """Return how many points of the lattice are nearest to one."""
    return neighbours(dimension)[0][1]


def wrong_rate(dimension: int, lattice_mm: float, sigma_mm: float) -> float:
    """Return a bound on how often a press is nearer to another pattern than to its own.

    The sum over all neighbours at distance D of Φ(-D / 2σ): the union bound. Its first term, with as many
    neighbours as the kissing number, is the usual estimate (Conway and Sloane, chapter 3). A press moves each
    tip by normal noise σ per axis; place and angle are fitted away, and to first order what is left is normal
    noise σ per axis of the quotient in which the distance is measured. At most 1.

    Parameters
    ----------
    dimension : int
        2n - 3.
    lattice_mm : float
        Distance of nearest points of the lattice.
    sigma_mm : float
    """
    series = neighbours(dimension)
    norms = np.array([norm for norm, _ in series], np.float64)
    counts = np.array([count for _, count in series], np.float64)
    distances = lattice_mm * np.sqrt(norms / norms[0])
    return min(1.0, float((counts * special.ndtr(-distances / (2.0 * sigma_mm))).sum()))


def lattice_needed(dimension: int, rate: float, sigma_mm: float) -> float:
    """Return the least distance of nearest points, mm, at which `wrong_rate` is at most a rate below 1."""

    def excess(ratio: float) -> float:
        return math.log(wrong_rate(dimension, ratio, 1.0) / rate)

    # At 75 σ the rate is below what a float holds apart from 0.
    return float(optimize.brentq(excess, 1.0, 70.0, xtol=1e-9)) * sigma_mm
