"""The inverse question: which tips, distance and family are enough for so many stamps.

Constants say how they were measured.
"""

# ruff: noqa: PLR0917

import json
import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from stampsdk.codebook._lattice import cells_per_point, dimensions
from stampsdk.codebook._spectrum import lattice_needed, wrong_rate
from stampsdk.codebook._volume import Shapes, random_shapes
from stampsdk.codebook.face import Face
from stampsdk.codebook.family import StampFamily
from stampsdk.geometry._validation import LEAST_TIPS, MOST_TIPS

DEFAULT_SIGMA_MM = 0.4
STRETCH = 1.04
"""How much farther apart points of the lattice are than patterns must be, as in the families that ship."""

KEPT = {3: 0.92, 4: 0.80, 5: 0.72, 6: 0.72}
"""Share of the lattice points that a region has room for which become patterns.

The least measured by generating families on faces of 40 to 50 mm (tests/codebook/test_planning.py measures
again): 0.93 to 0.98 for three tips, 0.80 to 0.88 for four, 0.72 to 0.84 for five, 0.73 and 0.80 for six; less
on wider faces. For more tips, and faces above 50 mm, no family was generated; the least of all is taken.
"""

_WIDEST_FACE_MM = 100
_CLOSE_SPACING_MM = 9.0
_ADVICE_DRAWS = 4_000

Report = Callable[[float], None]


@dataclass(frozen=True)
class Option:
    """What so many tips come to.

    Attributes
    ----------
    tips : int
    lattice_mm, distance_mm : float
        Distance of nearest lattice points at which presses are mixed up no more often than accepted, and the
        least distance of two patterns that goes with it.
    patterns : int
        How many patterns a codebook can be expected to hold, two standard errors on the safe side.
    spread : float
        Relative standard error of that, from the Monte Carlo; NaN where no shape was found that fits.
    """

    tips: int
    lattice_mm: float
    distance_mm: float
    patterns: int
    spread: float


@dataclass(frozen=True)
class FittingFamily:
    """A family and what it is worth for a question.

    Attributes
    ----------
    name : str
    patterns : int
    wrong_rate : float
        Bound on how often a press is nearer to another pattern, the density of the screen being known,
        whatever scale the family is for.
    reasons : tuple of str
        Why it does not fit; empty where it does.
    """

    name: str
    patterns: int
    wrong_rate: float
    reasons: tuple[str, ...]


@dataclass(frozen=True)
class Advice:
    """What would have to change, each on its own, for so many stamps; None where no such value was found.

    Attributes
    ----------
    tips : int
        For which all this holds: those that reach the most patterns.
    most : int
        Patterns that are reached as it is.
    face_mm : int or None
        Width of the face that would do.
    sigma_mm : float or None
        Noise that would do.
    close : int
        Patterns that are reached with tips 9 mm apart; 0 where they are as close already.
    """

    tips: int
    most: int
    face_mm: int | None
    sigma_mm: float | None
    close: int


@dataclass(frozen=True)
class Plan:
    """Which tips and families fit.

    Attributes
    ----------
    stamps : int
    options : tuple of Option
        From 3 to 10 tips.
    families : tuple of FittingFamily
    advice : Advice or None
        What to change; None where some option fits.
    """

    stamps: int
    options: tuple[Option, ...]
    families: tuple[FittingFamily, ...]
    advice: Advice | None


def plan(
    stamps: int,
    *,
    face_mm: float,
    error: float,
    sigma_mm: float = DEFAULT_SIGMA_MM,
    spacing_mm: float = 11.0,
    edge_mm: float = 2.5,
    families: Iterable[StampFamily] = (),
    rng: np.random.Generator,
    draws: int = 20_000,
    report: Report = lambda _share: None,
) -> Plan:
    """Say which tips, distances and families are enough for so many stamps that shape alone tells apart.

    The distance follows from the union bound over all neighbours in the lattice (`wrong_rate`); the number of
    patterns is the room that shapes have (`random_shapes`), without those that are too near to their own
    relabellings or mirror, over the volume of a lattice point, times the share kept (`KEPT`).
    The bound counts as many neighbours at the rim of the region as within, and so is on the safe side: by a
    factor of 1.1 (three tips) to 10 (six) of the rates simulated with generated codebooks.

    Parameters
    ----------
    stamps : int
        How many are to be told apart.
    face_mm : float
        Diameter of a round face.
    error : float
        Accepted share of presses that are nearer to another pattern, from 1e-12 up to 0.5.
    sigma_mm : float
        Normal noise of a touch per axis; density of the screen known, all tips reported.
    spacing_mm, edge_mm : float
        Least distance of two tips, and of a tip from the edge.
    families : iterable of StampFamily
        To be looked at too.
    rng : numpy.random.Generator
    draws : int
        Shapes drawn for each number of tips.
    report : callable
        Called with the share that is done.

    Raises
    ------
    ValueError
        For an argument out of range, naming it.
    FamilyError
        The edge leaves no room on the face.
    """
    _check(stamps, face_mm, error, sigma_mm, spacing_mm, edge_mm)
    face = Face("round", face_mm)
    face.field(edge_mm)
    options = []
    for tips in range(LEAST_TIPS, MOST_TIPS + 1):
        shapes = random_shapes(tips, face, spacing_mm=spacing_mm, edge_mm=edge_mm, count=draws, rng=rng)
        options.append(_option(tips, shapes, lattice_needed(dimensions(tips), error, sigma_mm)))
        report((tips - LEAST_TIPS + 1) / (MOST_TIPS - LEAST_TIPS + 1))
    advice = None
    best = max(options, key=lambda option: option.patterns)
    if best.patterns < stamps:
        advice = _advice(best, stamps, face_mm, sigma_mm, spacing_mm, edge_mm, rng)
    worth = tuple(_worth(family, stamps, face_mm, error, sigma_mm) for family in families)
    return Plan(stamps, tuple(options), worth, advice)


def expected_patterns(
    tips: int, shapes: Shapes, distance_mm: float, stretch: float = STRETCH
) -> tuple[float, float]:
    """Return how many patterns a codebook of a region is expected to hold before the measured share is taken.

    Returns
    -------
    (count, spread)
        And its relative standard error.
    """
    room, error = shapes.that_keep(distance_mm).volume()
    dimension = dimensions(tips)
    cell = cells_per_point(dimension) * (stretch * distance_mm / 2.0) ** dimension
    return room / cell, error / room if room else math.nan


def read_noise(path: Path) -> float:
    """Return σ in mm from a JSON file ``{"sigma_mm": 0.35}``; other keys are left to others.

    Raises
    ------
    ValueError
        It is no such file.
    OSError
        It cannot be read.
    """
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except ValueError:
        raise ValueError(f"{path} is not JSON") from None
    sigma = content.get("sigma_mm") if isinstance(content, dict) else None
    if not isinstance(sigma, (int, float)) or isinstance(sigma, bool):
        raise ValueError(f'{path}: an object with a number "sigma_mm" is expected')  # noqa: TRY004
    if not 0.0 < sigma <= 5.0:  # noqa: PLR2004 - also NaN; half a finger is no noise
        raise ValueError(f"{path}: sigma_mm must be above 0 and at most 5, not {sigma}")
    return float(sigma)


def _check(
    stamps: int, face_mm: float, error: float, sigma_mm: float, spacing_mm: float, edge_mm: float
) -> None:
    if stamps < 1:
        raise ValueError(f"stamps must be 1 or more, not {stamps}")
    if not 1e-12 <= error < 0.5:  # noqa: PLR2004 - at one half nothing is told apart
        raise ValueError(f"error must be from 1e-12 up to 0.5, not {error}")
    for name, value, most in (
        ("face_mm", face_mm, 200.0),
        ("sigma_mm", sigma_mm, 5.0),
        ("spacing_mm", spacing_mm, 200.0),
        ("edge_mm", edge_mm, 100.0),
    ):
        if not 0.0 < value <= most:
            raise ValueError(f"{name} must be above 0 and at most {most:g}, not {value}")


def _option(tips: int, shapes: Shapes, lattice_mm: float) -> Option:
    distance = lattice_mm / STRETCH
    count, spread = expected_patterns(tips, shapes, distance)
    safe = count * max(0.0, 1.0 - 2.0 * spread) if count else 0.0
    return Option(tips, lattice_mm, distance, math.floor(safe * KEPT.get(tips, min(KEPT.values()))), spread)


def _advice(
    best: Option,
    stamps: int,
    face_mm: float,
    sigma_mm: float,
    spacing_mm: float,
    edge_mm: float,
    rng: np.random.Generator,
) -> Advice:
    def reached(width: float, spacing: float) -> int:
        shapes = random_shapes(
            best.tips, Face("round", width), spacing_mm=spacing, edge_mm=edge_mm, count=_ADVICE_DRAWS, rng=rng
        )
        return _option(best.tips, shapes, best.lattice_mm).patterns

    enough = None
    low, high = math.floor(face_mm), _WIDEST_FACE_MM
    if high > low and reached(high, spacing_mm) >= stamps:
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (low, middle) if reached(middle, spacing_mm) >= stamps else (middle, high)
        enough = high
    # The count goes with σ to the power of the dimension; more still, as more keep from their mirrors.
    sigma = sigma_mm * (best.patterns / stamps) ** (1.0 / dimensions(best.tips)) if best.patterns else None
    close = reached(face_mm, _CLOSE_SPACING_MM) if spacing_mm > _CLOSE_SPACING_MM else 0
    return Advice(best.tips, best.patterns, enough, sigma, close)


def _worth(family: StampFamily, stamps: int, face_mm: float, error: float, sigma_mm: float) -> FittingFamily:
    patterns = family.count if family.generated is None else family.generated.count
    rate = wrong_rate(dimensions(family.tips), family.stretch * family.distance_mm, sigma_mm)
    reasons = []
    if patterns < stamps:
        reasons.append(f"has {patterns:,} patterns only")
    if family.face.width_mm > face_mm:
        reasons.append(f"needs a face of {family.face.width_mm:g} mm")
    if rate > error:
        reasons.append(f"mixes up as many as {rate:.1e} of presses")
    return FittingFamily(family.name, patterns, rate, tuple(reasons))
