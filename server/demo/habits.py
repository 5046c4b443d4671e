"""What simulated customers are like: how often they come, when, for how many drinks, and how it ends."""

import math
import random
from dataclasses import dataclass
from datetime import timedelta
from enum import Enum
from typing import Final

#: Where a card is left for good by those who stop just before it is full.
STOPS_AT: Final = 8
#: Shares of the customers.
STOPPERS: Final = 0.05
PASSERS_BY: Final = 0.22
#: Days between two visits: median, spread of the logarithm, and the bounds.
_GAP_DAYS: Final = 6.0
_GAP_SPREAD: Final = 0.75
_GAP_BOUNDS: Final = (1.0, 45.0)
_STOPPER_GAP_DAYS: Final = 9.0
#: Chance of not coming again, after each visit.
_LEAVING: Final = (0.005, 0.045)
_LEAVING_PASSER_BY: Final = 0.6


class Rhythm(Enum):
    """When somebody likes to come: (share, hour, spread in hours, factor at the weekend)."""

    COMMUTER = (0.30, 8.6, 0.5, 0.10)
    LUNCH = (0.28, 12.6, 0.6, 0.30)
    AFTERNOON = (0.24, 15.2, 1.3, 1.0)
    EVENING = (0.10, 18.8, 1.0, 0.8)
    WEEKENDER = (0.08, 14.0, 1.8, 4.0)

    def __init__(self, share: float, hour: float, spread_h: float, weekend: float) -> None:
        self.share = share
        self.hour = hour
        self.spread_h = spread_h
        self.weekend = weekend


class Saving(Enum):
    """What becomes of a coupon: (share, days until it is used, at least and at most; None for never)."""

    SOON = (0.58, (0.0, 8.0))
    LATE = (0.27, (15.0, 100.0))
    NEVER = (0.15, None)

    def __init__(self, share: float, days: tuple[float, float] | None) -> None:
        self.share = share
        self.days = days


_RHYTHMS: Final = tuple(Rhythm)
_SAVINGS: Final = tuple(Saving)


@dataclass(frozen=True, slots=True)
class Habits:
    """One customer.

    Attributes
    ----------
    gap_days
        Mean time between two visits, before seasons thin them out.
    rhythm
        Favourite hours and days.
    drinks
        Weights of one, two and three drinks a visit.
    leaving
        Chance of not coming again, after each visit.
    saving
        What the customer does with coupons.
    stops_at
        With how many stamps on the card the customer stops coming, or None.
    """

    gap_days: float
    rhythm: Rhythm
    drinks: tuple[float, float, float]
    leaving: float
    saving: Saving
    stops_at: int | None

    def wait(self, rng: random.Random) -> timedelta:
        """Draw the time to the next visit: at least half a day, and irregular as people are."""
        return timedelta(days=max(0.5, rng.gammavariate(2.0, self.gap_days / 2.0)))


def draw_habits(rng: random.Random) -> Habits:
    """Draw a customer."""
    stops = rng.random() < STOPPERS
    passes_by = not stops and rng.random() < PASSERS_BY / (1.0 - STOPPERS)
    gap = min(max(_GAP_DAYS * math.exp(rng.gauss(0.0, _GAP_SPREAD)), _GAP_BOUNDS[0]), _GAP_BOUNDS[1])
    more = rng.betavariate(2.0, 5.0)
    leaving = _LEAVING_PASSER_BY if passes_by else rng.uniform(*_LEAVING)
    return Habits(
        gap_days=min(gap, _STOPPER_GAP_DAYS) if stops else gap,
        rhythm=rng.choices(_RHYTHMS, [rhythm.share for rhythm in _RHYTHMS])[0],
        drinks=(1.0 - more, 0.8 * more, 0.2 * more),
        leaving=0.0 if stops else leaving,
        saving=rng.choices(_SAVINGS, [saving.share for saving in _SAVINGS])[0],
        stops_at=STOPS_AT if stops else None,
    )
