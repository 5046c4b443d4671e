"""A smooth bend of a screen: a low-order polynomial, cut back to a bound."""

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from stampsdk.matching.calibration._align import Real

_ORDERS = ((2, 0), (1, 1), (0, 2), (3, 0), (2, 1), (1, 2), (0, 3))
_A, _B = np.array(_ORDERS).T
COEFFICIENTS = 2 + 2 * len(_ORDERS)


def basis(at_mm: Real, screen_mm: tuple[float, float]) -> Real:
    r"""Return what one unit of each coefficient adds at places (n, 2) of a screen: (n, 2, COEFFICIENTS).

    Places are scaled to :math:`v \in [-1, 1]^2`. Two coefficients are of first order, a stretch along one
    axis against the other and a shear; the rest are products of Legendre polynomials of total order 2 and 3,
    for x and for y. What place and angle of a press absorb (shift, turn) is left out, and so is a common
    stretch, which is the scale: the mean divergence over the screen is zero, so that scale and bend do
    not do each other's work. Each function is at most 1 in absolute value.
    """
    sides = np.asarray(screen_mm, dtype=np.float64)
    v = np.clip(2 * at_mm / sides - 1, -1, 1).T
    x, y = v * (sides / sides.max())[:, None]
    one, second, third = np.ones_like(v), (3 * v**2 - 1) / 2, (5 * v**3 - 3 * v) / 2
    across = np.stack((one, v, second, third))
    # P3' has the mean 1 over [-1, 1]; less P1 it has none, and stays below 1: (5/2)(v³ - v).
    along = np.stack((one, v, second, third - v))
    values = np.zeros((v.shape[1], 2, COEFFICIENTS))
    values[:, 0, 0], values[:, 1, 0] = x, -y
    values[:, 0, 1], values[:, 1, 1] = y, x
    values[:, 0, 2::2] = (along[_A, 0] * across[_B, 1]).T
    values[:, 1, 3::2] = (across[_A, 0] * along[_B, 1]).T
    return values


@dataclass(frozen=True)
class Bend:
    """What to add to touches so that a screen is straight.

    Attributes
    ----------
    coefficients_mm : tuple of float
        As many as `basis` has functions, in mm by the reported density; empty for none.
    bound_mm : float
        Nothing is moved farther than this, anywhere.
    """

    coefficients_mm: tuple[float, ...] = ()
    bound_mm: float = 1.0

    def __post_init__(self) -> None:
        if len(self.coefficients_mm) not in {0, COEFFICIENTS}:
            raise ValueError(
                f"a bend has {COEFFICIENTS} coefficients or none, not {len(self.coefficients_mm)}"
            )
        if not all(math.isfinite(value) for value in (*self.coefficients_mm, self.bound_mm)):
            raise ValueError("a bend's coefficients and bound must be finite")

    def at(self, touches_mm: npt.ArrayLike, screen_mm: tuple[float, float]) -> Real:
        """Return what to add (n, 2), mm, to touches (n, 2); never longer than the bound."""
        touches = np.asarray(touches_mm, dtype=np.float64)
        if not self.coefficients_mm:
            return np.zeros_like(touches)
        moves: Real = basis(touches, screen_mm) @ np.asarray(self.coefficients_mm)
        return cut_back(moves, self.bound_mm)


def cut_back(moves: Real, bound: float) -> Real:
    """Return moves (n, 2) none of which is longer than the bound; shorter ones stay as they are."""
    lengths = np.hypot(moves[:, 0], moves[:, 1])
    factor = np.ones_like(lengths)
    np.divide(bound, lengths, out=factor, where=lengths > bound)
    result: Real = moves * factor[:, None]
    return result
