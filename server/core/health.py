"""Is it alive, is it ready, how is it doing: for load balancers and Prometheus."""

from collections.abc import Callable

import anyio.to_thread
from fastapi import APIRouter, Request, Response
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from server.core.database import Database
from server.core.errors import Unavailable
from server.core.metrics import HttpMetrics
from server.core.migrations import pending_migrations
from server.core.problems import problem_responses
from server.core.schemas import ApiModel

router = APIRouter(tags=["service"])


class Health(ApiModel):
    """The service is there."""

    status: str = "ok"


@router.get("/healthz", operation_id="service:alive")
def alive() -> Health:
    """Say that the process answers."""
    return Health()


@router.get("/readyz", operation_id="service:ready", responses=problem_responses(503))
async def ready(request: Request) -> Health:
    """Say that the process can do its work: database reachable and migrated, stamps loaded."""
    database: Database = request.app.state.database
    checks: list[Callable[[], str | None]] = request.app.state.readiness
    try:
        # It queues for a connection like any request: else a flood of these would take them from the others.
        async with database.request_reading() as session:
            missing = await anyio.to_thread.run_sync(_is_behind, session)
    except DBAPIError as error:
        raise Unavailable("The database cannot be reached.", code="not_ready") from error
    if missing:
        raise Unavailable("The database is not migrated. Run: stamp-server migrate", code="not_ready")
    for check in checks:
        if (reason := check()) is not None:
            raise Unavailable(reason, code="not_ready")
    return Health()


def _is_behind(session: Session) -> bool:
    return pending_migrations(session.connection())


@router.get("/metrics", operation_id="service:metrics", response_class=Response)
def metrics(request: Request) -> Response:
    """Give the figures in Prometheus' text format."""
    figures: HttpMetrics = request.app.state.metrics
    return Response(figures.render(), media_type="text/plain; version=0.0.4; charset=utf-8")
