"""How often staff codes may be tried, so that nobody guesses one."""

import math
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy.orm import Session

from server.core import audit, tallies
from server.core.clock import Clock
from server.settings import Settings

__all__ = ["Tries"]

_GUESS_WINDOW: Final = timedelta(hours=1)


class Tries:
    """The wrong tries of this hour: of one device, and at one shop whoever sends them.

    Devices are free, so the count of the shop is what keeps codes safe: with the default of 30 an hour,
    somebody who tries all day long finds the one open code with a chance of 7 in 10,000 (docs/adr/0014).
    """

    def __init__(self, device_id: str, shop_id: str, now: datetime, settings: Settings) -> None:
        window = math.floor(now.timestamp() / _GUESS_WINDOW.total_seconds())
        end_s = (window + 1) * _GUESS_WINDOW.total_seconds()
        self.wait_s = max(1, math.ceil(end_s - now.timestamp()))
        self._shop_id = shop_id
        self._device = (f"staff_guess|{device_id}|{window}", settings.staff_code_guesses_per_device)
        self._shop = (f"staff_guess|{shop_id}|{window}", settings.staff_code_guesses_per_shop)
        self._taken: list[str] = []
        self._shop_is_full = False

    def take(self, session: Session, clock: Clock, *, known_shop: bool) -> bool:
        """Count a try before it is made; False where either count is full. Nobody's shop has no count."""
        for bucket, most in (self._device, self._shop) if known_shop else (self._device,):
            counted = tallies.add(session, clock, bucket, most=most)
            if counted is None:
                self.give_back(session)
                return False
            self._taken.append(bucket)
            self._shop_is_full = bucket == self._shop[0] and counted == most
        return True

    def give_back(self, session: Session) -> None:
        """Do not count a try that was right."""
        for bucket in self._taken:
            tallies.give_back(session, bucket)

    def note_end(self, session: Session, clock: Clock) -> None:
        """Tell the owner when the shop's last wrong try was made: somebody guesses."""
        if self._shop_is_full:
            audit.record(
                session,
                clock,
                actor="system",
                action="staff_code.guessing_stopped",
                subject=self._shop_id,
                detail={"for_s": self.wait_s},
            )
