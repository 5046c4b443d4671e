"""How often staff codes may be tried, so that nobody guesses one."""

import math
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy.orm import Session

from server.core import audit, tallies
from server.core.clock import Clock
from server.settings import Settings

__all__ = ["Tries"]

_GUESS_WINDOW: Final = timedelta(hours=1)


class Tries:
    """The wrong tries of this hour: of one device, and at each shop whoever sends them.

    Devices are free, so the count of the shop is what keeps codes safe: with the default of 30 an hour,
    somebody who tries all day long finds the one open code with a chance of 7 in 10,000 (docs/adr/0014).
    A try at several shops counts at each of them, so that this holds for each.

    Parameters
    ----------
    device_id, shop_ids
        Who tries, and at which shops, the likeliest first; nobody's shops have no count and are left out.
    now, settings
        The time and the limits.

    Attributes
    ----------
    wait_s
        Seconds until the hour is over.
    is_cut
        Whether a shop is left out because its tries are used up.
    """

    def __init__(self, device_id: str, shop_ids: Sequence[str], now: datetime, settings: Settings) -> None:
        window = math.floor(now.timestamp() / _GUESS_WINDOW.total_seconds())
        end_s = (window + 1) * _GUESS_WINDOW.total_seconds()
        self.wait_s = max(1, math.ceil(end_s - now.timestamp()))
        self.is_cut = False
        self._device = (f"staff_guess|{device_id}|{window}", settings.staff_code_guesses_per_device)
        self._shops = {shop_id: f"staff_guess|{shop_id}|{window}" for shop_id in shop_ids}
        self._most = settings.staff_code_guesses_per_shop
        self._taken: list[str] = []
        self._filled: list[str] = []

    def take(self, session: Session, clock: Clock) -> tuple[str, ...] | None:
        """Count a try before it is made.

        Returns
        -------
        tuple of str or None
            The shops at which it may be made, in the order given; none where the device knew no shop.
            None when the device, or every shop, has no tries left; then nothing was counted.
        """
        bucket, most = self._device
        if tallies.add(session, clock, bucket, most=most) is None:
            return None
        self._taken.append(bucket)
        left = set()
        # In one order whoever asks: the rows stay locked until the transaction ends.
        for shop_id in sorted(self._shops):
            counted = tallies.add(session, clock, self._shops[shop_id], most=self._most)
            if counted is None:
                self.is_cut = True
                continue
            left.add(shop_id)
            self._taken.append(self._shops[shop_id])
            if counted == self._most:
                self._filled.append(shop_id)
        if self._shops and not left:
            self.give_back(session)
            return None
        return tuple(shop_id for shop_id in self._shops if shop_id in left)

    def give_back(self, session: Session) -> None:
        """Do not count a try that was right."""
        for bucket in self._taken:
            tallies.give_back(session, bucket)

    def note_end(self, session: Session, clock: Clock) -> None:
        """Tell the owner when a shop's last wrong try was made: somebody guesses."""
        for shop_id in self._filled:
            audit.record(
                session,
                clock,
                actor="system",
                action="staff_code.guessing_stopped",
                subject=shop_id,
                detail={"for_s": self.wait_s},
            )
