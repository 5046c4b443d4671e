"""``/owner/stamps``: what stamps the shops have, how much they are used, and what to do about a lost one."""

from collections.abc import Callable
from functools import partial
from typing import Final

from fastapi import Request
from fastapi.responses import Response
from nicegui import ui
from sqlalchemy.orm import Session

from server.console.asking import Asking, Question
from server.console.frame import Opened, open_page
from server.console.shop_choice import Chosen
from server.console.surroundings import Surroundings, surroundings_of
from server.console.widgets import choice, field, heading, paragraph, side_button
from server.insights.stamps import StampUse, stamps_of
from server.setup.progress import NEW
from server.staff.actor import Actor, Right
from server.stamps.care import resume, retire, suspend
from server.stamps.models import Stamp
from server.stamps.replacing import Replaced, replace_by_serial
from server.stamps.serials import families

_ANY: Final = ""
_KINDS: Final = {"fixed": "stamps.kind.fixed", "zone": "stamps.kind.zone", "courier": "stamps.kind.courier"}
_STATES: Final = {
    "active": "stamps.state.active",
    "suspended": "stamps.state.suspended",
    "retired": "stamps.state.retired",
}

_SUSPEND: Final = ("stamps.suspend.title", "stamps.suspend.what", "stamps.suspend", "stamps.suspended")
_RESUME: Final = ("stamps.resume.title", "stamps.resume.what", "stamps.resume", "stamps.resumed")
_RETIRE: Final = ("stamps.retire.title", "stamps.retire.what", "stamps.retire", "stamps.retired_now")


@ui.page("/stamps", response_timeout=30)
async def show(request: Request) -> Response | None:
    """Show the stamps."""
    around = surroundings_of(request.scope)
    page = await open_page(request, "stamps.title", here="stamps", look=partial(_stamps, around))
    if isinstance(page, Opened):
        heading(page.words("stamps.title"))
        _Stamps(page)
        return None
    return page


def _stamps(around: Surroundings, session: Session, actor: Actor, chosen: Chosen) -> list[StampUse]:
    return stamps_of(session, around.clock, actor, chosen.ids)


class _Stamps:
    """The list, drawn where it is made and again after every change."""

    def __init__(self, page: Opened[list[StampUse]]) -> None:
        self._page, self._words = page, page.words
        self._asking = Asking(page)
        self._warnings = ui.element("div")
        self._list = ui.element("div")
        self._draw(page.found)
        if page.actor.may(Right.SET_UP):
            with ui.element("div").classes("buttons"):
                shop = page.chosen.shop_id or (
                    NEW if not page.chosen.places else next(iter(page.chosen.places))
                )
                ui.link(self._words("stamps.add"), f"/setup?step=stamp&shop={shop}").classes("link-button")

    def _draw(self, stamps: list[StampUse]) -> None:
        self._list.clear()
        in_use = [stamp for stamp in stamps if stamp.status != "retired"]
        retired = [stamp for stamp in stamps if stamp.status == "retired"]
        with self._list:
            if not in_use:
                paragraph(self._words("stamp.none"), kind="empty")
            with ui.element("ul").classes("stamp-list"):
                for stamp in in_use:
                    self._line(stamp)
            if retired:
                with ui.element("details").classes("more"):
                    with ui.element("summary"):
                        ui.label(self._words("stamps.retired", count=len(retired)))
                    with ui.element("ul").classes("stamp-list"):
                        for stamp in retired:
                            self._line(stamp)

    def _line(self, stamp: StampUse) -> None:
        words = self._words
        with ui.element("li").classes(f"stamp-line {stamp.status}"):
            with ui.element("h2"):
                ui.label(stamp.serial).classes("serial")
            facts = [words(_STATES[stamp.status]), words(_KINDS[stamp.kind])]
            ui.label(" · ".join(facts)).classes("state")
            ui.label(self._use(stamp)).classes("soft")
            if stamp.status == "retired":
                return
            with ui.element("div").classes("buttons"):
                if stamp.status == "active":
                    self._button("stamps.suspend", stamp, self._ask_to_suspend)
                else:
                    self._button("stamps.resume", stamp, self._ask_to_resume)
                    self._button("stamps.retire", stamp, self._ask_to_retire)
                self._button("stamps.replace", stamp, self._ask_to_replace)

    def _button(self, key: str, stamp: StampUse, act: Callable[[StampUse], None]) -> None:
        made = side_button(self._words(key), partial(act, stamp))
        made.props["aria-label"] = f"{self._words(key)}: {stamp.serial}"

    def _use(self, stamp: StampUse) -> str:
        if stamp.last_at is None:
            return self._words("stamps.unused")
        place = next(iter(self._page.chosen.shown.values()))
        last = f"{place.local(stamp.last_at):%m-%d %H:%M}"
        return self._words("stamps.used", count=f"{stamp.presses:,}", last=last)

    def _ask_to_suspend(self, stamp: StampUse) -> None:
        self._ask(stamp, suspend, *_SUSPEND)

    def _ask_to_resume(self, stamp: StampUse) -> None:
        self._ask(stamp, resume, *_RESUME)

    def _ask_to_retire(self, stamp: StampUse) -> None:
        self._ask(stamp, retire, *_RETIRE)

    def _ask(self, stamp: StampUse, work: Callable[..., Stamp], *keys: str) -> None:
        words, clock = self._words, self._page.around.clock
        title, what, confirm, said = keys
        question = Question(title=words(title), about=(stamp.serial, words(what)), confirm=words(confirm))

        def act(session: Session, actor: Actor, _: str) -> Stamp:
            return work(session, clock, actor, stamp_id=stamp.id)

        async def done(_: Stamp) -> None:
            await self._done(words(said, serial=stamp.serial))

        self._asking.ask(question, act, done)

    def _ask_to_replace(self, stamp: StampUse) -> None:
        words, around = self._words, self._page.around
        fields: list[ui.input | ui.select] = []
        question = Question(
            title=words("stamps.replace.title"),
            about=(stamp.serial, words("stamps.replace.what")),
            confirm=words("stamps.replace.confirm"),
        )

        def form() -> None:
            fields.append(
                field(
                    words("stamp.serial"),
                    hint=words("stamp.serial.hint"),
                    props="maxlength=40 autocapitalize=characters autocomplete=off spellcheck=false",
                )
            )
            names = {name: name for name in families(around.settings.codebook_folder)}
            fields.append(choice(words("stamp.family"), {_ANY: words("stamp.family.any")} | names, _ANY))

        def act(session: Session, actor: Actor, _: str) -> Replaced:
            serial, family = (str(one.value or "") for one in fields)
            return replace_by_serial(
                session,
                around.clock,
                actor,
                stamp_id=stamp.id,
                serial=serial,
                family=family or None,
                settings=around.settings,
                registry=around.registry,
            )

        async def replaced(new: Replaced) -> None:
            await self._done(words("stamps.replaced", lost=new.lost, serial=new.serial))
            self._warn(new)

        self._asking.ask(question, act, replaced, form=form)

    async def _done(self, message: str) -> None:
        """Say what was done, and show the stamps as they are now.

        They are read after the commit: counting a month's presses shall keep no press waiting.
        """
        self._warnings.clear()
        self._page.tell(message, good=True)
        page = self._page
        read = await page.desk.look(lambda session, actor: _stamps(page.around, session, actor, page.chosen))
        if read is not None:
            self._draw(read.value)

    def _warn(self, new: Replaced) -> None:
        with self._warnings:
            for other in new.look_alikes:
                metres = self._words("stamp.anywhere") if other.metres is None else f"{other.metres:.0f} m"
                with ui.element("div").classes("warning").props("role=alert"):
                    ui.label(f"⚠ {self._words('stamp.confusable', metres=metres)}")
