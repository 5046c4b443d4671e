"""Checks on what callers hand in; every message names the argument, and the row where there is one."""

import math
from collections.abc import Sequence
from numbers import Real
from typing import Any

import numpy as np
from numpy.typing import NDArray

LEAST_TIPS = 3
MOST_TIPS = 10
FARTHEST_TIP_MM = 500.0
GREATEST_TOLERANCE_MM = 1e9
CLOSEST_TIPS_MM = 1e-9
"""Tips closer than a picometre count as coincident."""

Points = NDArray[np.float64]


def as_real(value: Any, name: str) -> Points:
    """Return native, contiguous float64, whatever real array, list or byte order comes in."""
    try:
        array = np.asarray(value)
        if array.dtype.kind in "fiu" or (array.dtype == object and _are_real(array)):
            return np.ascontiguousarray(array, dtype=np.float64)
    except (TypeError, ValueError, OverflowError) as error:
        raise ValueError(f"{name} must be an array of real numbers: {error}") from None
    raise ValueError(f"{name} must be an array of real numbers, not of {array.dtype}")


def shaped_patterns(points: Any, name: str = "points", tips: int | None = None) -> Points:
    """Return patterns as float64 (N, n, 2) of a tip count that is supported, or raise ValueError."""
    array = as_real(points, name)
    if array.ndim != 3 or array.shape[2] != 2:  # noqa: PLR2004 - the shape (N, n, 2)
        raise ValueError(f"{name} must have the shape (N, n, 2), not {array.shape}")
    count = array.shape[1]
    if not LEAST_TIPS <= count <= MOST_TIPS:
        raise ValueError(f"{name} has {count} tips in a pattern; {LEAST_TIPS} to {MOST_TIPS} are supported")
    if tips is not None and count != tips:
        raise ValueError(f"{name} has {count} tips in a pattern; this index holds patterns of {tips}")
    return array


def checked_patterns(points: Any, name: str = "points", tips: int | None = None, *, first: int = 0) -> Points:
    """Return patterns as float64 (N, n, 2), centred on their centroids, or raise ValueError.

    Rows are counted from `first` in messages.
    """
    array = shaped_patterns(points, name, tips)
    _refuse_rows(~np.isfinite(array).all(axis=(1, 2)), name, "holds NaN or an infinity", first)
    with np.errstate(over="ignore", invalid="ignore"):
        centred = array - _means(array)
        reach = np.abs(to_complex(centred)).max(axis=1, initial=0.0)
    too_far = ~(reach <= FARTHEST_TIP_MM)
    _refuse_rows(too_far, name, f"has a tip farther than {FARTHEST_TIP_MM:g} mm from the centroid", first)
    _refuse_rows(_closest(centred) < CLOSEST_TIPS_MM, name, "has two tips that coincide", first)
    return centred


def checked_touches(touches: Any, name: str = "touches", *, batch: bool = False) -> Points:
    """Return touches as finite float64 (n, 2), or (Q, n, 2) for a batch, or raise ValueError."""
    array = as_real(touches, name)
    shape = "(Q, n, 2)" if batch else "(n, 2)"
    if array.ndim != 2 + batch or array.shape[-1] != 2:  # noqa: PLR2004 - the shapes named above
        raise ValueError(f"{name} must have the shape {shape}, not {array.shape}")
    bad = ~np.isfinite(array).all(axis=-1)
    if batch:
        bad = bad.any(axis=-1)
    _refuse_rows(bad, name, "holds NaN or an infinity")
    return array


def checked_scale(scale: Any) -> tuple[float, float]:
    """Return (lo, hi), or (0, infinity) for None, or raise ValueError."""
    if scale is None:
        return 0.0, math.inf
    pair = isinstance(scale, (Sequence, np.ndarray)) and not isinstance(scale, (str, bytes))
    if not pair or len(scale) != 2:  # noqa: PLR2004 - a pair
        raise ValueError(f"scale must be None or a pair (lo, hi), not {scale!r}")
    low, high = _number(scale[0]), _number(scale[1])
    if low is None or high is None:
        raise ValueError(f"scale must be a pair of numbers, not {scale!r}")
    if not 0.0 < low <= high < math.inf:
        raise ValueError(f"scale must satisfy 0 < lo <= hi, both finite, not {scale!r}")
    return low, high


def checked_tolerance(tolerance: Any) -> float:
    """Return the tolerance in mm, or raise ValueError."""
    value = _number(tolerance)
    if value is None:
        raise ValueError(f"tolerance must be a number of millimetres, not {tolerance!r}")
    if not 0.0 <= value <= GREATEST_TOLERANCE_MM:
        raise ValueError(f"tolerance must be from 0 to {GREATEST_TOLERANCE_MM:g} mm, not {tolerance!r}")
    return value


def _number(value: Any) -> float | None:
    """Return a real number as float, or None for anything else; Python would take text and True for one."""
    array = np.asarray(value)
    if array.ndim or array.dtype.kind not in "fiuO" or not (array.dtype != object or _are_real(array)):
        return None
    try:
        return float(value)
    except (TypeError, ValueError, OverflowError):
        return None


def to_complex(points: Points) -> NDArray[np.complex128]:
    """Return x + iy for points (..., 2)."""
    return np.ascontiguousarray(points).view(np.complex128)[..., 0]


def normalised(touches: Points) -> tuple[NDArray[np.complex128], NDArray[np.float64]]:
    """Split touches (..., n, 2) into shape and size.

    Returns
    -------
    unit : complex128 (..., n)
        Centred, of unit norm; all zero where the touches coincide.
    norm : float64 (...)
        The norm taken out; infinite where it exceeds the range of float64.
    """
    greatest = np.abs(touches).max(axis=(-2, -1), keepdims=True, initial=0.0)
    # A power of two takes part in no rounding, and keeps 1e308 and 1e-308 from over- and underflow.
    exponent = np.frexp(greatest)[1]
    scaled = np.ldexp(touches, -exponent)
    centred = scaled - _means(scaled)
    centred -= _means(centred)  # what rounding left of the centroid, which counts far from the origin
    centred[(touches == touches[..., :1, :]).all(axis=(-2, -1))] = 0.0
    norm = np.sqrt((centred**2).sum(axis=(-2, -1), keepdims=True))
    unit = np.divide(centred, norm, out=np.zeros_like(centred), where=norm > 0.0)
    with np.errstate(over="ignore"):
        size = np.ldexp(norm, exponent)
    return to_complex(unit), size[..., 0, 0]


def _are_real(array: NDArray[Any]) -> bool:
    """Tell whether an array of objects holds numbers only; numpy would take None for NaN, and parse text."""
    return all(isinstance(item, Real) and not isinstance(item, bool) for item in array.flat)


def _means(array: Points) -> Points:
    """Return centroids (..., 1, 2) that do not depend on the order of the points, to the last bit."""
    means: Points = np.sort(array, axis=-2).mean(axis=-2, keepdims=True)
    return means


def _closest(centred: Points) -> NDArray[np.float64]:
    """Return the least distance between two tips of each pattern."""
    at = to_complex(centred)
    least = np.full(len(at), np.inf)
    for step in range(1, at.shape[1]):
        np.minimum(least, np.abs(at[:, step:] - at[:, :-step]).min(axis=1), out=least)
    return least


def _refuse_rows(bad: Any, name: str, reason: str, first: int = 0) -> None:
    rows = np.flatnonzero(bad)
    if rows.size:
        more = f" (and {rows.size - 1} more rows)" if rows.size > 1 else ""
        raise ValueError(f"{name}: row {first + rows[0]} {reason}{more}")
