"""Where a step of the set-up leads when it is saved. NiceGUI puts ``/owner`` before these itself."""

from nicegui import ui

from server.setup.progress import Step


def go_to(step: Step) -> None:
    """Lead to a step."""
    ui.navigate.to(f"/setup?step={step}")


def go_home() -> None:
    """Lead to the first page."""
    ui.navigate.to("/")
