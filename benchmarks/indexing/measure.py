"""Measurements of one size of index: ours, and then the others beside it, in one run."""

import gc
import resource
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from benchmarks.indexing.beside import measure_free, measure_ranged, scipy_builds
from benchmarks.indexing.data import SCALE_ERROR, presses_of
from benchmarks.indexing.record import MODES, Measured, Settings, note
from benchmarks.indexing.sharing import mapping_ratio
from benchmarks.indexing.timing import in_turn, one_core, seconds
from benchmarks.indexing.yardstick import Yardstick, tally_of
from stampsdk import PatternIndex
from stampsdk.index import warm_up

Real = npt.NDArray[np.float64]
TOLERANCES = (0.5, 0.9)
STEPS = 24  # about so many are told of each size that is measured beside the others
_COPIES = 100


def measure(patterns: Real, settings: Settings, say: Callable[[str], None]) -> Measured:
    """Measure an index of some patterns (N, n, 2)."""
    count, tips = patterns.shape[:2]
    done = Measured(count, tips)
    rng = np.random.default_rng([settings.seed, count, tips])
    warm_up()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "stamps.index"
        say("building")
        beside = count <= settings.others_up_to
        build = seconds(lambda: PatternIndex.build(patterns)) if beside else None
        writing = seconds(lambda: PatternIndex.build(patterns, path=path))
        peak = _peak_memory()
        gc.collect()  # this process must not have the file mapped while others share it
        done.figures["bytes_per_pattern"] = path.stat().st_size / count
        touches = {
            mode: presses_of(patterns, settings.queries, rng, SCALE_ERROR * (mode != "known"))
            for mode in MODES
        }
        np.save(Path(folder) / "touches.npy", touches["ranged"][:2000])
        say("mapping the file in four processes")
        done.figures["four_process_mapping_ratio"] = mapping_ratio(path, Path(folder) / "touches.npy")
        opening = in_turn(3, lambda: PatternIndex.open(path))[0]
        index = PatternIndex.open(path)
        with one_core():
            _measure_ours(index, touches, settings, done, say)
            _measure_singles(index, touches["ranged"], settings, done, say)
            row: dict[str, Any] = {
                "who": "build",
                "ours_s": build,
                "to_file_s": writing,
                "open_s": opening,
                "peak_bytes": peak,
            }
            done.rows.append(row)
            if not beside:
                done.notes.append(f"the others are not measured at {count:,} patterns")
                return done
            say("laying out the keys of the others")
            yardstick = Yardstick(index)
            row |= {"ours_one_core_s": seconds(lambda: PatternIndex.build(patterns))} | scipy_builds(
                yardstick
            )
            measure_ranged(index, yardstick, touches["ranged"], settings, done, say)
            measure_free(index, yardstick, touches["free"], settings, done, say)
    done.figures["build_vs_scipy"] = row["ours_s"] / row["scipy_s"]
    done.figures["build_vs_scipy_one_core"] = row["ours_one_core_s"] / row["scipy_s"]
    done.figures["open_over_scipy_build"] = opening / row["scipy_s"]
    return done


def _peak_memory() -> int:
    """Return the most bytes that this process has had in memory, what it mapped included."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)


def cost_of_a_hit(seed: int, repeats: int) -> float:
    """Return what one more hit costs, in seconds: patterns registered a hundred times over against once."""
    rng = np.random.default_rng(seed)
    patterns = rng.uniform(-25.0, 25.0, (1000, 5, 2))
    once, often = PatternIndex.build(patterns), PatternIndex.build(np.tile(patterns, (_COPIES, 1, 1)))
    touches = np.tile(patterns, (4, 1, 1))
    with one_core():
        few, many = in_turn(
            repeats,
            lambda: once.search_batch(touches, 0.5, (1.0, 1.0)),
            lambda: often.search_batch(touches, 0.5, (1.0, 1.0)),
        )
    return (many - few) / len(touches) / (_COPIES - 1)


def _measure_ours(
    index: PatternIndex,
    touches: dict[str, Real],
    settings: Settings,
    done: Measured,
    say: Callable[[str], None],
) -> None:
    for tolerance in TOLERANCES:
        for mode, scale in MODES.items():
            say(f"ours, {tolerance} mm, {mode}")
            batch = index.search_batch(touches[mode], tolerance, scale)
            taken = in_turn(
                settings.repeats, lambda m=mode, t=tolerance, s=scale: index.search_batch(touches[m], t, s)
            )[0]
            tally = tally_of(index, touches[mode][:1000], tolerance, scale)
            hits = len(batch.ids) / len(touches[mode])
            note(done, "ours", tolerance, mode, taken / len(touches[mode]), hits=hits, **tally)


def _measure_singles(
    index: PatternIndex, touches: Real, settings: Settings, done: Measured, say: Callable[[str], None]
) -> None:
    say("single searches")
    for press in touches[:50]:
        index.search(press, 0.9, MODES["ranged"])
    for press in touches[: settings.singles]:
        start = time.perf_counter_ns()
        index.search(press, 0.9, MODES["ranged"])
        done.latencies_us.append((time.perf_counter_ns() - start) / 1000)
    middle, slow = np.quantile(done.latencies_us, (0.5, 0.99))
    done.figures["p99_over_median"] = float(slow / middle)
