"""A part of an index: patterns that were registered together, frozen and arranged for search."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from stampsdk.geometry._compile import kernel
from stampsdk.geometry._validation import checked_patterns
from stampsdk.index._bands import Bands, cores, grown, no_bands
from stampsdk.index._chart import COORDINATES, chart_of, fit_chart
from stampsdk.index._labelling import canonical_orders
from stampsdk.index._packing import REFUSED, TOO_WIDE, pack_patterns
from stampsdk.index._tips import Tips, order_bytes, pack_orders, unpack_order, unpack_rows

_CHUNK = 1 << 17
_SAMPLE = 20_000
LEAST_MATCHED = 4
"""Points that a partial press must match at least."""


class Part(NamedTuple):
    """Arrays of one part; all read-only, in the order of the trees.

    Attributes
    ----------
    ids : int64 (N,), or uint32 (N,) that `least_id` is added to
    least_id : int64 (1,)
    by_id : int32 (N,)
        The rows in the order of their ids.
    tips : Tips
    bands : Bands
        Full presses.
    partial : Bands
        Presses that lack a tip, or nothing.
    wants_partial : uint8 (1,)
        1 where they are kept.
    """

    ids: NDArray[Any]
    least_id: NDArray[np.int64]
    by_id: NDArray[np.int32]
    tips: Tips
    bands: Bands
    partial: Bands
    wants_partial: NDArray[np.uint8]

    @property
    def tip_count(self) -> int:
        """How many tips a pattern has."""
        return int(self.tips.leading.shape[1]) // 2 + 1

    def ids_of(self, rows: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return the ids of some rows (K,)."""
        ids: NDArray[np.int64] = self.ids[rows].astype(np.int64) + self.least_id[0]
        return ids

    def points_of(self, rows: NDArray[np.int64]) -> NDArray[np.float64]:
        """Return the patterns of some rows (K, n, 2), centred, tips in the order given."""
        tips = np.empty((len(rows), self.tip_count), np.complex128)
        unpack_rows(self.tips.leading, self.tips.trailing, rows, tips)
        given = np.empty_like(tips)
        np.put_along_axis(given, self.orders_of(rows).astype(np.intp), tips, axis=1)
        return given.view(np.float64).reshape(*given.shape, 2)

    def orders_of(self, rows: NDArray[np.int64]) -> NDArray[np.int8]:
        """Return where each tip of some rows (K, n), in canonical order, stood as it was given."""
        orders = np.empty((len(rows), self.tip_count), np.int8)
        _unpack_orders(self.tips.codes, rows, orders)
        return orders


def build_part(
    points: NDArray[np.float64],
    ids: NDArray[np.int64],
    report: Callable[[float], None] = lambda _share: None,
    *,
    partial: bool = False,
) -> Part:
    """Check patterns (N, n, 2) and arrange them for search; report the share that is done.

    Raises
    ------
    ValueError
        Names the first row that cannot be a pattern.
    """
    leading, trailing, codes, sizes = _packed(points, lambda share: report(0.3 * share))
    chart = fit_chart(*_sample(leading, trailing, points.shape[1]))
    places = _placed(leading, trailing, points.shape[1], chart)
    report(0.45)
    most = 0.6 if partial else 1.0
    bands, rows = grown(places, sizes, chart, lambda share: report(0.45 + (most - 0.45) * share))
    del places, sizes
    kept, least = _narrow(ids)
    tips = Tips(leading[rows], trailing[rows], codes[rows])
    part: Part = freeze(
        Part(
            ids=kept[rows],
            least_id=np.array([least]),
            by_id=_by_id(ids, rows),
            tips=tips,
            bands=bands,
            partial=_partial_bands(tips, lambda share: report(0.6 + 0.4 * share)) if partial else no_bands(),
            wants_partial=np.array([partial], np.uint8),
        )
    )
    return part


def _partial_bands(packed: Tips, report: Callable[[float], None]) -> Bands:
    """Grow trees over the n sets of n - 1 tips of each pattern; nothing where fewer than four tips are left.

    An entry is a row of the part, and which of its tips stands at each place; nothing is stored twice.
    """
    count, n = len(packed.leading), packed.leading.shape[1] // 2 + 1
    if n - 1 < LEAST_MATCHED:
        return no_bands()
    codes = np.empty((count * n, order_bytes(n)), np.uint8)
    sizes = np.empty(count * n, np.float32)

    def label(rows: slice) -> None:
        tips = np.empty((rows.stop - rows.start, n), np.complex128)
        unpack_rows(packed.leading, packed.trailing, np.arange(rows.start, rows.stop), tips)
        for missing in range(n):
            others = np.array([k for k in range(n) if k != missing], np.int8)
            kept = tips[:, others]
            kept -= kept.mean(axis=1, keepdims=True)
            chosen = np.empty((len(kept), n), np.int8)
            chosen[:, :-1] = others[canonical_orders(kept)]
            chosen[:, -1] = missing
            entries = slice(missing * count + rows.start, missing * count + rows.stop)
            pack_orders(chosen, codes[entries])
            sizes[entries] = np.sqrt((kept.real**2 + kept.imag**2).sum(axis=1))

    def shapes(entries: NDArray[np.int64]) -> NDArray[np.complex128]:
        tips = np.empty((len(entries), n), np.complex128)
        unpack_rows(packed.leading, packed.trailing, entries % count, tips)
        chosen = np.empty((len(entries), n), np.int8)
        _unpack_orders(codes, entries, chosen)
        kept = np.take_along_axis(tips, chosen[:, :-1].astype(np.intp), axis=1)
        return np.ascontiguousarray(kept - kept.mean(axis=1, keepdims=True))

    with ThreadPoolExecutor(cores()) as pool:
        list(pool.map(label, _chunks(count)))
    report(0.3)
    sample = shapes(np.arange(0, count * n, max(1, -(-count * n // _SAMPLE)), dtype=np.int64))
    chart = fit_chart(sample, np.linalg.norm(sample, axis=1))
    places = np.empty((count * n, COORDINATES), np.float32)

    def place(entries: slice) -> None:
        kept = shapes(np.arange(entries.start, entries.stop))
        chart_of(kept, np.linalg.norm(kept, axis=1), *chart, places[entries])

    with ThreadPoolExecutor(cores()) as pool:
        list(pool.map(place, _chunks(count * n)))
    report(0.5)
    bands, entries = grown(places, sizes, chart, lambda share: report(0.5 + 0.5 * share))
    return bands._replace(rows=(entries % max(count, 1)).astype(np.int32), codes=codes[entries])


def freeze(part: Any) -> Any:
    """Make every array read-only and contiguous, as those mapped from a file are."""
    return type(part)(*(_frozen(field) if isinstance(field, np.ndarray) else freeze(field) for field in part))


def _frozen(array: NDArray[Any]) -> NDArray[Any]:
    fixed = np.ascontiguousarray(array)
    fixed.setflags(write=False)
    return fixed


def _chunks(count: int) -> list[slice]:
    return [slice(start, min(start + _CHUNK, count)) for start in range(0, count, _CHUNK)]


def _packed(
    points: NDArray[np.float64], report: Callable[[float], None]
) -> tuple[NDArray[np.int32], NDArray[np.uint8], NDArray[np.uint8], NDArray[np.float32]]:
    """Check, round, label and pack patterns; also return their sizes."""
    for width in (1, 2):
        packed = _packed_in(width, points, report)
        if packed is not None:
            return packed
    raise AssertionError("checked patterns fit two bytes")


def _packed_in(
    width: int, points: NDArray[np.float64], report: Callable[[float], None]
) -> tuple[NDArray[np.int32], NDArray[np.uint8], NDArray[np.uint8], NDArray[np.float32]] | None:
    """Do so with so many bytes beyond the leading bits; None where a pattern is too wide for that."""
    count, n = points.shape[:2]
    leading = np.empty((count, 2 * (n - 1)), np.int32)
    trailing = np.empty((count, 2 * (n - 1), width), np.uint8)
    codes = np.empty((count, order_bytes(n)), np.uint8)
    sizes = np.empty(count, np.float32)

    def pack_chunk(rows: slice) -> int:
        given = points[rows]
        if not given.flags.writeable:  # as mapped from a file: numba would compile all anew for that type
            given = given.copy()
        chunk = (given, leading[rows], trailing[rows], codes[rows], sizes[rows])
        outcome = pack_patterns(*chunk, False)  # noqa: FBT003 - kernels take no names
        if outcome == REFUSED:
            checked_patterns(given, first=rows.start)  # says which row, unless it is a close call
            outcome = pack_patterns(*chunk, True)  # noqa: FBT003
        return 0 if outcome == TOO_WIDE else int(rows.stop - rows.start)

    done = 0
    with ThreadPoolExecutor(cores()) as pool:
        for packed in pool.map(pack_chunk, _chunks(count)):
            if not packed:
                return None
            done += packed
            report(done / count)
    return leading, trailing, codes, sizes


def _sample(
    leading: NDArray[np.int32], trailing: NDArray[np.uint8], n: int
) -> tuple[NDArray[np.complex128], NDArray[np.float64]]:
    rows = np.arange(0, len(leading), max(1, -(-len(leading) // _SAMPLE)), dtype=np.int64)
    tips = np.empty((len(rows), n), np.complex128)
    unpack_rows(leading, trailing, rows, tips)
    return tips, np.linalg.norm(tips, axis=1)


def _placed(
    leading: NDArray[np.int32],
    trailing: NDArray[np.uint8],
    n: int,
    chart: tuple[NDArray[np.complex128], NDArray[np.float64]],
) -> NDArray[np.float32]:
    places = np.empty((len(leading), COORDINATES), np.float32)

    def place_chunk(rows: slice) -> None:
        tips = np.empty((rows.stop - rows.start, n), np.complex128)
        unpack_rows(leading, trailing, np.arange(rows.start, rows.stop), tips)
        chart_of(tips, np.linalg.norm(tips, axis=1), *chart, places[rows])

    with ThreadPoolExecutor(cores()) as pool:
        list(pool.map(place_chunk, _chunks(len(leading))))
    return places


def _narrow(ids: NDArray[np.int64]) -> tuple[NDArray[Any], int]:
    """Halve the bytes of ids that lie within 2³² of each other."""
    if not len(ids):
        return np.zeros(0, np.uint32), 0
    least, most = int(ids.min()), int(ids.max())
    if most - least < 1 << 32:
        return (ids - least).astype(np.uint32), least
    return ids, 0


def _by_id(ids: NDArray[np.int64], rows: NDArray[np.int32]) -> NDArray[np.int32]:
    where = np.empty(len(rows), np.int32)
    where[rows] = np.arange(len(rows), dtype=np.int32)
    if (ids[1:] > ids[:-1]).all():
        return where
    return where[np.argsort(ids, kind="stable")]


@kernel
def _unpack_orders(codes: NDArray[np.uint8], rows: NDArray[np.int64], orders: NDArray[np.int8]) -> None:
    for at in range(rows.shape[0]):
        unpack_order(codes, rows[at], orders[at])
