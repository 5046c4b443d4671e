"""The command ``stampsdk codebook draw``."""

# ruff: noqa: PLC0415 - numpy, shapely and trimesh are loaded by the command, not by --help

import os
import uuid
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from stampsdk._terminal import fail
from stampsdk.codebook.commands._arguments import (
    CodebookOption,
    FamilyArgument,
    codebook_path,
    family_of,
    one_line_errors,
    opened,
)

if TYPE_CHECKING:
    from stampsdk.codebook import Codebook
    from stampsdk.codebook.drawing import Making, Stamp

_ON_A_SHEET = 24


def register(app: typer.Typer) -> None:
    """Add the command to an application."""
    app.command("draw")(draw)


def draw(
    family: FamilyArgument,
    codes: Annotated[
        list[str],
        typer.Argument(metavar="CODE…", help="Numbers, or serials as they are engraved, with their dashes."),
    ],
    *,
    svg: Annotated[bool, typer.Option("--svg", help="Write drawings.")] = False,
    stl: Annotated[bool, typer.Option("--stl", help="Write solids. [default: drawings and solids]")] = False,
    sheet: Annotated[
        bool,
        typer.Option("--sheet", help="Plates side by side on A4, for a laser; of one number, 24 from it."),
    ] = False,
    peg: Annotated[
        bool,
        typer.Option("--peg", help="One plate with holes for loose tips; of several codes, all their holes."),
    ] = False,
    codebook: CodebookOption = None,
    out: Annotated[
        Path,
        typer.Option("--out", metavar="FOLDER", help="Where files are written; made if it is not there."),
    ] = Path(),
    base: Annotated[float, typer.Option("--base", metavar="MM", help="Thickness of the plate.")] = 4.0,
    tip_height: Annotated[
        float, typer.Option("--tip-height", metavar="MM", help="How far tips stand out of it.")
    ] = 2.0,
    stem: Annotated[
        float | None,
        typer.Option(
            "--stem", metavar="MM", help="Diameter of a loose tip's stem. [default: 0.6 of the tip's]"
        ),
    ] = None,
    clearance: Annotated[
        float, typer.Option("--clearance", metavar="MM", help="How much wider its hole is.")
    ] = 0.1,
    wall: Annotated[
        float, typer.Option("--wall", metavar="MM", help="Least wall between holes, and to the rim.")
    ] = 0.8,
) -> None:
    """Draw stamps for a workshop: faces, solids, sheets for a laser cutter, plates for loose tips.

    All is seen from below, where the workshop looks: the mirror image of what the screen sees. Drawings are
    SVG in millimetres, solids are STL. The names of the files go to standard output.

    For example:

    - `stampsdk codebook draw small.toml 1234 --svg --stl --out drawings`

    - `stampsdk codebook draw small.toml 8XYG3-Z085Z-9 --svg`

    - `stampsdk codebook draw small.toml 0 --sheet`

    - `stampsdk codebook draw small.toml 17 4711 90210 --peg --clearance 0.15`
    """
    if sheet and (stl or peg):
        fail("--sheet is a drawing of flat plates: give it without --stl and --peg")
    try:
        from stampsdk.codebook.drawing import Making
    except ModuleNotFoundError as error:
        fail(f"{error.name} is not installed, and drawing needs it: pip install 'stampsdk[draw]'")
    with one_line_errors():
        making = Making(
            base_mm=base, tip_height_mm=tip_height, stem_mm=stem, clearance_mm=clearance, wall_mm=wall
        )
        specified, path = family_of(family)
        if sheet or peg:
            making.hole_of(specified)  # wrong measures are found before anything is generated
        book = opened(specified, codebook or codebook_path(specified, path))
        files = _Files(out, specified.name)
        stamps = _stamps(book, codes, sheet=sheet)
        if sheet:
            _draw_sheet(stamps, making, files)
            return
        drawings, solids = svg or not stl, stl or not svg
        if peg:
            _draw_plate(stamps, making, files, drawings=drawings, solids=solids)
            return
        for stamp in stamps:
            _draw_stamp(stamp, making, files, drawings=drawings, solids=solids)


@dataclass(frozen=True)
class _Files:
    """The folder that is written to; names start with the family's."""

    folder: Path
    family: str

    def write(self, name: str, data: bytes) -> None:
        """Write a file, which appears whole or not at all, and print its name."""
        self.folder.mkdir(parents=True, exist_ok=True)
        path = self.folder / f"{self.family}-{name}"
        temporary = path.with_name(f".{path.name}.{uuid.uuid4().hex}.tmp")
        try:
            with temporary.open("xb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            temporary.replace(path)
        finally:
            temporary.unlink(missing_ok=True)
        typer.echo(str(path))


def _stamps(book: "Codebook", codes: list[str], *, sheet: bool) -> "list[Stamp]":
    from stampsdk.codebook.drawing import find_stamp, stamp_of

    stamps = [find_stamp(book, code) for code in codes]
    if sheet and len(stamps) == 1:
        first = stamps[0].number
        after = range(first + 1, min(first + _ON_A_SHEET, len(book)))
        stamps += [stamp_of(book, number) for number in after]
        if len(stamps) < _ON_A_SHEET:
            _say(f"The family ends at number {len(book) - 1}: the sheet has {len(stamps)}.")
    return stamps


def _draw_stamp(stamp: "Stamp", making: "Making", files: _Files, *, drawings: bool, solids: bool) -> None:
    from stampsdk.codebook.drawing import draw_face, stamp_solid

    if drawings:
        drawing = draw_face(stamp)
        files.write(f"{stamp.number}.svg", drawing.svg)
        if not drawing.serial_engraved:
            _say(f"{stamp.serial}: no room for the serial beside the tips; engrave it on the back.")
        if not drawing.mark_engraved:
            _say(f"{stamp.serial}: no room at the rim for the mark that shows a mirrored face.")
    if solids:
        solid = stamp_solid(stamp, making)
        files.write(f"{stamp.number}.stl", solid.to_stl())
        if not solid.serial_engraved:
            _say(f"{stamp.serial}: the solid is without its serial: there is no room for it on the back.")


def _draw_plate(
    stamps: "list[Stamp]", making: "Making", files: _Files, *, drawings: bool, solids: bool
) -> None:
    from stampsdk.codebook.drawing import draw_plate, grid_limits, loose_tip, plan_plate, plate_solid

    plate = plan_plate(stamps, making)
    name = "plate-" + "-".join(str(stamp.number) for stamp in stamps)
    if drawings:
        drawing = draw_plate(plate)
        files.write(f"{name}.svg", drawing.svg)
        for serial in drawing.without_serial:
            _say(f"{serial}: no room for the serial on the plate; the table in the drawing has it.")
    if solids:
        solid = plate_solid(plate)
        files.write(f"{name}.stl", solid.to_stl())
        files.write("tip.stl", loose_tip(plate).to_stl())
        if not solid.serial_engraved:
            _say("The plate's solid is without some of the serials: there is no room for them.")
    limits = grid_limits(plate.family, making)
    _say(
        f"This plate makes {_counted(len(stamps))}; others need other plates. One for all codes cannot be: "
        f"its holes would stand {limits.pitch_mm:.2f} mm apart or more, so tips would be off by about "
        f"{limits.off_mm:.2f} mm; {limits.needed_mm:.2f} mm from hole to hole would be needed."
    )


def _counted(codes: int) -> str:
    return "one code" if codes == 1 else f"{codes} codes"


def _draw_sheet(stamps: "list[Stamp]", making: "Making", files: _Files) -> None:
    from stampsdk.codebook.drawing import draw_sheets

    sheets = draw_sheets(stamps, making)
    for place, page in enumerate(sheets.pages, start=1):
        part = f"-{place}-of-{len(sheets.pages)}" if len(sheets.pages) > 1 else ""
        files.write(f"sheet-{stamps[0].number}{part}.svg", page)
    for serial in sheets.without_serial:
        _say(f"{serial}: no room for the serial on its plate.")


def _say(message: str) -> None:
    typer.echo(message, err=True)
