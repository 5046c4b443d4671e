"""The residual between one set of touches and one pattern."""

import cmath
import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from stampsdk.geometry._fit import fit
from stampsdk.geometry._solver import best_labelling
from stampsdk.geometry._validation import (
    as_real,
    checked_patterns,
    checked_scale,
    checked_touches,
    normalised,
    to_complex,
)


@dataclass(frozen=True, slots=True)
class Alignment:
    """How touches lie best on a pattern.

    For every touch k, ``scale * R(rotation) @ touches[k] + shift`` lies near ``pattern[labels[k]]``, where
    ``R(a) = [[cos a, -sin a], [sin a, cos a]]``.

    Attributes
    ----------
    residual : float
        Root mean square distance in mm over the touches.
    labels : int64 (n,)
        Touch k lies on tip ``labels[k]``.
    scale : float
        Millimetres per unit of the touches.
    rotation : float
        Radians, in (-π, π].
    shift : float64 (2,)
        Millimetres.
    """

    residual: float
    labels: NDArray[np.int64]
    scale: float
    rotation: float
    shift: NDArray[np.float64]


def residual(touches: ArrayLike, pattern: ArrayLike, scale: tuple[float, float] | None = None) -> Alignment:
    """Return the least residual of touches on a pattern over all labellings, rotations, shifts and scales.

    The result is exact: no labelling has a smaller residual, and of labellings tied to within 1e-9 mm the
    lexicographically least is returned. Reflections are never used.

    Parameters
    ----------
    touches : array_like (n, 2)
        Touches in any unit; they may coincide.
    pattern : array_like (n, 2)
        Tips in mm, n from 3 to 10.
    scale : (lo, hi) or None
        Range of the scale in mm per unit of the touches; None leaves it free, [0, ∞).

    Returns
    -------
    Alignment

    Raises
    ------
    ValueError
        Names the argument that is not finite, not of the right shape, or not 0 < lo <= hi.

    Notes
    -----
    The best labelling is a vertex of a convex polygon whose support function is an assignment problem;
    docs/theory.md, section 5.
    """
    points = checked_touches(touches)
    tips = as_real(pattern, "pattern")
    if tips.ndim != 2:  # noqa: PLR2004 - the shape (n, 2)
        raise ValueError(f"pattern must have the shape (n, 2), not {tips.shape}")
    centred = checked_patterns(tips[np.newaxis], "pattern")[0]
    if len(points) != len(centred):
        raise ValueError(f"touches has {len(points)} points; pattern has {len(centred)}")
    low, high = checked_scale(scale)
    unit, length = normalised(points)
    norm = float(length)
    if low and math.isinf(low * norm):
        raise ValueError("touches spread so far that their size in mm exceeds the range of float64")
    labels = np.arange(len(points))
    target = to_complex(centred)
    size = float(np.linalg.norm(centred))
    if norm > 0.0:
        least, most = low * norm if low else 0.0, high * norm
        value = best_labelling(unit, target, size, least, most, math.inf, labels)
        _, used, rotation = fit(unit, target[labels], least, most)
        factor, angle = used / norm, cmath.phase(rotation)
    else:  # every labelling, angle and scale is as good as any other
        value, factor, angle = size / math.sqrt(len(points)), low, 0.0
    turn = np.array([[math.cos(angle), -math.sin(angle)], [math.sin(angle), math.cos(angle)]])
    shift = tips.mean(axis=0) - factor * (turn @ points.mean(axis=0))
    return Alignment(value, labels, factor, angle, shift)
