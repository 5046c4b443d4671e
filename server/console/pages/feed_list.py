"""The live feed: what customers' phones and staff did, newest first."""

from collections.abc import Iterable

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
    """

    def __init__(self, words: Texts, places: Places, entries: Iterable[FeedEntry], *, most: int) -> None:
        self._words, self._places, self._most = words, places, most
        self._entries = list(entries)
        with ui.element("h2"):
            ui.label(words("feed.title"))
        self._list = ui.element("ol").classes("feed").props("aria-live=polite")
        self._draw()

    def add(self, entries: Iterable[FeedEntry]) -> None:
        """Show new entries at the top; one whose id is there replaces its line."""
        fresh = list(entries)
        if not fresh:
            return
        known = {entry.id for entry in fresh}
        merged = fresh + [entry for entry in self._entries if entry.id not in known]
        self._entries = sorted(merged, key=lambda entry: entry.at, reverse=True)[: self._most]
        self._draw()

    def _draw(self) -> None:
        self._list.clear()
        with self._list:
            for entry in self._entries:
                self._line(entry)
            if not self._entries:
                with ui.element("li").classes("empty"):
                    ui.label(self._words("feed.empty"))

    def _line(self, entry: FeedEntry) -> None:
        place = self._places.get(entry.shop_id or "") or next(iter(self._places.values()))
        local = place.local(entry.at)
        told = [self._words(f"feed.{entry.kind}")]
        told += [entry.customer] if entry.customer else []
        told += [place.name] if len(self._places) > 1 and entry.shop_id else []
        with ui.element("li").classes(f"entry {entry.kind}"):
            with ui.element("time").props(f'datetime="{local.isoformat(timespec="seconds")}"'):
                ui.label(f"{local:%m-%d %H:%M:%S}")
            ui.label(_MARKS[entry.kind]).classes("mark").props("aria-hidden=true")
            with ui.element("div"):
                ui.label(getattr(entry.text, self._words.language))
                ui.label(" · ".join(told)).classes("soft")
                if entry.said:
                    ui.label(f"“{entry.said}”").classes("soft")
