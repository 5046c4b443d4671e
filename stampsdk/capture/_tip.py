"""One contact as the detector follows it from landing to lift, across dropouts and changes of uid."""

import math

from stampsdk.capture.events import Contact, TouchEvent
from stampsdk.capture.settings import EPSILON_S, DetectorSettings


class Tip:
    """A contact's history: where it landed, where it rests and since when.

    ``base_x, base_y`` is where it landed, ``rest_x, rest_y`` where it rests, since
    ``still_since_s``. ``samples`` holds (time, x, y) for every instant at which it rested, oldest
    first; it is emptied whenever the tip moves on.
    """

    __slots__ = (
        "base_x", "base_y", "fresh_s", "landed_s", "lost_s", "pressure", "reported_s", "rest_x", "rest_y",
        "resting", "samples", "size", "slid", "still_since_s", "uid", "x", "y",
    )  # fmt: skip

    def __init__(self, event: TouchEvent, now: float, settings: DetectorSettings) -> None:
        self.landed_s = now
        self.resting = False
        self.slid = False
        self.appear(event, now, settings)
        self.base_here()

    def appear(self, event: TouchEvent, now: float, settings: DetectorSettings) -> None:
        """Take a landing, or a return after a dropout: what is reported next has to settle first."""
        self.uid = event.uid
        self.lost_s: float | None = None
        self.fresh_s = now
        self._place(event, now)
        self.restart(now + settings.skip_s)

    def move(self, event: TouchEvent, now: float, settings: DetectorSettings) -> None:
        """Take a report; one that leaves the place of rest starts a new rest."""
        self._place(event, now)
        if now < self.fresh_s + settings.skip_s - EPSILON_S:
            self.restart(self.fresh_s + settings.skip_s)
            if self.fresh_s == self.landed_s:
                self.base_here()
        elif math.hypot(self.x - self.rest_x, self.y - self.rest_y) > settings.still_mm * settings.px_per_mm:
            self.restart(now)
        travel = math.hypot(self.x - self.base_x, self.y - self.base_y)
        self.slid = self.slid or travel > settings.slide_mm * settings.px_per_mm

    def restart(self, still_since_s: float) -> None:
        """Let the tip rest where it is now, counted from ``still_since_s``."""
        self.rest_x = self.x
        self.rest_y = self.y
        self.still_since_s = still_since_s
        self.samples: list[tuple[float, float, float]] = []

    def base_here(self) -> None:
        """Measure from here how far the tip slides."""
        self.base_x = self.x
        self.base_y = self.y
        self.slid = False

    def sample(self, now: float) -> None:
        """Note where the tip is at the instant ``now``; a second note of one instant replaces the first."""
        if self.samples and self.samples[-1][0] == now:
            self.samples.pop()
        if now > self.still_since_s - EPSILON_S:
            self.samples.append((now, self.x, self.y))

    def contact(self) -> Contact:
        """Return the tip as last reported."""
        return Contact(self.uid, self.x, self.y, self.pressure, self.size)

    def _place(self, event: TouchEvent, now: float) -> None:
        self.x = event.x
        self.y = event.y
        self.pressure = event.pressure
        self.size = event.size
        self.reported_s = now
