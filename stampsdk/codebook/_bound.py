"""How many patterns a family can have, before any is looked for: an upper bound, and what can be expected.

The bound is a proof, but for the volume that it needs, which is measured by Monte Carlo and taken six
standard errors too large (docs/theory.md, section 9). H. F. Blichfeldt, Math. Annalen 101, 1929: around
points that are at least d apart put the weight 1 - 2s²/d² at each distance s; nowhere do the weights add up
to more than 1. That follows from the distances alone, so it holds in the curved space of shapes too. Hence
there are no more patterns than the room within d/√2 of all shapes that fit, over what one weight comes to.

What can be expected is an estimate: the room for shapes over that of a lattice point.
"""

import math

import numpy as np

from stampsdk.codebook._field import Field
from stampsdk.codebook._lattice import dimensions
from stampsdk.codebook._rules import greatest_norm
from stampsdk.codebook._volume import Shapes, random_shapes, shapes_in
from stampsdk.codebook.errors import FamilyError
from stampsdk.codebook.family import StampFamily
from stampsdk.codebook.planning import KEPT, expected_patterns

_FIRST_DRAWS, _DRAWS = 200, 1_000
_ERRORS = 6.0
_LEAST_EFFECTIVE = 30.0  # drawn shapes, were all of equal weight; of fewer the scatter says too little
_MARGIN, _SLACK = 2.0, 100.0
_MEASURED = frozenset({"known"})
_TURNS = 48  # in a quarter of the circle


def refuse_count_beyond_room(family: StampFamily) -> None:
    """Refuse a count that cannot be reached, within seconds.

    That is one beyond the bound that holds for any packing (`most_patterns`), or, by a clearly wider margin
    than its errors, beyond the points of the lattice that there is room for (`expected_points`), since the
    generator takes its patterns from these. A count that passes may still be too many: generating tells.

    Raises
    ------
    FamilyError
        "family_impossible"; says how many patterns can be expected, and the bound.
    """
    rng = np.random.default_rng(0)  # the same answer for the same family, everywhere
    points, _ = expected_points(family, rng, draws=_FIRST_DRAWS)
    if family.count <= points < math.inf:  # as nearly always
        return
    points, error = expected_points(family, rng)
    most = most_patterns(family, rng)
    # In the coordinates of the lattice shapes take more room, by what is across the gauge.
    likely = math.hypot(1.0, family.widest) * (points + _ERRORS * error)
    if family.count <= min(most, _MARGIN * likely + _SLACK):
        return
    told = []
    if math.isfinite(points):
        kept = KEPT.get(family.tips, min(KEPT.values()))
        told.append(f"about {math.floor(points * kept):,} can be expected")
    if math.isfinite(most):
        told.append(f"no packing holds more than {most:,.0f}")
    raise FamilyError(
        f"family.count={family.count:,} is more than the patterns that there is room for with this face, "
        f"these tips and this distance: {' and '.join(told)}. Widen the face, or lower code.distance_mm",
        "family_impossible",
    )


def expected_points(
    family: StampFamily, rng: np.random.Generator, *, draws: int = _DRAWS
) -> tuple[float, float]:
    """Return how many lattice points can be expected to be candidates, and the standard error of that.

    An estimate: a region of some volume holds so many points on average over where the lattice lies. Both are
    infinite where too few shapes were found to tell, or distances are not those at known scale.
    """
    if family.scale not in _MEASURED:
        return math.inf, math.inf
    face, apart = family.face, family.spacing_mm
    shapes = random_shapes(family.tips, face, spacing_mm=apart, edge_mm=family.edge_mm, count=draws, rng=rng)
    if not _tells(shapes):
        return math.inf, math.inf
    points, spread = expected_patterns(family.tips, shapes, family.distance_mm, family.stretch)
    return points, points * spread if points else 0.0


def most_patterns(family: StampFamily, rng: np.random.Generator, *, draws: int = _DRAWS) -> float:
    """Return a number of patterns that no codebook of a family exceeds; infinity where nothing is known.

    Sound for any distance of two patterns, in mm, that is never more than theirs at known scale.

    Parameters
    ----------
    family : StampFamily
    rng : numpy.random.Generator
    draws : int
        Shapes drawn to measure the room; six standard errors are added to it.
    """
    tips = family.tips
    radius = family.distance_mm / 2.0**0.5
    least_norm = family.spacing_mm * ((tips - 1) / 2.0) ** 0.5  # from the mean squared distance of tips
    if radius >= least_norm:
        return math.inf
    # Within the radius of a shape no tip moves by more than this, and no two against each other by √2 radius.
    moved = radius * ((tips - 1) / tips) ** 0.5
    field, reach = _widened(family, moved)
    spacing = max(family.spacing_mm - 2.0**0.5 * radius, 0.0)
    shapes = shapes_in(tips, field, reach, spacing_mm=spacing, count=draws, rng=rng)
    if not _tells(shapes):
        return math.inf
    room, error = shapes.volume()
    return math.floor((room + _ERRORS * error) / weight(dimensions(tips), radius, least_norm))


def weight(dimension: int, radius: float, least_norm: float) -> float:
    """Return what Blichfeldt's weight comes to around any shape, at least, mm^D.

    The shapes within s of one of norm r are the orbits in a tube of radius s around a circle of radius r.
    The volume of a tube is that of its cross section times its length (H. Weyl, 1939), and the mean of
    1 / norm in it is at least 1 / √(r² + s²), by Jensen's inequality, since the mean of norm² is r² + s².

    Parameters
    ----------
    dimension : int
        D, of the space of shapes.
    radius : float
        d/√2, where the weight ends; less than `least_norm`.
    least_norm : float
        Least norm of a shape.
    """
    ball = (
        math.pow(math.pi, dimension / 2.0) / math.gamma(dimension / 2.0 + 1.0) * math.pow(radius, dimension)
    )
    return ball * 2.0 / (dimension + 2.0) * least_norm / math.hypot(least_norm, radius)


def _tells(shapes: Shapes) -> bool:
    """Tell whether there are shapes enough to say something of their room."""
    total, squares = float(shapes.weights.sum()), float((shapes.weights**2).sum())
    return squares > 0.0 and total**2 >= _LEAST_EFFECTIVE * squares


def _widened(family: StampFamily, by: float) -> tuple[Field, float]:
    """Return the field with a margin all around, and the greatest distance of two points that counts in it.

    Patterns are turned by fine steps there, and the margin is so much wider that whatever fits at any angle
    fits at one of the steps.
    """
    field = family.face.field(family.edge_mm)
    if field.radius:
        return field._replace(radius=field.radius + by), 2.0 * (field.radius + by)
    around = greatest_norm(family) / family.tips**0.5
    quarters = 1 if family.face.shape == "square" else 4
    turns = np.exp(0.5j * math.pi / _TURNS * np.arange(quarters * _TURNS))
    by += 2.0 * around * math.sin(math.pi / _TURNS / 8.0)  # half a step at the farthest corner
    return field._replace(offsets=field.offsets + by, turns=turns), 2.0 * (around + by)
