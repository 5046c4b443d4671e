"""What goes wrong at the counter: presses that are refused or wait for the shop, in plausible shares."""

import random
from typing import Final

from server.presses.reasons import Reason

#: How many visits have a press that is refused first, and how many presses to stamp wait for the shop.
REFUSED_VISITS: Final = 0.05
HELD_PRESSES: Final = 0.001
#: How many who were refused do not try again.
GIVING_UP: Final = 0.06

#: Shares of the reasons. An honest phone's bad moments are the most; forgers are few.
REFUSED: Final = {
    Reason.NOT_RECOGNISED: 0.27,
    Reason.TOUCHES_FEW: 0.20,
    Reason.ACCURACY_COARSE: 0.16,
    Reason.TOUCHES_MANY: 0.09,
    Reason.FIX_OLD: 0.08,
    Reason.NONCE_EXPIRED: 0.07,
    Reason.OUTSIDE_FENCE: 0.06,
    Reason.PATTERN_AMBIGUOUS: 0.04,
    Reason.TOUCHES_LARGE: 0.02,
    Reason.LOCATION_MOCKED: 0.005,
    Reason.DUPLICATE_CAPTURE: 0.005,
}
HELD: Final = {
    Reason.LOCATION_DENIED: 0.5,
    Reason.LOCATION_TIMEOUT: 0.3,
    Reason.LOCATION_UNAVAILABLE: 0.2,
}
_REFUSED: Final = (tuple(REFUSED), tuple(REFUSED.values()))
_HELD: Final = (tuple(HELD), tuple(HELD.values()))


def draw_refusal(rng: random.Random) -> Reason:
    """Draw why a press is refused."""
    return rng.choices(*_REFUSED)[0]


def draw_hold(rng: random.Random) -> Reason:
    """Draw why a press waits for the shop."""
    return rng.choices(*_HELD)[0]
