"""How alike two stamps may be where both may be pressed."""

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import special

from stampsdk.matching._likelihood import Scale
from stampsdk.matching._model import RecognitionModel
from stampsdk.matching._recognition import SearchesPatterns

_MODEL = RecognitionModel()


@dataclass(frozen=True)
class Neighbour:
    """A registered stamp that looks much like another one.

    Attributes
    ----------
    stamp_id : int
        Its id in the index.
    distance_mm : float
        Root mean square distance between the tips of both after the best fit, in mm.
    mix_up_rate : float
        Share of presses of one that look more like the other, see `mix_up_rate`.
    """

    stamp_id: int
    distance_mm: float
    mix_up_rate: float


def confusable(
    pattern: npt.ArrayLike,
    index: SearchesPatterns,
    limit_mm: float | None = None,
    *,
    scale: Scale = None,
    model: RecognitionModel = _MODEL,
) -> tuple[Neighbour, ...]:
    """Find registered stamps that would be mixed up with a pattern if both stood at one place.

    Parameters
    ----------
    pattern : (n, 2) array_like
        Tips in mm.
    index : PatternIndex
        Registered stamps of as many tips.
    limit_mm : float, optional
        Distance up to which stamps count; `confusable_distance_mm` unless given.
    scale : (lo, hi) or None
        Sizes that count as equal.  None, the default, compares shapes alone, as a browser sees them;
        ``(0.98, 1.02)`` suits places where only phones of known density are used.
    model : RecognitionModel
        Noise and threshold.

    Returns
    -------
    tuple of Neighbour
        Nearest first; the pattern itself too when it is registered.

    Raises
    ------
    ValueError
        When the index refuses an argument.
    """
    points = np.asarray(pattern, dtype=np.float64)
    limit = confusable_distance_mm(len(points), model=model) if limit_mm is None else limit_mm
    hits = index.search(points, tolerance=limit, scale=scale)
    return tuple(
        Neighbour(
            int(stamp), float(distance), mix_up_rate(float(distance), len(points), sigma_mm=model.sigma_mm)
        )
        for stamp, distance in zip(hits.ids, hits.residual, strict=True)
    )


def mix_up_rate(distance_mm: float, tips: int, *, sigma_mm: float) -> float:
    r"""Share of presses of one stamp that lie nearer to another one.

    With :math:`D = \sqrt{n}\,\delta` the distance of both patterns, the difference of the squared
    distances of a press to them is normal, so the share is :math:`\Phi(-D / 2\sigma)`.  Rotation and scale
    are fitted to either; to first order in :math:`\sigma` over the size of a stamp that changes nothing.

    Parameters
    ----------
    distance_mm : float
        Root mean square distance of the tips, :math:`\delta`, in mm.
    tips : int
        Tips of either, *n*.
    sigma_mm : float
        Standard deviation of a touch per axis, in mm.

    Returns
    -------
    float
        Between 0 and 0.5.
    """
    return float(special.ndtr(-math.sqrt(tips) * distance_mm / (2 * sigma_mm)))


def confusable_distance_mm(tips: int, *, model: RecognitionModel = _MODEL, rate: float = 0.01) -> float:
    r"""Distance at which two stamps at one place spoil a given share of each other's presses.

    A press is spoilt when, both stamps being equally likely beforehand, the posterior of the right one
    stays below the threshold *t*.  The log odds are normal with mean :math:`x^2 / 2` and variance
    :math:`x^2`, :math:`x = \sqrt{n}\,\delta / \sigma`, so *x* solves

    .. math:: x^2 / 2 - z x - \log\frac{t}{1 - t} = 0, \qquad z = \Phi^{-1}(1 - \text{rate}).

    At the defaults and five tips that is 1.20 mm.  Spoilt presses are ambiguous, hardly ever wrong: at
    this distance the wrong stamp reaches the threshold in fewer than one press in a hundred thousand.

    Parameters
    ----------
    tips : int
        Tips of either stamp.
    model : RecognitionModel
        Its `sigma_mm` and `threshold`.
    rate : float
        Share of spoilt presses, between 0 and 0.5.

    Returns
    -------
    float
        Root mean square distance in mm.

    Raises
    ------
    ValueError
        For a rate out of range.
    """
    if not 0 < rate < 0.5:  # noqa: PLR2004 - at one half there is no distance left
        raise ValueError(f"rate must lie between 0 and 0.5, not {rate}")
    z = -float(special.ndtri(rate))
    x = z + math.sqrt(z**2 + 2 * float(special.logit(model.threshold)))
    return x * model.sigma_mm / math.sqrt(tips)
