"""The owner's numbers with a million presses on SQLite, and what fifty open pages cost."""

import argparse
import json
import sqlite3
import statistics
import sys
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table
from sqlalchemy.orm import Session

from benchmarks.owning import plain
from benchmarks.owning.data import NOW, Chain, chain, open_database
from benchmarks.owning.feeding import FeedCost, feed_cost
from server.core.clock import FrozenClock
from server.core.sealing import Sealer
from server.insights.customers import customers
from server.insights.days import day_span, moment
from server.insights.month import month
from server.insights.pseudonyms import Pseudonyms
from server.insights.rollups import catch_up
from server.insights.sentence import sentence
from server.insights.today import today
from server.staff.actor import Actor, Role

FOLDER = Path(__file__).parent / "results" / "owner"
_SEOUL = ZoneInfo("Asia/Seoul")
_TRIES, _PLAIN_TRIES = 9, 3
_PAGES, _RATE = 50, 5
_LIST = 50


@dataclass(frozen=True)
class Row:
    """A question: server time as served, and plainly, medians in ms; None where it was not asked plainly."""

    name: str
    kept_ms: float
    plain_ms: float | None

    @property
    def ratio(self) -> float | None:
        """How many times sooner."""
        return None if self.plain_ms is None else self.plain_ms / self.kept_ms


def main(arguments: list[str]) -> int:
    """Measure, and print a table or one line of JSON.

    Returns
    -------
    int
        0, or 1 when the two ways of counting disagree.
    """
    options = _options(arguments)
    presses = options.presses or (50_000 if options.quick else 1_000_000)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    console = Console(stderr=True)
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task("writing presses", total=presses)
        made = chain(options.folder, presses, options.seed, lambda count: bar.advance(task, count))
        bar.update(task, description="counting", total=None)
        try:
            rollup_s, rows = _ask(made)
        except AssertionError as error:
            console.print(f"the two ways of counting disagree: {error}")
            return 1
        bar.update(task, description="feeding")
        seconds = 60 if options.quick else 300
        actor = Actor("mem_benchmark", made.partner_id, Role.OWNER, "benchmark")
        cost = feed_cost(
            made, actor, NOW + timedelta(minutes=1), pages=_PAGES, rate=_RATE, seconds=seconds,
            alone_s=seconds // 10,
        )  # fmt: skip
    if options.json:
        print(json.dumps(_record(presses, options.seed, rollup_s, rows, cost)))
    else:
        _show(presses, rollup_s, rows, cost)
    return 0


def _options(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks owner", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="50,000 presses: within a minute")
    parser.add_argument("--presses", type=_count, metavar="N", help="how many (default: 1,000,000)")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", action="store_true", help="one line of JSON instead of a table")
    parser.add_argument(
        "--folder",
        type=Path,
        default=FOLDER,
        help="where databases are kept between runs (2.6 GB a million)",
    )
    return parser.parse_args(arguments)


def _count(text: str) -> int:
    value = int(text) if text.isdecimal() else 0
    if not 1_000 <= value <= 20_000_000:  # noqa: PLR2004 (fewer tell nothing, more fill the disk)
        raise argparse.ArgumentTypeError(f"{text!r} is not a number from 1,000 to 20,000,000")
    return value


def _ask(made: Chain) -> tuple[float, list[Row]]:
    """Roll everything up, then ask both ways; the answers must be equal."""
    database, clock = open_database(made.path), FrozenClock(NOW)
    started = time.perf_counter()
    with database.transaction() as session:
        catch_up(session, clock, made.partner_id, rebuild=True)
    rollup_s = time.perf_counter() - started
    line = sqlite3.connect(f"file:{made.path}?mode=ro", uri=True)
    with database.reading() as session:
        rows = _Questions(session, line, made, clock).all()
    line.close()
    database.dispose()
    return rollup_s, rows


class _Questions:
    """Each question both ways, for one shop; those for all shops without the plain one."""

    def __init__(self, session: Session, line: sqlite3.Connection, made: Chain, clock: FrozenClock) -> None:
        self._session, self._line, self._made, self._clock = session, line, made, clock
        self._actor = Actor("mem_benchmark", made.partner_id, Role.OWNER, "benchmark")
        self._names = Pseudonyms(Sealer(b"b" * 32))
        self._shop = made.shop_ids[0]
        self._day = NOW.astimezone(_SEOUL).date()

    def all(self) -> list[Row]:
        session, clock, actor = self._session, self._clock, self._actor
        return [
            self._today(),
            _alone("Today, 4 shops", lambda: today(session, clock, actor, None)),
            self._month(),
            _alone("Month, 4 shops", lambda: month(session, clock, actor, None)),
            self._customers(),
            _alone("Customers, 4 shops", lambda: customers(session, clock, actor, None, names=self._names)),
            _alone("The sentence, 1 shop", lambda: sentence(session, clock, actor, [self._shop])),
            _alone("The sentence, 4 shops", lambda: sentence(session, clock, actor, None)),
        ]

    def _today(self) -> Row:
        start = day_span(self._day, _SEOUL).start
        kept_ms, kept = _timed(lambda: today(self._session, self._clock, self._actor, [self._shop]), _TRIES)
        plain_ms, wanted = _timed(lambda: plain.today(self._line, self._shop, start), _PLAIN_TRIES)
        for counts, hours, name in (
            (kept.counts, kept.by_hour, "day"),
            (kept.last_week, kept.last_week_by_hour, "last week"),
        ):
            told = asdict(counts) | {"hours": [hour.stamps for hour in hours]}
            _same(f"today, {name}", {key: told[key] for key in wanted[name]}, wanted[name])
        return Row("Today, 1 shop", kept_ms, plain_ms)

    def _month(self) -> Row:
        first = (self._day.replace(day=1) - timedelta(days=1)).replace(day=1)
        start, end = _midnight(first), _midnight(self._day.replace(day=1))
        kept_ms, kept = _timed(
            lambda: month(self._session, self._clock, self._actor, [self._shop], first), _TRIES
        )
        plain_ms, wanted = _timed(lambda: plain.month(self._line, self._shop, start, end), _PLAIN_TRIES)
        told = {
            "stamps": {row.day.isoformat(): row.stamps for row in kept.days if row.stamps},
            "visitors": {row.day.isoformat(): row.visitors for row in kept.days if row.visitors},
            "visits": dict(kept.visits),
            "new": kept.total.new_visitors,
            "presses": {
                verdict: getattr(kept.total, verdict)
                for verdict in ("accepted", "held", "refused")
                if getattr(kept.total, verdict)
            },
            "owed": kept.liability.stamps,
        }
        _same("month", told, wanted)
        return Row("Month, 1 shop", kept_ms, plain_ms)

    def _customers(self) -> Row:
        kept_ms, kept = _timed(
            lambda: customers(
                self._session, self._clock, self._actor, [self._shop], names=self._names, limit=_LIST
            ),
            _TRIES,
        )
        plain_ms, wanted = _timed(lambda: plain.customers(self._line, self._shop, _LIST), _PLAIN_TRIES)
        told = [(plain.stored(row.last_at), row.visits, row.stamps) for row in kept.rows]
        _same("customers", told, wanted)
        return Row("Customers, 1 shop", kept_ms, plain_ms)


def _midnight(day: date) -> datetime:
    return moment(day, datetime.min.time(), _SEOUL)


def _same(what: str, told: Any, wanted: Any) -> None:
    if told != wanted:
        raise AssertionError(f"{what}: {told} instead of {wanted}")


def _timed(work: Callable[[], Any], tries: int) -> tuple[float, Any]:
    """Return the median of some tries in ms, after one that warms caches, and the answer."""
    answer = work()
    spent = []
    for _ in range(tries):
        started = time.perf_counter()
        work()
        spent.append((time.perf_counter() - started) * 1000)
    return statistics.median(spent), answer


def _alone(name: str, work: Callable[[], Any]) -> Row:
    return Row(name, _timed(work, _TRIES)[0], None)


def _record(presses: int, seed: int, rollup_s: float, rows: list[Row], cost: FeedCost) -> dict[str, Any]:
    return {
        "presses": presses,
        "seed": seed,
        "rebuild_s": round(rollup_s, 2),
        "questions": [asdict(row) | {"ratio": row.ratio} for row in rows],
        "feed": asdict(cost) | {"pages": _PAGES, "presses_a_second": _RATE},
    }


def _show(presses: int, rollup_s: float, rows: list[Row], cost: FeedCost) -> None:
    table = Table("question", "as served", "plainly", "ratio", title=f"{presses:,} presses on SQLite")
    for row in rows:
        plainly = "" if row.plain_ms is None else f"{row.plain_ms:,.0f} ms"
        table.add_row(
            row.name, f"{row.kept_ms:.1f} ms", plainly, "" if row.ratio is None else f"{row.ratio:,.0f}"
        )
    out = Console()
    out.print(table)
    out.print(f"all roll-ups made anew: {rollup_s:.1f} s")
    out.print(
        f"feed, {_PAGES} pages at {_RATE} presses a second: {100 * cost.hub_share:.2f} % of a core; "
        f"with every page asking for itself {100 * cost.alone_share:.1f} %"
    )
    out.print(
        f"today's numbers on these pages: {100 * cost.board_share:.1f} % of a core; "
        f"with every page counting for itself {100 * cost.board_alone_share:.0f} %"
    )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
