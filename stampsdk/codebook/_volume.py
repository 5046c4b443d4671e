"""How much room a family's patterns have: the volume of all shapes that fit on a face, by Monte Carlo.

A labelled, centred pattern of n tips is a point of R^(2n - 2). The distance of two patterns is that of the
orbits of those points under turns and exchanges of labels, so that the room is the volume of the quotient:
shapes counted by 1 / (2π‖z‖), one over the length of their orbit under turns, divided by the n! labellings.
Put the first tip at the origin and let u be the others: dz = du / n. Tips are placed one after the other,
each uniformly among some trial points that are free, with the share of free ones as its weight (M. N. and
A. W. Rosenbluth, J. Chem. Phys. 23, 1955), so that no bias is in the mean and crowded faces can be
measured.
"""

import itertools
import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from stampsdk.codebook._candidates import UM_PER_MM, keeps_from_itself
from stampsdk.codebook._field import Field, placed
from stampsdk.codebook._scale import KNOWN
from stampsdk.codebook.face import Face
from stampsdk.geometry import residual
from stampsdk.geometry._compile import kernel

_TRIALS = 48
_MOST_PERMUTED = 6
_FEW = 300
_MIRROR = np.array([-1.0, 1.0])


@dataclass(frozen=True)
class Shapes:
    """Random shapes that fit on a face, with weights that add up to its room.

    Attributes
    ----------
    patterns : float64 (K, n, 2)
        mm.
    weights : float64 (K,)
        mm^(2n - 3).
    drawn : int
        How many were drawn; those that came to a dead end are missing.
    """

    patterns: NDArray[np.float64]
    weights: NDArray[np.float64]
    drawn: int

    def volume(self) -> tuple[float, float]:
        """Return the room, mm^(2n - 3), and the standard error of it."""
        total = float(self.weights.sum())
        square = float((self.weights**2).sum()) - total * total / self.drawn
        return total, math.sqrt(max(square, 0.0))

    def that_keep(self, distance_mm: float) -> "Shapes":
        """Return the shapes that keep a distance, at known scale, from their own relabellings and mirrors.

        Of more than six tips the share is taken from the first few, and only the mirror is looked at: 7!
        labellings take too long for each, and far more shapes are nearly their own mirror than can nearly be
        turned onto themselves.
        """
        tips = self.patterns.shape[1]
        if tips > _MOST_PERMUTED:
            few, weights = self.patterns[:_FEW], self.weights[:_FEW]
            limit = distance_mm / tips**0.5
            kept = np.array(
                [residual(one, one * _MIRROR, scale=KNOWN).residual >= limit for one in few], np.bool_
            )
            share = float(weights[kept].sum() / weights.sum()) if len(few) else 1.0
            return Shapes(self.patterns, self.weights * share, self.drawn)
        permutations = np.array(list(itertools.permutations(range(tips))), np.int8)
        kept = _keep(np.rint(self.patterns * UM_PER_MM).astype(np.int64), permutations, distance_mm)
        return Shapes(self.patterns[kept], self.weights[kept], self.drawn)


def random_shapes(
    tips: int, face: Face, *, spacing_mm: float, edge_mm: float, count: int, rng: np.random.Generator
) -> Shapes:
    """Draw shapes of so many tips that fit on a face, at least a spacing apart.

    Parameters
    ----------
    tips : int
    face : Face
    spacing_mm, edge_mm : float
        Least distance of two tips, and of a tip from the edge.
    count : int
        How many to draw; the relative error falls with its root.
    rng : numpy.random.Generator

    Raises
    ------
    FamilyError
        The edge leaves no room.
    """
    field = face.field(edge_mm)
    reach = 2.0 * (field.radius or face.width_mm * 0.5**0.5)
    return shapes_in(tips, field, reach, spacing_mm=spacing_mm, count=count, rng=rng)


def shapes_in(
    tips: int, field: Field, reach: float, *, spacing_mm: float, count: int, rng: np.random.Generator
) -> Shapes:
    """Draw shapes that fit in a field in which no two points are farther apart than `reach`, mm."""
    patterns = np.zeros((count, tips, 2))
    shares = np.empty(count)
    for row in range(count):
        draws = rng.random((tips - 1, _TRIALS, 3))
        shares[row] = _place(patterns[row], field, spacing_mm, reach, draws)
    good = shares > 0.0
    patterns, shares = patterns[good], shares[good]
    patterns -= patterns.mean(axis=1, keepdims=True)
    around = (math.pi * reach**2) ** (tips - 1) / (tips * math.factorial(tips))
    norms = np.sqrt((patterns**2).sum(axis=(1, 2)))
    return Shapes(patterns, around * shares / (2.0 * math.pi * norms) / count, count)


@kernel
def _place(
    pattern: NDArray[np.float64], field: Field, spacing: float, reach: float, draws: NDArray[np.float64]
) -> float:
    """Write one pattern (n, 2), its first tip at the origin; return the product of the free shares."""
    n, trials = pattern.shape[0], draws.shape[1]
    share = 1.0
    least = spacing * spacing
    tips = np.zeros(n, np.complex128)
    for k in range(1, n):
        free = 0
        chosen = 0.0j
        for trial in range(trials):
            # Uniform in a disc: the root of a uniform number is its radius.
            radius = reach * np.sqrt(draws[k - 1, trial, 0])
            angle = 2.0 * np.pi * draws[k - 1, trial, 1]
            point = complex(radius * np.cos(angle), radius * np.sin(angle))
            good = True
            for j in range(k):
                x, y = point.real - tips[j].real, point.imag - tips[j].imag
                if x * x + y * y < least:
                    good = False
                    break
            if not good:
                continue
            tips[k] = point
            if not placed(tips[: k + 1], field)[0]:
                continue
            free += 1
            if draws[k - 1, trial, 2] * free < 1.0:  # so that each free one is chosen as likely as any
                chosen = point
        if free == 0:
            return 0.0
        share *= free / trials
        tips[k] = chosen
    for k in range(n):
        pattern[k, 0], pattern[k, 1] = tips[k].real, tips[k].imag
    return share


@kernel
def _keep(steps: NDArray[np.int64], permutations: NDArray[np.int8], distance: float) -> NDArray[np.bool_]:
    kept = np.empty(steps.shape[0], np.bool_)
    for row in range(steps.shape[0]):
        kept[row] = keeps_from_itself(steps[row], permutations, distance, KNOWN)
    return kept
