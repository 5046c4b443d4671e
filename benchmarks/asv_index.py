"""Benchmarks in the form that airspeed velocity runs, so that a regression can be bisected.

``asv run --bench Query HEAD~20..HEAD`` times them over a range of commits; the project itself does not need
asv.
"""

import tempfile
from pathlib import Path

import numpy as np

from benchmarks.indexing.data import patterns_for, presses_of
from benchmarks.indexing.record import MODES
from stampsdk import PatternIndex
from stampsdk.index import warm_up

_SIZES = (60_000, 600_000)


class Build:
    """Time and memory of building."""

    params = _SIZES
    param_names = ("patterns",)
    timeout = 300

    def setup(self, patterns: int) -> None:
        """Draw the patterns, and compile."""
        warm_up()
        self.patterns = np.array(patterns_for(patterns, 5, 1, lambda _: None))

    def time_build(self, _patterns: int) -> None:
        """Build in memory."""
        PatternIndex.build(self.patterns)

    def peakmem_build(self, _patterns: int) -> None:
        """Build in memory."""
        PatternIndex.build(self.patterns)


class Query:
    """Time of searches."""

    params = (_SIZES, tuple(MODES), (0.5, 0.9))
    param_names = ("patterns", "scale", "tolerance")
    timeout = 300

    def setup(self, patterns: int, _scale: str, _tolerance: float) -> None:
        """Build the index."""
        warm_up()
        registered = patterns_for(patterns, 5, 1, lambda _: None)
        self.index = PatternIndex.build(registered)
        self.touches = presses_of(registered, 2000, np.random.default_rng(1), 0.0)

    def time_batch(self, _patterns: int, scale: str, tolerance: float) -> None:
        """Search for 2,000 presses at once."""
        self.index.search_batch(self.touches, tolerance, MODES[scale])

    def time_single(self, _patterns: int, scale: str, tolerance: float) -> None:
        """Search for one press."""
        self.index.search(self.touches[0], tolerance, MODES[scale])


class Open:
    """Time of opening a file, every byte checked."""

    params = _SIZES
    param_names = ("patterns",)

    def setup(self, patterns: int) -> None:
        """Write the file."""
        self.folder = tempfile.TemporaryDirectory()
        self.path = Path(self.folder.name) / "stamps.index"
        PatternIndex.build(patterns_for(patterns, 5, 1, lambda _: None), path=self.path)

    def teardown(self, _patterns: int) -> None:
        """Remove it."""
        self.folder.cleanup()

    def time_open(self, _patterns: int) -> None:
        """Open and check."""
        PatternIndex.open(self.path)
