"""Today's numbers: each beside the same weekday last week, up to the same time, and the hours."""

from collections.abc import Callable

from nicegui import ui

from server.console.texts import Texts
from server.console.widgets import heading
from server.insights.counts import Counts, Hour
from server.insights.today import Today

_NUMBERS: tuple[tuple[str, Callable[[Counts], int]], ...] = (
    ("today.stamps", lambda counts: counts.stamps),
    ("today.visitors", lambda counts: counts.visitors),
    ("today.new", lambda counts: counts.new_visitors),
    ("today.returning", lambda counts: counts.returning_visitors),
    ("today.issued", lambda counts: counts.coupons_issued),
    ("today.redeemed", lambda counts: counts.coupons_redeemed),
)
_LEAST_HOURS = (9, 18)


class TodayBoard:
    """The numbers on the screen, drawn where it is made; `show` gives them their values.

    Between them and the hours another thing may stand, so these are drawn by themselves, before `show`.
    """

    def __init__(self, words: Texts) -> None:
        self._words = words
        with ui.element("dl").classes("numbers"):
            self._cells = [self._number(key) for key, _ in _NUMBERS]
        ui.label(words("today.until")).classes("soft")

    def draw_hours(self) -> None:
        """Draw the hours of the day."""
        heading(self._words("today.hours"), level=2)
        self._hours = ui.element("div")
        self._beside = ui.label().classes("soft")

    def show(self, now: Today) -> None:
        """Show numbers."""
        for (value, before), (_, number) in zip(self._cells, _NUMBERS, strict=True):
            value.text = f"{number(now.counts):,}"
            before.text = self._words("today.before", count=f"{number(now.last_week_so_far):,}")
        self._beside.text = self._words(
            "today.presses", held=now.counts.held, refused=now.counts.refused, accepted=now.counts.accepted
        )
        self._hours.clear()
        with self._hours:
            self._draw_hours(now.by_hour, now.last_week_by_hour)

    def _number(self, key: str) -> tuple[ui.label, ui.label]:
        with ui.element("div").classes("number"):
            with ui.element("dt"):
                ui.label(self._words(key))
            with ui.element("dd"):
                value = ui.label().classes("value")
                before = ui.label().classes("soft")
        return value, before

    def _draw_hours(self, hours: tuple[Hour, ...], before: tuple[Hour, ...]) -> None:
        """Draw a table, whose bars are there for the eye alone."""
        busy = [one.hour for one in (*hours, *before) if one.stamps or one.coupons_redeemed]
        first, last = min([*busy, _LEAST_HOURS[0]]), max([*busy, _LEAST_HOURS[1]])
        most = max(1, *(one.stamps for one in (*hours, *before)))
        with ui.element("table").classes("hours"):
            with ui.element("thead"), ui.element("tr"):
                for key in ("today.hour", "today.stamps", "today.last_week"):
                    with ui.element("th").props("scope=col"):
                        ui.label(self._words(key))
            with ui.element("tbody"):
                for hour in range(first, last + 1):
                    self._draw_hour(hour, hours[hour].stamps, before[hour].stamps, most)

    def _draw_hour(self, hour: int, stamps: int, before: int, most: int) -> None:
        with ui.element("tr"):
            with ui.element("th").props("scope=row"):
                ui.label(self._words("today.oclock", hour=hour))
            with ui.element("td"):
                bar = ui.element("span").classes("bar").props("aria-hidden=true")
                bar.style(f"width: {100 * stamps / most:.0f}%")
                ui.label(str(stamps)).classes("count")
            with ui.element("td").classes("soft"):
                ui.label(str(before))
