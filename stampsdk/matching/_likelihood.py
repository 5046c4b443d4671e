"""How probable the observed touches are if a given registered stamp made them."""

import math

import numpy as np
import numpy.typing as npt
from scipy import special

from stampsdk.matching._model import RecognitionModel

Complex = npt.NDArray[np.complex128]
Real = npt.NDArray[np.float64]
Scale = tuple[float, float] | None

# Beyond eight standard deviations a normal integrand has lost 1e-14 of its mass.
_WINDOW = 8.0
_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(32)


def candidate_log_density(touches: Complex, patterns: Complex, scale: Scale, model: RecognitionModel) -> Real:
    r"""Log density of the touches for each candidate pattern, its tips in the touches' order.

    Place and angle of the press are uniform, the assignment of touches to tips is one of *n*!
    equally likely ones, and the scale (mm per unit) is log-uniform: over the given range when there
    is one, over all positive numbers when it is free.  With *y* the centred touches, *h* the centred
    pattern, :math:`a = |y|^2`, :math:`b = |h|^2`, :math:`c = |\langle h, y\rangle|` and known scale
    *s* the density in the 2n-2 coordinates that translation leaves is

    .. math:: s^{2n-2} (2\pi\sigma^2)^{-(n-1)}
              \exp\!\left(-\frac{s^2 a + b}{2\sigma^2}\right) I_0\!\left(\frac{s c}{\sigma^2}\right),

    which is integrated over the range by Gauss-Legendre quadrature.  For free scale the integral has
    a closed form, the offset-normal shape density of Mardia and Dryden: with
    :math:`\kappa = b / 2\sigma^2`, full Procrustes distance *d* and the Laguerre polynomial *L*,

    .. math:: \frac{\Gamma(n-1)}{2 \pi^{n-1} a^{n-1}}
              \; e^{-\kappa d^2} L_{n-2}\left(-\kappa (1 - d^2)\right).

    Its second factor is the density with respect to the uniform law of shapes, so its mean under
    that law is exactly 1.  For large :math:`\kappa` it agrees with the complex Watson density
    :math:`e^{\kappa (1 - d^2)} / {}_1F_1(1; n-1; \kappa)`.

    Only the given assignment is summed, so the value is a lower bound for a pattern that nearly maps
    onto itself (by at most the log of its number of symmetries), and sharp for all others.

    Parameters
    ----------
    touches : (n,) complex128
        Touches x + iy, in input units.
    patterns : (K, n) complex128
        Registered tips in mm; tip ``k`` of each row belongs to touch ``k``.
    scale : (lo, hi) or None
        Range of the scale in mm per unit; None for free.
    model : RecognitionModel
        Noise.

    Returns
    -------
    (K,) float64
        Natural logarithms.  For a free scale the log-uniform law is not normalised; the same law is
        used for `unregistered_log_density`, so that the two may be compared.

    References
    ----------
    .. [1] I. L. Dryden and K. V. Mardia, Statistical Shape Analysis, 2nd ed., Wiley 2016, ch. 10-11.
    .. [2] K. V. Mardia and I. L. Dryden, The statistical analysis of shape data, Biometrika 76 (1989).
    """
    y = touches - touches.mean()
    h = patterns - patterns.mean(axis=1, keepdims=True)
    density = _free if scale is None else _ranged
    parts = [math.log(share) + density(y, h, scale, sigma) for share, sigma in model.noise]
    total: Real = np.logaddexp.reduce(np.stack(parts), axis=0)
    return total - math.lgamma(len(y) + 1)


def _free(y: Complex, h: Complex, _scale: Scale, sigma: float) -> Real:
    """Evaluate the closed form over all scales."""
    order = len(y) - 2
    size = np.linalg.norm(y)
    unit_y = y / size
    sizes = np.linalg.norm(h, axis=1)
    unit_h = h / sizes[:, None]
    inner = (unit_h.conj() * unit_y).sum(axis=1)
    # The residual itself, not 1 - |inner|²: that would lose all digits of a good match.
    distance = np.linalg.norm(unit_y - inner[:, None] * unit_h, axis=1)
    kappa = sizes**2 / (2 * sigma**2)
    x = kappa * np.abs(inner) ** 2
    laguerre = special.eval_laguerre(order, -x)
    shape: Real = np.log(laguerre) - kappa * distance**2
    return shape + log_free_volume(len(y)) - 2 * (order + 1) * math.log(size)


def log_free_volume(tips: int) -> float:
    """Log of 1 over the area of the unit sphere of centred configurations, in 2n-2 dimensions."""
    return math.lgamma(tips - 1) - math.log(2) - (tips - 1) * math.log(math.pi)


def _ranged(y: Complex, h: Complex, scale: Scale, sigma: float) -> Real:
    """Quadrature over a range of scales, within reach of the best one of each candidate."""
    assert scale is not None  # noqa: S101 - chosen by the caller; tells the type checker
    lo, hi = scale
    dimensions = 2 * len(y) - 2
    a = (np.abs(y) ** 2).sum()
    b = (np.abs(h) ** 2).sum(axis=1)
    c = np.abs((h.conj() * y).sum(axis=1))
    best = np.clip(c / a, lo, hi)
    reach = _WINDOW * sigma / math.sqrt(a)
    low = np.maximum(lo, best - reach)
    high = np.minimum(hi, best + reach)
    s = low[:, None] + (high - low)[:, None] * (_NODES + 1) / 2
    exponent = -(s**2 * a + b[:, None] - 2 * s * c[:, None]) / (2 * sigma**2)
    values = exponent + np.log(special.i0e(s * c[:, None] / sigma**2)) + dimensions * np.log(s)
    values -= (dimensions / 2) * math.log(2 * math.pi * sigma**2)
    if hi <= lo * (1 + 1e-9):
        known: Real = values[:, 0]
        return known
    with np.errstate(divide="ignore"):
        logs = values + np.log(_WEIGHTS / 2) + np.log(high - low)[:, None] - np.log(s)
    total: Real = np.logaddexp.reduce(logs, axis=1) - math.log(math.log(hi / lo))
    return total
