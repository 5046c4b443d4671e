"""PatternIndex: the registered patterns of one tip count, searched exactly."""

import os
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from stampsdk.geometry._validation import (
    checked_patterns,
    checked_scale,
    checked_tolerance,
    checked_touches,
)
from stampsdk.index._file import map_part, write_part
from stampsdk.index._forest import Forest, Plot, merged, planted
from stampsdk.index._ids import checked_ids
from stampsdk.index._labelling import Margins
from stampsdk.index._part import build_part
from stampsdk.index._query import Question, answer, without_ghost
from stampsdk.index._results import BatchHits, Hits
from stampsdk.index._search import Plan

_LEAST_MATCHED = 4

Scale = tuple[float, float] | None


class PatternIndex:
    """Registered patterns of one tip count, searched exactly.

    A search returns exactly the registered patterns whose residual is at most the tolerance: none missed,
    none extra; only those within ±1e-4 mm of the tolerance may fall either way. The residual between touches
    q and a pattern p is the least root mean square distance in mm between ``s·R·q + t`` and p over all
    assignments, rotations R (no reflection), shifts t and scales s of the range. docs/theory.md proves it.

    Make one with `build` or `open`. Any number of threads may search while others add and remove: a search
    sees every change that returned before it began. Any number of processes may open one file; its memory is
    shared. Only one process should `flush` to it.
    """

    _margins = Margins()
    _plan = Plan()

    def __init__(self, forest: Forest, path: Path | None) -> None:
        self._lock = threading.Lock()
        self._forest = forest
        self._path = path
        self._tips: int = forest[0].part.tips.shape[1]
        self._changed = False

    @classmethod
    def build(
        cls,
        points: ArrayLike,
        ids: ArrayLike | None = None,
        path: str | os.PathLike[str] | None = None,
        *,
        progress: Callable[[float], None] | None = None,
    ) -> Self:
        """Register patterns in a new index.

        Parameters
        ----------
        points : array_like (N, n, 2)
            Tips in mm, n from 3 to 10, as the screen sees them. Only differences matter. N may be 0.
        ids : array_like (N,), optional
            Any distinct int64; without them, 0 to N - 1.
        path : path, optional
            Where to keep the index: written now and by `flush`, mapped into memory. A file there is replaced,
            as a whole or not at all. Without a path the index lives in memory.
        progress : callable, optional
            Called now and then with the share that is done, up to 1.0.

        Raises
        ------
        ValueError
            Names the argument and the first offending row: NaN, infinities, wrong shapes, fewer than 3 or
            more than 10 tips, coincident tips, a tip farther than 500 mm from the centroid, a repeated id.
        OSError
            The file cannot be written.
        """
        centred = checked_patterns(points)
        numbers = np.arange(len(centred), dtype=np.int64) if ids is None else checked_ids(ids, len(centred))
        report = progress or (lambda _share: None)
        part = build_part(centred, numbers, lambda share: report(0.9 * share))
        where = None if path is None else Path(path)
        if where is not None:
            write_part(part, where)
            part = map_part(where)
        report(1.0)
        return cls((Plot.of(part),), where)

    @classmethod
    def open(cls, path: str | os.PathLike[str]) -> Self:
        """Open an index file, mapped into memory, after checking every byte of it.

        Raises
        ------
        IndexFileError
            The file is truncated, corrupt, not an index, or of another version.
        OSError
            There is no such file, or it cannot be read.
        """
        where = Path(path)
        return cls((Plot.of(map_part(where)),), where)

    @property
    def tips(self) -> int:
        """The number of tips of every pattern here."""
        return self._tips

    def __len__(self) -> int:
        return sum(int(np.count_nonzero(plot.alive)) for plot in self._forest)

    def __repr__(self) -> str:
        where = "in memory" if self._path is None else f"at {str(self._path)!r}"
        return f"<PatternIndex of {len(self)} {self._tips}-tip patterns {where}>"

    def add(self, points: ArrayLike, ids: ArrayLike) -> None:
        """Register more patterns, all or none of them.

        Parameters
        ----------
        points : array_like (K, n, 2)
            As in `build`, of this index's tip count.
        ids : array_like (K,)
            Distinct int64 that are not registered.

        Raises
        ------
        ValueError
            As in `build`; also for an id that is registered already.
        """
        centred = checked_patterns(points, tips=self._tips)
        numbers = checked_ids(ids, len(centred))
        if not len(numbers):
            return
        with self._lock:
            for plot in self._forest:
                taken = np.flatnonzero(plot.find(numbers) >= 0)
                if taken.size:
                    raise ValueError(
                        f"ids: row {taken[0]} has the id {numbers[taken[0]]}, which is registered already"
                    )
            self._forest = planted(self._forest, centred, numbers)
            self._changed = True

    def remove(self, ids: ArrayLike) -> None:
        """Remove patterns, all or none of them.

        Parameters
        ----------
        ids : array_like (K,) or int

        Raises
        ------
        KeyError
            The first id that is not registered.
        ValueError
            Ids that are not integers, or repeated.
        """
        numbers = checked_ids(np.atleast_1d(np.asarray(ids)))
        with self._lock:
            found = [plot.find(numbers) for plot in self._forest]
            unknown = np.flatnonzero(np.max(found, axis=0) < 0)
            if unknown.size:
                raise KeyError(int(numbers[unknown[0]]))
            for plot, rows in zip(self._forest, found, strict=True):
                plot.alive[rows[rows >= 0]] = False
            self._changed = True

    def points(self, ids: ArrayLike) -> NDArray[np.float64]:
        """Return registered patterns by id.

        Parameters
        ----------
        ids : array_like (K,)
            Registered ids, in any order; repeats are allowed.

        Returns
        -------
        float64 (K, n, 2)
            Tips in mm in the order they were given, the centroid at the origin.

        Raises
        ------
        KeyError
            The first id that is not registered.
        ValueError
            Ids that are not integers.
        """
        numbers = np.asarray(ids)
        distinct, place = np.unique(numbers, return_inverse=True)
        distinct = checked_ids(distinct)
        found = np.zeros((len(distinct), self._tips, 2))
        unknown = np.ones(len(distinct), np.bool_)
        for plot in self._forest:
            rows = plot.find(distinct)
            here = rows >= 0
            found[here] = plot.part.points_of(rows[here])
            unknown &= ~here
        if unknown.any():
            raise KeyError(int(numbers[unknown[place]][0]))
        return found[place]

    def flush(self) -> None:
        """Write all changes to the file and make them durable; nothing to do in memory or without changes.

        Raises
        ------
        OSError
            The file cannot be written; it is as it was, and so is the index in memory.
        """
        with self._lock:
            if self._path is None or not self._changed:
                return
            (whole,) = merged(self._forest)
            write_part(whole.part, self._path)
            self._forest = (Plot.of(map_part(self._path)),)
            self._changed = False

    def search(
        self,
        touches: ArrayLike,
        tolerance: float = 0.9,
        scale: Scale = (0.98, 1.02),
        *,
        missing: int = 0,
        ghosts: int = 0,
    ) -> Hits:
        """Return exactly the patterns whose residual is at most the tolerance.

        Parameters
        ----------
        touches : array_like (m, 2)
            In any unit that `scale` turns into mm, x right, y down; they may coincide. m is n, or n - 1 with
            ``missing=1``, or n + 1 with ``ghosts=1``.
        tolerance : float
            Millimetres.
        scale : (lo, hi) or None
            Range of the scale in mm per unit; None leaves it free, [0, ∞). With a free scale a tolerance as
            large as a pattern (its root mean square radius) matches that pattern with anything.
        missing : 0 or 1
            With 1, one tip did not touch: the residual is the least, over the tip left out, of that over the
            others. No tree helps here yet: every pattern is checked, about a microsecond each for five tips.
        ghosts : 0 or 1
            With 1, one touch is no tip: the residual is the least over the touch left out, whose label is -1.
            Costs n + 1 searches.

        Returns
        -------
        Hits

        Raises
        ------
        ValueError
            Names the argument: touches that are not finite or not of the right count, a tolerance that is
            negative, NaN or infinite, a scale that is not 0 < lo <= hi, fewer than four matched points with a
            missing tip or a ghost, both together.
        """
        expected = self.check_partial(missing=missing, ghosts=ghosts)
        points = checked_touches(touches)
        self._check_count(len(points), expected)
        question = self._question(tolerance, scale)
        if ghosts:
            found = without_ghost(self._forest, points, question)
        else:
            found = answer(self._forest, points[np.newaxis], question)
        return Hits(found.ids, found.residual, found.labels)

    def search_batch(
        self, touches: ArrayLike, tolerance: float = 0.9, scale: Scale = (0.98, 1.02)
    ) -> BatchHits:
        """Search for many queries at once, on all cores; each gets what `search` gives it.

        Parameters
        ----------
        touches : array_like (Q, n, 2)
        tolerance, scale
            As in `search`, the same for all queries.

        Returns
        -------
        BatchHits

        Raises
        ------
        ValueError
            As in `search`, naming the query (row).
        """
        points = checked_touches(touches, batch=True)
        self._check_count(points.shape[1], self._tips)
        found = answer(self._forest, points, self._question(tolerance, scale))
        offsets = np.searchsorted(found.query, np.arange(len(points) + 1)).astype(np.int64)
        return BatchHits(offsets, found.ids, found.residual, found.labels)

    def _question(self, tolerance: float, scale: Scale) -> Question:
        return Question(checked_scale(scale), checked_tolerance(tolerance), self._margins, self._plan)

    def check_partial(self, *, missing: int = 0, ghosts: int = 0) -> int:
        """Return how many touches `search` takes in this mode; ValueError where there is no such mode."""
        for name, value in (("missing", missing), ("ghosts", ghosts)):
            if value not in {0, 1}:
                raise ValueError(f"{name} must be 0 or 1, not {value!r}")
        if missing and ghosts:
            raise ValueError("missing and ghosts cannot both be 1")
        if (missing or ghosts) and self._tips - missing < _LEAST_MATCHED:
            raise ValueError(
                f"{'missing' if missing else 'ghosts'}=1 needs at least {_LEAST_MATCHED} matched points; "
                f"patterns of {self._tips} tips leave {self._tips - missing}"
            )
        return self._tips - missing + ghosts

    def _check_count(self, count: int, expected: int) -> None:
        if count != expected:
            raise ValueError(
                f"touches has {count} points; {expected} are expected, for patterns of {self._tips} tips"
            )
