"""The contacts on the glass: which is which, which is lost for a moment, which only rests."""

import math

from stampsdk.capture._tip import Tip
from stampsdk.capture.events import Contact, TouchEvent
from stampsdk.capture.settings import EPSILON_S, DetectorSettings


class Glass:
    """Every contact that is down, and every tip that left a moment ago and may return.

    ``tips`` is in the order of landing.
    """

    def __init__(self, settings: DetectorSettings) -> None:
        self.settings = settings
        self.tips: list[Tip] = []

    def contacts(self) -> tuple[Contact, ...]:
        """Return all that is down."""
        return tuple(tip.contact() for tip in self.tips if tip.lost_s is None)

    def cluster(self) -> list[Tip]:
        """Return what may be the tips of a stamp: down, and not a resting finger."""
        return [tip for tip in self.tips if tip.lost_s is None and not tip.resting]

    def lost(self) -> list[float]:
        """Return when each lost tip left."""
        return [tip.lost_s for tip in self.tips if tip.lost_s is not None]

    def find(self, uid: int) -> Tip | None:
        """Return the contact that is down under ``uid``."""
        for tip in self.tips:
            if tip.uid == uid and tip.lost_s is None:
                return tip
        return None

    def nearest(self, place: TouchEvent | Tip, *, lost: bool) -> Tip | None:
        """Return the nearest other tip, lost or down, within ``dropout_mm``; no resting finger."""
        found = None
        least = self.settings.dropout_mm * self.settings.px_per_mm
        for tip in self.tips:
            apart = math.hypot(tip.x - place.x, tip.y - place.y)
            if tip is not place and not tip.resting and (tip.lost_s is not None) == lost and apart <= least:
                found = tip
                least = apart
        return found

    def rest_old(self, now: float) -> None:
        """Something lands: let what has been down for long count as resting fingers, if few."""
        limits = self.settings
        old = [tip for tip in self.cluster() if now - tip.landed_s > limits.resting_s + EPSILON_S]
        if len(old) + sum(tip.resting for tip in self.tips) <= limits.most_resting:
            for tip in old:
                tip.resting = True
        if not self.cluster():
            for tip in self.tips:
                tip.base_here()

    def hand_over(self, tip: Tip, now: float) -> None:
        """``tip`` was lifted: if it goes on under a new uid, let that one take its history."""
        heir = self.nearest(tip, lost=False)
        if heir is not None and now - heir.landed_s <= self.settings.dropout_s + EPSILON_S:
            heir.landed_s = min(heir.landed_s, tip.landed_s)
            heir.base_x, heir.base_y = tip.base_x, tip.base_y
            self.tips.remove(tip)

    def drop_silent(self, now: float) -> None:
        """Forget contacts that reported nothing for ``ghost_s``: their ups were lost."""
        limit = self.settings.ghost_s
        self.tips = [
            tip for tip in self.tips if tip.lost_s is not None or now - tip.reported_s <= limit + EPSILON_S
        ]

    def drop_before(self, tip: Tip, now: float) -> None:
        """``tip`` landed again without an up: forget it and all that are as old as ghosts."""
        limit = self.settings.resting_s
        self.tips = [
            other for other in self.tips if other is not tip and now - other.landed_s <= limit + EPSILON_S
        ]

    def end_attempt(self) -> None:
        """Forget the tips that left; a finger that slid has to leave like the tips."""
        self.drop_lost()
        for tip in self.tips:
            tip.resting = tip.resting and not tip.slid

    def drop_lost(self) -> None:
        """Forget the tips that left."""
        self.tips = [tip for tip in self.tips if tip.lost_s is None]

    def all_rest(self) -> bool:
        """Return whether nothing but resting fingers is down."""
        return all(tip.resting for tip in self.tips)
