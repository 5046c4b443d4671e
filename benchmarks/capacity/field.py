"""Measured noise in a file."""

import json
import math
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.capacity.jobs import Noise

_KEYS = {"sigma_mm", "quantum_mm", "scale_error", "errors_mm"}


class FieldError(ValueError):
    """A file of measured noise cannot be used; the message says why.

    Attributes
    ----------
    code : str
        "bad_noise".
    """

    code = "bad_noise"


def load_noise(path: Path) -> tuple[Noise, float]:
    """Read measured noise: a JSON object with `sigma_mm` or `errors_mm`, `quantum_mm`, `scale_error`.

    ``errors_mm`` is a list of [x, y], each the error of a touch after the best fit of its press; presses draw
    from it with replacement. Without it errors are normal with `sigma_mm`.

    Returns
    -------
    (Noise, scale_error)
        The error of the scale where the density is roughly known, 0.02 unless told.

    Raises
    ------
    FieldError
        Unreadable, an unknown key, a value out of range.
    """
    try:
        told: Any = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise FieldError(f"{path} cannot be read as JSON: {error}") from error
    if not isinstance(told, dict) or set(told) - _KEYS or not {"sigma_mm", "errors_mm"} & set(told):
        raise FieldError(f"{path} must be an object with sigma_mm or errors_mm; it may have {sorted(_KEYS)}")
    numbers = {key: told.get(key, 0.0) for key in ("quantum_mm", "scale_error")}
    if "sigma_mm" in told:
        numbers["sigma_mm"] = told["sigma_mm"]
    for key, value in numbers.items():
        good = isinstance(value, (int, float)) and not isinstance(value, bool) and 0 <= value < math.inf
        if not good or (key == "sigma_mm" and not value) or (key == "scale_error" and value >= 0.5):  # noqa: PLR2004
            raise FieldError(f"{path}: {key} must be a number in its range, not {value!r}")
    scale_error = float(told.get("scale_error", 0.02))
    quantum = float(numbers["quantum_mm"])
    if "errors_mm" not in told:
        return Noise("normal", float(told["sigma_mm"]), quantum), scale_error
    try:
        errors = np.array(told["errors_mm"], np.float64)
    except (TypeError, ValueError):
        errors = np.empty(0)
    if errors.ndim != 2 or errors.shape[1:] != (2,) or not np.isfinite(errors).all() or not errors.any():  # noqa: PLR2004
        raise FieldError(f"{path}: errors_mm must be a list of [x, y] in mm")
    sigma = float(told.get("sigma_mm", math.sqrt((errors**2).mean())))
    return Noise("measured", sigma, quantum, tuple(map(tuple, errors.tolist()))), scale_error
