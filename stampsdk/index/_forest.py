"""What an index holds at one moment: a few parts, and which of their rows are alive."""

import numpy as np
from numpy.typing import NDArray

from stampsdk.index._ids import Ids
from stampsdk.index._part import Part, build_part

_AT_ONCE = 1 << 15
_FIRST_SHARE = 8  # the first plot is the one in the file: what is not in it is read from a log at the start
_MOST_DEAD = 4  # a plot of which more than one row in so many is dead is worth building anew


class Plot:
    """One part with the marks of its removed rows.

    The marks are changed in place. A search that is under way may see a removal that has not returned yet, or
    a part of it; a row is never brought back.

    Attributes
    ----------
    part : Part
    marks : bool (N,), or empty
        Which rows are alive; empty while all are, so that processes that only read share everything.
    """

    def __init__(self, part: Part) -> None:
        self.part = part
        self.marks = np.zeros(0, np.bool_)
        self._dead = 0

    def __len__(self) -> int:
        return len(self.part.ids) - self._dead

    @property
    def is_worn(self) -> bool:
        """Whether so many rows are dead that it is worth building anew."""
        return self._dead * _MOST_DEAD > len(self.part.ids)

    def find(self, ids: Ids) -> NDArray[np.int64]:
        """Return the living row of each id, or -1."""
        by_id = self.part.by_id
        if not len(by_id):
            return np.full(len(ids), -1, np.int64)
        wanted = ids - self.part.least_id[0]
        kept = self.part.ids
        low = np.zeros(len(ids), np.int64)
        high = np.full(len(ids), len(by_id), np.int64)
        while (low < high).any():  # a bisection that touches no more of the file than it must
            middle = (low + high) // 2
            less = kept[by_id[np.minimum(middle, len(by_id) - 1)]].astype(np.int64) < wanted
            low, high = np.where(less & (low < high), middle + 1, low), np.where(less, high, middle)
        rows = by_id[np.minimum(low, len(by_id) - 1)].astype(np.int64)
        found = kept[rows].astype(np.int64) == wanted
        return np.where(found & self._living(rows), rows, -1)

    def remove(self, rows: NDArray[np.int64]) -> None:
        """Mark living rows as removed."""
        if not len(rows):
            return
        marks = self.marks if len(self.marks) else np.ones(len(self.part.ids), np.bool_)
        marks[rows] = False
        self.marks = marks
        self._dead += len(rows)

    def living(self) -> tuple[NDArray[np.float64], Ids]:
        """Return the living patterns (N, n, 2) and their ids, in the order of the ids."""
        rows = self.part.by_id.astype(np.int64)
        rows = rows[self._living(rows)]
        return self.part.points_of(rows), self.part.ids_of(rows)

    def living_ids(self) -> Ids:
        """Return the ids of the living rows, ascending."""
        rows = self.part.by_id.astype(np.int64)
        return self.part.ids_of(rows[self._living(rows)])

    def removed(self) -> Ids:
        """Return the ids of the removed rows."""
        if not len(self.marks):
            return np.zeros(0, np.int64)
        return self.part.ids_of(np.flatnonzero(~self.marks))

    def _living(self, rows: NDArray[np.int64]) -> NDArray[np.bool_]:
        return self.marks[rows] if len(self.marks) else np.ones(len(rows), np.bool_)


Forest = tuple[Plot, ...]
"""Plots. An id is alive in at most one of them."""


def planted(forest: Forest, points: NDArray[np.float64], ids: Ids, *, kept: int, partial: bool) -> Forest:
    """Return a forest with more patterns; the one given is left as it is, and so are its first `kept` plots.

    A new plot swallows its neighbours until it is at most half as long as the next (J. L. Bentley and J. B.
    Saxe, Decomposable searching problems, 1980), as far as that is quick: adding one at a time rearranges
    each pattern O(log N) times in all. What is left is `overgrown`.
    """
    plots = list(forest)
    while len(plots) > kept and len(plots[-1]) < 2 * len(ids) and len(plots[-1]) + len(ids) <= _AT_ONCE:
        more, numbers = plots.pop().living()
        points, ids = np.concatenate([points, more]), np.concatenate([ids, numbers])
    return (*plots, Plot(build_part(points, ids, partial=partial)))


def overgrown(forest: Forest) -> int:
    """Return the first plot from which on a merger is due, or -1."""
    behind = 0
    first = -1
    for place in range(len(forest) - 1, -1, -1):
        share = _FIRST_SHARE if place == 0 else 2
        if forest[place].is_worn or (behind and len(forest[place]) < share * behind):
            first = (
                place
                if behind > _AT_ONCE or forest[place].is_worn or len(forest[place]) > _AT_ONCE
                else first
            )
        behind += len(forest[place])
    return first


def merged(plots: Forest, *, partial: bool) -> Plot:
    """Return one plot with the living patterns of all."""
    living = [plot.living() for plot in plots]
    points = np.concatenate([points for points, _ in living])
    return Plot(build_part(points, np.concatenate([ids for _, ids in living]), partial=partial))
