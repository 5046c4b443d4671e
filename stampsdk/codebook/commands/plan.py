"""``stampsdk codebook plan``: which tips, distance and families fit."""

# ruff: noqa: PLC0415 - numpy and numba are loaded by the command that needs them, not by --help

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from stampsdk._terminal import progress
from stampsdk.codebook._files import shipped_families
from stampsdk.codebook.commands._arguments import one_line_errors

if TYPE_CHECKING:
    from stampsdk.codebook.family import StampFamily
    from stampsdk.codebook.planning import Plan


def register(app: typer.Typer) -> None:
    """Add the command to ``stampsdk codebook``."""
    app.command("plan")(plan)


def plan(
    *,
    stamps: Annotated[int, typer.Option("--stamps", metavar="N", help="How many are to be told apart.")],
    face: Annotated[float, typer.Option("--face", metavar="MM", help="Diameter of a round face.")] = 40.0,
    error: Annotated[
        float,
        typer.Option("--error", metavar="RATE", help="Accepted share of presses taken for another stamp."),
    ] = 1e-3,
    noise: Annotated[
        Path | None,
        typer.Option("--noise", metavar="FILE", help='Measured noise: {"sigma_mm": 0.35}. [default: 0.4 mm]'),
    ] = None,
    spacing: Annotated[
        float, typer.Option("--spacing", metavar="MM", help="Least distance of two tips.")
    ] = 11.0,
    edge: Annotated[
        float, typer.Option("--edge", metavar="MM", help="Least distance of a tip's middle from the edge.")
    ] = 2.5,
    families: Annotated[
        Path | None,
        typer.Option("--families", metavar="DIR", help="Folder of family files. [default: those that ship]"),
    ] = None,
) -> None:
    """Say which tips, distance and families are enough for so many stamps, by their shape alone.

    Assumes that the density of the screen is known and that all tips are reported. The distance keeps the
    union bound over all neighbours in the lattice below the error. The count is the room on the face over the
    room of a pattern, times the share that was measured with generated families. Exits with 1 where nothing
    fits, and says what to change.

    For example:

    - `stampsdk codebook plan --stamps 60000 --face 45 --error 1e-3`

    - `stampsdk codebook plan --stamps 6000000 --face 50 --error 1e-4 --noise field.json`
    """
    import numpy as np

    from stampsdk.codebook.planning import DEFAULT_SIGMA_MM, read_noise
    from stampsdk.codebook.planning import plan as answer

    with one_line_errors(), progress("measuring room") as report:
        sigma = DEFAULT_SIGMA_MM if noise is None else read_noise(noise)
        made = answer(
            stamps,
            face_mm=face,
            error=error,
            sigma_mm=sigma,
            spacing_mm=spacing,
            edge_mm=edge,
            families=_families(families),
            rng=np.random.default_rng(0),
            report=lambda share: report("measuring room", share),
        )
    typer.echo(
        f"{stamps:,} stamps, face {face:g} mm, tips {spacing:g} mm apart, noise {sigma:g} mm, "
        f"error {error:g}\n"
    )
    typer.echo("\n".join(_lines(made)))
    if made.advice is not None and not any(not family.reasons for family in made.families):
        raise typer.Exit(1)


def _families(folder: Path | None) -> "list[StampFamily]":
    from stampsdk.codebook.family import load_family

    if folder is None:
        return [load_family(path) for path in sorted(shipped_families().glob("*.toml"))]
    if not folder.is_dir():
        raise ValueError(f"{folder} is no folder")
    return [load_family(path) for path in sorted(folder.glob("*.toml"))]


def _lines(made: "Plan") -> list[str]:
    lines = ["tips  distance mm     patterns  enough"]
    for option in made.options:
        note = "yes" if option.patterns >= made.stamps else "no"
        if option.tips > 5:  # noqa: PLR2004 - touches
            note += ", not on iPhones, which report five touches"
        if option.spread != option.spread:
            note += ", no shape found that fits"
        lines.append(f"{option.tips:4}  {option.distance_mm:11.2f}  {option.patterns:11,}  {note}")
    lines.append("")
    for family in made.families:
        verdict = "; ".join(family.reasons) or "fits"
        lines.append(f"family {family.name}, {family.patterns:,} patterns: {verdict}")
    if made.advice is None:
        return lines
    advice = made.advice
    lines.append("")
    lines.append(
        f"Nothing holds so many; {advice.tips} tips the most, {advice.most:,}. Each of these would do:"
    )
    if advice.face_mm is not None:
        lines.append(f"- a face of {advice.face_mm} mm")
    if advice.sigma_mm is not None:
        lines.append(f"- noise of {advice.sigma_mm:.2f} mm: calibrate phones and stamps (sigma_mm)")
    if advice.close >= made.stamps:
        lines.append(
            f"- tips 9 mm apart, if the screens that are used tell them apart: {advice.close:,} patterns"
        )
    lines.append("- place: `stampsdk codebook assign` uses each pattern again beyond a radius")
    return lines
