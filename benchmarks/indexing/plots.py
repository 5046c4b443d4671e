"""Pictures of the measurements."""

from pathlib import Path
from typing import Any

_COLOURS = {"known": "#1b6ca8", "ranged": "#0f9d76", "free": "#c2571a"}
_NAMES = {"known": "scale known", "ranged": "scale ±2 %", "free": "scale unknown"}


def draw(sizes: list[dict[str, Any]], folder: Path, name: str) -> list[Path]:
    """Draw throughput and leaves against patterns, and single searches; return the files."""
    import matplotlib as mpl  # noqa: PLC0415 - only where pictures are wanted

    mpl.use("Agg")
    from matplotlib import pyplot as plt  # noqa: PLC0415

    plt.rcParams.update({"font.size": 12, "axes.grid": True, "grid.alpha": 0.3, "figure.dpi": 130})
    return [
        _throughput(plt, sizes, folder / f"{name}-throughput.png"),
        _leaves(plt, sizes, folder / f"{name}-leaves.png"),
        _latency(plt, sizes, folder / f"{name}-latency.png"),
    ]


def _throughput(plt: Any, sizes: list[dict[str, Any]], path: Path) -> Path:
    figure, axes = plt.subplots(figsize=(8, 4.8))
    for mode, colour in _COLOURS.items():
        for who, style in (("ours", "-o"), ("scipy", "--s")):
            points = [
                (size["patterns"], 1e6 / row["us_per_query"])
                for size in sizes
                for row in size["rows"]
                if row["who"].startswith(who) and row.get("scale") == mode and row["tolerance_mm"] == 0.9  # noqa: PLR2004
            ]
            if points:
                label = f"{'stampsdk' if who == 'ours' else 'scipy cKDTree'}, {_NAMES[mode]}"
                axes.loglog(*zip(*sorted(points), strict=True), style, color=colour, label=label)
    axes.set(
        xlabel="registered patterns",
        ylabel="full matches a second, one core",
        title=f"{sizes[0]['tips']} tips, 0.9 mm",
    )
    axes.legend(fontsize=10)
    return _saved(plt, figure, path)


def _leaves(plt: Any, sizes: list[dict[str, Any]], path: Path) -> Path:
    figure, axes = plt.subplots(figsize=(8, 4.8))
    for mode, colour in _COLOURS.items():
        for tolerance, style in ((0.5, "--o"), (0.9, "-o")):
            points = [
                (size["patterns"], row["leaves"])
                for size in sizes
                for row in size["rows"]
                if row["who"] == "ours" and row["scale"] == mode and row["tolerance_mm"] == tolerance
            ]
            axes.loglog(
                *zip(*sorted(points), strict=True),
                style,
                color=colour,
                label=f"{_NAMES[mode]}, {tolerance} mm",
            )
    axes.set(xlabel="registered patterns", ylabel="leaves of 32 visited by a query", title="Work of a query")
    axes.legend(fontsize=10)
    return _saved(plt, figure, path)


def _latency(plt: Any, sizes: list[dict[str, Any]], path: Path) -> Path:
    figure, axes = plt.subplots(figsize=(8, 4.8))
    for size in sizes:
        axes.hist(
            size["latencies_us"],
            bins=80,
            histtype="step",
            linewidth=1.6,
            label=f"{size['patterns']:,} patterns",
        )
    axes.set(xlabel="one search from Python, µs", ylabel="searches", title="0.9 mm, scale ±2 %")
    axes.legend(fontsize=10)
    return _saved(plt, figure, path)


def _saved(plt: Any, figure: Any, path: Path) -> Path:
    figure.tight_layout()
    figure.savefig(path)
    plt.close(figure)
    return path
