"""Step 3: which stamp lies on the counter, by the serial that is engraved on it or by three presses."""

from nicegui import ui

from server.console.frame import Opened
from server.console.pages.going import go_to
from server.console.widgets import choice, field, heading, main_button, paragraph, side_button
from server.setup.progress import Progress, Step
from server.setup.service import AddedStamp, add_stamp
from server.stamps.serials import families

_ANY = ""


def draw(page: Opened[Progress]) -> None:
    """Draw the stamps there are, and the field for one more."""
    words, around, now = page.words, page.around, page.found
    there = ui.element("div")
    with there:
        _list(page, [stamp.serial for stamp in now.stamps])
    serial = field(
        words("stamp.serial"),
        hint=words("stamp.serial.hint"),
        props="maxlength=40 autocapitalize=characters autocomplete=off spellcheck=false",
    )
    names = {name: name for name in families(around.settings.codebook_folder)}
    family = choice(words("stamp.family"), {_ANY: words("stamp.family.any")} | names, _ANY)
    warning = ui.element("div")

    async def add() -> None:
        text, kind = str(serial.value or ""), str(family.value or "") or None
        made = await page.desk.change(
            lambda session, actor: add_stamp(
                session,
                around.clock,
                actor,
                serial=text,
                family=kind,
                settings=around.settings,
                registry=around.registry,
                shop_id=page.chosen.to_set_up,
            )
        )
        if made is None:
            return
        added = made.value
        serials.append(added.serial)
        there.clear()
        warning.clear()
        serial.value = ""
        with there:
            _list(page, serials)
        with warning:
            _warn(page, added)
        page.tell(words("stamp.added", serial=added.serial), good=True)
        onward.set_visibility(True)

    serials = [stamp.serial for stamp in now.stamps]
    main_button(words("stamp.add"), add)
    if now.shop is not None:
        paragraph(words("enrol.open.why"), kind="soft")
        ui.link(words("enrol.open"), f"/press-stamp?shop={now.shop.id}").classes("link-button")
    onward = side_button(words("next"), lambda: go_to(Step.PROGRAM, now))
    onward.set_visibility(bool(serials))


def _list(page: Opened[Progress], serials: list[str]) -> None:
    if not serials:
        paragraph(page.words("stamp.none"), kind="empty")
        return
    heading(page.words("stamp.there"), level=2)
    with ui.element("ul").classes("stamps"):
        for serial in serials:
            with ui.element("li"):
                ui.label(serial).classes("serial")


def _warn(page: Opened[Progress], added: AddedStamp) -> None:
    for other in added.look_alikes:
        metres = page.words("stamp.anywhere") if other.metres is None else f"{other.metres:.0f} m"
        text = page.words("stamp.confusable", metres=metres)
        with ui.element("div").classes("warning").props("role=alert"):
            ui.label(f"⚠ {text}")
