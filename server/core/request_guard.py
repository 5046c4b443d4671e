"""ASGI middleware that refuses requests no endpoint could answer well."""

from typing import Final

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from server.core.errors import BadRequest, ContentTooLarge, Problem
from server.core.problems import problem_response
from server.core.strict_json import parse_strict_json

_LONGEST_HOST: Final = 260
"""A name has at most 253 characters (RFC 1035), a port five. Our addresses and QR codes are made of it."""


def _is_json(headers: Headers) -> bool:
    kind = headers.get("content-type", "").partition(";")[0].strip().lower()
    return kind.startswith("application/") and (kind == "application/json" or kind.endswith("+json"))


class RequestGuard:
    """Refuse bodies over the limit (413), JSON that is none, NUL in the address, a Host that is none (400).

    The body is read here, so that the limit holds whatever Content-Length
    claims and whether or not an endpoint reads it. A NUL or a number without
    bounds that got past would fail in one database and not in the other.

    Parameters
    ----------
    app
        What to guard.
    max_body_bytes
        The largest body, for every path.
    """

    def __init__(self, app: ASGIApp, max_body_bytes: int) -> None:
        self.app = app
        self.max_body_bytes = max_body_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: D102 (ASGI)
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        try:
            if "\x00" in scope["path"] or b"%00" in scope["query_string"]:
                raise BadRequest("The address has a NUL character.")
            headers = Headers(scope=scope)
            if len(headers.get("host", "")) > _LONGEST_HOST:
                raise BadRequest("The Host is longer than any name.")
            body = await self._read(headers, receive)
            if body and _is_json(headers):
                parse_strict_json(body)  # FastAPI's own parser is lenient
        except Problem as problem:
            await problem_response(problem)(scope, receive, send)
            return
        if body is None:
            return
        delivered = False

        async def replay() -> Message:
            nonlocal delivered
            if delivered:
                return await receive()
            delivered = True
            return {"type": "http.request", "body": body, "more_body": False}

        await self.app(scope, replay, send)

    async def _read(self, headers: Headers, receive: Receive) -> bytes | None:
        """Return the body, or None when the client went away."""
        claimed = headers.get("content-length", "0")
        if claimed.isascii() and claimed.isdigit() and int(claimed[:20]) > self.max_body_bytes:
            raise self._too_large()
        chunks, size, more = [], 0, True
        while more:
            message = await receive()
            if message["type"] != "http.request":
                return None
            chunk = message.get("body", b"")
            size += len(chunk)
            if size > self.max_body_bytes:
                raise self._too_large()
            chunks.append(chunk)
            more = message.get("more_body", False)
        return b"".join(chunks)

    def _too_large(self) -> ContentTooLarge:
        return ContentTooLarge(f"The body may have at most {self.max_body_bytes} bytes.")
