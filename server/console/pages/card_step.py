"""Step 5: the card for the counter, to print."""

from nicegui import ui

from server.console.frame import Opened
from server.console.pages.going import go_home
from server.console.widgets import main_button, paragraph
from server.setup.progress import Progress
from server.setup.service import finish


def draw(page: Opened[Progress]) -> None:
    """Draw the links to the printable pages."""
    words, now = page.words, page.found
    with ui.element("div").classes("buttons"):
        for size in ("a6", "a4"):
            ui.link(words(f"card.print.{size}"), f"/counter-card?size={size}", new_tab=True).classes(
                "link-button"
            ).props("rel=noopener")
    paragraph(words("card.where"), kind="soft")

    async def done() -> None:
        saved = await page.desk.change(
            lambda session, actor: finish(
                session, page.around.clock, actor, version=now.version, shop_id=page.chosen.to_set_up
            )
        )
        if saved is not None:
            go_home()

    main_button(words("card.done"), done)
