"""What regular, prospective, lapsed and new mean, and the form by which an owner changes it."""

from collections.abc import Awaitable, Callable
from dataclasses import asdict, fields
from typing import Any, Final

from nicegui import ui

from server.console.acting import PageDesk
from server.console.frame import Opened
from server.console.texts import Texts
from server.console.widgets import heading, main_button, number, paragraph
from server.insights.segments import Segments, change_segments
from server.staff.actor import Right

_MOST: Final = 3650


class SegmentForm:
    """The explanation, and fields for those who may set up.

    Parameters
    ----------
    page
        Where it is drawn.
    numbers
        As they stand.
    changed
        Called after the numbers were saved.
    """

    def __init__(self, page: Opened[Any], numbers: Segments, changed: Callable[[], Awaitable[None]]) -> None:
        self._words: Texts = page.words
        self._page, self._changed = page, changed
        self._desk: PageDesk = page.desk
        with ui.element("details").classes("more segments"):
            with ui.element("summary"):
                ui.label(page.words("segments.title"))
            self._meaning = ui.element("dl").classes("facts")
            self.show(numbers)
            paragraph(page.words("segments.day"), kind="soft")
            if page.actor.may(Right.SET_UP):
                self._draw_fields(numbers)

    def show(self, numbers: Segments) -> None:
        """Explain other numbers."""
        words = self._words
        told = {
            "regular": words("segments.regular", days=numbers.regular_days, visits=numbers.regular_visits),
            "prospective": words("segments.prospective", visits=numbers.prospective_visits),
            "lapsed": words("segments.lapsed", days=numbers.lapsed_days),
            "new": words("segments.new"),
        }
        self._meaning.clear()
        with self._meaning:
            for name, meaning in told.items():
                with ui.element("dt"):
                    ui.label(words(f"customers.segment.{name}"))
                with ui.element("dd"):
                    ui.label(meaning)

    def _draw_fields(self, numbers: Segments) -> None:
        words = self._words
        heading(words("segments.change"), level=3)
        with ui.element("div").classes("row-of-fields"):
            made = {
                name: number(
                    words(f"segments.{name}"),
                    value,
                    least=1,
                    most=_MOST,
                    hint=words("segments.stopped_at.hint") if name == "stopped_at" else "",
                ).props("inputmode=numeric step=1")
                for name, value in asdict(numbers).items()
            }

        async def save() -> None:
            wanted = Segments(**{each.name: _whole(made[each.name].value) for each in fields(Segments)})
            around = self._page.around
            done = await self._desk.change(
                lambda session, actor: change_segments(session, around.clock, actor, wanted)
            )
            if done is not None:
                self.show(wanted)
                await self._changed()
                self._page.tell(words("segments.saved"), good=True)

        main_button(words("segments.save"), save)


def _whole(value: Any) -> Any:
    """Return what a field holds, as a whole number where it is one; the service refuses the rest."""
    return int(value) if isinstance(value, float) and value.is_integer() else value
