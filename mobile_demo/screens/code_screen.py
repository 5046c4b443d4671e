"""The code screen: a pad of digits, for when the stamp cannot be read."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from kivy.lang import Builder
from kivy.uix.screenmanager import Screen

from mobile_demo.core.code_entry import CodeEntry
from mobile_demo.core.texts import Texts
from mobile_demo.screens.widgets import PillButton

__all__ = ["CodeScreen"]

_KEYS = ("1", "2", "3", "4", "5", "6", "7", "8", "9", "", "0", "<")


class CodeScreen(Screen):
    """Shows a `CodeEntry`; digits of its own, since a keyboard would cover half of what is read here."""

    def __init__(self, *, on_back: Callable[[], None], **options: Any) -> None:
        self.on_back = on_back
        self._entry: CodeEntry | None = None
        super().__init__(**options)
        self.keys = {name: self._key(name) for name in _KEYS}

    def attach(self, entry: CodeEntry) -> None:
        """Connect the state."""
        self._entry = entry

    def on_pre_enter(self, *_: Any) -> None:
        """Begin with an empty field."""
        if self._entry is not None:
            self._entry.clear()

    def show(self, entry: CodeEntry, texts: Texts) -> None:
        """Show the state."""
        ids = self.ids
        ids.title.text = texts.code_title
        ids.detail.text = texts.code_detail
        ids.digits.text = entry.shown
        ids.back.text = texts.cancel
        self.keys["<"].text = texts.code_erase

    def _key(self, name: str) -> PillButton:
        key = PillButton(text=name, filled=False, size_hint=(1, None), font_size="24sp")
        key.bind(on_release=lambda _: self._pressed(name))
        self.ids.key_grid.add_widget(key)
        return key

    def _pressed(self, name: str) -> None:
        if self._entry is None or not name:
            return
        if name == "<":
            self._entry.erase()
        else:
            self._entry.type(name)


Builder.load_file(str(Path(__file__).with_name("code_screen.kv")))
