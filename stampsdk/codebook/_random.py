"""Random patterns on a round face, by exact rejection sampling."""

import math
from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from stampsdk.codebook._packings import IN_DISC

_GRID_PER_MM = 1000.0
_LEAST_TIPS, _MOST_TIPS = 3, 10
_LARGEST_BATCH = 1 << 18
_PATIENCE = 2_000_000
_LEAST_ACCEPTANCE = 1e-6


def random_patterns(
    count: int,
    *,
    tips: int = 5,
    face_diameter_mm: float = 40.0,
    least_spacing_mm: float = 11.0,
    margin_mm: float = 0.0,
    rng: np.random.Generator,
    progress: Callable[[int], None] | None = None,
) -> npt.NDArray[np.float64]:
    """Draw random stamp patterns whose tips keep their distance from each other.

    Every tip centre is drawn independently and uniformly from the disc that is concentric with the
    face and ``margin_mm`` smaller in radius; a pattern is kept when all its tips are at least
    ``least_spacing_mm`` apart, and thrown away whole otherwise.  This is rejection sampling, so the
    patterns follow exactly the uniform law conditional on the spacing, with no bias from the order
    in which tips were placed (as sequential placing would have).

    The margin is 0 by default: ``face_diameter_mm`` is the diameter of the disc that holds the tip
    *centres*, which is what recognition sees.  To manufacture tips of diameter *t* that must stand
    wholly on the face, pass ``margin_mm = t / 2``.

    Parameters
    ----------
    count : int
        Number of patterns, at least 0.
    tips : int
        Tips of each pattern, 3 to 10.
    face_diameter_mm : float
        Diameter of the round face in mm.
    least_spacing_mm : float
        Least distance between two tip centres in mm; 0 or more.
    margin_mm : float
        Distance that tip centres keep from the rim in mm; 0 or more.
    rng : numpy.random.Generator
        Source of randomness.  The same generator state and arguments give the same patterns.
    progress : callable, optional
        Called now and then with the number of patterns found so far, the last time with `count`.

    Returns
    -------
    (count, tips, 2) ndarray of float64
        Tip positions in mm, the centre of the face at the origin, x right and y down as the screen
        sees them, on a grid of 1 µm.  Disc and spacing hold for the positions on the grid.

    Raises
    ------
    ValueError
        When an argument is out of range, when no such pattern can exist, or when such patterns are
        rarer than one draw in a million, so that drawing them would take too long.  The message
        names the argument and what to change.

    Examples
    --------
    >>> import numpy as np
    >>> random_patterns(2, rng=np.random.default_rng(7)).shape
    (2, 5, 2)
    """
    radius_mm = _checked_radius(count, tips, face_diameter_mm, least_spacing_mm, margin_mm)
    found: list[npt.NDArray[np.int64]] = []
    have = attempts = 0
    batch = 4096
    while have < count:
        kept = _attempt(batch, tips, radius_mm, least_spacing_mm, rng)
        attempts += batch
        found.append(kept)
        have += len(kept)
        if attempts >= _PATIENCE and have < attempts * _LEAST_ACCEPTANCE:
            raise ValueError(
                f"least_spacing_mm={least_spacing_mm:g} is too tight for {tips} tips in a disc of "
                f"{2 * radius_mm:g} mm: only {have} of {attempts} random patterns kept that distance; "
                "use fewer tips, a larger face or a smaller spacing",
            )
        batch = _next_batch(count - have, have, attempts)
        if progress is not None:
            progress(min(have, count))
    if not found:
        return np.empty((0, tips, 2))
    return np.concatenate(found)[:count] / _GRID_PER_MM


def _checked_radius(
    count: int, tips: int, face_diameter_mm: float, least_spacing_mm: float, margin_mm: float
) -> float:
    """Radius in mm of the disc of tip centres, once every argument is known to make sense."""
    if count < 0:
        raise ValueError(f"count must be 0 or more, not {count}")
    if not _LEAST_TIPS <= tips <= _MOST_TIPS:
        raise ValueError(f"tips must be {_LEAST_TIPS} to {_MOST_TIPS}, not {tips}")
    for name, value in (
        ("face_diameter_mm", face_diameter_mm),
        ("least_spacing_mm", least_spacing_mm),
        ("margin_mm", margin_mm),
    ):
        if not math.isfinite(value) or value < 0:
            raise ValueError(f"{name} must be a finite length of 0 mm or more, not {value}")
    radius_mm = face_diameter_mm / 2 - margin_mm
    if radius_mm <= 0:
        raise ValueError(
            f"margin_mm={margin_mm:g} leaves no room for tips on a face of {face_diameter_mm:g} mm",
        )
    widest_mm = radius_mm * IN_DISC[tips]
    if least_spacing_mm > widest_mm:
        raise ValueError(
            f"least_spacing_mm={least_spacing_mm:g} is impossible: {tips} points in a disc of "
            f"{2 * radius_mm:g} mm are at most {widest_mm:.3g} mm apart",
        )
    return radius_mm


def _attempt(
    batch: int, tips: int, radius_mm: float, least_spacing_mm: float, rng: np.random.Generator
) -> npt.NDArray[np.int64]:
    """Independent attempts at whole patterns, in µm; those that broke a rule are missing.

    Tips are drawn for all attempts at once, one after the other, and an attempt is given up at its
    first broken rule.  The outcome is the same as if all tips had been drawn before looking.
    """
    least = (least_spacing_mm * _GRID_PER_MM) ** 2
    reach = (radius_mm * _GRID_PER_MM) ** 2
    pattern = np.empty((batch, 0, 2), dtype=np.int64)
    for _ in range(tips):
        radii = radius_mm * _GRID_PER_MM * np.sqrt(rng.random(len(pattern)))
        angles = 2 * np.pi * rng.random(len(pattern))
        tip = np.rint(radii[:, None] * np.stack((np.cos(angles), np.sin(angles)), axis=1)).astype(np.int64)
        square = ((pattern - tip[:, None, :]) ** 2).sum(axis=2)
        good = (square >= least).all(axis=1) & ((tip**2).sum(axis=1) <= reach)
        pattern = np.concatenate((pattern[good], tip[good, None, :]), axis=1)
    return pattern


def _next_batch(missing: int, have: int, attempts: int) -> int:
    """Choose attempts that should just about yield what is missing, within what memory bears."""
    acceptance = (have + 1) / (attempts + 1)
    return min(_LARGEST_BATCH, max(4096, math.ceil(1.05 * missing / acceptance)))
