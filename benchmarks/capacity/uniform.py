"""Uniformly random patterns of any number of tips, also where rejecting whole patterns takes too long."""

import numpy as np
import numpy.typing as npt

_SWEEPS = 60
_BATCH = 1 << 16
_ATTEMPTS = 30
_LEAST_SHARE = 1e-3


class TooTightError(ValueError):
    """So many tips do not fit the face, or hardly ever do.

    Attributes
    ----------
    code : str
        "too_tight".
    """

    code = "too_tight"


def uniform_patterns(
    count: int, tips: int, radius_mm: float, spacing_mm: float, rng: np.random.Generator
) -> npt.NDArray[np.float64]:
    """Draw patterns (count, tips, 2), mm, tips anywhere in a disc but so far apart.

    Tips are put down one after the other, which is not uniform; then each is moved, `_SWEEPS` times, to a
    uniformly drawn place if that keeps the spacing (Metropolis's rule for hard discs), whose law tends to the
    uniform one. Where whole patterns can be rejected in reasonable time `stampsdk.codebook.random_patterns`
    is exact; the two are compared in the tests.

    Raises
    ------
    TooTightError
        Fewer than one attempt in a thousand succeeds.
    """
    placed = np.empty((0, tips), np.complex128)
    tried = 0
    while len(placed) < count:
        placed = np.concatenate([placed, _placed(tips, radius_mm, spacing_mm, rng)])
        tried += _BATCH
        if len(placed) < _LEAST_SHARE * min(count, tried):
            raise TooTightError(
                f"{tips} tips {spacing_mm:g} mm apart hardly ever or never fit a disc of {2 * radius_mm:g} mm"
            )
    z = placed[:count]
    for _ in range(_SWEEPS):
        for tip in range(tips):
            there = _disc(count, radius_mm, rng)
            others = np.delete(z, tip, axis=1)
            free = (np.abs(others - there[:, None]) >= spacing_mm).all(axis=1)
            z[free, tip] = there[free]
    return np.stack([z.real, z.imag], axis=-1)


def _placed(tips: int, radius: float, spacing: float, rng: np.random.Generator) -> npt.NDArray[np.complex128]:
    """Put tips down one after the other; patterns that have no room for one are left out."""
    z = np.empty((_BATCH, 0), np.complex128)
    for _ in range(tips):
        there = _disc(len(z), radius, rng)
        for _ in range(_ATTEMPTS):
            near = (np.abs(z - there[:, None]) < spacing).any(axis=1)
            if not near.any():
                break
            there[near] = _disc(int(near.sum()), radius, rng)
        room = ~(np.abs(z - there[:, None]) < spacing).any(axis=1)
        z = np.concatenate([z[room], there[room, None]], axis=1)
    return z


def _disc(count: int, radius: float, rng: np.random.Generator) -> npt.NDArray[np.complex128]:
    away = radius * np.sqrt(rng.random(count))
    return away * np.exp(2j * np.pi * rng.random(count))
