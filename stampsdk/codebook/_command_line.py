"""What the commands on codebooks share: arguments, reading and generating, progress, errors of one line."""

# ruff: noqa: PLC0415 - numpy and numba are loaded by the command that needs them, not by --help

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

if TYPE_CHECKING:
    from stampsdk.codebook.codebook import Codebook
    from stampsdk.codebook.family import StampFamily

Report = Callable[[str, float], None]

FamilyArgument = Annotated[
    Path, typer.Argument(metavar="FAMILY", help="A family's file, or the name of one in patterns/families.")
]
CodebookOption = Annotated[
    Path | None,
    typer.Option("--codebook", metavar="FILE", help="Its codebook. [default: patterns/codebooks/NAME.npz]"),
]


def family_of(named: Path) -> tuple["StampFamily", Path]:
    """Read a family by its file or its name; one line and exit code 2 where it cannot be."""
    from stampsdk.codebook.family import load_family

    path = named
    if not path.exists() and path.suffix == "" and path.name == str(path):
        path = Path("patterns/families") / f"{named}.toml"
    with one_line_errors():
        return load_family(path), path


def codebook_path(family: "StampFamily", path: Path) -> Path:
    """Return where the codebook of a family lies by default: beside the folder of its file."""
    return path.resolve().parent.parent / "codebooks" / f"{family.name}.npz"


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


@contextmanager
def progress(first: str = "starting") -> Iterator[Report]:
    """Show a bar on standard error, if that is a terminal; yield what tells it what is done and how far."""
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeRemainingColumn())
    console = Console(stderr=True)
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task(first, total=1.0)
        doing = first

        def report(what: str, share: float) -> None:
            nonlocal doing
            if what != doing:
                bar.reset(task, description=what)
                doing = what
            bar.update(task, completed=share)

        yield report


@contextmanager
def one_line_errors(*more: type[Exception]) -> Iterator[None]:
    """Turn what a user can put right into one line on standard error and exit code 2."""
    from stampsdk.codebook.errors import CodebookError

    expected: tuple[type[Exception], ...] = (CodebookError, ValueError, *more)
    try:
        yield
    except OSError as error:
        fail(f"{error.filename}: {error.strerror}" if error.filename and error.strerror else str(error))
    except expected as error:
        fail(str(error))


def fail(message: str) -> NoReturn:
    """Say in one line what was wrong, and end with exit code 2."""
    typer.echo(f"Error: {message}", err=True)
    raise typer.Exit(2)
