"""What a family can be trusted with, in words, from measured rows."""

from collections.abc import Iterable

from benchmarks.capacity.jobs import Job, Row
from benchmarks.recognition import interval

Results = list[tuple[Job, Row]]

DENSITY_WORDS = {
    "free": "On a web page (nothing is known of the screen's density)",
    "ranged": "In an app that knows the density to ±{error:g} %",
    "known": "In an app that knows the density exactly",
}
SHORT_WORDS = {"free": "unknown", "ranged": "±{error:g} %", "known": "known"}
WRONG_LIMIT = 1e-3
GOOD_SHARE = 0.95


def verdict(row: Row, alike: Iterable[Row] = ()) -> str:
    """Judge a row by its identified and its wrong presses, by the ends of intervals that speak against it.

    Wrong ones are rare; they are counted in rows that are alike, together, where those are given.
    """
    answered = interval(row.right, row.presses)[0]
    wrong, presses = _wrong_of(list(alike) or [row])
    if wrong / presses > WRONG_LIMIT:
        return "not to be trusted"
    if answered >= GOOD_SHARE:
        word = "can be trusted"
    elif answered >= 0.5:  # noqa: PLR2004 - more often than not
        word = "can be trusted when it answers, which is not always"
    else:
        word = "not enough"
    if interval(wrong, presses)[1] > WRONG_LIMIT:
        word += " (on too few presses to promise one wrong in 1,000)"
    return word


def _wrong_of(rows: list[Row]) -> tuple[int, int]:
    return sum(row.wrong for row in rows), sum(row.presses for row in rows)


def rarely(wrong: int, presses: int) -> str:
    """Word the exact 95 % interval of how often presses are taken for another stamp."""
    low, high = interval(wrong, presses)
    if wrong:
        return f"from one in {_whole(1 / low)} to one in {_whole(1 / high)}"
    return f"fewer than one in {_whole(1 / high)}"


def counted(row: Row) -> str:
    """Say what became of the presses of a row."""
    sure = rarely(row.wrong, row.presses)
    return (
        f"of {row.presses:,} presses {percent(row.right, row.presses)} were identified, "
        f"{percent(row.refused, row.presses)} not, and {row.wrong} taken for another stamp ({sure}, "
        "with 95 % confidence)"
    )


def _whole(number: float) -> str:
    return f"{number:,.0f}"


def percent(hits: int, trials: int) -> str:
    """Write a share with its exact 95 % interval."""
    low, high = interval(hits, trials)
    return f"{_short(hits / trials)} % ({_short(low)}–{_short(high)})"


def _short(share: float) -> str:
    return f"{100 * share:.3g}" if share < 0.9995 else f"{100 * share:.4g}"  # noqa: PLR2004 - 100 and near it


def opening(results: Results) -> list[str]:
    """Return the first lines of the report: each family, the browser's case first."""
    names = list(dict.fromkeys(job.source.name for job, _ in results if job.table == "head"))
    lines = []
    for name in names:
        mine = [(job, row) for job, row in results if job.source.name == name and row.presses]
        lines += _family(name, mine)
    return lines


def _family(name: str, results: Results) -> list[str]:
    heads = {job.density: (job, row) for job, row in results if job.table == "head"}
    if not heads:
        return []
    job = next(iter(heads.values()))[0]
    source = job.source
    lines = [
        (
            f"**{name}**: {source.count:,} patterns of {source.tips} tips, {source.spacing_mm:.3g} mm or "
            f"more apart, their centres in a disc of {source.face_mm:.3g} mm; touches off by "
            f"{job.noise.sigma_mm:g} mm per axis (an assumption)."
        ),
        "",
    ]
    for density in DENSITY_WORDS:
        if density in heads:
            lines += [_head(*heads[density]), *_placed(density, results)]
    return [*lines, *_made_for(results), *_largest_noise(results), *_strangers(results), ""]


def _head(job: Job, row: Row) -> str:
    where = DENSITY_WORDS[job.density].format(error=100 * job.scale_error)
    return f"- **{where}, by shape alone: {verdict(row)}.** That is, {counted(row)}."


def _made_for(results: Results) -> list[str]:
    """Say what the family is worth at the touch error that it is made for, where that is another one."""
    return [
        f"- **Touches off by {job.noise.sigma_mm:g} mm per axis, for which it is made; "
        f"{_lowered(DENSITY_WORDS[job.density].format(error=100 * job.scale_error))}, by shape alone: "
        f"{verdict(row)}.** That is, {counted(row)}."
        for job, row in results
        if job.table == "made-for"
    ]


def _lowered(text: str) -> str:
    return text[0].lower() + text[1:]


def _placed(density: str, results: Results) -> list[str]:
    """Say what the place adds: the fix at which fewest are identified, and all that went wrong."""
    lines = []
    for stamps in sorted({job.place.stamps for job, _ in results if job.place}):
        rows = {
            job.place.accuracy_m: row
            for job, row in results
            if job.place and (job.table, job.density, job.place.stamps) == ("city", density, stamps)
        }
        if not rows:
            continue
        hardest = min(rows, key=lambda accuracy: rows[accuracy].right / rows[accuracy].presses)
        million = stamps // 1_000_000
        wrong, presses = _wrong_of(list(rows.values()))
        lines.append(
            f"  - *With the place known to {hardest:g} m, {million} million stamps in the country: "
            f"{verdict(rows[hardest], rows.values())}.* In the middle of a city, {counted(rows[hardest])}"
            + (
                f"; that is the worst of fixes to {_listed(rows)} m, which together have {wrong} of "
                f"{presses:,} wrong ({rarely(wrong, presses)})."
                if len(rows) > 1
                else "."
            )
        )
    return lines


def _listed(accuracies: Iterable[float]) -> str:
    *first, last = (f"{accuracy:g}" for accuracy in sorted(accuracies))
    return f"{', '.join(first)} and {last}"


def _largest_noise(results: Results) -> list[str]:
    """Say up to which touch error the family stands alone."""
    told = []
    for density, words in SHORT_WORDS.items():
        rows = sorted(
            (
                (job.noise.sigma_mm, row)
                for job, row in results
                if (job.table, job.density) == ("sigma", density)
            ),
            key=lambda entry: entry[0],
        )
        best = "none"
        for sigma, row in rows:
            if row.right / row.presses < GOOD_SHARE or row.wrong / row.presses > WRONG_LIMIT:
                break
            best = f"{sigma:g} mm"
        if rows:
            told.append(f"{words.format(error=2)}: {best}")
    if not told:
        return []
    limit = (
        f"- Largest touch error measured at which {100 * GOOD_SHARE:g} % of presses and more are identified "
        f"and at most one in 1,000 wrongly, shape alone, by what is known of the density: {'; '.join(told)}."
    )
    return [limit]


def _strangers(results: Results) -> list[str]:
    rows = {
        job.density: row for job, row in results
        if job.table == "impostor" and job.kind == "random" and job.matcher == "told"
    }  # fmt: skip
    if not rows:
        return []
    told = "; ".join(
        f"{SHORT_WORDS[density].format(error=2)}: {percent(row.wrong, row.presses)}"
        for density, row in rows.items()
    )
    stranger = (
        "- A stamp of the same make that nobody registered is taken for a registered one, shape alone, by "
        f"what is known of the density: {told}."
    )
    return [stranger]
