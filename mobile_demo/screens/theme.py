"""The app's look in one place: a warm café palette, large type, calm motion."""

from typing import Final

from kivy.core.text import LabelBase
from kivy.utils import get_color_from_hex as rgb

from mobile_demo.core.fonts import FontFiles

__all__ = ["FONT", "PAPER", "TONES", "register_font"]

FONT: Final = "Roboto"
"""Kivy's default name: registering a Korean font under it makes every label use it."""

PAPER: Final = rgb("#FBF5EA")
PAPER_DEEP: Final = rgb("#F3E8D6")
MILK: Final = rgb("#FFFDF8")
LINE: Final = rgb("#E4D3BA")
ESPRESSO: Final = rgb("#33231A")
MOCHA: Final = rgb("#6B5343")
CARAMEL: Final = rgb("#B07F4F")
INK: Final = rgb("#C23B22")
INK_DEEP: Final = rgb("#9E2C17")
SAGE: Final = rgb("#4E6B4F")
AMBER: Final = rgb("#9A6A12")
SLATE: Final = rgb("#6A6360")
CLEAR: Final = (0, 0, 0, 0)

TONES: Final = {
    "ready": CARAMEL,
    "feeling": CARAMEL,
    "sending": INK,
    "accepted": INK,
    "held": AMBER,
    "refused": SLATE,
    "unclear": SLATE,
    "kept": AMBER,
    "offline": SLATE,
}
"""The colour of what the stamp screen says, by phase."""

CALM_S: Final = 0.28
"""How long a movement takes."""


def register_font(files: FontFiles | None) -> None:
    """Make the platform's Korean font the default; without one Kivy's own stays, which has no Hangul."""
    if files is not None:
        LabelBase.register(
            FONT,
            fn_regular=files.regular,
            fn_bold=files.bold,
            fn_italic=files.regular,
            fn_bolditalic=files.bold,
        )
