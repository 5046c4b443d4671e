"""The index file: a checksummed header, the arrays of one part as they lie in memory, and a log.

=======  =============================================================================
bytes    what
=======  =============================================================================
0-7      ``STAMPIDX``
8-11     version, uint32, little-endian as everything here
12-15    length of the contents table, uint32
16-23    where the log begins, uint64
24-55    digest of the above and of everything from byte 128 to the log
56-63    where the log ends, uint64
64-95    digest of the log's last record, or of no record
96-127   digest of bytes 24 to 95
128-     contents table, JSON: tips, and name, type, shape and offset of each array;
         then the arrays, each on a multiple of 64 bytes; then the log
=======  =============================================================================

The arrays never change. A change is appended to the log and made durable before bytes 56 to 127, which lie
in one sector, tell of it; so whatever moment a writer dies at, the file says what was acknowledged, and no
less. Digests are SHA-256; that of the arrays is of the digests of their chunks, so that all cores work on it.
"""

import json
import mmap
import os
import struct
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO, NamedTuple

import numpy as np

from stampsdk.index import _log
from stampsdk.index._bands import cores
from stampsdk.index._durable import whole_file
from stampsdk.index._errors import IndexFileError
from stampsdk.index._log import DIGEST_BYTES, Change
from stampsdk.index._part import Part
from stampsdk.index._table import laid_out, named_arrays, part_of

VERSION = 2
_MAGIC = b"STAMPIDX"
_FIXED = struct.Struct("<8sIIQ")
_ARRAYS_DIGEST_AT = 24
_LOG_STATE_AT = 56
_TABLE_AT = 128
_CHUNK = 1 << 22
_NO_RECORD = bytes(DIGEST_BYTES)


class Mapped(NamedTuple):
    """An index file, mapped into memory.

    Attributes
    ----------
    part : Part
    changes : list of Change
        The log, to be applied in turn.
    state : State
    """

    part: Part
    changes: list[Change]
    state: "State"


class State(NamedTuple):
    """What a writer must find in the file before it goes on: bytes 24 to 127."""

    arrays: bytes
    log_end: int
    last: bytes

    def packed(self) -> bytes:
        """Return the bytes, with their own digest."""
        state = self.arrays + struct.pack("<Q", self.log_end) + self.last
        return state + _log.digest_of(state)


def write_file(part: Part, changes: Iterable[Change], path: Path) -> None:
    """Write a part and a log so that the path holds either the file that was there or the whole new one.

    Raises
    ------
    OSError
        The folder cannot be written, or there is no room; unless the very last step failed, which makes the
        name durable, the file that was there is untouched.
    """
    arrays = dict(named_arrays(part))
    table, offsets, length = laid_out(part.tip_count, arrays, _TABLE_AT)
    records, last = _log.written(changes, part.tip_count, _NO_RECORD)
    fixed = _FIXED.pack(_MAGIC, VERSION, len(table), length)
    with whole_file(path) as file:
        file.write(bytes(_TABLE_AT) + table)
        for offset, array in zip(offsets, arrays.values(), strict=True):
            file.seek(offset)
            file.write(array.reshape(-1).view(np.uint8).data if array.size else b"")
        file.truncate(length)
        file.seek(length)
        file.write(records)
        file.flush()
        with mmap.mmap(file.fileno(), length, access=mmap.ACCESS_READ) as data:
            digest = _arrays_digest(fixed, data, length)
        file.seek(0)
        file.write(fixed + State(digest, length + len(records), last).packed())


def append(records: bytes, now: State, file: BinaryIO, state: State) -> None:
    """Append records to the log of a file that is in a state, durably; `now` is what it says afterwards.

    Raises
    ------
    OSError
        The file cannot be written; it says what it said before, or, if only the last step failed, may say
        what it was to say.
    """
    try:
        file.seek(state.log_end)
        file.write(records)
        file.truncate()
        file.flush()
        os.fsync(file.fileno())
    except OSError:
        with suppress(OSError):
            file.truncate(state.log_end)
        raise
    file.seek(_LOG_STATE_AT)
    file.write(now.packed()[DIGEST_BYTES:])
    file.flush()
    os.fsync(file.fileno())


def recorded(changes: Iterable[Change], tips: int, state: State) -> tuple[bytes, State]:
    """Return changes as records for the log of a file that is in a state, and its state with them."""
    records, last = _log.written(changes, tips, state.last)
    return records, State(state.arrays, state.log_end + len(records), last)


def says(file: BinaryIO, state: State) -> bool:
    """Tell whether a file is in a state."""
    file.seek(_ARRAYS_DIGEST_AT)
    return file.read(_TABLE_AT - _ARRAYS_DIGEST_AT) == state.packed()


def map_file(path: Path) -> Mapped:
    """Map a file read-only and check all of it.

    Raises
    ------
    IndexFileError
        The file is truncated, corrupt, not an index, or of another version.
    OSError
        There is no such file, or it cannot be read.
    """
    if path.exists() and not (path.is_file() or path.is_dir()):
        raise IndexFileError(f"{path} is not a file")  # to open a pipe could take for ever
    with path.open("rb") as file:
        length = os.fstat(file.fileno()).st_size
        start = file.read(_FIXED.size)
        if len(start) < _FIXED.size or not start.startswith(_MAGIC):
            raise IndexFileError(f"{path} is not a stamp index")
        _, version, table, log_start = _FIXED.unpack(start)
        if version != VERSION:
            raise IndexFileError(
                f"{path} has version {version}; this library reads version {VERSION}: build it again"
            )
        if not _TABLE_AT + table <= log_start <= length:
            raise IndexFileError(
                f"{path} is truncated or corrupt: {length} bytes, {log_start} and more were written"
            )
        data = mmap.mmap(file.fileno(), length, access=mmap.ACCESS_READ)
    try:
        state = _checked_state(data, log_start, length)
        _check_arrays(start, data, log_start, state)
        contents = json.loads(data[_TABLE_AT : _TABLE_AT + table])
        part = part_of(data, contents)
        changes = _log.read(
            memoryview(data)[log_start : state.log_end], part.tip_count, _NO_RECORD, state.last
        )
    except IndexFileError as error:
        raise IndexFileError(f"{path} is corrupt: {error}. Build it again") from None
    except (ValueError, KeyError, TypeError, AttributeError, OverflowError) as error:
        raise IndexFileError(f"{path} has contents that this library cannot read: {error}") from error
    return Mapped(part, changes, state)


def _check_arrays(fixed: bytes, data: mmap.mmap, length: int, state: State) -> None:
    if _arrays_digest(fixed, data, length) != state.arrays:
        raise IndexFileError("its checksum does not match")


def _checked_state(data: mmap.mmap, log_start: int, length: int) -> State:
    found = data[_ARRAYS_DIGEST_AT:_TABLE_AT]
    arrays, rest = found[:DIGEST_BYTES], found[DIGEST_BYTES:]
    state = State(arrays, struct.unpack_from("<Q", rest)[0], rest[8 : 8 + DIGEST_BYTES])
    if state.packed() != found or not log_start <= state.log_end <= length:
        raise IndexFileError("its header does not match its checksum")
    tail = data[state.log_end : length]
    if not _log.may_be_torn(tail, state.last):
        raise IndexFileError(f"it ends with {len(tail)} bytes that are not its own")
    return state


def _arrays_digest(fixed: bytes, data: mmap.mmap, length: int) -> bytes:
    """Return the digest of the first bytes and of everything from the table to the log."""
    with memoryview(data) as view:
        starts = range(_TABLE_AT, length, _CHUNK)

        def of_chunk(start: int) -> bytes:
            return _log.digest_of(view[start : min(start + _CHUNK, length)])

        with ThreadPoolExecutor(cores()) as pool:
            return _log.digest_of(fixed + b"".join(pool.map(of_chunk, starts)))
