"""Simulated presses: what a touchscreen reports when a stamp is put down on it."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from stampsdk.geometry._validation import as_real


@dataclass(frozen=True, slots=True)
class NoiseModel:
    """How reported touches differ from the tips; an assumption until phones are measured.

    Attributes
    ----------
    sigma_mm : float
        Standard deviation per axis of the error of each tip, drawn anew for each placement.
    scale_error : float
        The density is wrong by a factor drawn uniformly from ``1 - scale_error`` to ``1 + scale_error``.
    quantum_mm : float
        Step that coordinates are rounded to on the screen, in mm; 0 for none.
    """

    sigma_mm: float = 0.4
    scale_error: float = 0.02
    quantum_mm: float = 0.05

    def __post_init__(self) -> None:
        for name in ("sigma_mm", "scale_error", "quantum_mm"):
            value = getattr(self, name)
            if not 0.0 <= value < math.inf:
                raise ValueError(f"{name} must be zero or more and finite, not {value!r}")
        if self.scale_error >= 1.0:
            raise ValueError(f"scale_error must be below 1, not {self.scale_error!r}")


def simulate_touches(
    pattern: ArrayLike,
    rng: np.random.Generator,
    *,
    noise: NoiseModel,
    px_per_mm: float = 6.3,
    centre_px: tuple[float, float] | None = None,
) -> NDArray[np.float64]:
    """Put a stamp down at a random place, angle and tip order, and report its touches.

    Parameters
    ----------
    pattern : array_like (n, 2)
        Tips in mm, as the screen sees them.
    rng : numpy.random.Generator
        The only source of randomness.
    noise : NoiseModel
        What goes wrong.
    px_per_mm : float
        Density of the screen.
    centre_px : (x, y), optional
        Where the centroid of the tips lands before noise. Without it, anywhere on a 412 by 915 px screen
        that leaves a quarter of each side free.

    Returns
    -------
    float64 (n, 2)
        Touches in px, in random order. Chirality is kept.

    Raises
    ------
    ValueError
        Names the argument that is not finite or has the wrong shape.
    """
    tips = as_real(pattern, "pattern")
    if tips.shape[1:] != (2,) or not np.isfinite(tips).all():
        raise ValueError(f"pattern must be finite, of the shape (n, 2); got {tips.shape}")
    if not 0.0 < px_per_mm < math.inf:
        raise ValueError(f"px_per_mm must be positive and finite, not {px_per_mm!r}")
    if centre_px is None:
        centre = rng.uniform((103.0, 229.0), (309.0, 686.0))
    else:
        centre = as_real(centre_px, "centre_px")
        if centre.shape != (2,) or not np.isfinite(centre).all():
            raise ValueError(f"centre_px must be two finite numbers, not {centre_px!r}")
    angle = rng.uniform(-math.pi, math.pi)
    turn = np.array([[math.cos(angle), -math.sin(angle)], [math.sin(angle), math.cos(angle)]])
    density = px_per_mm * (1.0 + rng.uniform(-noise.scale_error, noise.scale_error))
    landed = (tips - tips.mean(axis=0)) @ turn.T + rng.normal(0.0, noise.sigma_mm, tips.shape)
    touches = centre + density * landed
    step = noise.quantum_mm * px_per_mm
    if step > 0.0:
        touches = np.round(touches / step) * step
    return np.ascontiguousarray(rng.permutation(touches, axis=0))
