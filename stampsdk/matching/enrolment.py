"""An unknown stamp becomes a pattern: the mean of a few presses on a phone of known density."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.optimize import linear_sum_assignment

from stampsdk.geometry import residual
from stampsdk.matching._presses import (
    Complex,
    EnrolmentCode,
    EnrolmentError,
    EnrolmentLimits,
    Real,
    checked_presses,
    least_gap,
)

__all__ = ["Enrolment", "EnrolmentCode", "EnrolmentError", "EnrolmentLimits", "enrol"]

_ROUNDS = 20
_SETTLED_MM = 1e-9


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
        that are not points, not finite or too far apart, tips too close, presses that disagree
        (another stamp among them, or a tip that slipped), a pattern that nearly maps onto itself.

    References
    ----------
    .. [1] J. C. Gower, Generalized Procrustes analysis, Psychometrika 40 (1975); Dryden and Mardia,
       Statistical Shape Analysis, 2nd ed., Wiley 2016, ch. 7.
    """
    sets = checked_presses(presses, limits)
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
    gap = least_gap(mean)
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
        if other == outermost or pattern[other] == 0:
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
