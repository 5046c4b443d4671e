"""What presses must be to make a pattern, and what is said when they are not."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import numpy.typing as npt

Real = npt.NDArray[np.float64]
Complex = npt.NDArray[np.complex128]

_LEAST_PRESSES = 2
_TIP_COUNTS = range(3, 11)
_DISTINCT_MM = 0.1


class EnrolmentCode(StrEnum):
    """Why presses do not make a pattern; stable, for programs."""

    TOO_FEW_PRESSES = "too_few_presses"
    TIP_COUNTS_DIFFER = "tip_counts_differ"
    TIP_COUNT_UNSUPPORTED = "tip_count_unsupported"
    NOT_FINITE = "not_finite"
    NOT_POINTS = "not_points"
    TOO_LARGE = "too_large"
    TIPS_TOO_CLOSE = "tips_too_close"
    PRESSES_DISAGREE = "presses_disagree"
    SYMMETRIC = "symmetric"


class EnrolmentError(ValueError):
    """The presses do not make a pattern.

    Attributes
    ----------
    code : EnrolmentCode
        Why, in a form that does not change with the wording.
    """

    def __init__(self, code: EnrolmentCode, message: str) -> None:
        super().__init__(message)
        self.code = code


@dataclass(frozen=True)
class EnrolmentLimits:
    """What presses must satisfy; lengths in mm.

    Attributes
    ----------
    residual_mm : float
        Largest residual of a press to the mean.  At 0.4 mm per axis it is 0.39 mm in the middle for
        three presses of five tips, and above 0.75 mm once in two thousand presses.
    face_mm : float
        Largest extent of a press across or down the screen.
    spacing_mm : float
        Least distance between two tips of the mean: touch controllers merge closer contacts.
    symmetry_mm : float
        A pattern closer than this to itself with its tips exchanged is refused: the angle at which
        it is pressed could not be told.
    """

    residual_mm: float = 0.75
    face_mm: float = 120.0
    spacing_mm: float = 8.0
    symmetry_mm: float = 1.2


def checked_presses(presses: Sequence[npt.ArrayLike], limits: EnrolmentLimits) -> list[Real]:
    """Take presses as arrays of one shape (n, 2), or say what is wrong with which of them."""
    if len(presses) < _LEAST_PRESSES:
        raise EnrolmentError(
            EnrolmentCode.TOO_FEW_PRESSES, f"at least {_LEAST_PRESSES} presses are needed, not {len(presses)}"
        )
    sets = [_as_points(number, press) for number, press in enumerate(presses, 1)]
    counts = [len(points) for points in sets]
    if len(set(counts)) > 1:
        raise EnrolmentError(
            EnrolmentCode.TIP_COUNTS_DIFFER,
            f"the presses have {counts} touches; all must have the same number",
        )
    if counts[0] not in _TIP_COUNTS:
        raise EnrolmentError(
            EnrolmentCode.TIP_COUNT_UNSUPPORTED,
            f"a stamp has 3 to 10 tips, not {counts[0]}; lift other fingers",
        )
    for number, points in enumerate(sets, 1):
        _check_extent(number, points, limits)
    return sets


def least_gap(z: Complex) -> float:
    """Return the distance of the two nearest points."""
    return float(np.abs(z[:, None] - z[None, :])[np.triu_indices(len(z), 1)].min())


def _as_points(number: int, press: npt.ArrayLike) -> Real:
    try:
        points = np.asarray(press, dtype=np.float64)
    except (TypeError, ValueError):
        points = np.empty(0)
    if points.ndim != 2 or points.shape[1] != 2:  # noqa: PLR2004 - rows of x and y
        raise EnrolmentError(
            EnrolmentCode.NOT_POINTS, f"press {number} must be rows of x and y, shape (n, 2)"
        )
    if not np.isfinite(points).all():
        raise EnrolmentError(EnrolmentCode.NOT_FINITE, f"press {number} has touches that are not finite")
    return points


def _check_extent(number: int, points: Real, limits: EnrolmentLimits) -> None:
    """Refuse a press that no stamp could have made, before anything is computed from it."""
    if not (points.max(axis=0) / 2 - points.min(axis=0) / 2).max() <= limits.face_mm / 2:
        raise EnrolmentError(
            EnrolmentCode.TOO_LARGE,
            f"press {number} is wider than {limits.face_mm:g} mm; is the density of the screen right?",
        )
    # Half the least spacing: of one bad press and two good ones the mean may still keep it.
    if least_gap(points[:, 0] + 1j * points[:, 1]) < max(limits.spacing_mm / 2, _DISTINCT_MM):
        raise EnrolmentError(
            EnrolmentCode.TIPS_TOO_CLOSE, f"two touches of press {number} are so close that they are one tip"
        )
