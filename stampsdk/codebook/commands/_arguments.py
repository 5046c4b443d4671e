"""What the commands on codebooks share: arguments, reading and generating."""

# ruff: noqa: PLC0415 - numpy and numba are loaded by the command that needs them, not by --help

import shutil
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from stampsdk import _terminal
from stampsdk._terminal import progress
from stampsdk.codebook._files import codebook_file, family_file
from stampsdk.codebook.errors import CodebookError

if TYPE_CHECKING:
    from stampsdk.codebook.codebook import Codebook
    from stampsdk.codebook.family import StampFamily

CODEBOOK_DEFAULT = "[default: NAME.npz in codebooks/ next to families/, or beside the family's file]"

FamilyArgument = Annotated[
    Path, typer.Argument(metavar="FAMILY", help="A family's file, or the name of one that ships.")
]
CodebookOption = Annotated[
    Path | None,
    typer.Option("--codebook", metavar="FILE", help=f"Its codebook. {CODEBOOK_DEFAULT}"),
]


def family_of(named: Path) -> tuple["StampFamily", Path]:
    """Read a family by its file or its name; one line and exit code 2 where it cannot be."""
    from stampsdk.codebook.family import load_family

    with one_line_errors():
        path = family_file(named)
        return load_family(path), path


def codebook_path(family: "StampFamily", path: Path) -> Path:
    """Return where the codebook of a family lies by default."""
    return codebook_file(family.name, path)


def opened(family: "StampFamily", path: Path) -> "Codebook":
    """Read the codebook of a family, or generate it if it is not there."""
    from stampsdk.codebook.codebook import Codebook

    if not path.exists():
        return generated(family, path)
    with one_line_errors():
        return Codebook.load(path, family)


def generated(family: "StampFamily", path: Path) -> "Codebook":
    """Generate and keep the codebook of a family."""
    from stampsdk.codebook.generation import generate as find

    work = path.with_name(f".{path.stem}.pieces")
    with one_line_errors(), progress() as report:
        path.parent.mkdir(parents=True, exist_ok=True)
        codebook = find(family, report, work)
        codebook.save(path)
        shutil.rmtree(work, ignore_errors=True)
    return codebook


def one_line_errors(*more: type[Exception]) -> AbstractContextManager[None]:
    """Turn what a user can put right, a codebook's faults too, into one line and exit code 2."""
    return _terminal.one_line_errors(CodebookError, *more)
