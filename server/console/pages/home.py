"""The first page, ``/owner/``: what the shop has, and what to do next."""

from fastapi import Request
from fastapi.responses import RedirectResponse, Response
from nicegui import ui
from sqlalchemy.orm import Session

from server.console.engine import MOUNT
from server.console.frame import Opened, open_page
from server.console.widgets import heading, paragraph
from server.setup.progress import Progress, progress
from server.staff.actor import Actor, Right


@ui.page("/", response_timeout=30)
async def show(request: Request) -> Response | None:
    """Show the shop, or lead an owner whose set-up is not finished to it."""
    page = await open_page(request, "home.title", here="today", look=_what_there_is)
    if not isinstance(page, Opened):
        return page
    words = page.words
    now = page.found
    if now is None:
        heading(words("home.title"))
        paragraph(words("home.staff"), kind="empty")
        return None
    if now.shop is None or now.next_step is not None:
        return RedirectResponse(f"{MOUNT}/setup", status_code=303)
    heading(now.shop.name)
    paragraph(words("home.ready"), kind="lead")
    with ui.element("dl").classes("facts"):
        _fact(words("home.stamps"), ", ".join(stamp.serial for stamp in now.stamps))
        if now.program is not None:
            reward = now.program.reward[words.language]
            _fact(
                words("home.program"), words("home.promise", count=now.program.stamps_required, reward=reward)
            )
        _fact(words("home.address"), now.shop.address or "–")
    with ui.element("div").classes("buttons"):
        ui.link(words("home.card"), "/counter-card?size=a6", new_tab=True).classes("link-button").props(
            "rel=noopener"
        )
        ui.link(words("home.change"), "/setup?step=shop").classes("link-button")
    return None


def _what_there_is(session: Session, actor: Actor) -> Progress | None:
    return progress(session, actor) if actor.may(Right.SET_UP) else None


def _fact(name: str, value: str) -> None:
    with ui.element("dt"):
        ui.label(name)
    with ui.element("dd"):
        ui.label(value)
