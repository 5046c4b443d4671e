"""The few kinds of thing that the pages are made of, each with a label that screen readers know."""

from collections.abc import Awaitable, Callable
from typing import Any

from nicegui import ui

Handler = Callable[[], Awaitable[None] | None]


def heading(text: str, *, level: int = 1) -> None:
    """Draw a heading; pages have one of level 1."""
    with ui.element(f"h{level}"):
        ui.label(text)


def paragraph(text: str, *, kind: str = "") -> None:
    """Draw a paragraph."""
    with ui.element("p").classes(kind):
        ui.label(text)


def field(label: str, value: str = "", *, hint: str = "", props: str = "") -> ui.input:
    """Draw a text field."""
    made = ui.input(label, value=value).props(f"outlined stack-label {props}").classes("field")
    if hint:
        made.props["hint"] = hint
    return made


def number(label: str, value: float | None, *, least: float, most: float, hint: str = "") -> ui.number:
    """Draw a field for a number; what is beyond the bounds the service refuses."""
    made = ui.number(label, value=value, min=least, max=most).props("outlined stack-label").classes("field")
    if hint:
        made.props["hint"] = hint
    return made


def choice(label: str, options: dict[Any, str], value: Any) -> ui.select:
    """Draw a choice of one."""
    return ui.select(options, label=label, value=value).props("outlined stack-label").classes("field")


def main_button(text: str, act: Handler) -> ui.button:
    """Draw the one button that a step is about. A second tap while it acts does nothing."""

    async def once() -> None:
        made.disable()
        try:
            done = act()
            if done is not None:
                await done
        finally:
            made.enable()

    made = ui.button(text, on_click=once).props("unelevated no-caps").classes("main-button")
    return made


def side_button(text: str, act: Handler) -> ui.button:
    """Draw a button for what may be done besides."""
    return ui.button(text, on_click=act).props("outline no-caps").classes("side-button")
