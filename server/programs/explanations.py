"""The reason that somebody gives for putting something right: short, and text that a database can keep."""

import unicodedata
from typing import Final

from server.core.errors import Unprocessable

__all__ = ["LONGEST_REASON", "checked_reason"]

LONGEST_REASON: Final = 200
"""Characters."""

_UNFIT: Final = {"Cc", "Cs"}


def checked_reason(text: str) -> str:
    """Return the reason without blanks around it.

    Raises
    ------
    Unprocessable
        ``reason_missing``, ``reason_too_long``, or ``reason_invalid`` for control characters and halves of
        surrogate pairs.
    """
    reason = text.strip()
    if not reason:
        raise Unprocessable("reason: say in a few words why.", code="reason_missing")
    if len(reason) > LONGEST_REASON:
        raise Unprocessable(
            f"reason: at most {LONGEST_REASON} characters, this has {len(reason)}.", code="reason_too_long"
        )
    if any(unicodedata.category(character) in _UNFIT for character in reason):
        raise Unprocessable(
            "reason: a line of plain text, without control characters.", code="reason_invalid"
        )
    return reason
