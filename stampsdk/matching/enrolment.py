"""An unknown stamp becomes a pattern: the mean of a few presses on a phone of known density."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import numpy.typing as npt
from scipy.optimize import linear_sum_assignment

from stampsdk.geometry import residual

Real = npt.NDArray[np.float64]
Complex = npt.NDArray[np.complex128]

_LEAST_PRESSES = 2
_TIP_COUNTS = range(3, 11)
_ROUNDS = 20
_SETTLED_MM = 1e-9


class EnrolmentCode(StrEnum):
    """Why presses do not make a pattern; stable, for programs."""

    TOO_FEW_PRESSES = "too_few_presses"
    TIP_COUNTS_DIFFER = "tip_counts_differ"
    TIP_COUNT_UNSUPPORTED = "tip_count_unsupported"
    NOT_FINITE = "not_finite"
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
    spacing_mm : float
        Least distance between two tips of the mean: touch controllers merge closer contacts.
    symmetry_mm : float
        A pattern closer than this to itself with its tips exchanged is refused: the angle at which
        it is pressed could not be told.
    """

    residual_mm: float = 0.75
    spacing_mm: float = 8.0
    symmetry_mm: float = 1.2


@dataclass(frozen=True, eq=False)
class Enrolment:
    """A pattern made from presses.

    Attributes
    ----------
    pattern_mm : (n, 2) ndarray of float64
        Mean position of each tip in mm, centroid at the origin, turned and ordered as the first press.
    spread_mm : float
        Standard deviation of a touch per axis, estimated from the presses, in mm.
    residuals_mm : tuple of float
        Root mean square distance of each press from the mean, in mm.
    """

    pattern_mm: Real
    spread_mm: float
    residuals_mm: tuple[float, ...]


_LIMITS = EnrolmentLimits()


def enrol(presses: Sequence[npt.ArrayLike], *, limits: EnrolmentLimits = _LIMITS) -> Enrolment:
    """Make a pattern from two or more presses of one stamp; three are expected.

    Touches are brought into the order of the press that agrees best with the others, by the exact
    residual without scale or reflection, and averaged by generalised Procrustes analysis (rotations
    only [1]_).  Sizes are not normalised: on one phone a common scale error cannot be told from the
    stamp's size, and stays in the pattern (2 % at most where the density is known).

    The mean of *m* presses is closer to the truth than one press by a factor of sqrt(m).

    Parameters
    ----------
    presses : sequence of (n, 2) array_like
        Touches in mm, each press at any place, angle and order, 3 to 10 tips.
    limits : EnrolmentLimits
        When to refuse.

    Returns
    -------
    Enrolment
        Pattern, spread and residuals.

    Raises
    ------
    EnrolmentError
        With a stable code: too few presses, tip counts that differ or are not supported, touches
        that are not finite, tips too close, presses that disagree (another stamp among them, or a
        tip that slipped), or a pattern that nearly maps onto itself.

    References
    ----------
    .. [1] J. C. Gower, Generalized Procrustes analysis, Psychometrika 40 (1975); Dryden and Mardia,
       Statistical Shape Analysis, 2nd ed., Wiley 2016, ch. 7.
    """
    sets = _checked(presses)
    ordered = _in_common_order(sets)
    mean, aligned = _procrustes_mean(ordered)
    tips = len(mean)
    residuals = np.sqrt((np.abs(aligned - mean) ** 2).mean(axis=1))
    worst = int(residuals.argmax())
    if residuals[worst] > limits.residual_mm:
        raise EnrolmentError(
            EnrolmentCode.PRESSES_DISAGREE,
            f"press {worst + 1} lies {residuals[worst]:.2f} mm from the mean of all, more than "
            f"{limits.residual_mm:g} mm; press the same stamp again, flat and without sliding",
        )
    gap = np.abs(mean[:, None] - mean[None, :])[np.triu_indices(tips, 1)].min()
    if gap < limits.spacing_mm:
        raise EnrolmentError(
            EnrolmentCode.TIPS_TOO_CLOSE,
            f"two tips are {gap:.1f} mm apart, less than {limits.spacing_mm:g} mm; "
            "touchscreens would take them for one",
        )
    twin = _self_distance(mean)
    if twin < limits.symmetry_mm:
        raise EnrolmentError(
            EnrolmentCode.SYMMETRIC,
            f"turned onto itself the pattern differs by {twin:.2f} mm only, less than "
            f"{limits.symmetry_mm:g} mm; its angle could not be told",
        )
    # Each press loses three coordinates to its place and angle, all together 2n - 3 to the mean.
    freedom = (len(sets) - 1) * (2 * tips - 3)
    spread = float(np.sqrt((np.abs(aligned - mean) ** 2).sum() / freedom))
    pattern = np.stack((mean.real, mean.imag), axis=1)
    return Enrolment(pattern, spread, tuple(float(value) for value in residuals))


def _checked(presses: Sequence[npt.ArrayLike]) -> list[Real]:
    """Presses as arrays of one shape with finite numbers."""
    if len(presses) < _LEAST_PRESSES:
        raise EnrolmentError(
            EnrolmentCode.TOO_FEW_PRESSES, f"at least {_LEAST_PRESSES} presses are needed, not {len(presses)}"
        )
    sets = [np.asarray(press, dtype=np.float64) for press in presses]
    for number, points in enumerate(sets, 1):
        if points.ndim != 2 or points.shape[1] != 2:  # noqa: PLR2004 - rows of x and y
            raise ValueError(f"press {number} must have shape (n, 2), not {points.shape}")
        if not np.isfinite(points).all():
            raise EnrolmentError(EnrolmentCode.NOT_FINITE, f"press {number} has touches that are not finite")
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
    return sets


def _in_common_order(sets: list[Real]) -> Complex:
    """Presses (m, n) with tip k of each in column k, in the order of tips of the first press."""
    costs = [sum(residual(other, hub, scale=(1.0, 1.0)).residual for other in sets) for hub in sets]
    hub = sets[int(np.argmin(costs))]
    rows = []
    for points in sets:
        labels = np.asarray(residual(points, hub, scale=(1.0, 1.0)).labels)
        rows.append(points[np.argsort(labels)])
    first = np.asarray(residual(sets[0], hub, scale=(1.0, 1.0)).labels)
    stacked = np.stack(rows)[:, first]
    centred = stacked - stacked.mean(axis=1, keepdims=True)
    result: Complex = centred[..., 0] + 1j * centred[..., 1]
    return result


def _procrustes_mean(ordered: Complex) -> tuple[Complex, Complex]:
    """Mean (n,) and presses turned onto it (m, n); the mean stands as the first press does."""
    mean = ordered[0]
    aligned = ordered
    for _ in range(_ROUNDS):
        inner = (ordered.conj() * mean).sum(axis=1)
        aligned = ordered * (inner / np.abs(inner))[:, None]
        update = aligned.mean(axis=0)
        moved = np.abs(update - mean).max()
        mean = update
        if moved < _SETTLED_MM:
            break
    turn = (mean.conj() * ordered[0]).sum()
    turn /= np.abs(turn)
    return mean * turn, aligned * turn


def _self_distance(pattern: Complex) -> float:
    """Root mean square distance between a centred pattern and itself turned onto other tips of its own.

    A turn that nearly maps the pattern onto itself takes the outermost tip near to another tip, so
    only those turns are tried, each refined until its assignment stays.
    """
    outermost = int(np.abs(pattern).argmax())
    smallest = np.inf
    for other in range(len(pattern)):
        if other == outermost:
            continue
        turn = pattern[other] / pattern[outermost]
        order = None
        for _ in range(_ROUNDS):
            turned = pattern * turn / np.abs(turn)
            _, best = linear_sum_assignment(np.abs(turned[:, None] - pattern[None, :]) ** 2)
            if order is not None and (best == order).all():
                break
            order = best
            turn = (pattern.conj() * pattern[best]).sum()
        if order is not None and (order != np.arange(len(pattern))).any():
            distance = np.sqrt((np.abs(pattern * turn / np.abs(turn) - pattern[order]) ** 2).mean())
            smallest = min(smallest, float(distance))
    return smallest
