"""Compiling the kernels before somebody waits for them."""

from functools import cache

import numpy as np

from stampsdk.index.pattern_index import PatternIndex

__all__ = ["warm_up"]

_PATTERNS = 64


@cache
def warm_up() -> None:
    """Compile the kernels that searching needs, or load them from numba's cache; once a process.

    The first call on a new installation takes some ten seconds, later processes a fraction of one. Without it
    the first search pays. A server calls it before it says that it is ready.
    """
    rng = np.random.default_rng(0)
    for tips in (3, 5):
        points = rng.uniform(-20.0, 20.0, size=(_PATTERNS, tips, 2))
        index = PatternIndex.build(points)
        for scale in ((0.98, 1.02), None):
            index.search(points[0], tolerance=0.9, scale=scale)
            index.search_batch(points[:2], tolerance=0.9, scale=scale)
        index.add(points[:1] + 0.5, np.array([_PATTERNS]))
        index.remove(np.array([0]))
        index.search(points[1], tolerance=0.9)
