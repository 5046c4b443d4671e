"""Reading the form that a page posts without JavaScript."""

from typing import Final
from urllib.parse import parse_qsl

from fastapi import Request

from server.core.errors import BadRequest

_MOST_FIELDS: Final = 30


async def read_form(request: Request) -> dict[str, str]:
    """Return the fields of a url-encoded form.

    Parameters
    ----------
    request
        The request; its size is bounded by `server.core.request_guard`.

    Returns
    -------
    dict of str to str
        Texts without NUL, as they were typed; none for a body that is empty.

    Raises
    ------
    BadRequest
        Code ``malformed_form``: another content type, no UTF-8, a NUL, a field
        twice, or more than 30 fields.
    """
    body = await request.body()
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if not kind and not body:
        return {}
    if kind != "application/x-www-form-urlencoded":
        raise _malformed("is not application/x-www-form-urlencoded")
    try:
        pairs = parse_qsl(
            body.decode("utf-8"),
            keep_blank_values=True,
            errors="strict",
            max_num_fields=_MOST_FIELDS,
        )
    except UnicodeDecodeError as error:
        raise _malformed("is not UTF-8") from error
    except ValueError as error:
        raise _malformed(f"has more than {_MOST_FIELDS} fields") from error
    fields = dict(pairs)
    if len(fields) != len(pairs):
        raise _malformed("has the same field twice")
    if any("\x00" in text for pair in pairs for text in pair):
        raise _malformed("has a NUL character")
    return fields


def _malformed(what: str) -> BadRequest:
    return BadRequest(f"The form {what}.", code="malformed_form")
