"""Step 1: the shop's name, address and opening hours."""

from dataclasses import dataclass
from typing import Any

from nicegui import ui

from server.console.frame import Opened
from server.console.pages.going import go_to
from server.console.texts import Texts
from server.console.widgets import field, heading, main_button, paragraph, side_button
from server.setup.forms import ShopForm
from server.setup.progress import Progress, Step
from server.setup.service import save_shop
from server.shops.hours import WEEKDAYS

_USUAL = ["09:00", "22:00"]
_ALL_DAY = ["00:00", "24:00"]
_TIME = "mask=##:## inputmode=numeric outlined dense stack-label"


@dataclass(frozen=True, eq=False)
class _Day:
    """The fields of one day, and spans beside the first that were given elsewhere and are kept."""

    is_open: ui.checkbox
    start: ui.input
    end: ui.input
    more: list[list[str]]

    def spans(self) -> list[list[str]]:
        if not self.is_open.value:
            return []
        first = [str(self.start.value or ""), str(self.end.value or "")]
        return [_ALL_DAY if first == ["00:00", "00:00"] else first, *self.more]


def draw(page: Opened[Progress]) -> None:
    """Draw the step with what is known already."""
    words, now = page.words, page.found
    known = _known(now)
    name = field(words("shop.name"), known["name"], props="maxlength=100 autocomplete=organization")
    address = field(
        words("shop.address"), known["address"] or "", props="maxlength=300 autocomplete=street-address"
    )
    heading(words("shop.hours"), level=2)
    paragraph(words("shop.hours.hint"), kind="soft")
    days = _hours(words, known["opening_hours"])
    with ui.element("details").classes("more"):
        with ui.element("summary"):
            ui.label(words("shop.more"))
        timezone = field(words("shop.timezone"), known["timezone"], hint=words("shop.timezone.hint"))

    async def save() -> None:
        form = ShopForm(
            name=str(name.value or ""),
            timezone=str(timezone.value or ""),
            address=str(address.value or ""),
            opening_hours={day: fields.spans() for day, fields in days.items()},
        )
        saved = await page.desk.change(
            lambda session, actor: save_shop(
                session,
                page.around.clock,
                actor,
                form=form,
                version=now.version,
                settings=page.around.settings,
                shop_id=page.chosen.to_set_up,
            )
        )
        if saved is not None:
            go_to(Step.FENCE, saved.value)

    main_button(words("next"), save)


def _known(now: Progress) -> dict[str, Any]:
    if now.shop is not None:
        return {
            "name": now.shop.name,
            "address": now.shop.address,
            "timezone": now.shop.timezone,
            "opening_hours": now.shop.opening_hours,
        }
    nothing = {"name": "", "address": None, "timezone": "Asia/Seoul", "opening_hours": None}
    return nothing | (now.draft or {})


def _hours(words: Texts, known: dict[str, list[list[str]]] | None) -> dict[str, _Day]:
    days = {}
    with ui.element("div").classes("hours"):
        for day in WEEKDAYS:
            spans = [_USUAL] if known is None else known.get(day, [])
            days[day] = _day(words, words(f"day.{day}"), spans)

    def copy_first() -> None:
        first = next((fields for fields in days.values() if fields.is_open.value), None)
        for fields in days.values():
            if first is not None and fields.is_open.value:
                fields.start.value, fields.end.value = first.start.value, first.end.value

    side_button(words("shop.hours.copy"), copy_first)
    return days


def _day(words: Texts, name: str, spans: list[list[str]]) -> _Day:
    start, end = ("00:00", "00:00") if spans[:1] == [_ALL_DAY] else spans[0] if spans else _USUAL
    with ui.element("div").classes("day").props(f'role="group" aria-label="{name}"'):
        is_open = ui.checkbox(name, value=bool(spans))
        first = ui.input(words("shop.from"), value=start).props(
            f'{_TIME} aria-label="{name} {words("shop.from")}"'
        )
        last = ui.input(words("shop.to"), value=end).props(f'{_TIME} aria-label="{name} {words("shop.to")}"')
        closed = ui.label(words("shop.closed")).classes("soft")
        for element in (first, last):
            element.bind_visibility_from(is_open, "value")
        closed.bind_visibility_from(is_open, "value", value=False)
    return _Day(is_open, first, last, spans[1:])
