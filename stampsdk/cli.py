"""The ``stampsdk`` command: build an index, match touches against it, replay a recorded touchscreen."""

# ruff: noqa: PLC0415 - numpy and numba are loaded by the command that needs them, not by --help

import json
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

try:
    import typer
except ModuleNotFoundError:
    sys.stderr.write("The stampsdk command needs more packages: pip install 'stampsdk[index]'\n")
    raise SystemExit(2) from None

from stampsdk._terminal import fail, one_line_errors, progress
from stampsdk.codebook.commands import assign, draw, generation, plan

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from stampsdk.index import PatternIndex

app = typer.Typer(
    name="stampsdk",
    help="Recognise a passive touch stamp among millions of registered patterns.",
    no_args_is_help=True,
    rich_markup_mode="markdown",
    pretty_exceptions_enable=False,
)
index_app = typer.Typer(help="Make index files.", no_args_is_help=True, rich_markup_mode="markdown")
app.add_typer(index_app, name="index")
codebook_app = typer.Typer(
    help="Make and verify the patterns of stamp families.", no_args_is_help=True, rich_markup_mode="markdown"
)
app.add_typer(codebook_app, name="codebook")
for commands in (generation, assign, plan, draw):
    commands.register(codebook_app)


def main() -> None:
    """Run the command; the entry point of the installed script."""
    app(prog_name="stampsdk")


def _print_version(asked: bool) -> None:
    if asked:
        from importlib.metadata import version

        typer.echo(f"stampsdk {version('stampsdk')}")
        raise typer.Exit


@app.callback()
def stampsdk(
    *,
    version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Show the version.")
    ] = False,
) -> None:
    """Recognise a passive touch stamp among millions of registered patterns."""


@index_app.command("build")
def build(
    points: Annotated[
        Path, typer.Argument(metavar="POINTS.npy", help="Patterns in mm: an array (N, n, 2), n from 3 to 10.")
    ],
    out: Annotated[Path, typer.Option("--out", metavar="PATH", help="The index file to write.")],
    ids: Annotated[
        Path | None,
        typer.Option("--ids", metavar="IDS.npy", help="Their ids: integers (N,). Without: 0 to N - 1."),
    ] = None,
    partial: Annotated[
        bool,
        typer.Option("--partial", help="Keep trees for presses that lack a tip: quick `match --missing 1`."),
    ] = False,
) -> None:
    """Build an index file of registered patterns.

    The file appears whole or not at all; one that is there is replaced.

    For example:

    - `stampsdk index build patterns.npy --out stamps.index`

    - `stampsdk index build patterns.npy --ids numbers.npy --out stamps.index`

    - `stampsdk index build patterns.npy --partial --out stamps.index`
    """
    from stampsdk.index import PatternIndex

    patterns = _load(points)
    numbers = None if ids is None else _load(ids)
    with one_line_errors(), progress("building") as report:
        index = PatternIndex.build(
            patterns,
            numbers,
            out,
            partial=partial,
            progress=lambda share: report("building", share),
        )
    size = out.stat().st_size / 1e6
    typer.echo(f"{out}: {len(index):,} patterns of {index.tips} tips, {size:.1f} MB", err=True)


@app.command("match")
def match(
    path: Annotated[Path, typer.Argument(metavar="PATH", help="An index file.")],
    *,
    tolerance: Annotated[
        float, typer.Option("--tolerance", metavar="T", help="Greatest residual of a hit, mm.")
    ] = 0.9,
    scale: Annotated[
        tuple[float, float] | None,
        typer.Option(
            "--scale", metavar="LO HI", help="Range of mm per unit of the touches. [default: 0.98 1.02]"
        ),
    ] = None,
    free_scale: Annotated[
        bool, typer.Option("--free-scale", help="The unit of the touches is not known.")
    ] = False,
    missing: Annotated[int, typer.Option("--missing", min=0, max=1, help="1: one tip did not touch.")] = 0,
    ghosts: Annotated[int, typer.Option("--ghosts", min=0, max=1, help="1: one touch is no tip.")] = 0,
) -> None:
    """Match touches against an index, line by line.

    Reads one JSON array of touches a line from standard input: `[[x, y], …]`, x right, y down. Writes one
    JSON object a line: `ids`, `residuals` (mm) and `labels`, best first. A line that cannot be matched gives
    `{"error": {"code", "message", "line"}}`, and the run goes on.

    For example:

    - `echo '[[0,0],[14,2],[5,13],[-9,6],[-4,-11]]' | stampsdk match stamps.index`

    - `stampsdk match stamps.index --scale 0.155 0.162 < touches_px.jsonl`

    - `stampsdk match stamps.index --free-scale --tolerance 0.5 < touches_px.jsonl`
    """
    from stampsdk.index import IndexFileError, PatternIndex

    if scale is not None and free_scale:
        fail("--scale and --free-scale exclude each other; give one of them")
    span = None if free_scale else scale or (0.98, 1.02)
    with one_line_errors(IndexFileError):
        index = PatternIndex.open(path)
        # Wrong options are found before the first line is read.
        index.search_batch(_no_touches(index.tips), tolerance, span)
        index.check_partial(missing=missing, ghosts=ghosts)
    if sys.stdin is None or sys.stdout is None:
        fail("standard input and output must be open: touches are read from one, answers go to the other")
    if sys.stdin.isatty():
        typer.echo("Type one JSON array of touches a line; Ctrl-D ends.", err=True)
    try:
        for number, line in enumerate(sys.stdin.buffer, start=1):
            answer = _match_line(index, line, number, tolerance, span, missing=missing, ghosts=ghosts)
            sys.stdout.write(json.dumps(answer) + "\n")
            sys.stdout.flush()
    except OSError as error:
        # Whatever it was, keep the interpreter from flushing once more.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        if not isinstance(error, BrokenPipeError):  # else whoever reads has had enough
            fail(f"cannot write the answers: {error.strerror}")


@app.command("replay")
def replay(
    events: Annotated[
        Path, typer.Argument(metavar="FILE.events", help="A recorded stream, as evemu-record writes it.")
    ],
    desc: Annotated[
        Path | None, typer.Option("--desc", metavar="FILE.desc", help="The description of its device.")
    ] = None,
    tips: Annotated[
        list[int] | None, typer.Option("--tips", help="Tip counts to look for; may be repeated. [default: 5]")
    ] = None,
) -> None:
    """Replay a recorded touchscreen and print the presses in it.

    Reads a stream of Linux multi-touch events. Writes one JSON line for each press of a stamp, nothing
    where there is none.

    For example:

    - `stampsdk replay session.events --desc device.desc`

    - `stampsdk replay session.events --tips 4 --tips 5`
    """
    from stampsdk.capture.replay import press_to_json, replay_file
    from stampsdk.capture.settings import DetectorSettings

    with one_line_errors():
        settings = DetectorSettings(tip_counts=tuple(tips)) if tips else None
        for press in replay_file(events, desc, settings):
            typer.echo(press_to_json(press))


def _match_line(
    index: "PatternIndex",
    line: bytes,
    number: int,
    tolerance: float,
    scale: tuple[float, float] | None,
    *,
    missing: int,
    ghosts: int,
) -> dict[str, Any]:
    """Return what one line gets: hits, or an error object."""
    try:
        touches = json.loads(line)
    except (ValueError, RecursionError) as error:
        return _error("bad_json", f"not JSON: {error}", number)
    if isinstance(touches, list) and any(
        isinstance(item, bool) for touch in touches if isinstance(touch, list) for item in touch
    ):
        return _error("bad_touches", "touches must be numbers, not true or false", number)
    try:
        hits = index.search(touches, tolerance, scale, missing=missing, ghosts=ghosts)
    except ValueError as error:
        return _error("bad_touches", str(error), number)
    return {"ids": hits.ids.tolist(), "residuals": hits.residual.tolist(), "labels": hits.labels.tolist()}


def _error(code: str, message: str, line: int) -> dict[str, Any]:
    return {"error": {"code": code, "message": message, "line": line}}


def _no_touches(tips: int) -> "NDArray[np.float64]":
    import numpy as np

    return np.empty((0, tips, 2))


def _load(path: Path) -> Any:
    """Read an .npy file, or say in one line why not."""
    import numpy as np

    try:
        array = np.load(path, mmap_mode="r", allow_pickle=False)
    except (OSError, ValueError, EOFError) as error:
        if isinstance(error, OSError) and error.strerror:
            fail(f"{path}: {error.strerror}")
        fail(f"{path} is not a numpy array file (.npy)")
    if not isinstance(array, np.ndarray):
        fail(f"{path} holds several arrays; give one of them as a file of its own (.npy)")
    return array


if __name__ == "__main__":
    main()
