"""Pictures of the report."""

from pathlib import Path
from typing import Any

from benchmarks.capacity.words import Results
from benchmarks.recognition import interval

_COLOURS = {"free": "#c2571a", "ranged": "#0f9d76", "known": "#1b6ca8"}
_NAMES = {"free": "density unknown", "ranged": "density ±2 %", "known": "density known"}
_ACROSS = 3
_STYLES = ("-o", "--s", ":^", "-.D", "-v")


def draw(results: Results, folder: Path) -> list[Path]:
    """Draw what there are rows for; return the files."""
    import matplotlib as mpl  # noqa: PLC0415 - only where pictures are wanted

    mpl.use("Agg")
    from matplotlib import pyplot as plt  # noqa: PLC0415

    plt.rcParams.update({"font.size": 12, "axes.grid": True, "grid.alpha": 0.3, "figure.dpi": 130})
    folder.mkdir(parents=True, exist_ok=True)
    measured = [(job, row) for job, row in results if row.presses]
    pictures = {
        "capacity-sigma.png": (_sigma, [r for r in measured if r[0].table == "sigma"]),
        "capacity-theory.png": (_theory, [r for r in measured if r[1].predicted is not None]),
        "capacity-tips.png": (_tips, [r for r in measured if r[0].table == "tips"]),
        "capacity-city.png": (_city, [r for r in measured if r[0].table == "city"]),
    }
    files = []
    for name, (picture, rows) in pictures.items():
        if rows:
            figure = picture(plt, rows)
            figure.savefig(folder / name, bbox_inches="tight")
            plt.close(figure)
            files.append(folder / name)
    return files


def _sigma(plt: Any, results: Results) -> Any:
    names = list(dict.fromkeys(job.source.name for job, _ in results))
    figure, panels, legend = _grid(plt, len(names))
    for axes, name in zip(panels, names, strict=True):
        for density, colour in _COLOURS.items():
            rows = [r for r in results if r[0].source.name == name and r[0].density == density]
            _curve(axes, [(job.noise.sigma_mm, row) for job, row in rows], "-o", colour, _NAMES[density])
        axes.set(
            title=f"{name}: {results_count(results, name):,} patterns", xlabel="touch error per axis, mm"
        )
    panels[0].set(ylim=(-3, 103))
    return _finished(figure, panels, legend)


def results_count(results: Results, name: str) -> int:
    """Return how many patterns a source has."""
    return next(job.source.count for job, _ in results if job.source.name == name)


def _theory(plt: Any, results: Results) -> Any:
    figure, axes = plt.subplots(figsize=(7, 5.6))
    least = 1e-4
    for density, colour in _COLOURS.items():
        rows = [row for job, row in results if job.density == density]
        bound = [max(row.predicted or 0.0, least) for row in rows]
        seen = [max(row.nearest_wrong / row.presses, least) for row in rows]
        ends = [interval(row.nearest_wrong, row.presses) for row in rows]
        bars = [
            [max(0.0, here - max(low, least)) for here, (low, _) in zip(seen, ends, strict=True)],
            [max(0.0, high - here) for here, (_, high) in zip(seen, ends, strict=True)],
        ]
        axes.errorbar(bound, seen, bars, fmt="o", ms=4, lw=0.8, color=colour, label=_NAMES[density])
    axes.plot([least, 1], [least, 1], color="#555", lw=1, label="bound = measured")
    axes.set(
        xscale="log", yscale="log", xlim=(least / 1.5, 1.5), ylim=(least / 1.5, 1.5),
        xlabel="union bound", ylabel="share of presses nearest to a wrong pattern",
        title=f"Theory and measurement (below {least:g} drawn there)",
    )  # fmt: skip
    axes.legend(fontsize=10)
    figure.tight_layout()
    return figure


def _tips(plt: Any, results: Results) -> Any:
    figure, axes = plt.subplots(figsize=(7.5, 4.8))
    sigma = 0.4
    for density, colour in _COLOURS.items():
        rows = [
            (job.source.tips, row)
            for job, row in results
            if job.density == density and job.noise.sigma_mm == sigma
        ]
        _curve(axes, rows, "-o", colour, _NAMES[density])
    count = next(job.source.count for job, _ in results)
    axes.set_xticks(sorted({job.source.tips for job, _ in results}))
    axes.set(
        title=f"{count:,} random patterns, face 50 mm, touch error {sigma} mm", xlabel="tips",
        ylabel="identified presses, %", ylim=(-3, 103),
    )  # fmt: skip
    axes.legend(fontsize=10)
    figure.tight_layout()
    return figure


def _city(plt: Any, results: Results) -> Any:
    names = list(dict.fromkeys(job.source.name for job, _ in results))
    figure, panels, legend = _grid(plt, len(names))
    countries = sorted({job.place.stamps for job, _ in results if job.place})
    for axes, name in zip(panels, names, strict=True):
        for density, colour in _COLOURS.items():
            for stamps, style in zip(countries, _STYLES, strict=False):
                rows = [
                    (job.place.accuracy_m, row)
                    for job, row in results
                    if job.place
                    and (job.source.name, job.density, job.place.stamps) == (name, density, stamps)
                ]
                label = f"{stamps // 1_000_000} M stamps, {_NAMES[density]}"
                _curve(axes, rows, style, colour, label)
        axes.set(title=f"{name}, place known", xlabel="error of the fix (68 %), m")
    return _finished(figure, panels, legend)


def _grid(plt: Any, count: int) -> tuple[Any, list[Any], Any]:
    """Make panels, few enough side by side to be read on a page, and room for the legend in the last row."""
    across = min(count, _ACROSS)
    down = -(-count // across)
    size = (4.6 * across + 1, 4.0 * down)
    figure, cells = plt.subplots(down, across, figsize=size, sharex=True, sharey=True, squeeze=False)
    panels, spare = list(cells.flat[:count]), list(cells.flat[count:])
    for cell in spare:
        cell.set_axis_off()
    for panel in panels[-across:]:
        panel.tick_params(labelbottom=True)
    return figure, panels, spare[0] if spare else None


def _finished(figure: Any, panels: list[Any], legend: Any) -> Any:
    for panel in panels[::_ACROSS]:
        panel.set(ylabel="identified presses, %")
    if legend is None:
        panels[-1].legend(fontsize=10)
    else:
        legend.legend(*panels[0].get_legend_handles_labels(), loc="center", fontsize=12)
    figure.tight_layout()
    return figure


def _curve(axes: Any, rows: list[tuple[float, Any]], style: str, colour: str, label: str) -> None:
    if not rows:
        return
    rows = sorted(rows, key=lambda entry: entry[0])
    x = [value for value, _ in rows]
    axes.plot(x, [100 * row.right / row.presses for _, row in rows], style, color=colour, ms=5, label=label)
    ends = [interval(row.right, row.presses) for _, row in rows]
    axes.fill_between(
        x, [100 * low for low, _ in ends], [100 * high for _, high in ends], color=colour, alpha=0.12, lw=0
    )
