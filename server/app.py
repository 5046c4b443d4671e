"""Wiring: the parts of the service put together into one ASGI app. Nothing is decided here."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib.metadata import version
from typing import Any, Final

import anyio.to_thread
from fastapi import FastAPI
from sqlalchemy import Engine

from server.capture_page import routes as capture_page
from server.console import routes as console
from server.console.problem_pages import ProblemPages
from server.core import health, idempotency, tallies
from server.core.clock import Clock, SystemClock
from server.core.database import Database, make_engine
from server.core.headers import SecurityHeaders
from server.core.logs import RequestLog, configure_logging
from server.core.metrics import HttpMetrics
from server.core.migrations import pending_migrations
from server.core.origins import CrossOrigin
from server.core.problems import ErrorBoundary, document_problems, install_problem_handlers
from server.core.request_guard import RequestGuard
from server.customers import routes as customers
from server.insights.upkeep import Upkeep
from server.partners import service as partners
from server.presses import routes as presses
from server.programs import routes as programs
from server.settings import Settings
from server.shops import routes as shops
from server.staff import counter_routes as staff_at_counters
from server.staff import letters
from server.staff import routes as staff
from server.stamps import routes as stamps

_ROUTERS: Final = tuple(
    part.router
    for part in (
        health,
        shops,
        stamps,
        customers,
        programs,
        presses,
        capture_page,
        staff,
        staff_at_counters,
        console,
    )
)


def create_app(
    settings: Settings | None = None, *, clock: Clock | None = None, engine: Engine | None = None
) -> FastAPI:
    """Make the service.

    Parameters
    ----------
    settings
        The configuration; read from the environment when absent.
    clock
        Where the time comes from; the computer's clock when absent.
    engine
        The database, as `make_engine` gives it; made from the settings when
        absent. It must be migrated before the app starts.

    Returns
    -------
    FastAPI
        ``app.state`` carries ``settings``, ``clock``, ``database``, ``metrics``,
        ``readiness`` (checks that return a reason while not ready),
        ``starters`` (called when the app starts), and ``closers`` (awaited when
        it stops).
    """
    settings = settings or Settings()
    app = FastAPI(
        title="Smart stamps",
        version=version("stampsdk"),
        description="Recognises presses of registered stamps and runs loyalty programmes on them.",
        docs_url=None,
        redoc_url=None,
        lifespan=_lifespan,
        swagger_ui_oauth2_redirect_url=None,
    )
    app.state.settings = settings
    app.state.clock = clock or SystemClock()
    app.state.database = Database(engine or make_engine(settings.database_url, settings), settings)
    app.state.owns_engine = engine is None
    app.state.metrics = HttpMetrics()
    app.state.readiness, app.state.starters, app.state.closers = [], [], []
    install_problem_handlers(app)
    _add_middleware(app, settings)
    for router in _ROUTERS:
        app.include_router(router)
    stamps.prepare(app)
    customers.prepare(app)
    presses.prepare(app)
    letters.prepare(app)
    console.prepare(app)  # last: its mount takes what no route under /owner has taken
    _describe_problems(app)
    return app


def _add_middleware(app: FastAPI, settings: Settings) -> None:
    # Added from the inside out: the last one sees a request first.
    database: Database = app.state.database

    async def is_allowed(origin: str) -> bool:
        async with database.request_reading() as session:
            return await anyio.to_thread.run_sync(partners.is_allowed_origin, session, origin)

    app.add_middleware(ErrorBoundary)  # inside CrossOrigin: an allowed page may read that something broke
    app.add_middleware(RequestGuard, max_body_bytes=settings.max_body_bytes)
    app.add_middleware(CrossOrigin, is_allowed=is_allowed, public_origin=settings.public_origin)
    app.add_middleware(ErrorBoundary)  # and what breaks in CrossOrigin itself
    app.add_middleware(ProblemPages)
    app.add_middleware(SecurityHeaders)
    app.add_middleware(RequestLog, metrics=app.state.metrics)


def _describe_problems(app: FastAPI) -> None:
    plain = app.openapi

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            document_problems(plain())
        return app.openapi_schema or {}

    app.openapi = openapi  # type: ignore[method-assign]


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    settings: Settings = app.state.settings
    database: Database = app.state.database
    configure_logging(settings.log_level)
    with database.reading() as session:
        if pending_migrations(session.connection()):
            raise RuntimeError("The database is not migrated to this version. Run: stamp-server migrate")
    with database.transaction() as session:
        app.state.page_key = partners.ensure_house(session, app.state.clock, name=settings.house_name)
        idempotency.forget_old_keys(session, app.state.clock, days=settings.idempotency_days)
        tallies.forget_old(session, app.state.clock)
    upkeep = Upkeep(database, app.state.clock, every_s=settings.rollup_every_s)
    try:
        for start in app.state.starters:
            start()
        upkeep.start()
        yield
    finally:
        upkeep.stop()
        for close in app.state.closers:
            await close()
        if app.state.owns_engine:
            database.dispose()
        else:
            database.read_engine.dispose()
