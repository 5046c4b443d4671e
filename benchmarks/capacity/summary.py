"""The report's first lines: one row a family, in a buyer's words."""

from benchmarks.capacity.jobs import Row
from benchmarks.capacity.words import Results
from benchmarks.recognition import interval

_TITLES = (
    "web page, shape alone",
    "app that knows the density to ±{error:g} %",
    "app that knows the density exactly",
    "web page, place known too",
)
_INTRODUCTION = """
Of 100 presses, so many are named at once; the others are asked to press again, or wait for the place to
decide. Beside it: how rarely a press is taken for another stamp, the worst that the measurement allows at
95 % confidence. Touches are off by {sigma:g} mm per axis, an assumption until phones are measured. With the
place known, {stamps} million stamps stand in a country, the phone in the middle of a city with a fix good to
{accuracy:g} m.
"""


def summary(results: Results) -> list[str]:
    """Return the lines; none where no family was measured."""
    names = list(
        dict.fromkeys(job.source.name for job, row in results if job.table == "head" and row.presses)
    )
    placed = [job for job, _ in results if job.table == "city" and job.place is not None]
    if not names or not placed:
        return []
    hardest = max(
        (job.place for job in placed if job.place), key=lambda place: (place.accuracy_m, place.stamps)
    )
    first = next(job for job, _ in results if job.table == "head")
    titles = [title.format(error=100 * first.scale_error) for title in _TITLES]
    lines = [
        _INTRODUCTION.strip("\n").format(
            sigma=first.noise.sigma_mm, stamps=hardest.stamps // 1_000_000, accuracy=hardest.accuracy_m
        ),
        "",
        f"| family | stamps that differ | {' | '.join(titles)} |",
        f"|{'---|' * (len(titles) + 2)}",
    ]
    for name in names:
        heads = {
            job.density: (job, row) for job, row in results if (job.table, job.source.name) == ("head", name)
        }
        cells = [_cell(heads[density][1]) for density in ("free", "ranged", "known") if density in heads]
        cells += [
            _cell(row)
            for job, row in results
            if (job.table, job.source.name, job.density, job.place) == ("city", name, "free", hardest)
        ]
        source = next(iter(heads.values()))[0].source
        lines.append(f"| **{name}** ({source.tips} tips) | {source.count:,} | {' | '.join(cells)} |")
    return [*lines, ""]


def _cell(row: Row) -> str:
    """Write one figure, rounded down so that 100 means all, and its worst case."""
    worst = interval(row.wrong, row.presses)[1]
    named = 1000 * row.right // row.presses / 10
    return f"{named:g} of 100; wrong at most 1 in {int(1 / worst):,}"
