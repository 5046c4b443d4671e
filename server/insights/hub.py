"""What open pages of a process share: one look at the database a second, and today's numbers."""

import threading
from collections import deque
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

import anyio
import anyio.to_thread
import structlog
from sqlalchemy import bindparam
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from server.core.clock import Clock
from server.core.database import Database
from server.insights.days import id_at
from server.insights.entries import PRESSES, FeedEntry, FeedKind, bookings, of_booking, of_press
from server.insights.pseudonyms import Pseudonyms
from server.insights.scope import places
from server.insights.shared_today import SharedToday
from server.ledger.models import LedgerTransaction
from server.presses.models import Press
from server.staff.actor import Actor, Right

LOOK_BACK: Final = timedelta(seconds=20)
"""How much later than its identifier says an entry may be committed: more than a statement may take."""
_LONGEST_GAP: Final = timedelta(minutes=5)
_KEPT: Final = 200
_HELD_WATCHED: Final = 200

_NEW_PRESSES: Final = PRESSES.where(
    Press.partner_id.in_(bindparam("partners", expanding=True)), Press.id > bindparam("since")
).order_by(Press.id)
_DECIDED: Final = PRESSES.where(Press.id.in_(bindparam("held", expanding=True)), Press.verdict != "held")
_NEW_BOOKINGS: Final = (
    bookings().where(LedgerTransaction.id > bindparam("since")).order_by(LedgerTransaction.id)
)

_log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Delivery:
    """What a page gets.

    Attributes
    ----------
    entries
        New since the last time, newest first. An entry with an id that the page has replaces its line.
    missed
        There was more than could be kept: read the whole feed again.
    reachable
        Whether the last look at the database succeeded; the page says so when not.
    """

    entries: tuple[FeedEntry, ...]
    missed: bool
    reachable: bool


@dataclass(eq=False)
class Subscription:
    """An open page. Close it when the page goes."""

    hub: "FeedHub"
    partner_id: str
    shop_ids: frozenset[str]
    everywhere: bool
    waiting: deque[FeedEntry] = field(default_factory=lambda: deque(maxlen=_KEPT))
    missed: bool = False

    def take(self) -> Delivery:
        """Return what came since the last time. Touches no database."""
        return self.hub.hand_out(self)

    def close(self) -> None:
        """Get nothing any more."""
        self.hub.leave(self)


class FeedHub:
    """Reads new presses and bookings once for all subscriptions of a process.

    Parameters
    ----------
    database, clock
        Where to look, and the time.
    names
        Makes the pseudonyms.
    every_s
        Seconds between two looks of `run`.

    Notes
    -----
    A look is two queries, a third while held presses wait, and none without subscriptions. It goes back by
    20 s each time and leaves out what was seen: identifiers are made before the commit, and a slow
    transaction may be passed by a fast one. What takes longer than that comes with the next full reading.
    """

    def __init__(self, database: Database, clock: Clock, names: Pseudonyms, *, every_s: float = 1.0) -> None:
        self._database, self._clock, self._names, self._every_s = database, clock, names, every_s
        self._lock = threading.Lock()
        self._polling = threading.Lock()
        self._pages: dict[str, set[Subscription]] = {}
        self._seen: dict[str, datetime] = {}
        self._held: dict[str, str] = {}
        self._changed: dict[str, datetime] = {}
        self._looked_at: datetime | None = None
        self._reachable = True
        self.today = SharedToday(clock, self.changed_at)

    @property
    def names(self) -> Pseudonyms:
        """What the entries' customers are named by."""
        return self._names

    def subscribe(self, session: Session, actor: Actor, shop_ids: Collection[str] | None) -> Subscription:
        """Open a page's subscription; then read the feed once, so that nothing falls between the two.

        Raises
        ------
        Forbidden
            ``not_allowed``.
        NotFound
            ``shop_not_found``.
        """
        actor.require(Right.SEE_TODAY)
        found = places(session, actor, shop_ids)
        everywhere = shop_ids is None or len(found) == len(places(session, actor, None))
        page = Subscription(self, actor.partner_id, frozenset(found), everywhere)
        with self._lock:
            self._pages.setdefault(actor.partner_id, set()).add(page)
            # What happened before somebody looked is not known.
            self._changed.setdefault(actor.partner_id, self._clock.now())
        return page

    def changed_at(self, partner_id: str) -> datetime | None:
        """Return when something new of a partner was seen last; None where nobody looks."""
        return self._changed.get(partner_id)

    def leave(self, page: Subscription) -> None:
        """Forget a subscription."""
        with self._lock:
            pages = self._pages.get(page.partner_id, set())
            pages.discard(page)
            if not pages:
                self._pages.pop(page.partner_id, None)
                self._changed.pop(page.partner_id, None)

    def hand_out(self, page: Subscription) -> Delivery:
        """Empty a page's post box."""
        with self._lock:
            entries = tuple(reversed(page.waiting))
            page.waiting.clear()
            missed, page.missed = page.missed, False
            return Delivery(entries, missed, self._reachable)

    def poll(self) -> int:
        """Look at the database once and put what is new into the post boxes; return how many entries.

        A database that cannot be reached is noted, not raised; the next look catches up.
        """
        with self._polling:
            with self._lock:
                partners = sorted(self._pages)
            if not partners:
                self._looked_at = None
                return 0
            try:
                with self._database.reading() as session:
                    return self._read(session, partners)
            except SQLAlchemyError as error:  # no connection to be had in time is one, too
                if self._reachable:
                    _log.warning("feed: the database cannot be read", error=type(error).__name__)
                self._reachable = False
                return 0

    async def run(self) -> None:
        """Look every second, until cancelled."""
        while True:
            await anyio.to_thread.run_sync(self.poll)
            await anyio.sleep(self._every_s)

    def _read(self, session: Session, partners: list[str]) -> int:
        now = self._clock.now()
        if self._looked_at is not None and now - self._looked_at > _LONGEST_GAP:
            self._looked_at = None
            self._everybody_missed()
        since = (self._looked_at or now) - LOOK_BACK
        query = {"partners": partners, "since": id_at("prs", since)}
        new = self._unseen(session.execute(_NEW_PRESSES, query), of_press)
        new += self._unseen(session.execute(_NEW_BOOKINGS, {"since": id_at("ltx", since)}), of_booking)
        if self._held:
            decided = session.execute(_DECIDED, {"held": list(self._held)}).all()
            for row in decided:
                del self._held[row.id]
            new += [(row.partner_id, of_press(row, self._names)) for row in decided]
        self._looked_at, self._reachable = now, True
        self._forget(since)
        self._distribute(new)
        return len(new)

    def _unseen(self, rows: Iterable[Any], entry_of: Any) -> list[tuple[str, FeedEntry]]:
        new = []
        for row in rows:
            if row.id in self._seen or row.partner_id not in self._pages:
                continue
            self._seen[row.id] = row.at
            entry = entry_of(row, self._names)
            if entry.kind is FeedKind.HELD:
                self._held[row.id] = row.partner_id
            new.append((row.partner_id, entry))
        return new

    def _forget(self, since: datetime) -> None:
        # Entries older than the range are never read again; a margin for clocks that differ.
        old = [entry_id for entry_id, at in self._seen.items() if at < since - LOOK_BACK]
        for entry_id in old:
            del self._seen[entry_id]
        # Held presses are watched for partners that look, the newest ones.
        watched = [item for item in self._held.items() if item[1] in self._pages]
        self._held = dict(watched[-_HELD_WATCHED:])

    def _distribute(self, new: list[tuple[str, FeedEntry]]) -> None:
        now = self._clock.now()
        with self._lock:
            self._changed |= {partner_id: now for partner_id, _ in new if partner_id in self._changed}
            for partner_id, entry in new:
                for page in self._pages.get(partner_id, ()):
                    if entry.shop_id in page.shop_ids or (entry.shop_id is None and page.everywhere):
                        page.missed |= len(page.waiting) == _KEPT
                        page.waiting.append(entry)

    def _everybody_missed(self) -> None:
        with self._lock:
            self._changed = dict.fromkeys(self._changed, self._clock.now())
            for pages in self._pages.values():
                for page in pages:
                    page.missed = True
