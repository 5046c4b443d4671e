"""The contents table of an index file: which array of a part lies where."""

import json
import mmap
from collections.abc import Iterator
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from stampsdk.geometry._validation import LEAST_TIPS, MOST_TIPS
from stampsdk.index._part import Part

_ALIGNMENT = 64

Tuple = TypeVar("Tuple", bound=tuple[Any, ...])


def laid_out(tips: int, arrays: dict[str, NDArray[Any]], start: int) -> tuple[bytes, list[int], int]:
    """Return the contents table, the offset of each array, and where the log begins."""
    room = 256 * (1 + len(arrays))  # for the table, so that offsets do not depend on their own digits
    offsets = []
    end = start + room
    for array in arrays.values():
        end += -end % _ALIGNMENT
        offsets.append(end)
        end += array.nbytes
    entries = [
        [name, array.dtype.str, list(array.shape), offset]
        for (name, array), offset in zip(arrays.items(), offsets, strict=True)
    ]
    return json.dumps({"tips": tips, "arrays": entries}).encode().ljust(room), offsets, end


def named_arrays(fields: tuple[Any, ...], prefix: str = "") -> Iterator[tuple[str, NDArray[Any]]]:
    """Yield the arrays of a named tuple by name, those of its tuples as OUTER.INNER."""
    for name, field in fields._asdict().items():  # type: ignore[attr-defined]
        if isinstance(field, tuple):
            yield from named_arrays(field, f"{prefix}{name}.")
        else:
            yield prefix + name, field


def _rebuilt(kind: type[Tuple], arrays: dict[str, NDArray[Any]], prefix: str = "") -> Tuple:
    fields = []
    for name, annotation in kind.__annotations__.items():
        inner = isinstance(annotation, type) and issubclass(annotation, tuple)
        fields.append(_rebuilt(annotation, arrays, f"{prefix}{name}.") if inner else arrays[prefix + name])
    return kind(*fields)


def part_of(data: mmap.mmap, contents: dict[str, Any]) -> Part:
    """Return the part whose arrays lie in a mapped file as its contents table says.

    Raises
    ------
    ValueError, KeyError, TypeError, AttributeError, OverflowError
        The table makes no sense.
    """
    arrays = {}
    for name, kind, shape, offset in contents["arrays"]:
        count = int(np.prod(shape, dtype=np.int64))
        arrays[name] = np.frombuffer(data, np.dtype(kind), count, offset).reshape(shape)
    part = _rebuilt(Part, arrays)
    tips, rows = contents["tips"], len(part.ids)
    if not LEAST_TIPS <= tips <= MOST_TIPS or part.tip_count != tips:
        raise ValueError(f"{tips} tips, but an array for {part.tip_count}")
    lengths = {len(part.by_id), *(len(array) for array in part.tips)}
    ends = [int(bands.ends[-1]) for bands in (part.bands, part.partial)]
    if (rows and lengths != {rows}) or ends[0] != rows or ends[1] not in {0, tips * rows}:
        raise ValueError("arrays of unequal length")
    for name, array in named_arrays(part):
        if not array.flags.aligned:
            raise ValueError(f"{name} is not aligned")
    return part
