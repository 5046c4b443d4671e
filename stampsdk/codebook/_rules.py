"""From a family to the rules that its candidates obey."""

import itertools
import math

import numpy as np
from numpy.typing import NDArray

from stampsdk.codebook._candidates import UM_PER_MM, Rules, centred, examine, find_candidates, new_scratch
from stampsdk.codebook._frame import frame_of
from stampsdk.codebook._lattice import dimensions, parities
from stampsdk.codebook.family import StampFamily
from stampsdk.geometry._compile import kernel

_SPARE_MM = 1e-3


def rules_of(family: StampFamily) -> Rules:
    """Return the rules of a family."""
    steps = np.array(family.gauge_um, np.int64)
    gauge = np.empty(family.tips, np.complex128)
    centred(steps, gauge)
    field = family.face.field(family.edge_mm)
    inner = field._replace(
        radius=max(field.radius - _SPARE_MM, 0.0), offsets=field.offsets - _SPARE_MM
    )  # so that tips still stand in it when they are rounded to whole micrometres
    permutations = np.array(list(itertools.permutations(range(family.tips))), np.int8)
    return Rules(
        frame_of(gauge),
        inner,
        _along(family),
        family.unit_mm,
        family.offset(),
        family.widest,
        family.spacing_mm,
        2.0 * _circumradius(family),
        family.distance_mm,
        family.scales(),
        permutations,
    )


def greatest_norm(family: StampFamily) -> float:
    """Return a bound on the norm of a pattern in the field, mm: it is least about its centroid."""
    return _circumradius(family) * math.sqrt(family.tips)


def _along(family: StampFamily) -> float:
    """Return the millimetres between whole first coordinates.

    Where the scale is known to a range only, patterns have to be farther apart along the gauge by what the
    range moves them, which is at most the error's share of the greatest norm.
    """
    return family.unit_mm + (family.scale_error or 0.0) * greatest_norm(family)


def _circumradius(family: StampFamily) -> float:
    """Return the radius of a circle around the field, mm."""
    radius = family.face.field(family.edge_mm).radius
    if radius:
        return float(radius)
    if family.face.shape == "square":
        return (family.face.width_mm / 2.0 - family.edge_mm) * math.sqrt(2.0)
    return max(math.sqrt(x * x + y * y) for x, y in family.face.outline)


def slices(family: StampFamily) -> range:
    """Return the first coordinates that candidates can have."""
    return range(1, int(greatest_norm(family) / _along(family)) + 2)


def candidates_of(rules: Rules, first: int, most: float) -> NDArray[np.int16]:
    """Return the addresses (K, D) of all candidates with a first coordinate, in lexicographic order."""
    code = parities(len(rules.offset))
    room = 1 << 16
    while True:
        addresses = np.empty((room, len(rules.offset)), np.int16)
        count = find_candidates(rules, code, first, most, addresses)
        if count <= room:
            return addresses[:count].copy()
        room = count


def steps_of(rules: Rules, addresses: NDArray[np.int16]) -> NDArray[np.int32]:
    """Return the tips (K, n, 2), µm, of addresses of candidates.

    Raises
    ------
    ValueError
        One is not a candidate.
    """
    steps = np.empty((len(addresses), len(rules.frame.gauge), 2), np.int32)
    wrong = _write_steps(rules, addresses, steps)
    if wrong >= 0:
        raise ValueError(f"addresses: row {wrong} is no pattern of the family")
    return steps


@kernel
def _write_steps(rules: Rules, addresses: NDArray[np.int16], steps: NDArray[np.int32]) -> int:
    dimension = addresses.shape[1]
    coordinates = np.empty(dimension, np.float64)
    scratch = new_scratch(steps.shape[1])
    for row in range(addresses.shape[0]):
        for k in range(dimension):
            coordinates[k] = (addresses[row, k] + rules.offset[k]) * (rules.unit if k else rules.along)
        if not examine(rules, coordinates, scratch):
            return row
        for k in range(steps.shape[1]):
            steps[row, k, 0] = scratch.steps[k, 0]
            steps[row, k, 1] = scratch.steps[k, 1]
    return -1


__all__ = ["UM_PER_MM", "candidates_of", "dimensions", "greatest_norm", "rules_of", "slices", "steps_of"]
