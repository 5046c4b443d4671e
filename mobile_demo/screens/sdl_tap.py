"""Every touch sample of the phone, before Kivy merges those of one frame.

Kivy keeps one mutable object a finger and dispatches once a frame, so that a landing is reported at the
position of the frame's last sample. SDL's samples pass through a deque of the provider on their way; this
one notes them first. It relies on Kivy 2.3.1 (`SDL2MotionEventProvider.q`); where that is missing `install`
says so and the pad uses Kivy's touches.
"""

import time
from collections import deque
from dataclasses import dataclass
from typing import Any, Final

try:
    from kivy.core.window.window_sdl2 import SDL2MotionEventProvider
except ImportError:  # a Kivy on another window provider
    SDL2MotionEventProvider = None

from stampsdk.capture import TouchKind

__all__ = ["Sample", "SdlTap"]

_KINDS: Final[dict[str, TouchKind]] = {"fingerdown": "down", "fingermotion": "move", "fingerup": "up"}
_MOST: Final = 4096


@dataclass(frozen=True, slots=True)
class Sample:
    """One report of the screen; x and y from 0 to 1, y down; the time is monotonic."""

    kind: TouchKind
    finger: int
    x: float
    y: float
    pressure: float | None
    time_s: float


class _TappedDeque(deque[Any]):
    """The provider's queue, noting what arrives on the left."""

    def __init__(self, waiting: deque[Any], samples: deque[Sample]) -> None:
        super().__init__(waiting)
        self._samples = samples

    def appendleft(self, event: Any) -> None:
        """Note the sample, then queue it."""
        kind, finger, x, y, pressure = event
        if kind in _KINDS:
            self._samples.append(Sample(_KINDS[kind], finger, x, y, pressure, time.monotonic()))
        super().appendleft(event)


class SdlTap:
    """Taps the provider's queue from `install` to `remove`."""

    def __init__(self) -> None:
        self.samples: deque[Sample] = deque(maxlen=_MOST)
        """Oldest first; the pad takes them from the left."""
        self._original: deque[Any] | None = None

    def install(self) -> bool:
        """Start to note samples; False where this Kivy has no such queue."""
        if SDL2MotionEventProvider is None or not isinstance(
            getattr(SDL2MotionEventProvider, "q", None), deque
        ):
            return False
        self._original = SDL2MotionEventProvider.q
        SDL2MotionEventProvider.q = _TappedDeque(self._original, self.samples)
        return True

    def remove(self) -> None:
        """Give the provider its queue back."""
        if self._original is not None:
            self._original.extend(SDL2MotionEventProvider.q)
            SDL2MotionEventProvider.q = self._original
            self._original = None

    def forget(self) -> None:
        """Drop contacts whose lifts were lost: after a pause Kivy would report them as still there."""
        self.samples.clear()
        if SDL2MotionEventProvider is not None:
            SDL2MotionEventProvider.q.clear()
            SDL2MotionEventProvider.touchmap.clear()
