"""Phones of the counter, at ``/owner/counters``: which there are, how to make one, how to take one back."""

from dataclasses import dataclass
from datetime import datetime
from functools import partial
from zoneinfo import ZoneInfo

import segno
from fastapi import Request
from fastapi.responses import Response
from nicegui import ui
from sqlalchemy.orm import Session

from server.console.frame import Opened, open_page
from server.console.shop_choice import Chosen
from server.console.surroundings import surroundings_of
from server.console.widgets import heading, main_button, paragraph
from server.core.origins import own_origin
from server.staff.actor import Actor
from server.staff.cookies import COUNTER_COOKIE
from server.staff.counters import CounterView, list_counters, revoke_counter, this_counter
from server.staff.desk import COUNTER_PAGE, PIN_PAGE


@dataclass(frozen=True, eq=False)
class _Phones:
    """What the page shows; `here` is the phone that it is shown on, if that is one of them."""

    all: tuple[CounterView, ...]
    here: str | None
    zone: ZoneInfo


@ui.page("/counters", response_timeout=30)
async def show(request: Request) -> Response | None:
    """Show the phones, for owners and managers."""
    look = partial(_phones, request.cookies.get(COUNTER_COOKIE, ""))
    page = await open_page(request, "counters.title", here="people", look=look)
    if not isinstance(page, Opened):
        return page
    words = page.words
    heading(words("counters.title"))
    paragraph(words("counters.lead"), kind="lead")
    _List(page)
    with ui.element("div").classes("buttons"):
        if page.found.here is None:
            ui.link(words("counters.make_this"), COUNTER_PAGE.removeprefix("/owner")).classes("link-button")
        else:
            ui.link(words("counter.to_pin"), PIN_PAGE.removeprefix("/owner")).classes("link-button")
    _draw_another(page, _address(request))
    return None


def _phones(counter: str, session: Session, actor: Actor, chosen: Chosen) -> _Phones:
    found = list_counters(session, actor)
    here = this_counter(session, counter=counter)
    zone = next((place.zone for place in chosen.shown.values()), ZoneInfo("UTC"))
    return _Phones(found, None if here is None else here.id, zone)


class _List:
    """The phones on the screen, drawn where it is made."""

    def __init__(self, page: Opened[_Phones]) -> None:
        self._page = page
        self._phones = list(page.found.all)
        self._list = ui.element("ul").classes("people")
        self._draw()

    def _draw(self) -> None:
        words = self._page.words
        self._list.clear()
        with self._list:
            for phone in self._phones:
                with ui.element("li").classes("phone"):
                    self._line(phone)
            if not self._phones:
                with ui.element("li").classes("empty"):
                    ui.label(words("counters.none"))

    def _line(self, phone: CounterView) -> None:
        words = self._page.words
        ui.label(phone.name).classes("name")
        told = [words("counters.since", day=self._day(phone.created_at))]
        if phone.seen_at is not None:
            told.append(words("counters.used", day=self._day(phone.seen_at)))
        if phone.id == self._page.found.here:
            told.append(words("counters.here"))
        ui.label(" · ".join(told)).classes("soft")
        with ui.element("details").classes("more"):
            with ui.element("summary"):
                ui.label(words("counters.revoke"))
            with ui.element("div").classes("step"):
                paragraph(words("counters.revoke.lead"))
                main_button(words("counters.revoke.do"), partial(self._revoke, phone))

    async def _revoke(self, phone: CounterView) -> None:
        clock = self._page.around.clock
        done = await self._page.desk.change(
            lambda session, actor: revoke_counter(session, clock, actor, counter_id=phone.id)
        )
        if done is None:
            return
        self._phones.remove(phone)
        self._draw()
        self._page.tell(self._page.words("counters.revoked"), good=True)

    def _day(self, at: datetime) -> str:
        return f"{at.astimezone(self._page.found.zone):%Y-%m-%d}"


def _draw_another(page: Opened[_Phones], address: str) -> None:
    """Draw how another phone becomes one: its own browser has to open the page."""
    words = page.words
    heading(words("counters.another"), level=2)
    paragraph(words("counters.another.lead"))
    code = segno.make(address, error="m", micro=False).svg_data_uri(border=3, dark="#2b211a", light="#ffffff")
    ui.element("img").props(f'src="{code}" alt="{words("counters.qr")}"').classes("qr-code")
    ui.label(address).classes("soft")


def _address(request: Request) -> str:
    settings = surroundings_of(request.scope).settings
    return own_origin(request.scope, settings.public_origin) + COUNTER_PAGE
