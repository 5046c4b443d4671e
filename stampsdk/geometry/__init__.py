"""Shape, residual and noise of small point patterns in the plane."""

from stampsdk.geometry._residual import Alignment, residual
from stampsdk.geometry.noise import NoiseModel, simulate_touches

__all__ = ["Alignment", "NoiseModel", "residual", "simulate_touches"]
