"""A press that waits for the shop: when to ask what the shop decided."""

from typing import Final

__all__ = ["HeldPress"]

# People wait at the counter; the shop's screen shows the press within two seconds.
_EVERY_S: Final = 3.0
_AT_MOST_S: Final = 900.0


class HeldPress:
    """Says when the next question is due: one at a time, every three seconds, for a quarter of an hour.

    Parameters
    ----------
    press_id
        The press, ``prs_…``.
    """

    def __init__(self, press_id: str) -> None:
        self.press_id = press_id
        self._first_s: float | None = None
        self._next_s = 0.0
        self._asking = False

    def due(self, time_s: float) -> bool:
        """Whether to ask now; time in seconds, which may start anywhere."""
        if self._first_s is None:
            self._first_s, self._next_s = time_s, time_s + _EVERY_S
        if self._asking or time_s < self._next_s or time_s > self._first_s + _AT_MOST_S:
            return False
        self._next_s, self._asking = time_s + _EVERY_S, True
        return True

    def answered(self) -> None:
        """Note that the question came back, with an answer or without."""
        self._asking = False
