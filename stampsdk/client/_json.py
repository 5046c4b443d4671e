"""Readers for members of the server's answers: what must be there is there and of its type, or `AnswerError`.

Unknown members are left aside, so that a newer server can say more.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from stampsdk.client.errors import AnswerError

__all__ = ["array", "boolean", "integer", "maybe_text", "maybe_time", "obj", "text", "time"]


def obj(value: Any, what: str) -> Mapping[str, Any]:
    """Take an object."""
    if not isinstance(value, dict):
        raise AnswerError(f"{what}: an object is wanted")
    return value


def array(body: Mapping[str, Any], name: str) -> list[Any]:
    """Take a member that is an array."""
    value = body.get(name)
    if not isinstance(value, list):
        raise AnswerError(f"{name}: an array is wanted")
    return value


def text(body: Mapping[str, Any], name: str) -> str:
    """Take a member that is a string."""
    value = body.get(name)
    if not isinstance(value, str):
        raise AnswerError(f"{name}: a string is wanted")
    return value


def maybe_text(body: Mapping[str, Any], name: str) -> str | None:
    """Take a member that is a string, null or absent."""
    return None if body.get(name) is None else text(body, name)


def integer(body: Mapping[str, Any], name: str) -> int:
    """Take a member that is a whole number."""
    value = body.get(name)
    if not isinstance(value, int) or isinstance(value, bool):
        raise AnswerError(f"{name}: a whole number is wanted")
    return value


def boolean(body: Mapping[str, Any], name: str) -> bool:
    """Take a member that is true or false."""
    value = body.get(name)
    if not isinstance(value, bool):
        raise AnswerError(f"{name}: true or false is wanted")
    return value


def time(body: Mapping[str, Any], name: str) -> datetime:
    """Take a member that is a time with its zone."""
    try:
        value = datetime.fromisoformat(text(body, name))
    except ValueError:
        raise AnswerError(f"{name}: an RFC 3339 time is wanted") from None
    if value.tzinfo is None:
        raise AnswerError(f"{name}: a time needs its zone")
    return value


def maybe_time(body: Mapping[str, Any], name: str) -> datetime | None:
    """Take a member that is a time, null or absent."""
    return None if body.get(name) is None else time(body, name)
