"""Measurements of the others beside ours, answers compared."""

import time
from collections.abc import Callable
from functools import partial
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt
from scipy.spatial import cKDTree

from benchmarks.indexing.arrangements import OneTree, TreePerBand
from benchmarks.indexing.record import MODES, Measured, Settings, note
from benchmarks.indexing.rivals import Faiss, Nanoflann, Pykdtree, Scipy, is_installed
from benchmarks.indexing.timing import in_turn, seconds
from benchmarks.indexing.yardstick import Labelled, Matches, Scale, Yardstick
from stampsdk import PatternIndex

Real = npt.NDArray[np.float64]
Say = Callable[[str], None]

TOLERANCE_MM = 0.9
LIKE_RECALL = 0.999
_SMALL_BATCH = 300
_FLAT_BATCH = 10
_EFFORTS = (4, 8, 12, 16, 24, 32, 48, 64, 128, 256, 1024)


class Matcher(Protocol):
    """An arrangement of trees that matches labelled queries in full."""

    name: str

    def match(self, asked: Labelled) -> Matches:
        """Match labelled queries in full."""


def measure_ranged(
    index: PatternIndex, yardstick: Yardstick, touches: Real, settings: Settings, done: Measured, say: Say
) -> None:
    """Measure full matches at 0.9 mm, ±2 %: scipy in the arrangement that is best for it, then the others."""
    best = _best(_ranged_scipy(yardstick, settings, say), yardstick, touches[: settings.trial], "ranged")
    say(f"scipy, {best.name}")
    done.figures["speedup_vs_scipy"] = _against(index, yardstick, best, touches, "ranged", done)
    small = touches[:_SMALL_BATCH]
    done.figures["speedup_vs_scipy_300_queries"] = _against(index, yardstick, best, small, "ranged", None)
    del best
    fastest = np.inf
    asked = touches[: settings.others]
    expected = index.search_batch(asked, TOLERANCE_MM, MODES["ranged"])
    for package, matchers in _others(yardstick, settings, done, say).items():
        if not is_installed(package):
            done.notes.append(f"{package} is not installed: pip install 'stampsdk[bench]'")
            continue
        for name, matcher, few in matchers():
            recall, taken = _recall(yardstick, matcher, asked[:few], expected)
            note(done, name, TOLERANCE_MM, "ranged", taken, recall=recall)
            if recall >= LIKE_RECALL:
                fastest = min(fastest, taken)
    ours = in_turn(3, lambda: index.search_batch(touches, TOLERANCE_MM, MODES["ranged"]))[0] / len(touches)
    done.figures["speedup_vs_best_other"] = fastest / ours if np.isfinite(fastest) else None


def measure_free(
    index: PatternIndex, yardstick: Yardstick, touches: Real, settings: Settings, done: Measured, say: Say
) -> None:
    """Measure full matches at 0.9 mm with a free scale."""
    candidates = (
        partial(TreePerBand, yardstick, key, per_octave, partial(Scipy, leafsize=leaf))
        for key in settings.keys
        for per_octave in settings.per_octave
        for leaf in settings.leaves
    )
    say("scipy, free scale")
    best = _best(candidates, yardstick, touches[: settings.trial], "free")
    say(f"scipy, free scale, {best.name}")
    done.figures["speedup_vs_scipy_free_scale"] = _against(index, yardstick, best, touches, "free", done)


def scipy_builds(yardstick: Yardstick) -> dict[str, float]:
    """Return how long scipy builds one tree: as it does by itself, and in the way that is fastest."""
    points = yardstick.points("chart")
    return {
        "scipy_s": seconds(lambda: cKDTree(points)),
        "scipy_sliding_midpoint_s": seconds(lambda: cKDTree(points, leafsize=32, balanced_tree=False)),
    }


def _ranged_scipy(yardstick: Yardstick, settings: Settings, say: Say) -> Any:
    """Yield ways to make every arrangement that scipy may be best with."""
    for leaf in settings.leaves:
        for key in settings.keys:
            say(f"scipy, {key}, leaves of {leaf}")
            tree = Scipy(yardstick.points(key), leafsize=leaf)
            for balls in settings.balls:
                yield partial(OneTree, yardstick, key, balls, tree)
            del tree
        for per_octave in settings.per_octave:
            yield partial(TreePerBand, yardstick, "chart", per_octave, partial(Scipy, leafsize=leaf))


def _best(candidates: Any, yardstick: Yardstick, asked: Real, mode: str) -> Matcher:
    """Return the arrangement that matches some queries in the least time."""
    least, best = np.inf, None
    for make in candidates:
        matcher: Matcher = make()
        taken = in_turn(3, lambda m=matcher: m.match(yardstick.labelled(asked, TOLERANCE_MM, MODES[mode])))[0]
        if taken < least:
            least, best = taken, matcher
    assert best is not None
    return best


def _against(
    index: PatternIndex,
    yardstick: Yardstick,
    matcher: Matcher,
    touches: Real,
    mode: str,
    done: Measured | None,
) -> float:
    """Return how many times as long another takes for the same queries, answers compared."""
    scale: Scale = MODES[mode]
    own, other = in_turn(
        3,
        lambda: index.search_batch(touches, TOLERANCE_MM, scale),
        lambda: matcher.match(yardstick.labelled(touches, TOLERANCE_MM, scale)),
    )
    matches = matcher.match(yardstick.labelled(touches, TOLERANCE_MM, scale))
    _assert_same(index.search_batch(touches, TOLERANCE_MM, scale), matches)
    if done is not None:
        candidates = matches.candidates / len(touches)
        name = f"scipy ({matcher.name})"
        note(done, name, TOLERANCE_MM, mode, other / len(touches), recall=1.0, candidates=candidates)
    return other / own


def _others(yardstick: Yardstick, settings: Settings, done: Measured, say: Say) -> dict[str, Any]:
    """Return, for each package, what yields a name, a matcher and how many queries it is asked."""
    balls = settings.balls[-1]

    def trees(name: str, make: Any) -> Any:
        say(name)
        tree = make(yardstick.points("chart"))
        for several in settings.balls:
            matcher = OneTree(yardstick, "chart", several, tree)
            yield f"{name} ({matcher.name})", matcher, settings.others
        del tree
        for per_octave in settings.per_octave:
            banded = TreePerBand(yardstick, "chart", per_octave, make)
            yield f"{name} ({banded.name})", banded, settings.others

    def faiss() -> Any:
        points = yardstick.points("chart")
        for kind, efforts in (("flat", (0,)), ("ivf", _EFFORTS), ("hnsw", (128, 512))):
            if kind == "hnsw" and len(points) > settings.graph_patterns and not settings.full:
                done.notes.append(f"faiss hnsw is not built over {len(points):,} patterns without --full")
                continue
            say(f"faiss {kind}")
            tree = Faiss(points, kind)
            for effort in efforts:
                tree.work(effort)
                few = _FLAT_BATCH if kind == "flat" else settings.others
                yield f"faiss {kind} {effort or ''}".strip(), OneTree(yardstick, "chart", balls, tree), few
                if done.rows[-1].get("recall", 0.0) >= LIKE_RECALL:
                    break

    return {
        "napf": partial(trees, "nanoflann", Nanoflann),
        "pykdtree": partial(trees, "pykdtree", Pykdtree),
        "faiss": faiss,
    }


def _recall(yardstick: Yardstick, matcher: Matcher, asked: Real, expected: Any) -> tuple[float, float]:
    """Return the share of the hits that another finds, and its seconds a query."""
    start = time.perf_counter()
    found = matcher.match(yardstick.labelled(asked, TOLERANCE_MM, MODES["ranged"]))
    taken = time.perf_counter() - start
    return len(found.ids) / max(int(expected.offsets[len(asked)]), 1), taken / len(asked)


def _assert_same(ours: Any, others: Matches) -> None:
    """Hold that both gave the same answers, in the same order."""
    query = np.repeat(np.arange(len(ours.offsets) - 1), np.diff(ours.offsets))
    assert np.array_equal(query, others.query), "other queries have hits"
    assert np.array_equal(ours.ids, others.ids), "other patterns were found"
    assert np.abs(ours.residual - others.residual).max(initial=0.0) < 1e-9  # noqa: PLR2004 - a picometre
