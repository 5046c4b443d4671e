"""Held presses that wait for a decision, and what became of those that were decided here."""

from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from typing import Any, Final

from nicegui import ui
from sqlalchemy.orm import Session

from server.console.asking import Asking, Question
from server.console.frame import Opened
from server.console.widgets import main_button, paragraph, side_button
from server.insights.entries import FeedEntry
from server.presses.decisions import Decided, refuse_held, release
from server.staff.actor import Actor, Right

_REASONS: Final = ("held.why.absent", "held.why.not_bought", "held.why.again")
_REMEMBERED: Final = 5
_SHOWN: Final = 50
MOST_READ: Final = _SHOWN + 1
"""How many to read: one more than is shown, which tells that there are more."""


class HeldBox:
    """The list, drawn where it is made; `show` changes it without touching the lines that stay.

    Parameters
    ----------
    page, asking
        Which act, and the page's dialog.
    entries
        What waits, the oldest first; `MOST_READ` of them at most.
    refresh
        Reads again what waits, after a decision.

    Attributes
    ----------
    title
        How many wait, in words.
    """

    def __init__(
        self,
        page: Opened[Any],
        asking: Asking,
        entries: Sequence[FeedEntry],
        refresh: Callable[[], Awaitable[None]],
    ) -> None:
        self._page, self._asking, self._words, self._refresh = page, asking, page.words, refresh
        self._may_decide = page.actor.may(Right.DECIDE_HELD)
        self._lines: dict[str, ui.element] = {}
        words = page.words
        with ui.element("h2").props('id="held" tabindex=-1'):
            self._title = ui.label()
        paragraph(words("held.what" if self._may_decide else "held.others"), kind="soft")
        self._list = ui.element("ol").classes("held-list")
        with self._list:
            self._empty = ui.element("li").classes("empty")
            with self._empty:
                ui.label(words("held.none"))
        self._decided = ui.element("ul").classes("decided").props("aria-live=polite")
        self.show(entries)

    @property
    def ids(self) -> frozenset[str]:
        """Which presses are shown."""
        return frozenset(self._lines)

    def show(self, entries: Sequence[FeedEntry]) -> None:
        """Show what waits now."""
        self.title = self._words("held.title", count=how_many(entries))
        entries = entries[:_SHOWN]
        wanted = {entry.id for entry in entries}
        for press_id in [press_id for press_id in self._lines if press_id not in wanted]:
            self._lines.pop(press_id).delete()
        for place, entry in enumerate(entries):
            if entry.id not in self._lines:
                with self._list:
                    line = self._line(entry)
                line.move(target_index=place)
                self._lines[entry.id] = line
        self._empty.set_visibility(not entries)
        self._title.text = self.title

    def _line(self, entry: FeedEntry) -> ui.element:
        words = self._words
        line = ui.element("li").classes("held-press")
        with line:
            about = f"about-{entry.id}"
            ui.label(self._about(entry)).classes("soft").props(f'id="{about}"')
            ui.label(getattr(entry.text, words.language)).classes("what")
            if self._may_decide:
                with ui.element("div").classes("buttons"):
                    made = main_button(words("held.release"), partial(self._release, entry))
                    made.classes("small").props(f'aria-describedby="{about}"')
                    made = side_button(words("held.refuse"), partial(self._ask_to_refuse, entry))
                    made.props(f'aria-describedby="{about}"')
        return line

    def _about(self, entry: FeedEntry) -> str:
        place = self._page.chosen.places[entry.shop_id or ""]
        parts = [f"{place.local(entry.at):%m-%d %H:%M:%S}", entry.customer]
        parts += [place.name] if len(self._page.chosen.shown) > 1 else []
        return " · ".join(part for part in parts if part)

    async def _release(self, entry: FeedEntry) -> None:
        around = self._page.around

        def decide(session: Session, actor: Actor) -> Decided:
            return release(session, around.clock, actor, entry.id, receipt_keys=around.receipt_keys)

        done = await self._page.desk.change(decide)
        if done is not None:
            card = done.value.effects.card
            if card is None:
                message = self._words("held.released_no_card")
            elif done.value.effects.coupons:
                message = self._words("held.released_coupon")
            else:
                message = self._words("held.released", count=card.stamps)
            self._page.tell(message, good=True)
            self._note(entry, message)
        await self._refresh()  # after a failure too: somebody else may have decided

    def _ask_to_refuse(self, entry: FeedEntry) -> None:
        words = self._words
        question = Question(
            title=words("held.refuse.title"),
            about=(self._about(entry), words("held.refuse.what")),
            confirm=words("held.refuse"),
            reasons=[words(key) for key in _REASONS],
        )

        def refuse(session: Session, actor: Actor, reason: str) -> Decided:
            return refuse_held(session, self._page.around.clock, actor, entry.id, reason=reason)

        def refused(_: Decided) -> None:
            self._page.tell(words("held.refused"), good=True)
            self._note(entry, words("held.refused"))
            if entry.id in self._lines:
                self._lines[entry.id].set_visibility(False)  # until the list is read again

        self._asking.ask(question, refuse, refused)

    def _note(self, entry: FeedEntry, what: str) -> None:
        with self._decided:
            line = ui.element("li")
            with line:
                ui.label(self._about(entry)).classes("soft")
                ui.label(what)
        line.move(target_index=0)
        children = list(self._decided)
        for old in children[_REMEMBERED:]:
            old.delete()


def how_many(entries: Sequence[FeedEntry]) -> str:
    """Return the count of what was read, as ``50+`` where more waits than is shown."""
    return f"{_SHOWN}+" if len(entries) > _SHOWN else str(len(entries))
