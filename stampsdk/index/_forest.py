"""What an index holds at one moment: a few parts, and which of their rows are alive."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from stampsdk.index._ids import Ids
from stampsdk.index._part import Part, build_part


@dataclass(frozen=True, slots=True)
class Plot:
    """One part with the marks of its removed rows.

    The marks are changed in place. A search that is under way may see a removal that has not returned yet,
    never half of one; a row is never brought back.
    """

    part: Part
    alive: NDArray[np.bool_]
    by_id: NDArray[np.int64] = field(repr=False)

    @classmethod
    def of(cls, part: Part) -> "Plot":
        """Take a part with all rows alive."""
        return cls(part, np.ones(len(part.ids), np.bool_), np.argsort(part.ids, kind="stable"))

    def find(self, ids: Ids) -> NDArray[np.int64]:
        """Return the living row of each id, or -1."""
        if not len(self.by_id):
            return np.full(len(ids), -1, np.int64)
        place = np.searchsorted(self.part.ids, ids, sorter=self.by_id)
        rows = self.by_id[np.minimum(place, len(self.by_id) - 1)]
        return np.where((self.part.ids[rows] == ids) & self.alive[rows], rows, -1)

    def living(self) -> tuple[NDArray[np.float64], Ids]:
        """Return the living patterns (N, n, 2) and their ids, in the order of the ids."""
        rows = self.by_id[self.alive[self.by_id]]
        return self.part.points()[rows], self.part.ids[rows]


Forest = tuple[Plot, ...]
"""Plots, each at least twice as long as the next. An id is alive in at most one of them."""


def planted(forest: Forest, points: NDArray[np.float64], ids: Ids) -> Forest:
    """Return a forest with more patterns; the one given is left as it is.

    A new plot swallows its neighbours until it is at most half as long as the next (J. L. Bentley and J. B.
    Saxe, Decomposable searching problems, 1980): adding one at a time rearranges each pattern O(log N) times
    in all.
    """
    kept = list(forest)
    while kept and np.count_nonzero(kept[-1].alive) < 2 * len(ids):
        more, numbers = kept.pop().living()
        points, ids = np.concatenate([points, more]), np.concatenate([ids, numbers])
    return (*kept, Plot.of(build_part(points, ids)))


def merged(forest: Forest) -> Forest:
    """Return a forest of one plot without removed rows."""
    if len(forest) == 1 and forest[0].alive.all():
        return forest
    living = [plot.living() for plot in forest]
    points = np.concatenate([points for points, _ in living])
    return (Plot.of(build_part(points, np.concatenate([ids for _, ids in living]))),)
