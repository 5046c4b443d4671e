"""The door to the owner's pages: loads them when first asked, tells them whose app it is, and seals them."""

import asyncio
from html import escape

import anyio.to_thread
from fastapi import FastAPI
from starlette.datastructures import Headers, MutableHeaders
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import HTTPConnection
from starlette.responses import HTMLResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from server.console.engine import MOUNT, Engine, engine
from server.console.language import LANGUAGE_COOKIE, chosen, language_of
from server.console.plain import page
from server.console.policy import new_nonce, policy, with_nonce
from server.console.shop_choice import SHOP_COOKIE, shop_chosen
from server.console.surroundings import surroundings_of_app
from server.console.texts import texts
from server.insights.hub import FeedHub
from server.insights.pseudonyms import Pseudonyms

_KEPT = "public, max-age=31536000, immutable"
_YEAR_S = 365 * 24 * 3600


class Gate:
    """ASGI app for everything under ``/owner`` that no route of ours has answered.

    Parameters
    ----------
    app
        The app that it is mounted in.

    Notes
    -----
    NiceGUI starts with the first request here, in a worker thread as far as it is loading code: whoever only
    uses the API never pays for it, and whoever uses it while an owner opens the pages does not wait.
    """

    def __init__(self, app: FastAPI) -> None:
        self._app = app
        self._engine: Engine | None = None
        self._starting: asyncio.Lock | None = None
        self._feeding: asyncio.Task[None] | None = None
        self._pages: ASGIApp = GZipMiddleware(self._forward, minimum_size=1000, compresslevel=6)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: D102 (ASGI)
        if scope["type"] not in {"http", "websocket"}:
            return
        connection = HTTPConnection(scope)
        settings = self._app.state.settings
        if _is_foreign(connection.headers, settings.public_origin):
            await _refuse(scope, receive, send)
            return
        await self._start()
        around = surroundings_of_app(self._app, connection)
        inner = around.into(scope)
        inner["root_path"] = scope.get("root_path", "").removesuffix(MOUNT)
        # Anybody can send it, and NiceGUI would write it into addresses.
        inner["headers"] = [pair for pair in scope["headers"] if pair[0].lower() != b"x-forwarded-prefix"]
        await self._pages(inner, receive, send)

    async def close(self) -> None:
        """Let go of NiceGUI; called when the app stops."""
        # One that is done ended with its loop: a test client has a loop for each request.
        if self._feeding is not None and not self._feeding.done():
            self._feeding.cancel()
            # Until its last look is over: the database goes next.
            await asyncio.gather(self._feeding, return_exceptions=True)
        self._feeding = None
        if self._engine is not None:
            started, self._engine = self._engine, None
            await started.stop()

    async def _start(self) -> None:
        if self._engine is not None:
            return
        self._starting = self._starting or asyncio.Lock()
        async with self._starting:
            if self._engine is None:
                loaded = await anyio.to_thread.run_sync(engine)
                await loaded.start()
                self._feed()
                self._engine = loaded

    def _feed(self) -> None:
        """Begin to look for new presses, once for all open pages."""
        state = self._app.state
        state.feed_hub = FeedHub(state.database, state.clock, Pseudonyms(state.sealer))
        self._feeding = asyncio.create_task(state.feed_hub.run())

    async def _forward(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self._engine is None:
            raise RuntimeError("the pages were asked before they were started")
        if scope["type"] == "http":
            send = _Sealing(send, scope, self._app.state.settings.map_origin).send
        await self._engine.app(scope, receive, send)


class _Sealing:
    """Completes answers: pages get their nonce and policy, the rest of NiceGUI how long it may be kept."""

    def __init__(self, send: Send, scope: Scope, map_origin: str | None) -> None:
        self._send = send
        self._connection = HTTPConnection(scope)
        self._is_kept = "/_nicegui/" in scope["path"] and "/dynamic_resources/" not in scope["path"]
        self._map_origin = map_origin
        self._start: Message | None = None
        self._body = b""

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            await self._begin(message)
        elif self._start is not None:
            self._body += message.get("body", b"")
            if not message.get("more_body", False):
                await self._finish_page()
        else:
            await self._send(message)

    async def _begin(self, message: Message) -> None:
        headers = MutableHeaders(scope=message)
        if headers.get("content-type", "").startswith("text/html"):
            self._start = message
            return
        if self._is_kept and message["status"] == 200:  # noqa: PLR2004
            headers["Cache-Control"] = _KEPT
        await self._send(message)

    async def _finish_page(self) -> None:
        start = self._start or {}
        if start["status"] >= 400:  # noqa: PLR2004
            # NiceGUI's own page would show the exception.
            await fault_page(self._connection, start["status"])(self._connection.scope, _no_more, self._send)
            return
        nonce = new_nonce()
        body = with_nonce(self._body, nonce)
        headers = MutableHeaders(scope=start)
        headers["Content-Length"] = str(len(body))
        headers["Cache-Control"] = "no-store"
        headers["Content-Security-Policy"] = policy(
            nonce, host=self._connection.headers.get("host", ""), map_origin=self._map_origin
        )
        for cookie in kept_choices(self._connection):
            headers.append("Set-Cookie", cookie)
        await self._send(start)
        await self._send({"type": "http.response.body", "body": body, "more_body": False})


def fault_page(connection: HTTPConnection, status: int) -> Response:
    """Return a page for an address that is none, or for something that broke."""
    words = texts(language_of(connection))
    title = words("fault.missing" if status == 404 else "fault.broken")  # noqa: PLR2004
    body = (
        f'<main class="plain"><h1>{escape(title)}</h1>'
        f'<p class="links"><a href="{MOUNT}/">{escape(words("fault.home"))}</a></p></main>'
    )
    return HTMLResponse(page(words, title=title, body=body), status)


async def _no_more() -> Message:
    return {"type": "http.disconnect"}


def kept_choices(connection: HTTPConnection) -> list[str]:
    """Return the headers that keep the language and the shop which the address asks for."""
    asked = {LANGUAGE_COOKIE: chosen(connection), SHOP_COOKIE: shop_chosen(connection)}
    return [
        f"{name}={value}; Max-Age={_YEAR_S}; Path={MOUNT}; HttpOnly; SameSite=Lax"
        for name, value in asked.items()
        if value is not None
    ]


def _is_foreign(headers: Headers, public_origin: str | None) -> bool:
    """Say whether a page of another site asks: browsers open sockets to any host, with its cookies."""
    origin = headers.get("origin")
    if origin is None or origin == (public_origin or "").rstrip("/"):
        return False
    return origin.partition("://")[2] != headers.get("host", "")


async def _refuse(scope: Scope, receive: Receive, send: Send) -> None:
    if scope["type"] == "websocket":
        await receive()
        await send({"type": "websocket.close", "code": 1008})
        return
    await Response("Only this service's own pages may ask here.", 403, media_type="text/plain")(
        scope, receive, send
    )
