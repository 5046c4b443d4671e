"""Reading request bodies so that nothing gets in that JSON, UTF-8 or the databases cannot carry.

Python's parser takes NaN, lone surrogates, integers of any size and numbers
that overflow to infinity; PostgreSQL takes no NUL in text. Refusing them here
keeps every endpoint free of them (`server.core.request_guard` calls it).
"""

import json
import math
from typing import Any, NoReturn

from server.core.errors import BadRequest

_DEEPEST = 32
_LARGEST_INTEGER = 2**63 - 1


class _UnusableJsonError(ValueError):
    pass


def parse_strict_json(body: bytes) -> Any:
    """Parse a JSON text.

    Parameters
    ----------
    body
        UTF-8 bytes.

    Returns
    -------
    Any
        The value: finite numbers, integers of at most 64 bits, text without
        NUL and lone surrogates, no key twice in one object, nested at most 32
        deep.

    Raises
    ------
    BadRequest
        With code ``malformed_json``, and what was wrong.
    """
    try:
        text = body.decode("utf-8")
        value = json.loads(
            text,
            parse_constant=_refuse_constant,
            parse_float=_finite,
            parse_int=_integer,
            object_pairs_hook=_object,
        )
        _check_text_and_depth(value)
    except UnicodeDecodeError as error:
        raise BadRequest(f"The body is not UTF-8, at byte {error.start}.", code="malformed_json") from error
    except RecursionError as error:
        raise BadRequest(f"The body is nested deeper than {_DEEPEST}.", code="malformed_json") from error
    except json.JSONDecodeError as error:
        raise BadRequest(
            f"The body is not JSON: {error.msg} at character {error.pos}.", code="malformed_json"
        ) from error
    except _UnusableJsonError as error:
        raise BadRequest(f"The body has {error}.", code="malformed_json") from error
    return value


def _refuse_constant(name: str) -> NoReturn:
    raise _UnusableJsonError(f"{name}, which is not JSON")


def _finite(digits: str) -> float:
    value = float(digits)
    if not math.isfinite(value):
        raise _UnusableJsonError("a number too large for a 64-bit float")
    return value


def _integer(digits: str) -> int:
    # Compared by length first: Python refuses to read thousands of digits.
    if len(digits) > 20 or abs(value := int(digits)) > _LARGEST_INTEGER:  # noqa: PLR2004 (2**63 has 19 digits)
        raise _UnusableJsonError("an integer of more than 64 bits")
    return value


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise _UnusableJsonError("the same key twice in one object")
    return members


def _check_text_and_depth(value: Any) -> None:
    stack = [(value, 1)]
    while stack:
        item, depth = stack.pop()
        if depth > _DEEPEST:
            raise RecursionError
        if isinstance(item, str):
            _check_text(item)
        elif isinstance(item, dict):
            for key, member in item.items():
                _check_text(key)
                stack.append((member, depth + 1))
        elif isinstance(item, list):
            stack.extend((member, depth + 1) for member in item)


def _check_text(text: str) -> None:
    if "\x00" in text:
        raise _UnusableJsonError("a NUL character in a text")
    if any("\ud800" <= character <= "\udfff" for character in text):
        raise _UnusableJsonError("half of a surrogate pair in a text")
