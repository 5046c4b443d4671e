"""One contact as the detector follows it from landing to lift, across dropouts and changes of uid."""

import math

from stampsdk.capture.events import Contact, TouchEvent


class Tip:
    """A contact's history: where it landed, where it rests and since when.

    ``samples`` holds (time, x, y) for every instant at which the tip rested, oldest first; it is
    emptied whenever the tip moves on.
    """

    __slots__ = (
        "base_x", "base_y", "fresh_s", "landed_s", "lost_s", "pressure", "reported_s", "rest_x", "rest_y",
        "resting", "samples", "size", "still_since_s", "uid", "x", "y",
    )  # fmt: skip

    def __init__(self, event: TouchEvent, now: float, skip_s: float) -> None:
        self.landed_s = now
        self.lost_s: float | None = None
        self.resting = False
        self.samples: list[tuple[float, float, float]] = []
        self.appear(event, now, skip_s)
        self.base_x = event.x
        self.base_y = event.y

    def appear(self, event: TouchEvent, now: float, skip_s: float) -> None:
        """Take a landing, or a return after a dropout: what is reported next has to settle first."""
        self.uid = event.uid
        self.lost_s = None
        self.fresh_s = now
        self._place(event, now)
        self.restart(now + skip_s)

    def move(self, event: TouchEvent, now: float, skip_s: float, still_px: float) -> None:
        """Take a report; one that leaves the place of rest starts a new rest."""
        self._place(event, now)
        if now < self.fresh_s + skip_s:
            if self.fresh_s == self.landed_s:
                self.base_x = event.x
                self.base_y = event.y
            self.restart(self.fresh_s + skip_s)
        elif math.hypot(event.x - self.rest_x, event.y - self.rest_y) > still_px:
            self.restart(now)

    def restart(self, still_since_s: float) -> None:
        """Let the tip rest where it is now, counted from ``still_since_s``."""
        self.rest_x = self.x
        self.rest_y = self.y
        self.still_since_s = still_since_s
        self.samples = []

    def sample(self, now: float) -> None:
        """Note where the tip is at the instant ``now``; a second note of one instant replaces the first."""
        if self.samples and self.samples[-1][0] == now:
            self.samples.pop()
        if now >= self.still_since_s:
            self.samples.append((now, self.x, self.y))

    def distance(self, x: float, y: float) -> float:
        """Return the distance from the tip's last place to (x, y), px."""
        return math.hypot(self.x - x, self.y - y)

    def travel(self) -> float:
        """Return how far the tip is from where it landed, px."""
        return math.hypot(self.x - self.base_x, self.y - self.base_y)

    def contact(self) -> Contact:
        """Return the tip as last reported."""
        return Contact(self.uid, self.x, self.y, self.pressure, self.size)

    def _place(self, event: TouchEvent, now: float) -> None:
        self.x = event.x
        self.y = event.y
        self.pressure = event.pressure
        self.size = event.size
        self.reported_s = now


def settled(values: list[float]) -> float:
    """Return the mean of the middle half of ``values``: sorted, a quarter cut from either end.

    Means resolve less than the step in which a screen reports; the cut keeps out a stale report.
    """
    ordered = sorted(values)
    cut = len(ordered) // 4
    kept = ordered[cut : len(ordered) - cut]
    return sum(kept) / len(kept)
