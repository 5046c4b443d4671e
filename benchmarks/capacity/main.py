"""Press stamps by Monte Carlo and count how many are told apart; write report, JSON and plots."""

import argparse
import fnmatch
import json
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from benchmarks.capacity.field import FieldError, load_noise
from benchmarks.capacity.jobs import Job, Noise, Source
from benchmarks.capacity.learned import learned, section
from benchmarks.capacity.plan import QUICK, RANDOM_COUNT, RANDOM_FACE_MM, Amount, random_rows, source_rows
from benchmarks.capacity.report import markdown, record
from benchmarks.capacity.running import ClusterError, run
from benchmarks.capacity.sources import (
    CODEBOOKS,
    FAMILIES,
    ROOT,
    SourceError,
    family_source,
    file_source,
    index_of,
    random_source,
)
from benchmarks.capacity.uniform import TooTightError
from benchmarks.capacity.words import Results
from stampsdk.codebook import FamilyError
from stampsdk.index import warm_up

RESULTS = ROOT / "benchmarks" / "results" / "capacity"
REPORT = ROOT / "docs" / "capacity.md"
_QUICK_COUNT = 20_000
_EXAMPLES = """examples:
  python -m benchmarks capacity --quick --json
  python -m benchmarks capacity --rows small/known small/free/sigma-0.2
  python -m benchmarks capacity --patterns mine.npy --noise field.json
  python -m benchmarks capacity --dask tcp://127.0.0.1:8786

field.json: {"sigma_mm": 0.35, "quantum_mm": 0.16, "scale_error": 0.02}, or "errors_mm": [[x, y], …] in
place of "sigma_mm": errors of single touches, drawn from with replacement.
"""
Say = Callable[[str], None]


def main(arguments: list[str]) -> int:
    """Run the measurement.

    Returns
    -------
    int
        0 when done, 130 when interrupted, 2 for an argument that cannot be used.
    """
    parser = _parser()
    options = parser.parse_args(arguments)
    console = Console(stderr=True)
    if options.workers < 0:
        parser.error(f"--workers must be 0 or more, not {options.workers}")
    out = options.out / ("quick" if options.quick else "full")
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task("getting patterns", total=None)
        try:
            jobs, notes = _jobs(options, lambda text: bar.update(task, description=text))
        except (SourceError, FieldError, FamilyError) as error:
            parser.error(str(error))
        if options.list:
            print("\n".join(job.name for job in jobs))
            return 0
        if options.rows:
            jobs = _named(jobs, options.rows, parser)
        _prepare(jobs, lambda text: bar.update(task, description=text))
        bar.update(task, total=len(jobs), description="measuring")
        found = None
        try:
            rows = run(
                jobs, out, workers=options.workers, dask=options.dask, fresh=bool(options.rows),
                tick=lambda row: bar.update(task, advance=1, description=row.name),
            )  # fmt: skip
            if not (options.quick or options.rows or options.patterns):
                bar.update(task, total=1.0, completed=0.0, description="learning phones and stamps")
                found = learned(
                    out, options.seed, lambda what, share: bar.update(task, description=what, completed=share)
                )
        except ClusterError as error:
            parser.error(str(error))
        except KeyboardInterrupt:
            console.print("stopped; the same command goes on from the rows that are finished")
            return 130
    results = list(zip(jobs, rows, strict=True))
    for note in notes:
        console.print(f"left out: {note}")
    _write(results, found, notes, options, out, console)
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks capacity",
        description=__doc__,
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--quick", action="store_true", help="few presses: within a minute")
    parser.add_argument("--json", action="store_true", help="print the rows as one line of JSON")
    parser.add_argument(
        "--rows", nargs="+", metavar="NAME", help="measure just these rows anew; * matches any"
    )
    parser.add_argument("--list", action="store_true", help="print the names of all rows and end")
    parser.add_argument("--patterns", type=Path, metavar="FILE.npy", help="your patterns (N, n, 2), mm")
    parser.add_argument("--noise", type=Path, metavar="FILE.json", help="your measured noise")
    parser.add_argument(
        "--codebooks", type=Path, default=CODEBOOKS, metavar="FOLDER", help="NAME.npz of families"
    )
    parser.add_argument("--dask", metavar="ADDRESS", help="have a Dask cluster do it")
    parser.add_argument("--workers", type=int, default=0, metavar="N", help="processes (as many as cores)")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument(
        "--out", type=Path, default=RESULTS, metavar="FOLDER", help="finished rows, JSON and plots"
    )
    parser.add_argument(
        "--report", type=Path, metavar="FILE.md", help="the report (full run: docs/capacity.md)"
    )
    return parser


def _jobs(options: argparse.Namespace, say: Say) -> tuple[list[Job], list[str]]:
    """Return all rows of the run, and what has none, with the reason."""
    amount = QUICK if options.quick else Amount()
    noise, scale_error = load_noise(options.noise) if options.noise else (Noise(), 0.02)
    jobs: list[Job] = []
    notes: list[str] = []
    if options.patterns:
        source = file_source(options.patterns)
        return list(source_rows(source, amount, noise, scale_error, options.seed)), notes
    for path in sorted(FAMILIES.glob("*.toml")):
        try:
            source = family_source(path, options.codebooks, make=not options.quick, say=say)
        except SourceError as error:
            notes.append(str(error))
            continue
        jobs += source_rows(source, amount, noise, scale_error, options.seed)
    count = _QUICK_COUNT if options.quick else RANDOM_COUNT
    wanted = dict.fromkeys(
        [*((n, RANDOM_FACE_MM) for n in amount.tips), *((5, face) for face in amount.faces_mm)]
    )
    sources = {key: random_source(*key, count, options.seed) for key in wanted}
    jobs += random_rows(sources, amount, scale_error, options.seed)
    return jobs, notes


def _named(jobs: list[Job], names: list[str], parser: argparse.ArgumentParser) -> list[Job]:
    for name in names:
        if not any(fnmatch.fnmatchcase(job.name, name) for job in jobs):
            parser.error(f"there is no row {name!r}; --list names them all")
    return [job for job in jobs if any(fnmatch.fnmatchcase(job.name, name) for name in names)]


def _prepare(jobs: list[Job], say: Say) -> None:
    """Compile, and build each index once, before several processes want it."""
    warm_up()
    wanted: dict[tuple[Source, bool], None] = dict.fromkeys(
        (job.source, job.trouble == "missing") for job in jobs
    )
    for source, partial in wanted:
        say(f"indexing {source.name}")
        try:
            index_of(source, partial=partial)
        except (TooTightError, ValueError):
            continue  # its rows say so


def _write(
    results: Results,
    found: dict[str, Any] | None,
    notes: list[str],
    options: argparse.Namespace,
    out: Path,
    console: Console,
) -> None:
    told = {"notes": notes, "rows": [record(job, row) for job, row in results], "calibration": found}
    if options.json:
        print(json.dumps(told))
    if options.rows:
        if not options.json:
            console.width = max(console.width, 200)
            Console(width=200).print(markdown(results), markup=False, highlight=False, soft_wrap=True)
        return
    out.mkdir(parents=True, exist_ok=True)
    report = options.report or (
        out / "capacity.md" if options.quick or options.patterns or options.noise else REPORT
    )
    pictures = report.parent / "images" if report == REPORT else out
    plots: list[Path] = []
    try:
        from benchmarks.capacity.plots import draw  # noqa: PLC0415 - matplotlib may be missing

        plots = draw(results, pictures)
    except ModuleNotFoundError:
        console.print("no plots: pip install 'stampsdk[bench]'")
    report.parent.mkdir(parents=True, exist_ok=True)
    relative = [Path(os.path.relpath(plot, report.parent)).as_posix() for plot in plots]
    again = " ".join(
        text
        for text, given in (
            ("--quick", options.quick),
            (f"--patterns {options.patterns}", options.patterns),
            (f"--noise {options.noise}", options.noise),
            (f"--seed {options.seed}", options.seed != 1),
        )
        if given
    )
    report.write_text(
        markdown(results, options=again, plots=relative, further=section(found) if found else ()),
        encoding="utf-8",
    )
    beside = report.with_suffix(".json")
    lines = ",\n".join(json.dumps(row) for row in told["rows"])
    beside.write_text(
        f'{{"notes": {json.dumps(notes)}, "calibration": {json.dumps(found)}, "rows": [\n{lines}\n]}}\n',
        encoding="utf-8",
    )
    for path in (report, beside, *plots):
        console.print(f"wrote {path}", soft_wrap=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
