"""Measure the index beside scipy's cKDTree, nanoflann, pykdtree and FAISS; write table, JSON and plots."""

import argparse
import json
import os
import platform
import sys
from dataclasses import asdict, replace
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import numpy as np
from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table

from benchmarks.indexing.data import face_mm, patterns_for
from benchmarks.indexing.measure import STEPS, cost_of_a_hit, measure
from benchmarks.indexing.record import Measured, Settings

RESULTS = Path(__file__).parent.parent / "results"
BUDGETS = {
    "speedup_vs_scipy": (">=", 10.0),
    "speedup_vs_scipy_free_scale": (">=", 5.0),
    "speedup_vs_best_other": (">=", 5.0),
    "p99_over_median": ("<=", 5.0),
    "growth_60k_to_6m": ("<=", 4.0),
    "growth_6m_to_60m": ("<=", 4.0),
    "build_vs_scipy": ("<=", 2.0),
    "open_over_scipy_build": ("<=", 0.05),
    "bytes_per_pattern": ("<=", 64.0),
    "four_process_mapping_ratio": ("<=", 1.2),
}
_STEPS = {"growth_60k_to_6m": (60_000, 6_000_000), "growth_6m_to_60m": (6_000_000, 60_000_000)}
_EXAMPLES = """examples:
  python -m benchmarks index --quick
  python -m benchmarks index --patterns 6000000 --tips 5 --json
  python -m benchmarks index --patterns 60000 600000 6000000 --tips 4 6 8 --alone
"""


def main(arguments: list[str]) -> int:
    """Run the measurement."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks index",
        description=__doc__,
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--patterns", type=int, nargs="+", metavar="N", help="sizes (60000 600000 6000000)")
    parser.add_argument("--tips", type=int, nargs="+", default=[5], metavar="n", help="tip counts (5)")
    parser.add_argument("--queries", type=int, default=10_000, help="queries in a batch of ours (10000)")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument(
        "--quick", action="store_true", help="600,000 patterns, fewer queries: within a minute"
    )
    parser.add_argument("--alone", action="store_true", help="leave the other trees out: a matrix of ours")
    parser.add_argument("--full", action="store_true", help="build FAISS's graph over any number of patterns")
    parser.add_argument("--out", type=Path, default=RESULTS, metavar="FOLDER", help="where JSON and plots go")
    parser.add_argument("--json", action="store_true", help="print the figures as one line of JSON")
    options = parser.parse_args(arguments)
    if options.quick:
        settings = Settings(
            min(options.queries, 3000), 100, 400, 100, 2, options.seed, graph_patterns=0,
            keys=("chart",), balls=(1, 2), per_octave=(8,), leaves=(32,),
        )  # fmt: skip
        sizes = options.patterns or [600_000]
    else:
        settings = Settings(queries=options.queries, seed=options.seed, full=options.full)
        sizes = options.patterns or [60_000, 600_000, 6_000_000]
    if options.alone:
        settings = replace(settings, others_up_to=0)
    if min(sizes) < 1000 or not 3 <= min(options.tips) <= max(options.tips) <= 10:  # noqa: PLR2004 - the library's
        parser.error("--patterns takes 1000 and more, --tips 3 to 10")
    result = _run(sorted(set(sizes)), options.tips, settings)
    options.out.mkdir(parents=True, exist_ok=True)
    name = "index" if options.tips == [5] else f"index-{'-'.join(map(str, options.tips))}-tips"
    name += "-quick" if options.quick else ""
    _draw(result, options.out, name, Console(stderr=True))
    for size in result["sizes"]:  # the picture shows them all
        size["latencies_us"] = np.percentile(size["latencies_us"], range(101)).round(1).tolist()
    (options.out / f"{name}.json").write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
    if options.json:
        print(json.dumps({key: value for key, value in result.items() if key != "sizes"}))
    return 0


def _run(sizes: list[int], tips: list[int], settings: Settings) -> dict[str, Any]:
    console = Console(stderr=True)
    columns = (SpinnerColumn(), BarColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
    # The growth is from 60,000 patterns on, so that size is measured with any larger one.
    grown = sorted({60_000, *sizes}) if max(sizes) >= 6_000_000 else sizes  # noqa: PLR2004
    wanted = [(n, count) for n in tips for count in (grown if n == tips[0] else sizes)]
    done: list[Measured] = []
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task("the cost of a hit", total=len(wanted) * STEPS)
        hit = cost_of_a_hit(settings.seed, settings.repeats)
        for place, (n, count) in enumerate(wanted):
            what = f"{count:,} patterns of {n} tips"
            bar.update(task, completed=place * STEPS, description=f"{what}: drawing patterns")
            patterns = patterns_for(count, n, settings.seed, lambda _: None)

            def say(step: str, what: str = what) -> None:
                bar.update(task, advance=1, description=f"{what}: {step}")

            done.append(measure(patterns, settings, say))
            _print(done[-1], Console(width=None if sys.stdout.isatty() else 120))
    return _summary(done, hit, settings)


def _summary(done: list[Measured], hit: float, settings: Settings) -> dict[str, Any]:
    first = [size for size in done if size.tips == done[0].tips]
    largest = max(first, key=lambda size: ("speedup_vs_scipy" in size.figures, size.patterns))
    figures: dict[str, float | None] = dict.fromkeys(BUDGETS)
    figures.update(largest.figures)
    notes = [note for size in done for note in size.notes]
    costs = {size.patterns: _cost_less_hits(size, hit) for size in first}
    for key, (small, large) in _STEPS.items():
        if small in costs and large in costs:
            figures[key] = costs[large] / costs[small]
        else:
            notes.append(f"{key}: needs --patterns {small} {large}")
    budgets = {
        key: {"budget": f"{sign} {limit:g}", "met": None if value is None else _meets(value, sign, limit)}
        for key, (sign, limit) in BUDGETS.items()
        for value in [figures[key]]
    }
    return {
        **figures,
        "budgets": budgets,
        "measured_at": {"patterns": largest.patterns, "tips": largest.tips},
        "us_per_hit": hit * 1e6,
        "face_mm": {str(size.tips): face_mm(size.tips) for size in done},
        "settings": asdict(settings),
        "notes": sorted(set(notes)),
        "machine": _machine(),
        "sizes": [asdict(size) for size in done],
    }


def _cost_less_hits(size: Measured, hit: float) -> float:
    (row,) = [
        row
        for row in size.rows
        if row["who"] == "ours" and row["tolerance_mm"] == 0.5 and row["scale"] == "known"  # noqa: PLR2004
    ]
    return float(row["us_per_query"] - row["hits"] * hit * 1e6)


def _meets(value: float, sign: str, limit: float) -> bool:
    return value >= limit if sign == ">=" else value <= limit


def _print(size: Measured, console: Console) -> None:
    table = Table(title=f"{size.patterns:,} patterns of {size.tips} tips, one core", title_justify="left")
    for column in ("tree", "mm", "scale", "µs a match", "hits", "candidates", "leaves", "recall"):
        table.add_column(column, justify="left" if column in {"tree", "scale"} else "right")
    for row in size.rows:
        if row["who"] == "build":
            continue
        more = [row.get(name) for name in ("hits", "candidates", "leaves", "recall")]
        values = ["" if value is None else f"{value:,.4g}" for value in more]
        table.add_row(
            row["who"], f"{row['tolerance_mm']}", row["scale"], f"{row['us_per_query']:,.1f}", *values
        )
    console.print(table)
    for key, value in size.figures.items():
        console.print(f"  {key}: {'not measured' if value is None else f'{value:.4g}'}")
    for note in size.notes:
        console.print(f"  {note}", markup=False)


def _draw(result: dict[str, Any], folder: Path, name: str, console: Console) -> None:
    try:
        from benchmarks.indexing.plots import draw  # noqa: PLC0415 - matplotlib may be missing

        same_tips = [size for size in result["sizes"] if size["tips"] == result["measured_at"]["tips"]]
        for path in draw(same_tips, folder, name):
            console.print(f"wrote {path.name}")
    except ModuleNotFoundError:
        console.print("no plots: pip install 'stampsdk[bench]'", markup=False)


def _machine() -> dict[str, Any]:
    model = platform.processor()
    if Path("/proc/cpuinfo").exists():
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
        model = next((line.split(":")[1].strip() for line in lines if line.startswith("model name")), model)
    versions = {}
    for package in ("numpy", "numba", "scipy", "napf", "pykdtree", "faiss-cpu"):
        try:
            versions[package] = version(package)
        except PackageNotFoundError:
            versions[package] = None
    return {
        "processor": model,
        "cores": os.cpu_count(),
        "python": sys.version.split()[0],
        "versions": versions,
    }
