"""What a screen reports when a stamp is put down on it."""

import math

import numpy as np
import numpy.typing as npt

from benchmarks.capacity.jobs import Noise

Real = npt.NDArray[np.float64]

# Bias of a placement: shares of the variance. The sensor's grid, something smooth across the screen, and what
# is each tip's own. An assumption until phones are measured; at 0.4 mm the grid's amplitude is 0.36 mm.
_GRID, _SMOOTH, _OWN = 0.4, 0.3, 0.3
_PITCH_MM = (4.0, 5.0)
_WAVE_MM = (60.0, 120.0)
_SCREEN_MM = (65.0, 140.0)


def press(pattern: npt.ArrayLike, noise: Noise, scale_error: float, rng: np.random.Generator) -> Real:
    """Put a pattern (n, 2) down anywhere, at any angle, its tips in any order.

    Parameters
    ----------
    scale_error : float
        Millimetres are reported too large by a factor drawn uniformly from 1 - this to 1 + this.

    Returns
    -------
    float64 (n, 2)
        Touches in what the phone takes for mm.
    """
    tips = np.asarray(pattern, np.float64)
    angle = rng.uniform(-math.pi, math.pi)
    turn = np.array([[math.cos(angle), -math.sin(angle)], [math.sin(angle), math.cos(angle)]])
    centre = rng.uniform(0.3, 0.7, 2) * _SCREEN_MM
    landed = (tips - tips.mean(axis=0)) @ turn.T + centre
    touches = (landed + _errors(landed, noise, rng)) * (1.0 + rng.uniform(-scale_error, scale_error))
    if noise.quantum_mm:
        touches = np.rint(touches / noise.quantum_mm) * noise.quantum_mm
    return np.ascontiguousarray(rng.permutation(touches, axis=0))


def with_ghost(touches: Real, face_mm: float, spacing_mm: float, rng: np.random.Generator) -> Real:
    """Add a touch that is no tip: a finger beside the stamp, or on its rim, as near as screens report two."""
    middle = touches.mean(axis=0)
    while True:
        ghost = middle + rng.uniform(-face_mm, face_mm, 2)
        if np.linalg.norm(touches - ghost, axis=1).min() >= min(spacing_mm, 8.0):
            return np.ascontiguousarray(rng.permutation(np.concatenate([touches, ghost[None]]), axis=0))


def _errors(landed: Real, noise: Noise, rng: np.random.Generator) -> Real:
    if noise.kind == "normal":
        return rng.normal(0.0, noise.sigma_mm, landed.shape)
    if noise.kind == "measured":
        return np.array(noise.errors_mm)[rng.integers(len(noise.errors_mm), size=len(landed))]
    pitch = rng.uniform(*_PITCH_MM)
    grid = math.sqrt(2 * _GRID) * np.sin(2 * math.pi * (landed / pitch + rng.random(2)))
    # One wave across the screen for each axis, in a direction of its own.
    towards = rng.uniform(0.0, 2 * math.pi, 2)
    along = landed @ np.stack([np.cos(towards), np.sin(towards)]) / rng.uniform(*_WAVE_MM)
    smooth = math.sqrt(2 * _SMOOTH) * np.sin(2 * math.pi * (along + rng.random(2)))
    own = rng.normal(0.0, math.sqrt(_OWN), landed.shape)
    return noise.sigma_mm * (grid + smooth + own)
