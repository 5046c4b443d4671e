"""The code screen's state: six digits from the staff's screen, typed one by one."""

from collections.abc import Callable
from typing import Final

__all__ = ["CODE_DIGITS", "CodeEntry"]

CODE_DIGITS: Final = 6


class CodeEntry:
    """Collects digits and hands on the code with the sixth.

    Parameters
    ----------
    done
        Gets the code; the field is empty again by then.
    changed
        Called whenever `digits` has changed.
    """

    def __init__(self, *, done: Callable[[str], None], changed: Callable[[], None]) -> None:
        self._done = done
        self._changed = changed
        self.digits = ""
        """What was typed so far."""

    @property
    def shown(self) -> str:
        """The digits with a mark for each that is missing."""
        return " ".join(self.digits.ljust(CODE_DIGITS, "_"))

    def type(self, digit: str) -> None:
        """Take one digit."""
        self.digits += digit
        code = self.digits
        if len(code) == CODE_DIGITS:
            self.digits = ""
        self._changed()
        if len(code) == CODE_DIGITS:
            self._done(code)

    def erase(self) -> None:
        """Take the last digit back."""
        self.digits = self.digits[:-1]
        self._changed()

    def clear(self) -> None:
        """Start with nothing typed."""
        self.digits = ""
        self._changed()
