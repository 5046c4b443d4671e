"""NiceGUI in this process: there is one, whatever the number of apps, and it runs in one event loop."""

import asyncio
from contextlib import AsyncExitStack
from functools import lru_cache

from fastapi import FastAPI
from starlette.types import ASGIApp

from server.core.errors import Unavailable

MOUNT = "/owner"


class Engine:
    """NiceGUI's app under ``/owner``, started with the first app that needs it and stopped with the last.

    Its clients, its socket and its loop belong to the process (that is how NiceGUI is made), so this does
    too. What belongs to an app of ours comes with each request (`server.console.surroundings`).
    """

    def __init__(self) -> None:
        # Here and not above: a server whose owner pages nobody opens never loads NiceGUI.
        from nicegui import ui  # noqa: PLC0415

        from server.console import pages  # noqa: F401, PLC0415 (its pages register themselves)

        self._host = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
        ui.run_with(
            self._host,
            mount_path=MOUNT,
            title="Stamps",
            tailwind=False,
            show_welcome_message=False,
            binding_refresh_interval=None,
            reconnect_timeout=15.0,
            gzip_middleware_factory=None,  # the gate compresses, after it has put in the nonces
        )
        self._loop: asyncio.AbstractEventLoop | None = None
        self._users = 0
        self._running = AsyncExitStack()

    @property
    def app(self) -> ASGIApp:
        """The ASGI app that answers under ``/owner``."""
        return self._host

    async def start(self) -> None:
        """Count one more app; the first starts NiceGUI in its loop."""
        loop = asyncio.get_running_loop()
        if self._loop is not None and self._loop is not loop and not self._loop.is_closed():
            raise Unavailable("The owner's pages are served by another event loop of this process.")
        if self._loop is not loop:
            self._loop, self._users = loop, 0
            self._running = AsyncExitStack()
            await self._running.enter_async_context(self._host.router.lifespan_context(self._host))
        self._users += 1

    async def stop(self) -> None:
        """Count one app less; the last stops NiceGUI."""
        self._users -= 1
        if self._users == 0:
            self._loop = None
            await self._running.aclose()


@lru_cache
def engine() -> Engine:
    """Return the process's engine; the first call loads NiceGUI, which takes about a second."""
    return Engine()
