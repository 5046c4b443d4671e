"""What learning phones and stamps from accepted presses adds: a section of the report."""

import json
from pathlib import Path
from typing import Any

from benchmarks.calibrating import Report, Size
from benchmarks.calibration import FORGED, learn
from benchmarks.capacity.words import percent

_SIGMA_MM = 0.4
_ABOUT = """
Phones report wrong densities and bend space, and tips are set a little beside their places. {screens}
simulated device models (density off by up to {scale:g} %, a smooth bend of up to {bend:g} mm) and {stamps}
stamps (tips {tips:g} mm beside their places per axis) are learned from {trained:,} accepted presses, {each}
of each of {customers} customers with each model; touches are off by {sigma:g} mm per axis besides. Then
other customers' presses are recognised among {patterns:,} stamps of `small`, by shape alone. *Effective σ*
is what is left of the error per axis once place and angle are fitted, with its 95 % interval over device
models; *right first* counts presses whose most probable stamp is the right one. In the forged rows that
share of contributors sends presses made to move what is learned.

Again: `python -m benchmarks calibration --seed {seed}`.
"""


def learned(folder: Path, seed: int, report: Report) -> dict[str, Any]:
    """Measure, or return what an earlier run measured with this seed and size."""
    path = folder / "calibration.json"
    try:
        found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        found = {}
    if found.get("seed") == seed and found.get("size") == vars(Size()):
        return found
    measured = learn(Size(), _SIGMA_MM, seed, FORGED, report).record()
    folder.mkdir(parents=True, exist_ok=True)
    partial = path.with_suffix(".partial")
    partial.write_text(json.dumps(measured), encoding="utf-8")
    partial.replace(path)
    return measured


def section(found: dict[str, Any]) -> list[str]:
    """Return the lines of the report."""
    size, noise = found["size"], found["noise"]
    about = _ABOUT.format(
        screens=size["screens"], stamps=size["stamps"], customers=size["customers"], each=size["each"],
        patterns=size["patterns"], trained=found["trained"], scale=100 * noise["scale_error"],
        bend=noise["bend_mm"], tips=noise["placement_mm"], sigma=noise["sigma_mm"], seed=found["seed"],
    )  # fmt: skip
    lines = ["## Learning phones and stamps", about.strip("\n"), ""]
    lines += ["| what is known | effective σ mm | presses | identified | wrong | right first |"]
    lines += ["|---|---|---|---|---|---|"]
    for row in found["outcomes"]:
        counts = (percent(row[key], row["presses"]) for key in ("right", "wrong", "first"))
        sigma = f"{row['sigma_mm']:.3f} ({row['sigma_low_mm']:.3f}–{row['sigma_high_mm']:.3f})"
        lines.append(f"| {row['knowledge']} | {sigma} | {row['presses']:,} | {' | '.join(counts)} |")
    return [*lines, ""]
