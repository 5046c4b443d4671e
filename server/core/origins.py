"""Which pages of other sites may call the API from a browser (CORS).

A browser sends the calling page's origin. Pages of our own site may call.
Others must be listed at a publishable key, and then only the endpoints of
phones are open to them. Programs that are no browsers send no origin.
"""

import re
from collections.abc import Awaitable, Callable
from typing import Final

from starlette.datastructures import URL, Headers, MutableHeaders
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from server.core.errors import Forbidden
from server.core.problems import problem_response

ORIGIN_PATTERN: Final = r"^https?://(?:[a-z0-9-]+(?:\.[a-z0-9-]+)*|\[[0-9a-f:]+\])(?::[0-9]{1,5})?$"
_ORIGIN = re.compile(ORIGIN_PATTERN)
_PHONE_PATHS = re.compile(
    r"/v1/(?:devices|challenges|presses|staff-codes|me|cards|coupons|transactions|receipt-keys)(?:/.*)?",
    re.DOTALL,
)
_METHODS = "GET, POST"
_HEADERS = "Authorization, Content-Type, Stamp-Key, Idempotency-Key, X-Request-Id"
_EXPOSED = "Idempotent-Replayed, Retry-After, X-Request-Id"
_PREFLIGHT_S = "600"


def is_origin(text: str) -> bool:
    """Say whether `text` is an origin as browsers write it: scheme, host and port, nothing after."""
    return bool(_ORIGIN.fullmatch(text))


def own_origin(scope: Scope, public_origin: str | None) -> str:
    """Return where our own pages are, as ``https://stamps.example.com``, for links and QR codes.

    As the settings say, where a proxy stands before us; else as the request names it.
    """
    here = URL(scope=scope)
    return (public_origin or f"{here.scheme}://{here.netloc}").rstrip("/")


def foreign_origin(scope: Scope, public_origin: str | None) -> str | None:
    """Return the origin of the page that calls, or None when it is our own or the caller is no page."""
    headers = Headers(scope=scope)
    origin = headers.get("origin")
    if origin is None or origin == f"{scope['scheme']}://{headers.get('host', '')}":
        return None
    if public_origin is not None and origin == public_origin.rstrip("/"):
        return None
    return origin


def origin_not_allowed(origin: str) -> Forbidden:
    """Return the problem for a page that may not call."""
    shown = origin if is_origin(origin) else "this page"
    return Forbidden(
        f"{shown} may not call this service. Add the page's origin to your publishable key.",
        code="origin_not_allowed",
    )


def require_own_page(scope: Scope, public_origin: str | None) -> None:
    """Refuse a request that a page of another site sends with our cookies.

    Parameters
    ----------
    scope
        The request.
    public_origin
        Our own origin when a proxy stands before us.

    Raises
    ------
    Forbidden
        Code ``origin_not_allowed``: not sent by one of our pages.

    Notes
    -----
    ``Sec-Fetch-Site`` decides where the browser sends it; no page can set it.
    Browsers leave it out over plain http, except to localhost; then the origin
    has to be ours. Every browser names the origin of a form that is posted, so
    that a request with neither comes from no page of ours.
    """
    headers = Headers(scope=scope)
    site = headers.get("sec-fetch-site")
    if site is None:
        if "origin" in headers and foreign_origin(scope, public_origin) is None:
            return
    elif site in {"same-origin", "none"}:
        return
    raise Forbidden(
        "Only this service's own pages may send this. Open the page again and repeat it there.",
        code="origin_not_allowed",
    )


class CrossOrigin:
    """ASGI middleware that answers preflights and lets allowed pages read answers.

    Parameters
    ----------
    app
        What to guard.
    is_allowed
        Says whether any live publishable key lists the origin. Whether the
        request's own key or device belongs to it is checked where they are known (`server.partners`).
    public_origin
        Our own origin when a proxy stands before us.
    """

    def __init__(
        self, app: ASGIApp, is_allowed: Callable[[str], Awaitable[bool]], public_origin: str | None
    ) -> None:
        self.app = app
        self.is_allowed = is_allowed
        self.public_origin = public_origin

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: D102 (ASGI)
        if scope["type"] != "http" or not _PHONE_PATHS.fullmatch(scope["path"]):
            await self.app(scope, receive, send)
            return
        origin = foreign_origin(scope, self.public_origin)
        if origin is None:
            await self.app(scope, receive, send)
            return
        if not (is_origin(origin) and await self.is_allowed(origin)):
            response: Response = problem_response(origin_not_allowed(origin))
            response.headers["Vary"] = "Origin"
            await response(scope, receive, send)
            return
        if scope["method"] == "OPTIONS" and "access-control-request-method" in Headers(scope=scope):
            await self._preflight(origin)(scope, receive, send)
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers["Access-Control-Allow-Origin"] = origin
                headers["Access-Control-Expose-Headers"] = _EXPOSED
                headers["Cross-Origin-Resource-Policy"] = "cross-origin"
                headers.add_vary_header("Origin")
            await send(message)

        await self.app(scope, receive, send_with_headers)

    def _preflight(self, origin: str) -> Response:
        return Response(
            status_code=204,
            headers={
                "Access-Control-Allow-Origin": origin,
                "Access-Control-Allow-Methods": _METHODS,
                "Access-Control-Allow-Headers": _HEADERS,
                "Access-Control-Max-Age": _PREFLIGHT_S,
                "Vary": "Origin",
            },
        )
