"""Random patterns, kept between runs, and presses of them."""

import os
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from stampsdk.codebook import random_patterns

NOISE_MM = 0.4
LEAST_SPACING_MM = 11.0
_PRESS_STREAM = 20_000
_CHUNK = 500_000

# The face that tips at least 11 mm apart are drawn on: 50 mm up to six tips, and above that the least that keeps
# rejection sampling as quick as it is for six.
_FACES_MM = {7: 60.0, 8: 80.0, 9: 90.0, 10: 100.0}

# From touches to mm, what a search is told of it, and how much the press itself is off.
DENSITY_ERROR = 0.02
MODES: dict[str, tuple[float, float] | None] = {
    "known": (1.0, 1.0),
    "ranged": (1.0 - DENSITY_ERROR, 1.0 + DENSITY_ERROR),
    "free": None,
}
_BROWSER_MM_PER_UNIT = (0.12, 0.33)


@dataclass(frozen=True)
class Recipe:
    """Which patterns to draw.

    Attributes
    ----------
    count, tips, seed : int
    """

    count: int
    tips: int = 5
    seed: int = 1

    @property
    def face_mm(self) -> float:
        """Diameter of the disc that holds the tip centres."""
        return _FACES_MM.get(self.tips, 50.0)

    @property
    def name(self) -> str:
        """What tells these patterns from others."""
        return f"{self.count}x{self.tips}-face{self.face_mm:g}-apart{LEAST_SPACING_MM:g}-seed{self.seed}"


def folder() -> Path:
    """Return the folder for what is kept between runs; anything in it may be deleted."""
    kept = (
        Path(tempfile.gettempdir()) / f"stampsdk-benchmarks-{os.getuid() if hasattr(os, 'getuid') else 'all'}"
    )
    kept.mkdir(mode=0o700, exist_ok=True)
    return kept


def patterns(
    recipe: Recipe, report: Callable[[float], None] = lambda _share: None
) -> npt.NDArray[np.float64]:
    """Return patterns (N, n, 2), mapped from a file that is written on first use, a chunk at a time."""
    path = folder() / f"patterns-{recipe.name}.npy"
    if not path.exists():
        unfinished = path.with_suffix(f".{os.getpid()}.part")
        shape = (recipe.count, recipe.tips, 2)
        drawn = np.lib.format.open_memmap(unfinished, mode="w+", dtype=np.float64, shape=shape)
        for number, start in enumerate(range(0, recipe.count, _CHUNK)):
            here = drawn[start : start + _CHUNK]
            here[:] = random_patterns(
                len(here),
                tips=recipe.tips,
                face_diameter_mm=recipe.face_mm,
                least_spacing_mm=LEAST_SPACING_MM,
                rng=np.random.default_rng([recipe.seed, recipe.tips, number]),
            )
            report((start + len(here)) / recipe.count)
        drawn.flush()
        del drawn
        unfinished.replace(path)
    return np.load(path, mmap_mode="r")


def presses(registered: npt.NDArray[np.float64], count: int, mode: str, seed: int) -> npt.NDArray[np.float64]:
    """Press registered patterns: noise, then any place, angle and order of the touches.

    Parameters
    ----------
    registered : float64 (N, n, 2)
        Millimetres.
    count : int
    mode : {"known", "ranged", "free"}
        Whether the touches are in mm, in mm but for the error of the screen's density, or in a browser's units.
    seed : int
        The same seed presses the same patterns in the same way, whatever the mode.

    Returns
    -------
    float64 (count, n, 2)
    """
    rng = np.random.default_rng([seed, _PRESS_STREAM])
    rows = rng.integers(len(registered), size=count)
    touches = np.array(registered[np.sort(rows)])[np.argsort(np.argsort(rows))]
    touches += rng.normal(0.0, NOISE_MM, touches.shape)
    angle = rng.uniform(-np.pi, np.pi, count)
    turn = np.stack([np.cos(angle), -np.sin(angle), np.sin(angle), np.cos(angle)], axis=-1).reshape(-1, 2, 2)
    touches = touches @ turn + rng.uniform(-100.0, 100.0, (count, 1, 2))
    touches = rng.permuted(touches.view(np.complex128), axis=1).view(np.float64)
    share = rng.uniform(0.0, 1.0, (count, 1, 1))
    low, high = {
        "known": (1.0, 1.0),
        "ranged": (1.0 - DENSITY_ERROR, 1.0 + DENSITY_ERROR),
        "free": _BROWSER_MM_PER_UNIT,
    }[mode]
    return touches / (low + share * (high - low))
