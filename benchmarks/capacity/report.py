"""The report: words first, then the tables."""

from collections.abc import Callable, Sequence

from benchmarks.capacity.headings import HEADINGS
from benchmarks.capacity.jobs import Job, Row
from benchmarks.capacity.summary import summary
from benchmarks.capacity.words import SHORT_WORDS, Results, opening, percent
from benchmarks.recognition import interval

_ABOUT = """
## How to read this

A press is *identified* when the matcher is 99.9 % sure of one stamp; *wrong* when that is not the stamp
pressed; else it is *refused*: the person is asked to press again, or the place decides. *Nearest wrong* is
what would be wrong if the most probable stamp were always taken; the *union bound* is what theory says of
it beforehand, the sum of Q(d / 2σ) over the neighbours of a pattern, at most 1 for each. Brackets hold
exact 95 % intervals (Clopper and Pearson).

Everything here is simulated: presses of patterns through `stampsdk.matching.recognise` over `PatternIndex`.
Errors of touch are assumptions until phones are measured: normal, independent for each tip and axis, unless
a table says otherwise. All patterns are equally likely beforehand, and {unregistered:g} of presses are
expected to be of none of them ("shipped" rows: 0.02, and the library's own settings, which are told nothing
of the noise of the row: σ 0.4 mm, one press in twenty at 0.8 mm, tolerance 0.9 mm). Where the density is
unknown the size of a press is off by up to 7 %; the matcher is told nothing of it.

Any one row again, to the last press: `python -m benchmarks capacity --rows NAME{options}`.
"""
_ACCEPTED = {"impostor", "city-impostor"}


def markdown(
    results: Results,
    *,
    title: str = "Capacity",
    options: str = "",
    plots: Sequence[str] = (),
    further: Sequence[str] = (),
) -> str:
    """Return the report of rows in the order of the plan.

    Parameters
    ----------
    options : str
        What besides `--rows` the command needs to measure these rows again.
    plots : list of str
        Paths of pictures, relative to the report.
    further : list of str
        Lines that follow the tables.
    """
    unregistered = next((job.unregistered for job, _ in results if job.table == "head"), 0.001)
    parts = [f"# {title}: how many stamps can be told apart", "", *summary(results), *opening(results)]
    parts.append(_ABOUT.format(unregistered=unregistered, options=f" {options}" if options else ""))
    for plot in plots:
        parts += [f"![{plot.rsplit('/', 1)[-1]}]({plot})", ""]
    for table, (heading, about) in HEADINGS.items():
        rows = [(job, row) for job, row in results if job.table == table]
        if rows:
            parts += [f"## {heading}", "", about, "", *_table(rows, accepted=table in _ACCEPTED), ""]
    return "\n".join([*parts, *further]).rstrip() + "\n"


Cell = Callable[[Job, Row], str]

_WHAT: dict[str, Cell] = {
    "row": lambda job, _: f"`{job.name}`",
    "patterns": lambda job, _: f"{job.source.count:,}",
    "density": lambda job, _: SHORT_WORDS[job.density].format(error=100 * job.scale_error),
    "σ mm": lambda job, _: f"{job.noise.sigma_mm:g}",
    "presses": lambda _, row: f"{row.presses:,}",
}
_MEASURED: dict[str, Cell] = {
    "identified": lambda _, row: percent(row.right, row.presses),
    "wrong": lambda _, row: percent(row.wrong, row.presses),
    "refused": lambda _, row: percent(row.refused, row.presses),
    "nearest wrong": lambda _, row: percent(row.nearest_wrong, row.presses),
    "union bound": lambda _, row: "" if row.predicted is None else f"{100 * row.predicted:.2g} %",
}
_FALSE: dict[str, Cell] = {
    "accepted wrongly": lambda _, row: percent(row.wrong, row.presses),
    "as the original": lambda job, row: (
        percent(row.right, row.presses) if job.kind in {"scaled", "mirrored", "elsewhere"} else ""
    ),
    "refused": lambda _, row: percent(row.refused, row.presses),
}


def _table(results: Results, *, accepted: bool) -> list[str]:
    columns = _WHAT | (_FALSE if accepted else _MEASURED)
    lines = [f"| {' | '.join(columns)} |", f"|{'---|' * len(columns)}"]
    for job, row in results:
        if row.presses:
            lines.append(f"| {' | '.join(cell(job, row) for cell in columns.values())} |")
        else:
            blank = " | " * (len(columns) - 2)
            lines.append(f"| `{job.name}` | not measured: {row.skipped}{blank} |")
    return lines


def record(job: Job, row: Row) -> dict[str, object]:
    """Return a row as the JSON has it: what it is of, counts, and exact 95 % intervals."""
    trials = max(1, row.presses)
    told: dict[str, object] = {
        "name": row.name, "table": job.table, "source": job.source.name, "patterns": job.source.count,
        "tips": job.source.tips, "density": job.density, "noise": job.noise.kind,
        "sigma_mm": job.noise.sigma_mm,
        "quantum_mm": job.noise.quantum_mm, "kind": job.kind, "trouble": job.trouble, "matcher": job.matcher,
        "unregistered": job.unregistered, "seed": job.seed, "presses": row.presses,
        "stamps": job.place.stamps if job.place else None,
        "accuracy_m": job.place.accuracy_m if job.place else None,
    }  # fmt: skip
    if row.skipped:
        return told | {"skipped": row.skipped}
    for key in ("right", "wrong", "refused", "nearest_wrong"):
        hits = getattr(row, key)
        told[key] = {"count": hits, "share": hits / trials, "interval_95": interval(hits, trials)}
    told |= {"ambiguous": row.ambiguous, "unknown": row.unknown, "union_bound": row.predicted, "at": row.at}
    return told | {"candidates": row.candidates, "milliseconds": row.milliseconds}
