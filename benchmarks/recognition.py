"""How often a press is accepted for the right stamp, for a wrong one, and for none that is registered."""

import argparse
import json
import math
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass

import numpy as np
import numpy.typing as npt
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table
from scipy import special

from benchmarks.country import Country, Fix
from stampsdk.codebook import random_patterns
from stampsdk.geometry import NoiseModel, simulate_touches
from stampsdk.index import PatternIndex
from stampsdk.matching import PlaceModel, PlacePrior, Recognition, RecognitionModel, recognise

PX_PER_MM = 6.3
KNOWN = (0.98 / PX_PER_MM, 1.02 / PX_PER_MM)
DENSITIES = {"known": KNOWN, "unknown": None}
_TABLE_WIDTH = 100
Tick = Callable[[], None]


@dataclass(frozen=True)
class Tally:
    """What became of presses of one kind.

    Attributes
    ----------
    seed, density, presses
        What was run; `presses` is the number of presses.
    kind : {"registered", "unregistered", "elsewhere"}
        A stamp pressed at its shop; an unregistered one pressed at a shop; a registered one pressed at a
        shop that is not its own.
    accepted_right, accepted_wrong : int
        Identified as a stamp whose fence is here: the one that was pressed, or another.
    identified_wrong : int
        Identified as a stamp that was not pressed, here or anywhere; only those here are accepted.
    ambiguous : int
        Verdict "ambiguous".
    told_without_place : int
        Of presses elsewhere: the stamp is identified once the place is left out of the prior.
    milliseconds : float
        Mean time of `recognise`, search included.
    """

    seed: int
    density: str
    kind: str
    presses: int
    accepted_right: int
    accepted_wrong: int
    identified_wrong: int
    ambiguous: int
    told_without_place: int
    milliseconds: float


def interval(hits: int, trials: int, confidence: float = 0.95) -> tuple[float, float]:
    """Return the exact confidence interval of a share (Clopper and Pearson, Biometrika 26, 1934)."""
    tail = (1 - confidence) / 2
    low = 0.0 if hits == 0 else float(special.betaincinv(hits, trials - hits + 1, tail))
    high = 1.0 if hits == trials else float(special.betaincinv(hits + 1, trials - hits, 1 - tail))
    return low, high


class Trial:
    """One random codebook at the shops of one random country.

    Presses happen at a different shop each while they last.

    Parameters
    ----------
    seed : int
        Everything follows from it.
    stamps : int
        Registered stamps, one to a shop.
    noise : NoiseModel
        What the screens report.
    where : {"anywhere", "busy"}
        At any shop of the country, or only in the busy quarters of its city, where most stamps compete.
    """

    def __init__(self, seed: int, *, stamps: int, noise: NoiseModel, where: str = "anywhere") -> None:
        self.seed = seed
        self._rng = np.random.default_rng(seed)
        self._noise = noise
        self._country = Country(stamps, self._rng)
        self._shops = self._country.busy if where == "busy" else np.arange(stamps)
        self._patterns = random_patterns(stamps, rng=self._rng)
        self._index = PatternIndex.build(self._patterns)
        self._place = PlaceModel()
        self._model = RecognitionModel()
        for density in DENSITIES:  # compiles what is compiled on first use, so that it is not timed
            self._recognise(self._patterns[0] * PX_PER_MM, density, PlacePrior.uniform(stamps))

    def run(self, kind: str, density: str, presses: int, tick: Tick = lambda: None) -> Tally:
        """Make that many presses of a kind and count what becomes of them."""
        right = wrong = identified_wrong = ambiguous = told = 0
        spent = 0.0
        for shop, stamp, pattern in self._presses(kind, presses):
            touches = simulate_touches(pattern, self._rng, noise=self._noise, px_per_mm=PX_PER_MM)
            fix = self._country.fix_at(shop, self._rng)
            prior = PlacePrior.from_fix(
                *self._country.near(fix), fix.accuracy_m, len(self._country), model=self._place
            )
            begin = time.perf_counter()
            answer = self._recognise(touches, density, prior)
            spent += time.perf_counter() - begin
            accepted = answer.stamp_id is not None and self._is_here(answer.stamp_id, fix)
            right += accepted and answer.stamp_id == stamp
            wrong += accepted and answer.stamp_id != stamp
            identified_wrong += answer.stamp_id not in {None, stamp}
            ambiguous += answer.verdict == "ambiguous"
            if kind == "elsewhere":
                alone = self._recognise(touches, density, PlacePrior.uniform(len(self._country)))
                told += alone.stamp_id == stamp
            tick()
        each = 1000 * spent / max(1, presses)
        return Tally(self.seed, density, kind, presses, right, wrong, identified_wrong, ambiguous, told, each)

    def _presses(self, kind: str, count: int) -> Iterator[tuple[int, int, npt.NDArray[np.float64]]]:
        """Shop, number of the stamp pressed (-1: unregistered) and its pattern."""
        rounds = math.ceil(count / len(self._shops))
        shops = np.concatenate([self._rng.permutation(self._shops) for _ in range(rounds)])[:count]
        if kind == "unregistered":
            for shop, pattern in zip(shops, random_patterns(count, rng=self._rng), strict=True):
                yield int(shop), -1, pattern
            return
        for shop in shops:
            stamp = int(shop)
            if kind == "elsewhere":
                stamp = (stamp + int(self._rng.integers(1, len(self._country)))) % len(self._country)
            yield int(shop), stamp, self._patterns[stamp]

    def _recognise(self, touches: npt.NDArray[np.float64], density: str, prior: PlacePrior) -> Recognition:
        return recognise(self._index, touches, scale=DENSITIES[density], log_prior=prior, model=self._model)

    def _is_here(self, stamp: int, fix: Fix) -> bool:
        """Say whether the fix is within three standard deviations of the stamp's fence."""
        spread = math.hypot(self._place.axis_error_m(fix.accuracy_m), self._place.fence_slack_m)
        return bool(self._country.distances(stamp, fix) <= 3 * spread)


def main(arguments: list[str]) -> int:
    """Run the measurement from the command line.

    Returns
    -------
    int
        Exit code 0.
    """
    options = _options(arguments)
    console = Console(stderr=True)
    noise = NoiseModel(sigma_mm=options.sigma)
    counts = {
        "registered": options.presses,
        "unregistered": options.strangers or options.presses,
        "elsewhere": options.presses,
    }
    tallies = []
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console) as progress:
        for seed in options.seed:
            setting_up = progress.add_task(f"seed {seed}: {options.stamps:,} stamps", total=None)
            trial = Trial(seed, stamps=options.stamps, noise=noise, where=options.where)
            progress.remove_task(setting_up)
            for density in DENSITIES:
                for kind, presses in counts.items():
                    task = progress.add_task(f"seed {seed}: {kind}, density {density}", total=presses)
                    tallies.append(trial.run(kind, density, presses, lambda: progress.advance(task)))  # noqa: B023 - used at once
                    progress.remove_task(task)
    if options.json:
        json.dump({"options": vars(options), "tallies": [asdict(tally) for tally in tallies]}, sys.stdout)
        print()
    else:
        out = Console()
        out.width = max(out.width, _TABLE_WIDTH)
        out.print(_table(tallies))
    return 0


def _options(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks recognition",
        description="Press registered and unregistered stamps at simulated shops and count the verdicts.",
        epilog="example: python -m benchmarks recognition --where busy --seed 1 2 3 --strangers 20000",
    )
    parser.add_argument("--presses", type=_count, default=1000, help="presses of each kind (default 1000)")
    parser.add_argument(
        "--strangers", type=_count, help="presses of unregistered stamps (default: as --presses)"
    )
    parser.add_argument("--stamps", type=_count, default=60_000, help="registered stamps (default 60000)")
    parser.add_argument("--sigma", type=float, default=0.4, help="touch error per axis in mm (default 0.4)")
    parser.add_argument(
        "--where",
        choices=("anywhere", "busy"),
        default="anywhere",
        help="at any shop, or only in the quarters where shops stand closest (default anywhere)",
    )
    parser.add_argument("--seed", type=int, nargs="+", default=[1], help="one or more seeds (default 1)")
    parser.add_argument("--json", action="store_true", help="one JSON object instead of a table")
    return parser.parse_args(arguments)


def _count(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of 1 or more")
    return int(text)


def _table(tallies: list[Tally]) -> Table:
    """Lay the counts out; of several seeds together also as shares with their exact 95 % intervals."""
    table = Table(title="What became of the presses", box=SIMPLE_HEAD, padding=(0, 1))
    for heading in ("seed", "density", "stamp", "presses"):
        table.add_column(heading, no_wrap=True)
    for heading in ("accepted\nright", "accepted\nwrong", "wrong,\nnot here", "ambiguous", "ms"):
        table.add_column(heading, justify="right", no_wrap=True)
    for tally in _with_totals(tallies):
        total = tally.seed < 0
        counts = (
            tally.accepted_right,
            tally.accepted_wrong,
            tally.identified_wrong - tally.accepted_wrong,
            tally.ambiguous,
        )
        table.add_row(
            "all" if total else str(tally.seed),
            tally.density,
            tally.kind,
            str(tally.presses),
            *(_share(hits, tally.presses) if total else str(hits) for hits in counts),
            f"{tally.milliseconds:.1f}",
        )
    return table


def _with_totals(tallies: list[Tally]) -> list[Tally]:
    """Add a row for all seeds together where there are several; its seed is -1."""
    if len({tally.seed for tally in tallies}) == 1:
        return tallies
    totals = {}
    for tally in tallies:
        key = (tally.density, tally.kind)
        before = totals.get(key)
        totals[key] = tally if before is None else _sum(before, tally)
    return [*tallies, *totals.values()]


def _sum(one: Tally, other: Tally) -> Tally:
    presses = one.presses + other.presses
    return Tally(
        seed=-1,
        density=one.density,
        kind=one.kind,
        presses=presses,
        accepted_right=one.accepted_right + other.accepted_right,
        accepted_wrong=one.accepted_wrong + other.accepted_wrong,
        identified_wrong=one.identified_wrong + other.identified_wrong,
        ambiguous=one.ambiguous + other.ambiguous,
        told_without_place=one.told_without_place + other.told_without_place,
        milliseconds=(one.milliseconds * one.presses + other.milliseconds * other.presses) / presses,
    )


def _share(hits: int, trials: int) -> str:
    """Write a count with the 95 % interval of its share, in %."""
    low, high = interval(hits, trials)
    return f"{hits}\n{100 * low:.3g}-{100 * high:.3g} %"
