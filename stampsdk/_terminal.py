"""What all commands share: a progress bar, and errors of one line.

Imports neither numpy nor numba, so that ``--help`` answers at once.
"""

# ruff: noqa: PLC0415 - rich is loaded by the command that shows something, not by --help

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import NoReturn

import typer

Report = Callable[[str, float], None]


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
    """Turn what a user can put right into one line on standard error and exit code 2.

    That is what the operating system refuses, a ValueError, and the errors that are named.
    """
    expected: tuple[type[Exception], ...] = (ValueError, *more)
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
