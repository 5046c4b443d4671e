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
    shaped_patterns,
)
from stampsdk.index._file import write_file
from stampsdk.index._forest import Forest, Plot, planted
from stampsdk.index._ids import checked_ids
from stampsdk.index._labelling import Margins
from stampsdk.index._log import Change
from stampsdk.index._merger import Merger
from stampsdk.index._part import LEAST_MATCHED, build_part
from stampsdk.index._probes import Plan
from stampsdk.index._query import Question, answer, without_ghost
from stampsdk.index._results import BatchHits, Hits
from stampsdk.index._stored import Stored

Scale = tuple[float, float] | None


class PatternIndex:
    """Registered patterns of one tip count, searched exactly.

    A search returns exactly the registered patterns whose residual is at most the tolerance: none missed,
    none extra; only those within ±1e-4 mm of the tolerance may fall either way. The residual between touches
    q and a pattern p is the least root mean square distance in mm between ``s·R·q + t`` and p over all
    assignments, rotations R (no reflection), shifts t and scales s of the range. docs/theory.md proves it.

    Make one with `build` or `open`. Any number of threads may search while others add and remove: a search
    sees every change that returned before it began. Any number of processes may open one file; its memory is
    shared. One process at a time should change it: of two that do, the second to `flush` is refused. Fork
    before or between changes, not during one.
    """

    _margins = Margins()
    _plan = Plan()

    def __init__(self, forest: Forest, stored: Stored | None) -> None:
        self._lock = threading.Lock()
        self._forest = forest
        self._stored = stored
        self._pending: list[Change] = []
        self._tips: int = forest[0].part.tip_count
        self._partial = bool(forest[0].part.wants_partial[0])
        self._merger = Merger(self._lock, lambda: self._forest, self._take, partial=self._partial)

    @classmethod
    def build(
        cls,
        points: ArrayLike,
        ids: ArrayLike | None = None,
        path: str | os.PathLike[str] | None = None,
        *,
        partial: bool = False,
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
        partial : bool
            Keep a second set of trees for presses that lack a tip, n entries a pattern (about 13 bytes each):
            `search` with ``missing=1`` then walks them instead of looking at every pattern.
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
        patterns = shaped_patterns(points)
        numbers = np.arange(len(patterns), dtype=np.int64) if ids is None else checked_ids(ids, len(patterns))
        report = progress or (lambda _share: None)
        part = build_part(patterns, numbers, lambda share: report(0.9 * share), partial=partial)
        if path is None:
            report(1.0)
            return cls((Plot(part),), None)
        where = Path(path).resolve()
        write_file(part, [], where)
        report(0.95)
        index = cls.open(where)
        report(1.0)
        return index

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
        stored, forest = Stored.opened(Path(path))
        return cls(forest, stored)

    @property
    def tips(self) -> int:
        """The number of tips of every pattern here."""
        return self._tips

    def __len__(self) -> int:
        return sum(map(len, self._forest))

    def __repr__(self) -> str:
        where = "in memory" if self._stored is None else f"at {str(self._stored.path)!r}"
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
            self._take(planted(self._forest, centred, numbers, kept=self._merger.kept, partial=self._partial))
            self._note(Change(numbers, centred))

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
                plot.remove(rows[rows >= 0])
            self._note(Change(numbers, None))

    def ids(self) -> NDArray[np.int64]:
        """Return the ids of all patterns here, ascending."""
        forest = self._forest
        return np.sort(np.concatenate([plot.living_ids() for plot in forest]))

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
        """Make all changes durable; nothing to do in memory or without changes.

        What `flush` has returned from survives whatever happens to the process or the machine. Changes are
        appended to the file's log; once the log is long, or patterns were merged, a whole new file takes the
        place of the old one, which stays as it was for whoever has it open.

        Raises
        ------
        OSError
            The file cannot be written. Nothing acknowledged is lost, the index in memory is as it was, and
            the next `flush` makes all of it durable.
        IndexFileError
            Another writer has changed the file: open it again and repeat the change.
        """
        with self._lock:
            stored = self._stored
            if stored is None or not self._pending:
                return
            whole = stored.save(self._pending, self._forest)
            if whole is not None and not self._merger.is_busy:
                self._take((whole, *self._forest[1:]))
            self._pending = []

    def wait(self) -> None:
        """Return when no patterns are being merged in the background any more."""
        self._merger.wait()

    def _take(self, forest: Forest) -> None:
        self._forest = forest

    def _note(self, change: Change) -> None:
        """Keep a change for the next flush, and have plots merged where that is due."""
        if self._stored is not None:
            self._pending.append(change)
        self._merger.start_if_due()

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
            others. Built with ``partial=True`` it walks trees of its own; else every pattern is looked at,
            about a microsecond each for five tips, thirty where most of them nearly fit. Four
            touches are too few to tell thousands of five-tip stamps apart: expect candidates, not an identity
            (docs/theory.md, section 6).
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
        return Question(
            checked_scale(scale),
            checked_tolerance(tolerance),
            self._margins,
            self._plan,
            np.zeros(5, np.int64),
        )

    def check_partial(self, *, missing: int = 0, ghosts: int = 0) -> int:
        """Return how many touches `search` takes in this mode; ValueError where there is no such mode."""
        for name, value in (("missing", missing), ("ghosts", ghosts)):
            if not isinstance(value, (int, np.integer)) or value not in {0, 1}:
                raise ValueError(f"{name} must be 0 or 1, not {value!r}")
        if missing and ghosts:
            raise ValueError("missing and ghosts cannot both be 1")
        if (missing or ghosts) and self._tips - missing < LEAST_MATCHED:
            raise ValueError(
                f"{'missing' if missing else 'ghosts'}=1 needs at least {LEAST_MATCHED} matched points; "
                f"patterns of {self._tips} tips leave {self._tips - missing}"
            )
        return self._tips - missing + ghosts

    def _check_count(self, count: int, expected: int) -> None:
        if count != expected:
            raise ValueError(
                f"touches has {count} points; {expected} are expected, for patterns of {self._tips} tips"
            )
