"""Readers for single JSON values: each checks type and bounds, and names the field when it refuses."""

import re
from collections.abc import Iterable
from typing import Any

from stampsdk.protocol.errors import EnvelopeError

__all__ = ["boolean", "integer", "items", "member", "number", "text"]


def member(value: Any, field: str, names: Iterable[str]) -> dict[str, Any]:
    """Take an object that has exactly these members."""
    if not isinstance(value, dict):
        raise EnvelopeError("wrong_type", field, "an object is wanted")
    wanted = set(names)
    for name in sorted(wanted - value.keys()):
        raise EnvelopeError("missing_field", _join(field, name), "this member is missing")
    if value.keys() - wanted:
        # The foreign name is the sender's text: it is counted, not repeated.
        raise EnvelopeError("unknown_field", field, f"members other than {', '.join(sorted(wanted))}")
    return value


def items(value: Any, field: str, *, most: int, least: int = 0) -> list[Any]:
    """Take an array of bounded length."""
    if not isinstance(value, list):
        raise EnvelopeError("wrong_type", field, "an array is wanted")
    if not least <= len(value) <= most:
        raise EnvelopeError("out_of_bounds", field, f"{least} to {most} entries are wanted")
    return value


def number(value: Any, field: str, *, low: float = -1e9, high: float = 1e9) -> float:
    """Take a finite number within bounds; a boolean is no number."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise EnvelopeError("wrong_type", field, "a number is wanted")
    if not low <= value <= high:
        raise EnvelopeError("out_of_bounds", field, f"a number from {low:g} to {high:g} is wanted")
    return float(value)


def integer(value: Any, field: str, *, low: float, high: float) -> int:
    """Take a whole number within bounds; JavaScript's 3.0 is 3."""
    number(value, field, low=low, high=high)
    if value != int(value):
        raise EnvelopeError("wrong_type", field, "a whole number is wanted")
    return int(value)


def text(value: Any, field: str, pattern: re.Pattern[str]) -> str:
    """Take a string that the pattern matches from end to end."""
    if not isinstance(value, str):
        raise EnvelopeError("wrong_type", field, "a string is wanted")
    if not pattern.fullmatch(value):
        raise EnvelopeError("bad_value", field, "this string has another form here")
    return value


def boolean(value: Any, field: str) -> bool:
    """Take true or false."""
    if not isinstance(value, bool):
        raise EnvelopeError("wrong_type", field, "true or false is wanted")
    return value


def _join(field: str, name: str) -> str:
    return f"{field}.{name}" if field else name
