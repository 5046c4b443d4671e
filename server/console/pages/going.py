"""Where a step of the set-up leads when it is saved. NiceGUI puts ``/owner`` before these itself."""

from nicegui import ui

from server.setup.progress import NEW, Progress, Step


def go_to(step: Step, now: Progress) -> None:
    """Lead to a step of the shop that `now` is about, which the pages are about from then on."""
    shop = NEW if now.shop is None else now.shop.id
    ui.navigate.to(f"/setup?step={step}&shop={shop}")


def go_home() -> None:
    """Lead to the first page."""
    ui.navigate.to("/")
