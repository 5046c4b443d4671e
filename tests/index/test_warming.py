"""Warming compiles what a search needs, so that the first search compiles nothing more."""

import os
import subprocess
import sys

import pytest

_PROGRAM = """
import numpy as np
from numba.core import event
from stampsdk.index import PatternIndex, warm_up

warm_up()
compiled = []


class Listener(event.Listener):
    def on_start(self, happened):
        compiled.append(happened)

    def on_end(self, happened):
        pass


rng = np.random.default_rng(1)
with event.install_listener("numba:compile", Listener()):
    for tips in (3, 4, 5, 8):
        points = rng.uniform(-20, 20, size=(500, tips, 2))
        index = PatternIndex.build(points)
        for scale in ((0.98, 1.02), (1.0, 1.0), None):
            assert 0 in index.search(points[0], tolerance=0.9, scale=scale).ids
            index.search_batch(points[:3], tolerance=0.5, scale=scale)
print(len(compiled))
"""


@pytest.mark.slow
def test_after_warming_a_search_compiles_nothing(tmp_path):
    """With an empty cache, so that nothing compiled earlier hides what the warming forgot."""
    done = subprocess.run(
        [sys.executable, "-c", _PROGRAM],
        capture_output=True,
        text=True,
        timeout=280,
        check=False,
        env={**os.environ, "NUMBA_CACHE_DIR": str(tmp_path)},
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == "0"
