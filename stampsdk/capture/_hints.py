"""What to tell the person for each reason."""

from stampsdk.capture.outcomes import Hint, VoidReason

_HINTS = {
    VoidReason.TOO_MANY_CONTACTS: Hint.KEEP_FINGERS_OFF,
    VoidReason.TOO_FEW_CONTACTS: Hint.HOLD_PHONE,
    VoidReason.CANCELLED: Hint.KEEP_FINGERS_OFF,
    VoidReason.VANISHED_TOGETHER: Hint.HOLD_LONGER,
    VoidReason.LIFTED_EARLY: Hint.HOLD_LONGER,
    VoidReason.TIP_LOST: Hint.PRESS_STRAIGHT_DOWN,
    VoidReason.SLID: Hint.PRESS_STRAIGHT_DOWN,
    VoidReason.NOT_STILL: Hint.HOLD_STILL,
    VoidReason.LANDED_TOO_SLOWLY: Hint.PRESS_STRAIGHT_DOWN,
    VoidReason.TOO_WIDE: Hint.KEEP_FINGERS_OFF,
    VoidReason.TOO_CLOSE: Hint.LIFT_AND_RETRY,
    VoidReason.INTERRUPTED: Hint.LIFT_AND_RETRY,
    VoidReason.INVALID_POSITION: Hint.LIFT_AND_RETRY,
    VoidReason.INVALID_TIME: Hint.LIFT_AND_RETRY,
}

_GESTURE_CONTACTS = (2, 3)
"""A system's screenshot gesture takes over at the third finger, before or after the app saw it."""


class Hints:
    """Chooses the hint for a void; remembers whether the system keeps taking touches away.

    Phones with a three-finger gesture swallow the third tip and cancel the first two. Once that
    happens a second time without a press in between, only switching the gesture off will help.
    """

    def __init__(self, *, cancel_is_reported: bool) -> None:
        self._cancel_is_reported = cancel_is_reported
        self._stolen = 0

    def pressed(self) -> None:
        """Note that a press came through."""
        self._stolen = 0

    def after(self, reason: VoidReason, most_contacts: int) -> Hint:
        """Return the hint for an attempt that had ``most_contacts`` at once and ended for ``reason``."""
        if reason not in (VoidReason.CANCELLED, VoidReason.VANISHED_TOGETHER):
            return _HINTS[reason]
        if most_contacts in _GESTURE_CONTACTS:
            self._stolen += 1
            return Hint.SWITCH_OFF_GESTURES if self._stolen > 1 else Hint.LIFT_AND_RETRY
        if reason == VoidReason.VANISHED_TOGETHER and not self._cancel_is_reported:
            return Hint.KEEP_FINGERS_OFF
        return _HINTS[reason]
