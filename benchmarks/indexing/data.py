"""Random patterns, kept between runs, and presses of them."""

import tempfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import numpy.typing as npt

from stampsdk.codebook import random_patterns

Real = npt.NDArray[np.float64]

SPACING_MM = 11.0
SIGMA_MM = 0.4
SCALE_ERROR = 0.02
_CHUNK = 1_000_000
_CROWDED = 6  # so many tips and more need a larger face to stand 11 mm apart often enough


def face_mm(tips: int) -> float:
    """Return the diameter of the face that patterns of so many tips are drawn on."""
    return 50.0 if tips <= _CROWDED else 60.0


def patterns_for(count: int, tips: int, seed: int, progress: Callable[[int], None]) -> Real:
    """Return random patterns (count, tips, 2), mapped from a file in the system's temporary folder.

    They are drawn a million at a time, so that memory does not bound how many there can be.
    """
    path = Path(tempfile.gettempdir()) / f"stamp-patterns-{count}-{tips}-{face_mm(tips):g}-{seed}.npy"
    if not path.exists():
        partial = path.with_suffix(".partial")
        drawn = np.lib.format.open_memmap(partial, mode="w+", dtype=np.float64, shape=(count, tips, 2))
        for start in range(0, count, _CHUNK):
            stop = min(start + _CHUNK, count)
            rng = np.random.default_rng([seed, start])
            drawn[start:stop] = random_patterns(
                stop - start, tips=tips, face_diameter_mm=face_mm(tips), least_spacing_mm=SPACING_MM, rng=rng
            )
            progress(stop)
        drawn.flush()
        partial.rename(path)
    return np.load(path, mmap_mode="r")


def presses_of(patterns: Real, count: int, rng: np.random.Generator, scale_error: float) -> Real:
    """Return touches (count, tips, 2) in mm of registered patterns: anywhere, at any angle, with noise."""
    tips = patterns.shape[1]
    pressed = np.asarray(patterns[np.sort(rng.integers(len(patterns), size=count))])
    rng.shuffle(pressed)
    angles = rng.uniform(-np.pi, np.pi, count)
    turns = np.stack([np.cos(angles), -np.sin(angles), np.sin(angles), np.cos(angles)], -1).reshape(-1, 2, 2)
    landed = pressed @ turns.transpose(0, 2, 1) + rng.normal(0.0, SIGMA_MM, (count, tips, 2))
    landed *= rng.uniform(1.0 - scale_error, 1.0 + scale_error, (count, 1, 1))
    landed += rng.uniform(-100.0, 100.0, (count, 1, 2))
    return np.take_along_axis(
        landed, rng.permuted(np.tile(np.arange(tips), (count, 1)), axis=1)[..., None], 1
    )
