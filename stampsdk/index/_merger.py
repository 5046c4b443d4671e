"""Merging plots in the background, so that adding never waits for a large rebuild."""

import threading
from collections.abc import Callable

import numpy as np

from stampsdk.index._forest import Forest, merged, overgrown


class Merger:
    """Merges what is overgrown, in a thread of its own.

    Parameters
    ----------
    lock : threading.Lock
        Held by whoever changes the forest; never while a part is being built.
    read, write : callable
        Return the forest, and put another in its place, with the lock held.
    """

    def __init__(
        self,
        lock: threading.Lock,
        read: Callable[[], Forest],
        write: Callable[[Forest], None],
        *,
        partial: bool,
    ) -> None:
        self._lock, self._read, self._write = lock, read, write
        self._partial = partial
        self._thread: threading.Thread | None = None
        self.kept = 0

    @property
    def is_busy(self) -> bool:
        """Whether plots are being merged: then the first `kept` must stay where they are."""
        return self._thread is not None

    def start_if_due(self) -> None:
        """Start merging unless nothing is due or it is under way. Call with the lock held."""
        if self._thread is None and overgrown(self._read()) >= 0:
            self._thread = threading.Thread(target=self._run, name="stamp-index-merger", daemon=True)
            self._thread.start()

    def wait(self) -> None:
        """Return when nothing is being merged any more. Call without the lock."""
        thread = self._thread
        if thread is not None:
            thread.join()

    def _run(self) -> None:
        try:
            while self._merge():
                pass
        finally:
            self.kept = 0
            self._thread = None

    def _merge(self) -> bool:
        """Merge once; return whether there may be more to do."""
        with self._lock:
            forest = self._read()
            first = overgrown(forest)
            if first < 0:
                return False
            sources = forest[first:]
            self.kept = len(forest)
            before = [plot.removed() for plot in sources]
        whole = merged(sources, partial=self._partial)
        with self._lock:
            for plot, gone in zip(sources, before, strict=True):
                rows = whole.find(np.setdiff1d(plot.removed(), gone))
                whole.remove(rows[rows >= 0])
            now = self._read()
            self._write((*now[:first], whole, *now[self.kept :]))
            self.kept = 0
        return True
