r"""Estimates that a minority cannot move far, with the proofs.

**Median.**  Of *m* honest and *k* < *m* forged values the median lies between honest order statistics:
with :math:`x_{(1)} \le \dots \le x_{(m)}` honest and :math:`j = \lceil (m - k) / 2 \rceil`,

.. math:: x_{(j)} \;\le\; \mathrm{median} \;\le\; x_{(m + 1 - j)}.

Proof.  The median of :math:`m + k` values has at least half of them, so at least :math:`(m + k)/2 - k =
(m - k)/2` honest ones, on or below it, and as many on or above it.  ∎  For honest values that are normal with
standard deviation *s* and a share :math:`\varepsilon` of forged ones among many, that is a shift of at most
:math:`s\,\Phi^{-1}\!\big(\tfrac{1}{2(1 - \varepsilon)}\big)`: 0.14 s at 10 %, 0.57 s at 30 %, 2.1 s at 49 %
(no estimator that shifts with its data can promise less: P. J. Huber, 1964).

**Regression.**  `solve` minimises, over coefficients :math:`\beta` in units of their prior,

.. math:: F(\beta) = \tfrac12 |\beta|^2 + \sum_i w_i\, h_{K_i}\big(|y_i - A_i \beta|\big), \qquad
          h_K(r) = r^2/2 \text{ for } r \le K, \; K r - K^2/2 \text{ beyond},

the sum over presses, each a block of residuals in units of the noise.  A contributor's presses share one
weight: :math:`w_i` is 1 over their number, less for a press of great leverage, so that :math:`w_i |A_i|
K_i` summed over one contributor is at most :math:`K a` with *a* = `LEVERAGE`.  F is convex, and strongly so
with modulus 1.

*Theorem.*  Let :math:`\beta_0` minimise F without the presses of *k* forgers, whatever these are, and
:math:`\beta` with them. Of honest press *i* let :math:`\rho_i = (K_i - |y_i - A_i\beta_0|)^+ / |A_i|`, and

.. math:: g(\rho) = \rho\,\Big(1 + \lambda_{\min} \sum_i w_i \min(1, \rho_i / \rho)\, A_i^T A_i\Big).

If :math:`k K a < g(\rho)`, then :math:`|\beta - \beta_0| \le \rho`. In particular always
:math:`|\beta - \beta_0| \le k K a`.

*Proof.*  Each forger's part of F has a gradient of at most :math:`K a`, since :math:`h_K' \le K`. So the
honest gradient at :math:`\beta` is at most :math:`k K a`. Go from :math:`\beta_0`, where it vanishes,
straight to :math:`\beta`, and look at its component *G* along the way *e*. The prior adds 1 to it per unit
of way. Every press is convex, so it never takes away; within :math:`\rho_i` it is in the quadratic part of
its *h* and adds :math:`w_i |A_i e|^2` per unit. So after a way of :math:`\rho` the component is at least
:math:`g(\rho)`, and it does not fall later: a way longer than :math:`\rho` would end where it exceeds
:math:`k K a`.  ∎

Where honest presses see every coefficient, the bound is about :math:`\frac{k}{m} \cdot \frac{K a}{\lambda}`
with :math:`\lambda` the mean of :math:`w |A e|^2`: in proportion to the forgers' share while that is small.
Towards one half it exceeds the bounds of `CalibrationModel`, which then are what holds.
"""

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import stats

Real = npt.NDArray[np.float64]

LEVERAGE = 1.0
_ROUNDS = 200
_SETTLED = 1e-10
_QUANTILE = 0.99
_TINY = 1e-300
_RADII = 2.0 ** np.arange(-12, 0, 0.1)


@dataclass(frozen=True, eq=False)
class Blocks:
    """Presses as blocks of residuals, in units of the noise, and of coefficients, in units of their prior.

    Attributes
    ----------
    design : (m, r, d) ndarray of float64
        What one unit of each coefficient adds to the residuals of each press.
    target : (m, r) ndarray of float64
        Residuals without any correction.
    freedom : (m,) ndarray of int64
        Degrees of freedom of each press; rows beyond them are zero or follow from the others.
    contributor : (m,) ndarray of int64
        Who made each press, counted from 0.
    """

    design: Real
    target: Real
    freedom: npt.NDArray[np.int64]
    contributor: npt.NDArray[np.int64]

    @property
    def contributors(self) -> int:
        """Number of different contributors."""
        return len(np.unique(self.contributor))

    @property
    def reach(self) -> Real:
        """Length (m,) of residuals beyond which they pull no harder: 1 % of honest ones are longer."""
        return np.sqrt(stats.chi2.ppf(_QUANTILE, self.freedom))

    @property
    def leverage(self) -> Real:
        """Largest singular value (m,) of each press's design."""
        values: Real = np.linalg.norm(self.design, ord=2, axis=(1, 2))
        return values

    @property
    def weight(self) -> Real:
        """Weight (m,) of each press: contributors weigh 1 at most, and presses of great leverage less."""
        _, inverse, counts = np.unique(self.contributor, return_inverse=True, return_counts=True)
        each: Real = 1.0 / counts[inverse]
        return each * np.minimum(1.0, LEVERAGE / np.maximum(self.leverage, _TINY))

    def of(self, chosen: npt.NDArray[np.bool_]) -> "Blocks":
        """Return some of the presses."""
        return Blocks(
            self.design[chosen], self.target[chosen], self.freedom[chosen], self.contributor[chosen]
        )

    def lengths(self, beta: Real) -> Real:
        """Return the length (m,) of each press's residuals under coefficients (d,)."""
        values: Real = np.linalg.norm(self.target - self.design @ beta, axis=1)
        return values


def solve(blocks: Blocks) -> Real:
    """Return the coefficients (d,) that minimise F of the module's text.

    By iteratively reweighted least squares, which descends in every step (Huber, Robust Statistics, 1981).
    """
    weight, reach = blocks.weight, blocks.reach
    squares = np.einsum("mrd,mre->mde", blocks.design, blocks.design, optimize=True)
    inner = np.einsum("mrd,mr->md", blocks.design, blocks.target)
    beta = np.zeros(blocks.design.shape[2])
    for _ in range(_ROUNDS):
        pull = weight * np.minimum(1.0, reach / np.maximum(blocks.lengths(beta), _TINY))
        update = np.linalg.solve(np.eye(len(beta)) + np.tensordot(pull, squares, 1), pull @ inner)
        moved = float(np.abs(update - beta).max(initial=0.0))
        beta = update
        if moved < _SETTLED:
            break
    return beta


def influence_bound(honest: Blocks, forgers: int, leverage: float = LEVERAGE) -> float:
    """Return how far forgers can move `solve` from what the honest presses alone give.

    Parameters
    ----------
    honest : Blocks
        The presses of honest contributors.
    forgers : int
        How many contributors forge, each any number of presses, with as many tips, anywhere.
    leverage : float
        The greatest leverage a forged press can have, where it is less than `LEVERAGE`.

    Returns
    -------
    float
        Bound on the Euclidean length of the change of the coefficients, by the theorem.
    """
    push = forgers * min(leverage, LEVERAGE) * float(honest.reach.max())
    strength, weight = honest.leverage, honest.weight
    spare = np.maximum(0.0, honest.reach - honest.lengths(solve(honest))) / np.maximum(strength, _TINY)
    squares = np.einsum("mrd,mre->mde", honest.design, honest.design, optimize=True)
    for radius in push * _RADII:
        held = np.tensordot(weight * np.minimum(1.0, spare / max(radius, _TINY)), squares, 1)
        if push < radius * (1.0 + max(0.0, float(np.linalg.eigvalsh(held)[0]))):
            return float(radius)
    return push


def is_better_for_most(blocks: Blocks) -> bool:
    r"""Tell whether what is learnt makes presses it was not learnt from fit better, for most contributors.

    Contributors are halved; each half is judged by the coefficients that the other half gives. With *n*
    contributors more than :math:`(n + \sqrt n)/2` must fit better than without any correction, so chance
    alone passes about one time in six. *k* forgers can add *k* voices: then more than :math:`n/2 - k` of
    the :math:`n - k` honest contributors are better off all the same.
    """
    names, place = np.unique(blocks.contributor, return_inverse=True)
    half = place % 2 == 0
    gain = np.zeros(len(place))
    for judged, learnt in ((half, ~half), (~half, half)):
        if not learnt.any() or not judged.any():
            return False
        beta = solve(blocks.of(learnt))
        presses = blocks.of(judged)
        reach = presses.reach
        gain[judged] = _huber(presses.lengths(np.zeros_like(beta)), reach) - _huber(
            presses.lengths(beta), reach
        )
    better = np.bincount(place, weights=gain, minlength=len(names)) > 0
    return int(better.sum()) > (len(names) + math.sqrt(len(names))) / 2


def _huber(lengths: Real, reach: Real) -> Real:
    return np.where(lengths <= reach, lengths**2 / 2, reach * lengths - reach**2 / 2)


def median_bounds(honest: npt.ArrayLike, forged: int) -> tuple[float, float]:
    """Return the honest order statistics between which the median stays when some values are forged.

    Parameters
    ----------
    honest : (m,) array_like
    forged : int
        Number of forged values beside them, below m.

    Raises
    ------
    ValueError
        Forged values are no minority: then nothing holds.
    """
    values = np.sort(np.asarray(honest, dtype=np.float64))
    if not 0 <= forged < len(values):
        raise ValueError(f"forged must be from 0 to {len(values) - 1}, fewer than are honest, not {forged}")
    position = -(-(len(values) - forged) // 2)
    return float(values[position - 1]), float(values[len(values) - position])
