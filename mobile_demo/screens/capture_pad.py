"""The surface that is pressed: every contact on it becomes a `TouchEvent`."""

import time
from typing import Any

from kivy.base import EventLoop
from kivy.clock import Clock
from kivy.core.window import Window
from kivy.properties import ObjectProperty
from kivy.uix.widget import Widget

from mobile_demo.screens.sdl_tap import Sample, SdlTap
from stampsdk.capture import TouchEvent, TouchKind
from stampsdk.protocol import ScreenInfo

__all__ = ["CapturePad", "contact_px"]

_SDL = "sdl"


def contact_px(sx: float, sy_down: float) -> tuple[float, float]:
    """Give physical px, y down, of a normalised contact: Kivy and SDL divide by size - 1."""
    width, height = Window.size
    return sx * (width - 1), sy_down * (height - 1)


class CapturePad(Widget):
    """Feeds a sink with events, and with the time once a frame.

    A contact belongs to the pad when it lands where no control lies above it, and stays the pad's until it
    lifts. On SDL, which phones use, events are the raw samples of the tap; elsewhere, as over TUIO, they are
    Kivy's touches. The emulated mouse is no contact.
    """

    sink = ObjectProperty(None)
    """Gets ``feed(event)``, ``tick(time_s)`` and ``interrupt(time_s, reason)``."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self._mine: dict[int, Any] = {}
        self._fingers: set[int] = set()
        self._fractional: bool | None = None
        self._tap = SdlTap()
        self._tapped = False
        self._clock = None
        # Runs after this frame's touches were dispatched: by then it is known whose each sample is.
        self._soon = Clock.create_trigger(self._hand_on, -1)

    # Life

    def start(self) -> None:
        """Listen: install the tap, tick every frame, void the press when the window is disturbed."""
        if self._clock is not None:
            return
        self._tapped = self._tap.install()
        self._clock = Clock.schedule_interval(lambda _: self._soon(), 0)
        Window.bind(on_resize=self._resized, on_rotate=self._resized, on_hide=self._hidden, focus=self._focus)

    def stop(self) -> None:
        """Stop listening."""
        if self._clock is None:
            return
        self.disturb("left")
        self._clock.cancel()
        self._clock = None
        self._tap.remove()
        self._tapped = False
        Window.unbind(
            on_resize=self._resized, on_rotate=self._resized, on_hide=self._hidden, focus=self._focus
        )

    def disturb(self, reason: str) -> None:
        """Void the press, and drop every contact: their lifts may never be reported."""
        for touch in self._mine.values():
            touch.ungrab(self)
        self._mine.clear()
        self._fingers.clear()
        if self._tapped:
            self._tap.forget()
        EventLoop.touches.clear()
        if self.sink is not None:
            self.sink.interrupt(time.monotonic(), reason)

    @property
    def fractional(self) -> bool | None:
        """Whether any coordinate had fractions of a px so far; None before the first contact."""
        return self._fractional

    def screen_info(self, px_per_mm: float | None) -> ScreenInfo:
        """Describe the surface for a press."""
        width, height = Window.size
        return ScreenInfo(float(width), float(height), px_per_mm, None, self._fractional)

    # Kivy's touches: they decide which contacts are the pad's

    def on_touch_down(self, touch: Any) -> bool:
        """Take a contact; the same one reported down twice (after a lost lift) is taken once."""
        if not touch.is_touch or touch.device == "mouse" or touch.is_mouse_scrolling:
            return False
        if not self.collide_point(*touch.pos):
            return False
        if touch.uid not in self._mine:
            touch.grab(self)
            self._mine[touch.uid] = touch
            if self._raw(touch):
                self._fingers.add(touch.id)
            else:
                self._feed_touch("down", touch)
        return True

    def on_touch_move(self, touch: Any) -> bool:
        """Follow a contact of the pad's."""
        if touch.grab_current is not self:
            return touch.uid in self._mine
        if not self._raw(touch):
            self._feed_touch("move", touch)
        return True

    def on_touch_up(self, touch: Any) -> bool:
        """Let a contact go."""
        if touch.grab_current is not self:
            return touch.uid in self._mine
        touch.ungrab(self)
        self._mine.pop(touch.uid, None)
        if not self._raw(touch):
            self._feed_touch("up", touch)
        return True

    def _raw(self, touch: Any) -> bool:
        return self._tapped and touch.device == _SDL

    # Events

    def _feed_touch(self, kind: TouchKind, touch: Any) -> None:
        x, y = contact_px(touch.sx, 1.0 - touch.sy)
        pressure = touch.pressure if "pressure" in touch.profile else None
        self._feed(TouchEvent(kind, touch.uid, x, y, time.monotonic(), pressure))

    def _feed_sample(self, sample: Sample) -> None:
        x, y = contact_px(sample.x, sample.y)
        self._feed(TouchEvent(sample.kind, sample.finger, x, y, sample.time_s, sample.pressure))

    def _feed(self, event: TouchEvent) -> None:
        if event.kind != "up":
            self._fractional = bool(self._fractional) or event.x % 1 != 0 or event.y % 1 != 0
        if self.sink is not None:
            self.sink.feed(event)

    def _hand_on(self, _: float) -> None:
        """Hand on the samples that have arrived, then the time."""
        while self._tap.samples:
            sample = self._tap.samples.popleft()
            if sample.finger in self._fingers:
                self._feed_sample(sample)
        self._fingers = {touch.id for touch in self._mine.values() if self._raw(touch)}
        if self.sink is not None:
            self.sink.tick(time.monotonic())

    # Disturbances

    def _resized(self, *_: Any) -> None:
        self.disturb("resize")

    def _hidden(self, *_: Any) -> None:
        self.disturb("hidden")

    def _focus(self, _: Any, focused: bool) -> None:
        if not focused:
            self.disturb("focus")
