"""JSON as this protocol reads and writes it: one meaning for every text.

`json.loads` alone lets through a name given twice (the last one wins, where another reader takes
the first), ``NaN`` and ``Infinity``, integers of any length, numbers that overflow to infinity, and lone
surrogates that no database stores. RFC 8259 calls such texts unpredictable; here they are refused.
"""

import json
import math
from typing import Any, Final

from stampsdk.protocol.errors import EnvelopeError

__all__ = ["LARGEST_NUMBER", "read", "write"]

LARGEST_NUMBER: Final = 2.0**64
"""No number of this protocol is larger: the widest is a contact's 64-bit identifier."""

_LONGEST_NUMBER: Final = 40


def read(data: bytes, field: str = "") -> Any:
    """Read a JSON text in UTF-8.

    Parameters
    ----------
    data
        The exact bytes.
    field
        What the text is called in errors.

    Raises
    ------
    EnvelopeError
        ``bad_json`` (not UTF-8, no JSON, nested too deeply), ``duplicate_key``, ``bad_number`` (NaN,
        infinite, or beyond `LARGEST_NUMBER`), ``bad_text`` (a control character or lone surrogate).
    """
    try:
        text = data.decode("utf-8")
        value = json.loads(
            text,
            object_pairs_hook=_members,
            parse_float=_number,
            parse_int=_integer,
            parse_constant=_constant,
        )
        # Control characters and surrogates reach a string only by an escape, so most texts skip the walk.
        if "\\" in text:
            _refuse_bad_text(value)
    except EnvelopeError as error:
        raise EnvelopeError(error.code, field, error.message) from None
    except (ValueError, RecursionError):
        raise EnvelopeError("bad_json", field, "no JSON text in UTF-8, or nested too deeply") from None
    return value


def write(value: Any) -> bytes:
    """Write JSON in UTF-8 without spaces, members in the order given.

    Raises
    ------
    EnvelopeError
        ``bad_number`` for NaN or an infinity, ``bad_text`` for a lone surrogate.
    """
    try:
        return json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode("utf-8")
    except UnicodeEncodeError:
        raise EnvelopeError("bad_text", "", "a text has a lone surrogate") from None
    except ValueError:
        raise EnvelopeError("bad_number", "", "a number is NaN or infinite") from None


def _constant(name: str) -> float:
    raise EnvelopeError("bad_number", "", f"{name} is no JSON number")


def _number(text: str) -> float:
    value = float(text) if len(text) <= _LONGEST_NUMBER else math.inf
    if not abs(value) <= LARGEST_NUMBER:
        raise EnvelopeError("bad_number", "", "a number is longer or larger than any in this protocol")
    return value


def _integer(text: str) -> int:
    _number(text)
    return int(text)


def _members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    names = dict(pairs)
    if len(names) != len(pairs):
        raise EnvelopeError("duplicate_key", "", "a name stands twice in one object")
    return names


def _refuse_bad_text(value: Any) -> None:
    """Walk over the value without recursion and refuse strings that cannot be stored."""
    waiting = [value]
    while waiting:
        item = waiting.pop()
        if isinstance(item, dict):
            waiting += [*item.keys(), *item.values()]
        elif isinstance(item, list):
            waiting += item
        elif isinstance(item, str) and any(c < " " or "\ud800" <= c <= "\udfff" for c in item):
            raise EnvelopeError("bad_text", "", "a text has a control character or a lone surrogate")
