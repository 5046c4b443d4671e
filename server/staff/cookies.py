"""The cookies of the owner's pages."""

from typing import Final

from fastapi import Request, Response

from server.settings import Settings

OWNER_COOKIE: Final = "stamp_owner"
"""Holds the token of the session."""

COUNTER_COOKIE: Final = "stamp_counter"
"""Holds the token that makes a browser a phone of the counter."""

_COUNTER_PATH: Final = "/owner"
# As long as browsers keep a cookie. When a session ends, its row decides.
_KEPT_S: Final = 400 * 24 * 3600


def set_owner_cookie(request: Request, response: Response, settings: Settings, token: str) -> None:
    """Give the browser the token of its session."""
    _set(request, response, settings, OWNER_COOKIE, token, "/")


def set_counter_cookie(request: Request, response: Response, settings: Settings, token: str) -> None:
    """Make the browser a phone of the counter."""
    _set(request, response, settings, COUNTER_COOKIE, token, _COUNTER_PATH)


def drop_owner_cookie(request: Request, response: Response, settings: Settings) -> None:
    """Take the token from the browser; that it is worth nothing any more is the row's matter."""
    response.delete_cookie(
        OWNER_COOKIE, path="/", secure=_secure(request, settings), httponly=True, samesite="lax"
    )


def _set(request: Request, response: Response, settings: Settings, name: str, token: str, path: str) -> None:  # noqa: PLR0917 (private)
    response.set_cookie(
        name,
        token,
        max_age=_KEPT_S,
        path=path,
        secure=_secure(request, settings),
        httponly=True,
        samesite="lax",
    )


def _secure(request: Request, settings: Settings) -> bool:
    if not settings.owner_cookie_secure:
        return False
    host = (request.url.hostname or "").lower()
    # Not every browser keeps a Secure cookie from there, and nobody listens on that road.
    return not (request.url.scheme == "http" and host in {"localhost", "127.0.0.1", "::1"})
