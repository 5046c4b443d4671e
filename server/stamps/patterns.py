"""Patterns of stamps: what may be registered, and how it is kept."""

from collections.abc import Sequence
from typing import Final

import numpy as np
import numpy.typing as npt

from server.core.errors import Unprocessable

Real = npt.NDArray[np.float64]

FEWEST_TIPS: Final = 3
MOST_TIPS: Final = 10
_MICROMETRES: Final = 1000.0
_STORED: Final = np.dtype("<i4")
_FARTHEST_MM: Final = 500.0


class PatternError(Unprocessable):
    """The tips cannot be a stamp's; `code` says why."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(detail, code=code)


def check_patterns(patterns: npt.ArrayLike, *, least_spacing_mm: float, largest_face_mm: float) -> Real:
    """Check patterns of one tip count.

    Parameters
    ----------
    patterns
        Tips (N, n, 2), mm.
    least_spacing_mm, largest_face_mm
        Least distance of two tips, and the largest.

    Returns
    -------
    ndarray of shape (N, n, 2)
        The patterns, rounded to a micrometre, as they will be kept.

    Raises
    ------
    PatternError
        Codes ``pattern_tip_count``, ``pattern_not_finite``, ``pattern_too_wide``
        and ``pattern_tips_too_close``; the message names the row and the tips.
    """
    points = np.asarray(patterns, dtype=np.float64)
    if points.ndim != 3 or points.shape[2] != 2 or not FEWEST_TIPS <= points.shape[1] <= MOST_TIPS:  # noqa: PLR2004
        raise PatternError(
            "pattern_tip_count", f"pattern_mm: {FEWEST_TIPS} to {MOST_TIPS} tips of two coordinates, in mm."
        )
    if not np.isfinite(points).all():
        raise PatternError("pattern_not_finite", "pattern_mm: every coordinate must be a finite number.")
    if np.abs(points).max(initial=0.0) > _FARTHEST_MM:
        raise PatternError("pattern_too_wide", f"pattern_mm: coordinates beyond {_FARTHEST_MM:g} mm.")
    first, second = np.triu_indices(points.shape[1], 1)
    gaps = np.hypot(*np.moveaxis(points[:, first] - points[:, second], -1, 0))
    _refuse(
        gaps > largest_face_mm, gaps, first, second, "pattern_too_wide", f"more than {largest_face_mm:g} mm"
    )
    _refuse(
        gaps < least_spacing_mm,
        gaps,
        first,
        second,
        "pattern_tips_too_close",
        f"less than {least_spacing_mm:g} mm; touchscreens take closer tips for one",
    )
    rounded: Real = np.rint(points * _MICROMETRES) / _MICROMETRES
    return rounded


def _refuse(
    wrong: npt.NDArray[np.bool_],
    gaps: Real,
    first: npt.NDArray[np.intp],
    second: npt.NDArray[np.intp],
    *texts: str,
) -> None:
    if not wrong.any():
        return
    row, pair = np.argwhere(wrong)[0]
    where = f"pattern_mm, row {row}" if len(gaps) > 1 else "pattern_mm"
    code, limit = texts
    raise PatternError(
        code, f"{where}: tips {first[pair]} and {second[pair]} are {gaps[row, pair]:.2f} mm apart, {limit}."
    )


def encode(pattern: Real) -> bytes:
    """Return a checked pattern (n, 2) as it is kept: little-endian int32, micrometres, x and y in turn."""
    return np.rint(pattern * _MICROMETRES).astype(_STORED).tobytes()


def decode(kept: Sequence[bytes], tips: int) -> Real:
    """Return kept patterns of one tip count as an array (N, tips, 2), mm."""
    micrometres = np.frombuffer(b"".join(kept), dtype=_STORED).reshape(len(kept), tips, 2)
    return micrometres / _MICROMETRES
