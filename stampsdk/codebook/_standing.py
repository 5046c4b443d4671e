"""How far apart tips can stand on a face: tables for discs and squares, a search for other outlines."""

import math

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import LinearConstraint, NonlinearConstraint, minimize

from stampsdk.codebook._field import Field
from stampsdk.codebook._packings import IN_DISC, IN_SQUARE
from stampsdk.codebook.errors import FamilyError
from stampsdk.codebook.face import Face
from stampsdk.geometry._validation import LEAST_TIPS

_STARTS = 100
_SEARCHED = 1.01
"""So much farther apart than any arrangement that a search found is taken for impossible."""


def refuse_crowded(tips: int, face: Face, *, edge_mm: float, spacing_mm: float) -> None:
    """Refuse so many tips that cannot stand so far apart.

    Proven for round and square faces. On an outline of one's own it is a search that tells, and a hundredth
    more than it finds still passes.

    Raises
    ------
    FamilyError
        "family_impossible"; says the greatest spacing of so many tips, and how many could stand so far apart.
    """
    widest = farthest_apart(tips, face, edge_mm=edge_mm, enough_mm=spacing_mm)
    margin = _SEARCHED if face.shape == "custom" else 1.0
    if spacing_mm <= margin * widest:
        return
    fewer = [
        count
        for count in range(LEAST_TIPS, tips)
        if farthest_apart(count, face, edge_mm=edge_mm, enough_mm=spacing_mm) >= spacing_mm
    ]
    most = f"at most {max(fewer)}" if fewer else f"not even {LEAST_TIPS}"
    raise FamilyError(
        f"tip.spacing_mm={spacing_mm:g} is impossible for {tips} tips on this face, {edge_mm:g} mm from its "
        f"edge: they stand {widest:.4g} mm apart at most, and {most} could stand so far apart",
        "family_impossible",
    )


def farthest_apart(tips: int, face: Face, *, edge_mm: float, enough_mm: float = math.inf) -> float:
    """Return the greatest spacing of so many tips on a face, mm.

    On an outline of one's own it is the greatest that a search finds; the search ends when `enough_mm` is
    found.

    Raises
    ------
    FamilyError
        The edge leaves no room.
    """
    field = face.field(edge_mm)
    if face.shape == "round":
        return float(field.radius * IN_DISC[tips])
    if face.shape == "square":
        return float(2.0 * field.offsets[0] * IN_SQUARE[tips])
    return _searched(tips, field, enough_mm)


def _searched(tips: int, field: Field, enough: float) -> float:
    """Search by moving points from some random starts until none can move farther from its nearest."""
    corners = _corners(field)
    rng = np.random.default_rng(0)  # the same answer for the same face, everywhere
    left, right = np.triu_indices(tips, 1)
    rows = np.arange(len(left))
    inside = LinearConstraint(
        np.column_stack([np.kron(np.eye(tips), field.normals), np.zeros(tips * len(field.normals))]),
        ub=np.tile(field.offsets, tips),
    )

    def between(values: NDArray[np.float64]) -> NDArray[np.float64]:
        at = values[:-1].reshape(tips, 2)
        return at[left] - at[right]

    def spare(values: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.asarray((between(values) ** 2).sum(axis=1) - values[-1] ** 2)

    def slope(values: NDArray[np.float64]) -> NDArray[np.float64]:
        away = 2.0 * between(values)
        made = np.zeros((len(left), tips, 2))
        made[rows, left] = away
        made[rows, right] = -away
        return np.column_stack([made.reshape(len(left), -1), np.full(len(left), -2.0 * values[-1])])

    def closeness(values: NDArray[np.float64]) -> float:
        return -float(values[-1])

    def downhill(_values: NDArray[np.float64]) -> NDArray[np.float64]:
        return down

    constraints: list[LinearConstraint | NonlinearConstraint] = [
        inside,
        NonlinearConstraint(spare, 0.0, np.inf, jac=slope),
    ]
    down = np.zeros(2 * tips + 1)
    down[-1] = -1.0
    best = 0.0
    for _ in range(_STARTS):
        start = rng.dirichlet(np.ones(len(corners)), size=tips) @ corners
        best = max(best, _least(start))
        if best >= enough:
            break
        found = minimize(
            closeness,
            np.append(start, _least(start)),
            jac=downhill,
            method="SLSQP",
            constraints=constraints,
        )
        at = found.x[:-1].reshape(tips, 2)
        if (at @ field.normals.T <= field.offsets + 1e-6).all():
            best = max(best, _least(at))
        if best >= enough:
            break
    return best


def _least(points: NDArray[np.float64]) -> float:
    left, right = np.triu_indices(len(points), 1)
    return float(np.sqrt(((points[left] - points[right]) ** 2).sum(axis=1)).min())


def _corners(field: Field) -> NDArray[np.float64]:
    """Return the corners of a field that is a polygon."""
    found = []
    for j in range(len(field.normals)):
        for k in range(j):
            planes = field.normals[[j, k]]
            if abs(np.linalg.det(planes)) > 1e-9:  # noqa: PLR2004 - parallel edges meet nowhere
                at = np.linalg.solve(planes, field.offsets[[j, k]])
                if (field.normals @ at <= field.offsets + 1e-9).all():
                    found.append(at)
    return np.array(found)
