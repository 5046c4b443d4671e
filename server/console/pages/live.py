"""What happens while the first page is open."""

from collections.abc import Sequence
from typing import Final

from sqlalchemy.orm import Session

from server.console.acting import PageDesk
from server.console.pages.feed_list import FeedList
from server.console.pages.today_board import TodayBoard
from server.core.clock import Clock
from server.insights.entries import FeedEntry
from server.insights.feed import feed
from server.insights.hub import Subscription
from server.insights.today import Today
from server.staff.actor import Actor, Right

LISTEN_S: Final = 1.0
_COUNT_S: Final = 10.0


class Live:
    """Shows new entries within a second or two, and new numbers about every ten.

    Who is signed in is asked before anything new is shown: a page that was left open after the sign-out
    shows nothing more. What came while that could not be asked waits until it can.

    Parameters
    ----------
    desk, clock
        What the page reads through, and the time.
    post
        The page's post box, whose entries nobody else takes.
    board, lines
        Where things are shown.
    shop_ids
        Of which shops; None for all.
    most
        How many entries are read where some were missed.
    """

    def __init__(
        self,
        desk: PageDesk,
        clock: Clock,
        post: Subscription,
        board: TodayBoard,
        lines: FeedList,
        *,
        shop_ids: Sequence[str] | None,
        most: int,
    ) -> None:
        self._desk, self._clock, self._post = desk, clock, post
        self._board, self._lines = board, lines
        self._shop_ids, self._most = shop_ids, most
        self._waiting: list[FeedEntry] = []
        self._missed = False
        self._counted_ago_s = 0.0

    async def listen(self) -> None:
        """Do what there is to do after `LISTEN_S`."""
        delivery = self._post.take()
        self._waiting[:0] = delivery.entries
        self._missed |= delivery.missed
        self._counted_ago_s += LISTEN_S
        if self._missed or self._counted_ago_s >= _COUNT_S:
            await self._count()
        elif self._waiting and await self._desk.look(_still_here) is not None:
            self._show_waiting()

    async def _count(self) -> None:
        read = await self._desk.look(self._read)
        if read is None:
            return
        counted, entries = read.value
        self._counted_ago_s, self._missed = 0.0, False
        self._board.show(counted)
        self._lines.add(entries)
        self._show_waiting()

    def _show_waiting(self) -> None:
        self._lines.add(self._waiting)
        self._waiting.clear()

    def _read(self, session: Session, actor: Actor) -> tuple[Today, Sequence[FeedEntry]]:
        """Read the numbers, and the feed again where entries were missed."""
        entries: Sequence[FeedEntry] = ()
        if self._missed:
            entries = feed(
                session, self._clock, actor, self._shop_ids, limit=self._most, names=self._post.hub.names
            )
        return self._post.hub.today.read(session, actor, self._shop_ids), entries


def _still_here(_session: Session, actor: Actor) -> None:
    actor.require(Right.SEE_TODAY)
