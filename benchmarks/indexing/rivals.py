"""The trees of the field, each behind `within`: which point lies in which ball."""

import itertools
from importlib.util import find_spec

import numpy as np
import numpy.typing as npt
from scipy.spatial import cKDTree

Real = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

_GROUPS = 40  # they take one radius a call, so balls of like size are asked together
_ENOUGH = 1 << 16


def is_installed(package: str) -> bool:
    """Tell whether a rival can be measured here."""
    return find_spec(package) is not None


class Scipy:
    """scipy's cKDTree, one core."""

    def __init__(self, points: Real, leafsize: int = 16) -> None:
        self._tree = cKDTree(points, leafsize=leafsize)

    def within(self, centres: Real, radii: Real) -> tuple[Ints, Ints]:
        """Return pairs of a ball and a point in it."""
        return _flat(self._tree.query_ball_point(centres, radii, return_sorted=False))


class Nanoflann:
    """nanoflann through napf; one thread."""

    def __init__(self, points: Real) -> None:
        from napf import KDT  # noqa: PLC0415 - only where it is measured

        self._tree = KDT(points, metric=2, nthread=1)

    def within(self, centres: Real, radii: Real) -> tuple[Ints, Ints]:
        """Return pairs of a ball and a point in it."""
        pairs = []
        for balls, radius in _alike(
            radii
        ):  # napf's search with many radii puts all it finds into the first ball
            near, rows = _flat(self._tree.radius_search(centres[balls], radius**2, return_sorted=False)[0])
            pairs.append((balls[near], rows))
        return _joined(pairs)


class Pykdtree:
    """pykdtree, float32; it knows only nearest neighbours, so more are asked for until they are enough."""

    def __init__(self, points: Real) -> None:
        from pykdtree.kdtree import KDTree  # noqa: PLC0415

        self._tree = KDTree(points.astype(np.float32))

    def within(self, centres: Real, radii: Real) -> tuple[Ints, Ints]:
        """Return pairs of a ball and a point in it."""
        pairs = []
        for group, radius in _alike(radii):
            balls, wanted = group, 32
            while len(balls):
                asked = centres[balls].astype(np.float32)
                _, rows = self._tree.query(
                    asked, k=wanted, distance_upper_bound=radius * (1 + 1e-6), sqr_dists=False
                )
                inside = rows < self._tree.n
                done = ~inside[:, -1] | (wanted >= min(self._tree.n, _ENOUGH))
                at, column = np.nonzero(inside & done[:, None])
                pairs.append((balls[at], rows[at, column].astype(np.int64)))
                balls = balls[~done]
                wanted = min(4 * wanted, self._tree.n)
        return _joined(pairs)


class Faiss:
    """FAISS, one thread: an exact list ("flat"), inverted lists ("ivf"), or a graph ("hnsw").

    Parameters
    ----------
    points : (N, d)
    kind : str
    effort : int
        Inverted lists that are probed, or neighbours that are followed.
    """

    def __init__(self, points: Real, kind: str, effort: int = 0) -> None:
        import faiss  # noqa: PLC0415

        faiss.omp_set_num_threads(1)
        data = np.ascontiguousarray(points, dtype=np.float32)
        self._neighbours = 0
        if kind == "flat":
            self._index = faiss.IndexFlatL2(data.shape[1])
        elif kind == "ivf":
            lists = int(4 * np.sqrt(len(data)))
            self._index = faiss.IndexIVFFlat(faiss.IndexFlatL2(data.shape[1]), data.shape[1], lists)
            step = max(1, len(data) // (40 * lists))
            self._index.train(data[::step])
        else:
            self._index = faiss.IndexHNSWFlat(data.shape[1], 16)
        self._index.add(data)
        self.work(effort)

    def work(self, effort: int) -> None:
        """Set how hard it tries."""
        if hasattr(self._index, "nprobe"):
            self._index.nprobe = max(effort, 1)
        if hasattr(self._index, "hnsw"):
            self._index.hnsw.efSearch = effort
            self._neighbours = effort

    def within(self, centres: Real, radii: Real) -> tuple[Ints, Ints]:
        """Return pairs of a ball and a point in it, as many as are found."""
        pairs = []
        for balls, radius in _alike(radii):
            asked = np.ascontiguousarray(centres[balls], dtype=np.float32)
            square = np.float32(radius * radius * (1 + 1e-5) + 1e-6)
            if self._neighbours:
                squares, rows = self._index.search(asked, self._neighbours)
                at, column = np.nonzero((rows >= 0) & (squares <= square))
                pairs.append((balls[at], rows[at, column]))
            else:
                limits, _, rows = self._index.range_search(asked, float(square))
                pairs.append((np.repeat(balls, np.diff(limits.astype(np.int64))), rows.astype(np.int64)))
        return _joined(pairs)


def _alike(radii: Real) -> list[tuple[Ints, float]]:
    """Split balls into groups of like radius, each with the greatest."""
    groups = np.array_split(np.argsort(radii), _GROUPS)
    # Sorted again: balls come in an order in which those near each other follow each other.
    return [(np.sort(group), float(radii[group].max())) for group in groups if len(group)]


def _joined(pairs: list[tuple[Ints, Ints]]) -> tuple[Ints, Ints]:
    none = np.zeros(0, np.int64)
    return np.concatenate([none, *(a for a, _ in pairs)]), np.concatenate([none, *(b for _, b in pairs)])


def _flat(found: "npt.NDArray[np.object_] | list[Ints]") -> tuple[Ints, Ints]:
    lengths = np.fromiter(map(len, found), np.int64, len(found))
    rows = np.fromiter(itertools.chain.from_iterable(found), np.int64, int(lengths.sum()))
    return np.repeat(np.arange(len(found)), lengths), rows
