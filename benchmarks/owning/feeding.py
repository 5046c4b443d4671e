"""What open pages cost: the feed and the numbers of today on many of them, at some presses a second."""

import itertools
import sqlite3
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from benchmarks.owning.data import Chain, identifier, open_database, stored
from server.core.clock import FrozenClock
from server.core.database import Database
from server.core.sealing import Sealer
from server.insights.feed import feed
from server.insights.hub import FeedHub
from server.insights.pseudonyms import Pseudonyms
from server.insights.today import Today, today
from server.staff.actor import Actor

_BOARD_S = 10
_NUMBERS = itertools.count(1 << 50)


@dataclass(frozen=True)
class FeedCost:
    """Processor time over simulated time, as a share of one core; `entries` reached the pages.

    Of the feed and of the numbers, each once shared by the pages and once with every page asking for itself.
    """

    hub_share: float
    alone_share: float
    board_share: float
    board_alone_share: float
    entries: int
    seconds: int


def feed_cost(
    made: Chain, actor: Actor, begin: datetime, *, pages: int, rate: int, seconds: int, alone_s: int
) -> FeedCost:
    """Simulate pages that ask every second while presses arrive.

    Parameters
    ----------
    made, actor, begin
        Whose, and when the simulation begins.
    pages, rate
        Open pages, half of them for all shops, and presses a second.
    seconds, alone_s
        How long with the hub, and how long with every page asking the database for itself. The numbers are
        asked for every ten seconds by each page; for themselves, they ask once.

    Returns
    -------
    FeedCost
        Writing the presses is not counted.
    """
    database, clock = open_database(made.path), FrozenClock(begin)
    names = Pseudonyms(Sealer(b"b" * 32))
    writer = _Presses(made, rate)
    try:
        hub = FeedHub(database, clock, names)
        shops = [None if page % 2 else [made.shop_ids[page % len(made.shop_ids)]] for page in range(pages)]
        with database.reading() as session:
            open_pages = [hub.subscribe(session, actor, some) for some in shops]
        hub.poll()
        spent, board, entries = 0.0, 0.0, 0
        for second in range(seconds):
            writer.write(clock.advance(1))
            started = time.process_time()
            hub.poll()
            entries += sum(len(page.take().entries) for page in open_pages)
            spent += time.process_time() - started
            board += _boards(database, actor, shops[second % _BOARD_S :: _BOARD_S], hub.today.read)
        board_alone = _boards(
            database, actor, shops, lambda session, actor, some: today(session, clock, actor, some)
        )
        alone = 0.0
        last: list[str | None] = [identifier("prs", clock.now(), 0)] * pages
        for _ in range(alone_s):
            writer.write(clock.advance(1))
            started = time.process_time()
            for page, some in enumerate(shops):
                with database.reading() as session:
                    found = feed(session, clock, actor, some, last[page], names=names)
                last[page] = found[0].id if found else last[page]
            alone += time.process_time() - started
    finally:
        writer.clean()
        database.dispose()
    return FeedCost(
        spent / seconds, alone / alone_s, board / seconds, board_alone / _BOARD_S, entries, seconds
    )


def _boards(
    database: Database,
    actor: Actor,
    pages: list[list[str] | None],
    read: Callable[[Session, Actor, list[str] | None], Today],
) -> float:
    """Read the numbers for some pages; return the processor time in seconds."""
    started = time.process_time()
    for some in pages:
        with database.reading() as session:
            read(session, actor, some)
    return time.process_time() - started


class _Presses:
    """Writes presses of a second at once, and takes them away in the end."""

    def __init__(self, made: Chain, rate: int) -> None:
        self._made, self._rate = made, rate
        self._line = sqlite3.connect(made.path, isolation_level=None)
        self._written: list[str] = []
        self._devices = self._line.execute("SELECT id, customer_id FROM device LIMIT 50").fetchall()

    def write(self, now: datetime) -> None:
        self._line.execute("BEGIN IMMEDIATE")
        for number in range(self._rate):
            at = now - timedelta(seconds=(self._rate - number) / (self._rate + 1))
            press = identifier("prs", at, next(_NUMBERS))
            device, customer = self._devices[len(self._written) % len(self._devices)]
            shop = self._made.shop_ids[len(self._written) % len(self._made.shop_ids)]
            self._line.execute(
                "INSERT INTO press (id, partner_id, device_id, customer_id, proven, envelope_sha256, "
                "purpose, verdict, code, reason, counts, shop_id, at, answer_status, answer_body) "
                "VALUES (?, ?, ?, ?, 1, ?, 'stamp', 'refused', 'x', 'outside_fence', 0, ?, ?, 422, '{}')",
                (press, self._made.partner_id, device, customer, press, shop, stored(at)),
            )
            self._written.append(press)
        self._line.execute("COMMIT")

    def clean(self) -> None:
        self._line.execute("BEGIN IMMEDIATE")
        self._line.executemany("DELETE FROM press WHERE id = ?", ((press,) for press in self._written))
        self._line.execute("COMMIT")
        self._line.close()
