"""``stampsdk codebook assign``: hand out patterns to shops."""

# ruff: noqa: PLC0415 - numpy and numba are loaded by the command that needs them, not by --help

from pathlib import Path
from typing import Annotated

import typer

from stampsdk._terminal import fail, progress
from stampsdk.codebook.commands._arguments import (
    CodebookOption,
    FamilyArgument,
    codebook_path,
    family_of,
    one_line_errors,
    opened,
)


def register(app: typer.Typer) -> None:
    """Add the command to ``stampsdk codebook``."""
    app.command("assign")(assign)


def assign(
    family: FamilyArgument,
    shops: Annotated[Path, typer.Argument(metavar="SHOPS.csv", help="Shops: columns shop, lat and lon.")],
    *,
    codebook: CodebookOption = None,
    radius_km: Annotated[
        float, typer.Option("--radius-km", metavar="R", help="Within so many km nothing can be confused.")
    ],
    out: Annotated[Path, typer.Option("--out", metavar="FILE.csv", help="The assignment to write.")],
    distance: Annotated[
        float | None,
        typer.Option(
            "--distance",
            metavar="MM",
            help="Patterns nearer than this can be confused (√n × residual). [default: the family's]",
        ),
    ] = None,
    courier: Annotated[
        int, typer.Option("--courier", metavar="N", min=0, help="Stamps that move, all in all.")
    ] = 0,
    keep: Annotated[
        Path | None, typer.Option("--keep", metavar="FILE.csv", help="An assignment that stays as it is.")
    ] = None,
) -> None:
    """Hand out patterns to shops so that none that could be confused are near each other.

    Patterns are used again beyond the radius, so that stamps may outnumber patterns. Stamps of couriers,
    which move, get patterns that nothing else has or can be confused with. Writes the columns shop, number,
    serial and kind (fixed or courier). The same input gives the same output.

    With `--keep`, shops and couriers that have a pattern keep it, and new ones get theirs; patterns of shops
    that are no longer in SHOPS.csv may be given out again, those of couriers are not.

    For example:

    - `stampsdk codebook assign small shops.csv --radius-km 2 --out stamps.csv`

    - `stampsdk codebook assign small more.csv --radius-km 2 --keep stamps.csv --out new.csv`
    """
    from stampsdk.codebook.assignment.assigning import assign as hand_out
    from stampsdk.codebook.assignment.checking import check_assignment
    from stampsdk.codebook.assignment.files import (
        courier_names,
        read_assignment,
        read_shops,
        write_assignment,
    )
    from stampsdk.codebook.errors import AssignmentError

    specified, path = family_of(family)
    book = opened(specified, codebook or codebook_path(specified, path))
    with one_line_errors(AssignmentError), progress("reading") as report:
        limit = book.family.distance_mm if distance is None else distance
        there = read_shops(shops)
        kept = None if keep is None else read_assignment(keep, book)
        couriers = courier_names(kept, courier, there)
        names = (*there.ids, *couriers)
        made = hand_out(
            book,
            there.places,
            radius_km=radius_km,
            distance_mm=limit,
            couriers=courier,
            kept_shops=[kept.shops.get(shop, -1) for shop in there.ids] if kept else None,
            kept_couriers=list(kept.couriers.values()) if kept else (),
            names=lambda row: names[row],
            report=report,
        )
        report("checking", 0.0)
        conflict = check_assignment(
            book, there.places, made.shops, radius_km=radius_km, distance_mm=limit, couriers=made.couriers
        )
        if conflict is not None:
            fail(
                f"the assignment failed its check, please report this: {conflict.describe(names.__getitem__)}"
            )
        write_assignment(out, book, there, couriers, made)
    gone = len(set(kept.shops).difference(there.ids)) if kept else 0
    typer.echo(
        f"{out}: {len(made.shops):,} shops share {made.patterns:,} patterns, "
        f"at least {made.crowd:,} are needed; {len(made.couriers):,} couriers have one each; checked"
        + (f"; {gone:,} shops that were kept are gone" if gone else ""),
        err=True,
    )
