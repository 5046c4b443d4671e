"""Merging in the background: the answers never change, the plots become few."""

import threading

import numpy as np
import pytest

from stampsdk import PatternIndex
from stampsdk.index import _forest

RNG = np.random.default_rng(3)
POINTS = RNG.uniform(-20, 20, (3000, 5, 2))


@pytest.fixture(autouse=True)
def little_at_once(monkeypatch):
    monkeypatch.setattr(_forest, "_AT_ONCE", 50)


def holds(index, ids):
    assert np.array_equal(index.ids(), np.sort(ids))
    assert np.array_equal(index.search_batch(POINTS[ids], 1e-6, (1.0, 1.0)).ids, ids)


def test_what_is_added_is_merged_and_found_all_along():
    index = PatternIndex.build(POINTS[:600], np.arange(600))
    for start in range(600, 3000, 100):
        index.add(POINTS[start : start + 100], np.arange(start, start + 100))
        assert index.search(POINTS[start], 1e-6, (1.0, 1.0)).ids.tolist() == [start]
    index.wait()
    assert _forest.overgrown(index._forest) == -1
    assert len(index._forest) <= 5
    holds(index, np.arange(3000))


def test_a_worn_plot_is_built_anew():
    index = PatternIndex.build(POINTS, np.arange(3000))
    index.remove(np.arange(0, 3000, 2))
    index.wait()
    (plot,) = index._forest
    assert len(plot.part.ids) == 1500
    holds(index, np.arange(1, 3000, 2))


def test_changes_made_while_merging_are_not_lost(monkeypatch):
    """The build is held up until the changes are made."""
    index = PatternIndex.build(POINTS[:600], np.arange(600))
    started, go = threading.Event(), threading.Event()
    build = _forest.build_part

    def slow(*arguments, **options):
        if threading.current_thread().name == "stamp-index-merger":
            started.set()
            assert go.wait(60)
        return build(*arguments, **options)

    monkeypatch.setattr(_forest, "build_part", slow)
    index.add(POINTS[600:900], np.arange(600, 900))
    assert started.wait(60)
    index.remove([0, 700])
    index.add(POINTS[900:960], np.arange(900, 960))
    index.remove([1, 910])
    index.add(POINTS[1:2], [1])
    go.set()
    index.wait()
    holds(index, np.setdiff1d(np.arange(960), [0, 700, 910]))


def test_a_flush_after_merging_makes_a_new_file_and_one_while_merging_appends(tmp_path):
    path = tmp_path / "stamps.index"
    index = PatternIndex.build(POINTS[:600], np.arange(600), path)
    index.add(POINTS[600:1200], np.arange(600, 1200))
    index.flush()
    holds(PatternIndex.open(path), np.arange(1200))
    index.wait()
    index.remove([5])
    index.flush()
    opened = PatternIndex.open(path)
    holds(opened, np.setdiff1d(np.arange(1200), [5]))
    assert len(opened._forest) == 1
