"""A part of an index: patterns that were registered together, frozen and arranged for search."""

import itertools
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from stampsdk.geometry._validation import to_complex
from stampsdk.index._key import fit_projection, projected_keys
from stampsdk.index._labelling import canonical_orders
from stampsdk.index._tree import Nodes, grow

_BANDS_PER_OCTAVE = 4


class Part(NamedTuple):
    """Arrays of one part; all read-only, in the order of the trees, one tree a band of sizes.

    Attributes
    ----------
    ids : int64 (N,)
    tips : complex128 (N, n)
        Centred, mm, in canonical order.
    orders : int8 (N, n)
        ``tips[i, k]`` is the tip that was given at place ``orders[i, k]``.
    sizes : float64 (N,)
        Norm of each row of `tips`.
    keys : float32 (N, d)
        Projected keys.
    centre, basis : float64 (D,), (D, d)
        The projection.
    band_rows, band_nodes : int64 (B + 1,)
        The rows and nodes of band b are ``band_rows[b]:band_rows[b + 1]`` and likewise.
    nodes : Nodes
    """

    ids: NDArray[np.int64]
    tips: NDArray[np.complex128]
    orders: NDArray[np.int8]
    sizes: NDArray[np.float64]
    keys: NDArray[np.float32]
    centre: NDArray[np.float64]
    basis: NDArray[np.float64]
    band_rows: NDArray[np.int64]
    band_nodes: NDArray[np.int64]
    nodes: Nodes

    def points(self) -> NDArray[np.float64]:
        """Return the patterns (N, n, 2), centred, tips in the order given."""
        return self.points_of(np.arange(len(self.ids)))

    def points_of(self, rows: NDArray[np.int64]) -> NDArray[np.float64]:
        """Return the patterns of some rows (K, n, 2), centred, tips in the order given."""
        given = np.empty((len(rows), self.tips.shape[1]), np.complex128)
        np.put_along_axis(given, self.orders[rows].astype(np.intp), self.tips[rows], axis=1)
        return given.view(np.float64).reshape(*given.shape, 2)


def build_part(
    points: NDArray[np.float64],
    ids: NDArray[np.int64],
    report: Callable[[float], None] = lambda _share: None,
) -> Part:
    """Arrange checked, centred patterns (N, n, 2) for search; report the share that is done."""
    given = to_complex(points)
    orders = canonical_orders(given)
    tips = np.take_along_axis(given, orders.astype(np.intp), axis=1)
    sizes = np.sqrt((tips.real**2 + tips.imag**2).sum(axis=1))
    report(0.2)
    centre, basis = fit_projection(tips, sizes)
    keys = projected_keys(tips, sizes, centre, basis)

    # Margins are relative to the size, so patterns of like size stand together.
    bands = np.floor(_BANDS_PER_OCTAVE * np.log2(sizes)).astype(np.int64)
    rows = np.argsort(bands, kind="stable")
    starts = np.flatnonzero(np.diff(bands[rows], prepend=np.int64(-(2**62))))
    band_rows = np.append(starts, len(rows)).astype(np.int64)
    keys, sizes = keys[rows], sizes[rows]
    trees = []
    for start, stop in itertools.pairwise(band_rows.tolist()):
        report(0.4 + 0.6 * start / len(rows))
        trees.append(grow(keys, sizes, rows, start, stop))
    return freeze(
        Part(
            ids=ids[rows],
            tips=tips[rows],
            orders=orders[rows],
            sizes=sizes,
            keys=keys,
            centre=centre,
            basis=basis,
            band_rows=band_rows,
            band_nodes=np.cumsum([0, *(len(tree.first) for tree in trees)], dtype=np.int64),
            nodes=_joined(trees, keys.shape[1]),
        )
    )


def freeze(part: Part) -> Part:
    """Make every array read-only and contiguous, as those mapped from a file are."""
    arrays = {name: _frozen(array) for name, array in part._asdict().items() if name != "nodes"}
    return Part(nodes=Nodes(*(_frozen(array) for array in part.nodes)), **arrays)


def _frozen(array: NDArray[Any]) -> NDArray[Any]:
    fixed = np.ascontiguousarray(array)
    fixed.setflags(write=False)
    return fixed


def _joined(trees: list[Nodes], width: int) -> Nodes:
    """Put trees one after the other; their links move along."""
    if not trees:
        none = np.empty(0, np.int64)
        boxes = np.empty((0, width), np.float32)
        return Nodes(none, none, none, boxes, boxes, np.empty(0), np.empty(0))
    shift = 0
    moved = []
    for tree in trees:
        moved.append(tree._replace(after=tree.after + shift))
        shift += len(tree.first)
    return Nodes(*(np.concatenate(fields) for fields in zip(*moved, strict=True)))
