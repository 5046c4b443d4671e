"""Checks on ids, and finding them."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

Ids = NDArray[np.int64]


def checked_ids(ids: Any, count: int | None = None) -> Ids:
    """Return ids as int64 (count,), or raise ValueError naming the first that is wrong."""
    try:
        array = np.asarray(ids)
    except (TypeError, ValueError) as error:
        raise ValueError(f"ids must be an array of integers: {error}") from None
    if array.ndim != 1 or (count is not None and len(array) != count):
        wanted = "(K,)" if count is None else f"({count},), one for each pattern"
        raise ValueError(f"ids must have the shape {wanted}; it has {array.shape}")
    if not array.size:
        return np.empty(0, np.int64)
    if array.dtype.kind in "fO" and not isinstance(ids, np.ndarray):
        _refuse_beyond_int64(list(ids))
    if array.dtype.kind not in "iu":
        raise ValueError(f"ids must be integers within int64, not {array.dtype}")
    if array.dtype.kind == "u" and array.max() > np.iinfo(np.int64).max:
        raise ValueError(f"ids: row {int(np.argmax(array))} exceeds the range of int64")
    numbers = np.ascontiguousarray(array, dtype=np.int64)
    order = np.argsort(numbers, kind="stable")
    repeats = order[1:][numbers[order][1:] == numbers[order][:-1]]
    if repeats.size:
        row = int(repeats.min())
        raise ValueError(f"ids: row {row} repeats the id {numbers[row]}")
    return numbers


def _refuse_beyond_int64(ids: list[Any]) -> None:
    """Name the first integer that numpy took for a float or an object because it is too large."""
    limits = np.iinfo(np.int64)
    for row, number in enumerate(ids):
        if isinstance(number, int) and not limits.min <= number <= limits.max:
            raise ValueError(f"ids: row {row} exceeds the range of int64")
