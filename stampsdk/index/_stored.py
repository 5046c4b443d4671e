"""What a process knows of the file of its index, and how changes get there."""

from dataclasses import dataclass
from pathlib import Path
from typing import Self

from stampsdk.index._errors import IndexFileError
from stampsdk.index._file import State, append, is_current, map_file, write_file
from stampsdk.index._forest import Forest, Plot, planted
from stampsdk.index._log import Change, replayed
from stampsdk.index._part import Part

_LONG_LOG = 1024
_LONGEST_SHARE = 4


@dataclass
class Stored:
    """The file of an index: its part, what its header says, how many ids its log holds.

    `opened` and `rewrite` map it; only one process should `append` and `rewrite`.
    """

    path: Path
    part: Part
    state: State
    logged: int

    @classmethod
    def opened(cls, path: Path) -> tuple[Self, Forest]:
        """Map a file, every byte checked, and return what it holds, its log applied."""
        mapped = map_file(path)
        whole = Plot(mapped.part)
        removed, added = replayed(mapped.changes, mapped.part.tip_count)
        try:
            rows = whole.find(removed)
            whole.remove(rows[rows >= 0])
            forest: Forest = (whole,)
            if len(added.ids):
                partial = bool(mapped.part.wants_partial[0])
                forest = planted(forest, added.points, added.ids, kept=1, partial=partial)
        except ValueError as error:
            raise IndexFileError(f"{path} has a log that this library cannot read: {error}") from error
        return cls(path, mapped.part, mapped.state, _ids_in(mapped.changes)), forest

    def takes(self, changes: list[Change], forest: Forest) -> bool:
        """Tell whether changes belong in the log, which is not yet long and of the part that is searched."""
        most = _LONG_LOG + sum(map(len, forest)) // _LONGEST_SHARE
        return self.part is forest[0].part and self.logged + _ids_in(changes) <= most

    def append(self, changes: list[Change]) -> None:
        """Make changes durable in the log."""
        self.state = append(changes, self.part.tip_count, self.path, self.state)
        self.logged += _ids_in(changes)

    def rewrite(self, forest: Forest) -> Plot:
        """Write a new file, the first plot and a log of the rest; return that plot as it is mapped now."""
        if not is_current(self.path, self.state):
            raise IndexFileError(f"{self.path} was changed by another writer; open it again")
        first, *others = forest
        gone = Change(first.removed(), None)
        changes = [gone, *(Change(ids, points) for points, ids in map(Plot.living, others))]
        write_file(first.part, [change for change in changes if len(change.ids)], self.path)
        mapped = map_file(self.path)
        self.part, self.state, self.logged = mapped.part, mapped.state, _ids_in(mapped.changes)
        whole = Plot(mapped.part)
        whole.remove(whole.find(gone.ids))
        return whole


def _ids_in(changes: list[Change]) -> int:
    return sum(len(change.ids) for change in changes)
