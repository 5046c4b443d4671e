"""From what an app hands in to what an envelope carries."""

import math
from collections.abc import Sequence
from dataclasses import replace

from stampsdk.capture import Press
from stampsdk.protocol import PressReport, ScreenInfo

__all__ = ["report_press", "surface_of"]


def report_press(press: Press | PressReport | Sequence[Sequence[float]]) -> PressReport:
    """Take over a detected press, or bare touches (x, y) in px.

    Raises
    ------
    TypeError
        When the touches are not pairs of numbers; text is never read as a number.
    """
    if isinstance(press, PressReport):
        return press
    if isinstance(press, Press):
        return PressReport.from_press(press)
    try:
        touches = tuple(_pair(touch) for touch in press)
    except (TypeError, ValueError):
        raise TypeError("touches are pairs (x, y) of numbers in px") from None
    return PressReport(touches)


def _pair(touch: Sequence[float]) -> tuple[float, float]:
    if isinstance(touch, bytes | bytearray):  # which unpack into numbers
        raise TypeError("bytes are no touch")
    x, y = touch
    return _number(x), _number(y)


def _number(value: float) -> float:
    if isinstance(value, str | bytes | bool):
        raise TypeError("text and truth values are no coordinates")
    try:
        return float(value)
    except OverflowError:  # an int beyond every float; the envelope refuses infinities by name
        return math.inf


def surface_of(report: PressReport, screen: ScreenInfo | None, px_per_mm: float | None) -> ScreenInfo:
    """Give the pressed surface: as known, or the least whole-pixel one that holds the touches."""
    if screen is None:
        width, height = (
            max([1.0, *(math.ceil(touch[axis]) for touch in report.touches if math.isfinite(touch[axis]))])
            for axis in (0, 1)
        )
        screen = ScreenInfo(float(width), float(height))
    return screen if px_per_mm is None else replace(screen, px_per_mm=px_per_mm)
