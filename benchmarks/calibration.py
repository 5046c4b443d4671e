"""What learning from accepted presses does to the error of touches, and so to recognition."""

import argparse
import json
import math
import sys
from collections.abc import Callable
from dataclasses import asdict, dataclass

import numpy as np
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from benchmarks.calibrating import QUICK, Measurement, Outcome, Size, codebook_patterns
from benchmarks.recognition import interval
from benchmarks.screens import ScreenNoise

FORGED = (0.1, 0.3, 0.49)
_TABLE_WIDTH = 120


def main(arguments: list[str]) -> int:
    """Run the measurement from the command line.

    Returns
    -------
    int
        Exit code 0.
    """
    options = _options(arguments)
    size = QUICK if options.quick else Size()
    columns = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("the codebook", total=1.0)

        def report(what: str, share: float) -> None:
            progress.update(task, description=what, completed=share)

        shares = options.forged if options.forged is not None else (0.3,) if options.quick else FORGED
        learned = learn(size, options.sigma, options.seed, tuple(shares), report)
    if options.json:
        json.dump(learned.record(), sys.stdout)
        print()
    else:
        out = Console()
        out.width = max(out.width, _TABLE_WIDTH)
        out.print(_table(learned))
    return 0


@dataclass(frozen=True)
class Learned:
    """A measurement that is done: what it was of, and what came of it.

    Attributes
    ----------
    seed : int
    size : Size
    noise : ScreenNoise
    trained : int
        Accepted presses that were learned from.
    outcomes : list of Outcome
        What is known of phones and stamps, from nothing to all, then with forgers.
    """

    seed: int
    size: Size
    noise: ScreenNoise
    trained: int
    outcomes: list[Outcome]

    def record(self) -> dict[str, object]:
        """Return it as the JSON has it: counts and exact 95 % intervals."""
        return {
            "seed": self.seed,
            "size": asdict(self.size),
            "noise": asdict(self.noise),
            "trained": self.trained,
            "outcomes": [_with_intervals(outcome) for outcome in self.outcomes],
        }


def learn(
    size: Size, sigma_mm: float, seed: int, forged: tuple[float, ...], report: Callable[[str, float], None]
) -> Learned:
    """Learn from accepted presses, and recognise held-out ones with ever more of what was learned.

    Parameters
    ----------
    size : Size
    sigma_mm : float
        Touch error per axis.
    seed : int
        Everything follows from it.
    forged : tuple of float
        Shares of forged contributors to learn with too.
    report : callable
        Called with what is being done and the share of it that is done.
    """
    rng = np.random.default_rng(seed)
    noise = ScreenNoise(sigma_mm=sigma_mm)
    patterns = codebook_patterns(size.patterns, rng, report)
    measurement = Measurement(patterns, size, noise, rng)
    outcomes = measurement.run(forged, report)
    return Learned(seed, size, noise, measurement.trained, outcomes)


def _with_intervals(outcome: Outcome) -> dict[str, object]:
    shares = {
        f"{name}_interval": interval(getattr(outcome, name), outcome.presses)
        for name in ("right", "wrong", "undecided", "first")
    }
    return {**asdict(outcome), **shares}


def _options(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks calibration",
        description="Learn phones and stamps from simulated accepted presses; recognise held-out ones.",
        epilog="example: python -m benchmarks calibration --quick --forged 0.3",
    )
    parser.add_argument("--quick", action="store_true", help="a small run, within a minute or so")
    parser.add_argument("--seed", type=int, default=1, help="everything follows from it (default 1)")
    parser.add_argument("--sigma", type=_length, default=0.4, help="touch error per axis in mm (default 0.4)")
    parser.add_argument(
        "--forged",
        type=_share,
        nargs="*",
        help="shares of forged contributors to learn with too (default 0.1 0.3 0.49; quick: 0.3)",
    )
    parser.add_argument("--json", action="store_true", help="one JSON object instead of a table")
    return parser.parse_args(arguments)


def _length(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not 0 < value <= 2:  # noqa: PLR2004 - twice what is accepted at all
        raise argparse.ArgumentTypeError(f"{text!r} is not a length above 0 and up to 2 mm")
    return value


def _share(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not 0 < value < 0.5:  # noqa: PLR2004 - a minority
        raise argparse.ArgumentTypeError(f"{text!r} is not a share above 0 and below 0.5")
    return value


def _table(learned: Learned) -> Table:
    """Lay the outcomes out, rates with their exact 95 % intervals."""
    title = (
        f"Held-out presses among {learned.size.patterns:,} stamps, by shape alone, after {learned.trained:,} "
        "accepted presses"
    )
    table = Table(title=title, box=SIMPLE_HEAD, padding=(0, 1))
    table.add_column("what is known", no_wrap=True)
    for heading in ("effective\nσ, mm", "presses", "right", "wrong", "not\nidentified", "right one\nfirst"):
        table.add_column(heading, justify="right", no_wrap=True)
    for one in learned.outcomes:
        table.add_row(
            one.knowledge,
            f"{one.sigma_mm:.3f}\n{one.sigma_low_mm:.3f}-{one.sigma_high_mm:.3f}",
            str(one.presses),
            *(_with_share(count, one.presses) for count in (one.right, one.wrong, one.undecided, one.first)),
        )
    return table


def _with_share(hits: int, trials: int) -> str:
    low, high = interval(hits, trials)
    return f"{100 * hits / trials:.2f} %\n{100 * low:.3g}-{100 * high:.3g} %"
