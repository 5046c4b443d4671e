"""The set-up at ``/owner/setup``: five steps, each saved by itself."""

from fastapi import Request
from fastapi.responses import RedirectResponse, Response
from nicegui import ui
from sqlalchemy.orm import Session

from server.console.engine import MOUNT
from server.console.frame import Opened, open_page
from server.console.pages import card_step, fence_step, program_step, shop_step, stamp_step
from server.console.shop_choice import Chosen
from server.console.texts import Texts
from server.console.widgets import heading, paragraph
from server.setup.progress import Progress, Step, progress
from server.staff.actor import Actor

_DRAW = {
    Step.SHOP: shop_step.draw,
    Step.FENCE: fence_step.draw,
    Step.STAMP: stamp_step.draw,
    Step.PROGRAM: program_step.draw,
    Step.CARD: card_step.draw,
}


@ui.page("/setup", response_timeout=30)
async def show(request: Request, step: str = "") -> Response | None:
    """Show the step that the address names when it is open, else the next that is not done."""
    page = await open_page(request, "setup.title", here="setup", look=_progress)
    if not isinstance(page, Opened):
        return page
    now = page.found
    wanted = Step(step) if step in set(Step) else now.next_step
    if wanted is None:
        wanted = Step.CARD
    if not now.is_open(wanted):
        return RedirectResponse(f"{MOUNT}/setup", status_code=303)
    _steps(page.words, now, wanted)
    heading(page.words(f"setup.{wanted}.title"))
    paragraph(page.words(f"setup.{wanted}.why"), kind="lead")
    with ui.element("div").classes("step"):
        _DRAW[wanted](page)
    return None


def _progress(session: Session, actor: Actor, chosen: Chosen) -> Progress:
    return progress(session, actor, chosen.to_set_up)


def _steps(words: Texts, now: Progress, here: Step) -> None:
    with ui.element("ol").classes("steps").props(f'aria-label="{words("setup.steps")}"'):
        for number, step in enumerate(Step, 1):
            with ui.element("li"):
                state = "done" if step in now.done else "open" if now.is_open(step) else "closed"
                mark = "✓" if state == "done" else str(number)
                name = words(f"setup.{step}.name")
                if state == "closed":
                    ui.label(f"{mark} {name}").classes(state)
                    continue
                link = ui.link(f"{mark} {name}", f"/setup?step={step}").classes(state)
                if state == "done":
                    link.props(f'aria-label="{name}, {words("setup.done")}"')
                if step is here:
                    link.props("aria-current=step")
