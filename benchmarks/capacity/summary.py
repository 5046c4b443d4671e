"""The report's first lines: one row a family, in a buyer's words."""

from benchmarks.capacity.jobs import Place, Row
from benchmarks.capacity.words import Results
from benchmarks.recognition import interval

_TITLES = (
    "web page, shape alone",
    "app that knows the density to ±{error:g} %",
    "app that knows the density exactly",
    "web page, place known, {few} million stamps",
    "the same, {many} million stamps",
)
_INTRODUCTION = """
Of 100 presses, so many are named at once; the others are asked to press again, or wait for the place to
decide. Beside it: how rarely a press is taken for another stamp, the worst that the measurement allows at
95 % confidence. Touches are off by {sigma:g} mm per axis, an assumption until phones are measured. *Shape
alone*: among all stamps that differ. *Place known*: the phone is in the middle of a city, with a fix good
to {accuracy:g} m; the country's stamps have patterns dealt at random, so that many share one with a
neighbour, and presses of these are refused (`stampsdk codebook assign` keeps them apart).
"""


def summary(results: Results) -> list[str]:
    """Return the lines; none where no family was measured."""
    names = list(
        dict.fromkeys(job.source.name for job, row in results if job.table == "head" and row.presses)
    )
    places = [job.place for job, _ in results if job.table == "city" and job.place is not None]
    if not names or not places:
        return []
    accuracy = max(place.accuracy_m for place in places)
    countries = sorted({place.stamps for place in places})
    first = next(job for job, _ in results if job.table == "head")
    few, many = countries[0] // 1_000_000, countries[-1] // 1_000_000
    titles = [
        title.format(error=100 * first.scale_error, few=few, many=many)
        for title in _TITLES[: 3 + len(countries)]
    ]
    lines = [
        _INTRODUCTION.strip("\n").format(sigma=first.noise.sigma_mm, accuracy=accuracy),
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
            for stamps in countries
            for job, row in results
            if (job.table, job.source.name, job.density, job.place)
            == ("city", name, "free", Place(stamps, accuracy))
        ]
        source = next(iter(heads.values()))[0].source
        lines.append(f"| **{name}** ({source.tips} tips) | {source.count:,} | {' | '.join(cells)} |")
    return [*lines, ""]


def _cell(row: Row) -> str:
    """Write one figure, rounded down so that 100 means all, and its worst case."""
    worst = interval(row.wrong, row.presses)[1]
    named = 1000 * row.right // row.presses / 10
    return f"{named:g} of 100; wrong at most 1 in {int(1 / worst):,}"
