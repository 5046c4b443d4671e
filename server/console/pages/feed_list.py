"""The live feed: what customers' phones and staff did, newest first."""

from collections.abc import Callable, Iterable
from dataclasses import replace

from nicegui import ui

from server.console.texts import Texts
from server.insights.entries import FeedEntry
from server.insights.scope import Places

_MARKS = {"accepted": "✓", "held": "…", "refused": "✕", "undone": "↩", "hand": "✎", "code": "#"}


class FeedList:
    """The lines on the screen, drawn where it is made.

    Parameters
    ----------
    words, places
        The page's texts; the shops, for their clocks and names.
    entries
        What is shown first, newest first.
    most
        How many lines are kept.
    undo
        What the button of a line does whose stamp or redemption stands. Without it there are no buttons.
    """

    def __init__(
        self,
        words: Texts,
        places: Places,
        entries: Iterable[FeedEntry],
        *,
        most: int,
        undo: Callable[[FeedEntry], None] | None = None,
    ) -> None:
        self._words, self._places, self._most, self._undo = words, places, most, undo
        self._entries: list[FeedEntry] = []
        self._lines: dict[str, tuple[FeedEntry, ui.element]] = {}
        with ui.element("h2"):
            ui.label(words("feed.title"))
        self._list = ui.element("ol").classes("feed").props("aria-live=polite")
        with self._list:
            self._empty = ui.element("li").classes("empty")
            with self._empty:
                ui.label(words("feed.empty"))
        self.add(entries)

    def add(self, entries: Iterable[FeedEntry]) -> None:
        """Show new entries at the top; one whose id is there replaces its line."""
        fresh = list(entries)
        known = {entry.id for entry in fresh}
        merged = fresh + [entry for entry in self._entries if entry.id not in known]
        undone = {entry.undoes for entry in merged}
        merged = [replace(entry, stands=False) if entry.id in undone else entry for entry in merged]
        self._entries = sorted(merged, key=lambda entry: entry.at, reverse=True)[: self._most]
        self._draw()

    def show_undone(self, entry: FeedEntry) -> None:
        """Show an entry's stamp or redemption as undone, before the feed tells of it."""
        self.add([replace(entry, stands=False)])

    def _draw(self) -> None:
        """Draw the lines that changed: the others stay as they are, with the focus that may be in them."""
        wanted = {entry.id: entry for entry in self._entries}
        for entry_id, (entry, line) in list(self._lines.items()):
            if wanted.get(entry_id) != entry:
                line.delete()
                del self._lines[entry_id]
        for place, entry in enumerate(self._entries):
            if entry.id not in self._lines:
                with self._list:
                    line = self._line(entry)
                line.move(target_index=place)
                self._lines[entry.id] = entry, line
        self._empty.set_visibility(not self._entries)

    def _line(self, entry: FeedEntry) -> ui.element:
        words = self._words
        place = self._places.get(entry.shop_id or "") or next(iter(self._places.values()))
        local = place.local(entry.at)
        told = [words(f"feed.{entry.kind}")]
        told += [entry.customer] if entry.customer else []
        told += [place.name] if len(self._places) > 1 and entry.shop_id else []
        told += [words("undo.done")] if entry.stands is False else []
        text = getattr(entry.text, words.language)
        line = ui.element("li").classes(f"entry {entry.kind}" + (" taken-back" * (entry.stands is False)))
        with line:
            with ui.element("time").props(f'datetime="{local.isoformat(timespec="seconds")}"'):
                ui.label(f"{local:%m-%d %H:%M:%S}")
            ui.label(_MARKS[entry.kind]).classes("mark").props("aria-hidden=true")
            with ui.element("div").classes("told"):
                ui.label(text).classes("what")
                ui.label(" · ".join(told)).classes("soft")
                if entry.said:
                    ui.label(f"“{entry.said}”").classes("soft")
            if entry.stands and self._undo is not None:
                self._button(entry, f"{text} {local:%H:%M:%S}")
        return line

    def _button(self, entry: FeedEntry, which: str) -> None:
        undo = self._undo
        if undo is None:
            return
        made = ui.button(self._words("undo.button"), on_click=lambda: undo(entry))
        made.props("outline no-caps").classes("side-button small")
        made.props["aria-label"] = self._words("undo.of", what=which)
