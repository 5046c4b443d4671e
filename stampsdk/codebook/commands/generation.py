"""``stampsdk codebook generate`` and ``verify``."""

# ruff: noqa: PLC0415 - numpy and numba are loaded by the command that needs them, not by --help

from pathlib import Path
from typing import Annotated

import typer

from stampsdk._terminal import progress
from stampsdk.codebook.commands._arguments import (
    CODEBOOK_DEFAULT,
    CodebookOption,
    FamilyArgument,
    codebook_path,
    family_of,
    generated,
    opened,
)


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command("generate")(generate)
    app.command("verify")(verify)


def generate(
    family: FamilyArgument,
    out: Annotated[
        Path | None,
        typer.Option("--out", metavar="FILE", help=f"Where to. {CODEBOOK_DEFAULT}"),
    ] = None,
) -> None:
    """Generate the codebook of a family: all its patterns, the same on every machine.

    A run that was stopped goes on where it was. The codebook of a family that came with an installed package
    is kept in the user's data folder.

    For example:

    - `stampsdk codebook generate small`

    - `stampsdk codebook generate mine.toml --out mine.npz`
    """
    specification, path = family_of(family)
    codebook = generated(specification, out or codebook_path(specification, path))
    digest = codebook.digest()
    typer.echo(
        f"{specification.name}: {len(codebook):,} patterns at least {specification.distance_mm:g} mm apart"
    )
    typer.echo(f"sha256 {digest}")
    if specification.generated is not None and specification.generated.sha256 != digest:
        typer.echo(f"Error: {path} says {specification.generated.sha256}", err=True)
        raise typer.Exit(1)


def verify(
    family: FamilyArgument,
    codebook: CodebookOption = None,
    *,
    throw: Annotated[
        bool, typer.Option(help="Throw patterns at random to compare, or take the family's word for it.")
    ] = True,
    seed: Annotated[int, typer.Option(help="Of the random throwing.")] = 1,
) -> None:
    """Verify the codebook of a family; generate it first if it is not there.

    Count, digest, the least distance of any two patterns as the index finds it, the least distance of a
    pattern from its mirror, and how many times as many patterns there are as random throwing keeps. Exit code
    0 when all that is promised holds, 1 when something does not.

    For example:

    - `stampsdk codebook verify patterns/families/small.toml`

    - `stampsdk codebook verify large --no-throw`
    """
    import numpy as np

    from stampsdk.codebook.verification import verify as find

    specification, path = family_of(family)
    book = opened(specification, codebook or codebook_path(specification, path))
    with progress() as report:
        found = find(book, report, np.random.default_rng(seed) if throw else None)
    how = "thrown now" if throw else "as the family's file says"
    typer.echo(f"patterns          {found.count:,} (wanted {found.wanted:,})")
    typer.echo(f"least distance    {_beyond(found.least_distance_mm)} (promised {found.promised_mm:g} mm)")
    typer.echo(f"nearest mirror    {_beyond(found.nearest_mirror_mm)}")
    typer.echo(f"sha256            {found.digest}")
    typer.echo(f"random throwing   {found.thrown:,} ({how}): {found.ratio:.2f} times as many here")
    for fault in found.faults:
        typer.echo(f"Error: {fault}", err=True)
    if found.faults:
        raise typer.Exit(1)


def _beyond(distance: float) -> str:
    return "farther than looked" if distance == float("inf") else f"{distance:.4f} mm"
