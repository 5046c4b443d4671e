"""What a process knows of the file of its index, and how changes get there."""

from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Self

from stampsdk.index._durable import held
from stampsdk.index._errors import IndexFileError
from stampsdk.index._file import State, append, map_file, recorded, says, write_file
from stampsdk.index._forest import Forest, Plot, planted
from stampsdk.index._log import Change, replayed
from stampsdk.index._part import Part

_LONG_LOG = 1024
_LONGEST_SHARE = 4


@dataclass
class Stored:
    """The file of an index: its part, what its header says, how many ids its log holds.

    Any number of processes may have it open; a writer that finds the changes of another says so.
    """

    path: Path
    part: Part
    state: State
    logged: int
    attempted: State | None = None
    """What the file may say since the last write failed, besides `state`."""

    @classmethod
    def opened(cls, path: Path) -> tuple[Self, Forest]:
        """Map a file, every byte checked, and return what it holds, its log applied."""
        path = path.resolve()  # whatever folder this process works in later, and the file behind a link
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

    def save(self, changes: list[Change], forest: Forest) -> Plot | None:
        """Make changes durable, which the forest holds already.

        Returns
        -------
        Plot or None
            The first plot, as it is mapped now, where the file was written anew.

        Raises
        ------
        IndexFileError
            Another writer has changed the file.
        OSError
            The file cannot be written. What it says may be as before or as it was to be; a later save makes
            it whole.
        """
        if not self.path.exists():
            return self._rewrite(forest)
        with held(self.path) as file:
            known = [self.state] if self.attempted is None else [self.state, self.attempted]
            if not any(says(file, state) for state in known):
                raise IndexFileError(f"{self.path} was changed by another writer; open it again")
            if self._takes(changes, forest):
                self._append(changes, file)
                return None
            return self._rewrite(forest)

    def _takes(self, changes: list[Change], forest: Forest) -> bool:
        """Tell whether changes belong in the log, which is not yet long and of the part that is searched."""
        most = _LONG_LOG + sum(map(len, forest)) // _LONGEST_SHARE
        fits = self.part is forest[0].part and self.logged + _ids_in(changes) <= most
        return fits and self.attempted is None

    def _append(self, changes: list[Change], file: BinaryIO) -> None:
        records, self.attempted = recorded(changes, self.part.tip_count, self.state)
        append(records, self.attempted, file, self.state)
        self.state, self.attempted = self.attempted, None
        self.logged += _ids_in(changes)

    def _rewrite(self, forest: Forest) -> Plot:
        """Write a new file: the first plot, and a log of the rest."""
        first, *others = forest
        gone = Change(first.removed(), None)
        changes = [gone, *(Change(ids, points) for points, ids in map(Plot.living, others))]
        try:
            write_file(first.part, [change for change in changes if len(change.ids)], self.path)
            mapped = map_file(self.path)
        except OSError:
            with suppress(OSError, IndexFileError):
                self.attempted = map_file(self.path).state
            raise
        self.part, self.state, self.logged = mapped.part, mapped.state, _ids_in(mapped.changes)
        self.attempted = None
        whole = Plot(mapped.part)
        whole.remove(whole.find(gone.ids))
        return whole


def _ids_in(changes: list[Change]) -> int:
    return sum(len(change.ids) for change in changes)
