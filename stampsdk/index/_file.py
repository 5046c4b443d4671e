"""The index file: a checksummed header, then the arrays of one part, as they lie in memory.

=======  =============================================================================
bytes    what
=======  =============================================================================
0-7      ``STAMPIDX``
8-11     version, uint32, little-endian as everything here
12-15    length of the contents table, uint32
16-23    length of the file, uint64
24-55    BLAKE2b-256 of everything else: bytes 0 to 23 and 56 to the end
56-      contents table, JSON: tips, and name, type, shape and offset of each array;
         then the arrays, each on a multiple of 64 bytes
=======  =============================================================================
"""

import errno
import hashlib
import json
import mmap
import os
import struct
import uuid
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from stampsdk.geometry._validation import LEAST_TIPS, MOST_TIPS
from stampsdk.index._errors import IndexFileError
from stampsdk.index._part import Part
from stampsdk.index._tree import Nodes

VERSION = 1
_MAGIC = b"STAMPIDX"
_FIXED = struct.Struct("<8sIIQ32s")
_DIGEST_AT = 24
_ALIGNMENT = 64


def write_part(part: Part, path: Path) -> None:
    """Write a part so that the path holds either the file that was there or the whole new one.

    Raises
    ------
    OSError
        The folder cannot be written; the file that was there is untouched.
    """
    if not path.parent.is_dir():
        raise FileNotFoundError(errno.ENOENT, "No such folder", str(path.parent))
    arrays = _fields(part)
    contents, offsets, length = _layout(part.tips.shape[1], arrays)
    head = _FIXED.pack(_MAGIC, VERSION, len(contents), length, bytes(32))
    digest = hashlib.blake2b(head[:_DIGEST_AT], digest_size=32)
    temporary = path.with_name(f".{path.name}.{uuid.uuid4().hex}.tmp")
    try:
        with temporary.open("xb") as file:
            file.write(head)
            at = _FIXED.size
            table = np.frombuffer(contents, np.uint8)
            for offset, array in [(at, table), *zip(offsets, arrays.values(), strict=True)]:
                for data in (bytes(offset - at), array.tobytes()):
                    digest.update(data)
                    file.write(data)
                at = offset + array.nbytes
            file.seek(_DIGEST_AT)
            file.write(digest.digest())
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)
    _sync_folder(path.parent)


def _layout(tips: int, arrays: dict[str, NDArray[Any]]) -> tuple[bytes, list[int], int]:
    """Return the contents table, the offset of each array, and the length of the whole file."""
    room = 256 * (1 + len(arrays))  # for the table, so that offsets do not depend on their own digits
    offsets = []
    end = _FIXED.size + room
    for array in arrays.values():
        end += -end % _ALIGNMENT
        offsets.append(end)
        end += array.nbytes
    entries = [
        [name, array.dtype.str, list(array.shape), offset]
        for (name, array), offset in zip(arrays.items(), offsets, strict=True)
    ]
    return json.dumps({"tips": tips, "arrays": entries}).encode().ljust(room), offsets, end


def map_part(path: Path) -> Part:
    """Map a file read-only and check all of it.

    Raises
    ------
    IndexFileError
        The file is truncated, corrupt, not an index, or of another version.
    OSError
        There is no such file, or it cannot be read.
    """
    with path.open("rb") as file:
        length = os.fstat(file.fileno()).st_size
        if length < _FIXED.size:
            raise IndexFileError(f"{path} is not a stamp index: it has only {length} bytes")
        data = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    magic, version, table, claimed, digest = _FIXED.unpack_from(data)
    if magic != _MAGIC:
        raise IndexFileError(f"{path} is not a stamp index")
    if version != VERSION:
        raise IndexFileError(
            f"{path} has version {version}; this library reads version {VERSION}: build it again"
        )
    if claimed != length:
        raise IndexFileError(f"{path} is truncated or corrupt: {length} bytes instead of {claimed}")
    with memoryview(data) as view:
        actual = hashlib.blake2b(view[:_DIGEST_AT], digest_size=32)
        actual.update(view[_DIGEST_AT + 32 :])
    if actual.digest() != digest:
        raise IndexFileError(f"{path} is corrupt: its checksum does not match. Build it again")
    try:
        return _part_of(data, json.loads(data[_FIXED.size : _FIXED.size + table]))
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise IndexFileError(f"{path} has contents that this library cannot read: {error}") from error


def _fields(part: Part) -> dict[str, NDArray[Any]]:
    """Return the arrays of a part by name, those of its nodes as nodes.NAME."""
    named: dict[str, NDArray[Any]] = {}
    for name, field in part._asdict().items():
        if isinstance(field, Nodes):
            named.update({f"nodes.{inner}": array for inner, array in field._asdict().items()})
        else:
            named[name] = field
    return named


def _part_of(data: mmap.mmap, contents: dict[str, Any]) -> Part:
    arrays = {}
    for name, kind, shape, offset in contents["arrays"]:
        count = int(np.prod(shape, dtype=np.int64))
        arrays[name] = np.frombuffer(data, np.dtype(kind), count, offset).reshape(shape)
    nodes = Nodes(*(arrays.pop(f"nodes.{name}") for name in Nodes._fields))
    part = Part(nodes=nodes, **arrays)
    tips, rows = contents["tips"], len(part.ids)
    if not LEAST_TIPS <= tips <= MOST_TIPS or part.tips.shape != (rows, tips):
        raise ValueError(f"{tips} tips, but an array of {part.tips.shape}")
    if part.orders.shape != part.tips.shape or len(part.sizes) != rows or len(part.keys) != rows:
        raise ValueError("arrays of unequal length")
    return part


def _sync_folder(folder: Path) -> None:
    """Make a rename durable, where the system lets a folder be opened."""
    if not hasattr(os, "O_DIRECTORY"):
        return
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
