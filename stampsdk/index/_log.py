"""The log at the end of an index file: what was added and removed since the file was written.

A record is a head, then ids and, where patterns were added, their points, then the digest of it all. Each
head carries the digest of the record before, so that records can neither be lost from the middle nor change
places.
"""

import hashlib
import struct
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple, cast

import numpy as np
from numpy.typing import NDArray

from stampsdk.index._errors import IndexFileError

DIGEST_BYTES = 32
_MAGIC = b"STAMPLOG"
_HEAD = struct.Struct("<8sIIQ32s")  # magic, 1 for patterns added and 0 for removed, tips, ids, digest before
_ID = np.dtype("<i8")
_COORDINATE = np.dtype("<f8")


class Change(NamedTuple):
    """Patterns that were added, or, without points, removed.

    Attributes
    ----------
    ids : int64 (K,)
    points : float64 (K, n, 2), or None
    """

    ids: NDArray[np.int64]
    points: NDArray[np.float64] | None


class Added(NamedTuple):
    """Patterns (K, n, 2) and their ids (K,)."""

    ids: NDArray[np.int64]
    points: NDArray[np.float64]


def written(changes: Iterable[Change], tips: int, before: bytes) -> tuple[bytes, bytes]:
    """Return changes as records, and the digest of the last."""
    records = []
    for change in changes:
        adds = change.points is not None
        record = _HEAD.pack(_MAGIC, adds, tips, len(change.ids), before) + change.ids.astype(_ID).tobytes()
        if change.points is not None:
            record += change.points.astype(_COORDINATE).tobytes()
        before = digest_of(record)
        records.append(record + before)
    return b"".join(records), before


def read(data: memoryview, tips: int, before: bytes, last: bytes) -> list[Change]:
    """Return the changes that records hold.

    Raises
    ------
    IndexFileError
        A record is corrupt, or the last is not the one whose digest is given.
    """
    records = list(_records(data, tips, before))
    changes = [change for change, _ in records]
    if (records[-1][1] if records else before) != last:
        raise IndexFileError("its log is corrupt")
    return changes


def replayed(changes: Sequence[Change], tips: int) -> tuple[NDArray[np.int64], Added]:
    """Return what changes come to: ids to remove from what was there, and patterns to add to the rest."""
    removed: set[int] = set()
    where: dict[int, tuple[int, int]] = {}
    for number, change in enumerate(changes):
        if change.points is None:
            for name in change.ids.tolist():
                if where.pop(name, None) is None:
                    removed.add(name)
        else:
            where.update((name, (number, row)) for row, name in enumerate(change.ids.tolist()))
    points = np.empty((len(where), tips, 2))
    for at, (number, row) in enumerate(where.values()):
        points[at] = cast("NDArray[np.float64]", changes[number].points)[row]
    ids = np.fromiter(where, np.int64, len(where))
    return np.array(sorted(removed), np.int64), Added(ids, points)


def may_be_torn(tail: bytes, before: bytes) -> bool:
    """Tell whether bytes beyond the log can be a record that somebody died while writing.

    That begins as a record after the last one, or was never filled.
    """
    head = _MAGIC + tail[8:24] + before
    return tail.startswith(head[: len(tail)]) or not any(tail)


def digest_of(data: bytes | memoryview) -> bytes:
    """Return the SHA-256 digest."""
    return hashlib.sha256(data).digest()


def _records(data: memoryview, tips: int, before: bytes) -> Iterator[tuple[Change, bytes]]:
    at = 0
    while at < len(data):
        if at + _HEAD.size > len(data):
            raise IndexFileError("its log is corrupt")
        magic, adds, n, count, previous = _HEAD.unpack_from(data, at)
        per_pattern = _ID.itemsize + (2 * n * _COORDINATE.itemsize if adds else 0)
        end = at + _HEAD.size + count * per_pattern
        if (magic, n, previous) != (_MAGIC, tips, before) or adds > 1 or end + DIGEST_BYTES > len(data):
            raise IndexFileError("its log is corrupt")
        digest = digest_of(data[at:end])
        if digest != data[end : end + DIGEST_BYTES]:
            raise IndexFileError("its log is corrupt")
        ids = np.frombuffer(data, _ID, count, at + _HEAD.size).astype(np.int64)
        points = None
        if adds:
            start = at + _HEAD.size + ids.nbytes
            points = np.frombuffer(data, _COORDINATE, 2 * n * count, start).reshape(count, n, 2).copy()
        yield Change(ids, points), digest
        before = digest
        at = end + DIGEST_BYTES
