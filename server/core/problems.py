"""Turning everything that goes wrong into problem documents, and documenting them."""

from collections.abc import Sequence
from http import HTTPStatus
from typing import Any, Literal, cast

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from server.core.errors import PROBLEM_MEDIA_TYPE, Problem, Unavailable, Unprocessable

_LOG = structlog.get_logger(__name__)
_MOST_ERRORS = 20
_LONGEST_MESSAGE = 300


class ProblemError(BaseModel):
    """One thing that was wrong with the request."""

    where: list[str | int] = Field(description="the path to the value, as in body, fence, type")
    code: str = Field(description="stable name of the rule that was broken")
    message: str


class ProblemBody(BaseModel):
    """RFC 9457 problem document."""

    model_config = ConfigDict(extra="allow", title="Problem")

    type: str = Field(examples=["urn:stamp:problem:not_found"])
    title: str
    status: int
    code: str = Field(description="stable name of the problem", examples=["not_found"])
    detail: str | None = None
    errors: list[ProblemError] | None = None
    verdict: Literal["refused"] | None = None


def problem_response(problem: Problem) -> JSONResponse:
    """Return the response for a problem."""
    return JSONResponse(
        problem.body(), problem.status, headers=problem.headers, media_type=PROBLEM_MEDIA_TYPE
    )


def problem_responses(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """Document problems for a route: ``responses=problem_responses(401, 404)``.

    What every route may answer (400, 413, 422 and so on) is added for all of
    them when the OpenAPI document is made.
    """
    return {status: _documented(status) for status in statuses}


def _documented(status: int) -> dict[str, Any]:
    schema = {"$ref": "#/components/schemas/Problem"}
    return {"description": HTTPStatus(status).phrase, "content": {PROBLEM_MEDIA_TYPE: {"schema": schema}}}


def document_problems(document: dict[str, Any], statuses: Sequence[int] = (400, 413, 422, 500, 503)) -> None:
    """Complete an OpenAPI document in place: the Problem schema, and what any operation may answer."""
    schema = ProblemBody.model_json_schema(ref_template="#/components/schemas/{model}")
    schemas = document.setdefault("components", {}).setdefault("schemas", {})
    schemas.update(schema.pop("$defs", {}))
    schemas["Problem"] = schema
    for unused in ("HTTPValidationError", "ValidationError"):
        schemas.pop(unused, None)
    for operations in document.get("paths", {}).values():
        for operation in operations.values():
            # FastAPI's own entry for 422 speaks of another document.
            if "application/json" in operation["responses"].get("422", {}).get("content", {}):
                del operation["responses"]["422"]
            for status in statuses:
                operation["responses"].setdefault(str(status), _documented(status))


def install_problem_handlers(app: FastAPI) -> None:
    """Make `app` answer every error as a problem document."""
    app.add_exception_handler(Problem, _on_problem)
    app.add_exception_handler(HTTPException, _on_http_exception)
    app.add_exception_handler(RequestValidationError, _on_invalid)
    app.add_exception_handler(OperationalError, _on_database_unavailable)
    app.add_exception_handler(PoolTimeoutError, _on_database_unavailable)


async def _on_problem(_request: Request, error: Exception) -> JSONResponse:
    return problem_response(cast("Problem", error))


async def _on_http_exception(_request: Request, error: Exception) -> JSONResponse:
    error = cast("HTTPException", error)
    status = HTTPStatus(error.status_code)
    detail = error.detail if error.detail != status.phrase else None
    headers = dict(error.headers or {})
    return problem_response(
        Problem(
            status,
            status.name.lower(),
            status.phrase,
            clean_text(str(detail)) if detail else None,
            headers=headers,
        )
    )


async def _on_invalid(_request: Request, error: Exception) -> JSONResponse:
    found = cast("RequestValidationError", error).errors()
    # The input is never echoed: it may hold secrets, and values that JSON cannot carry.
    errors = [
        {
            "where": [part if isinstance(part, int) else clean_text(str(part)) for part in item["loc"]],
            "code": str(item["type"]),
            "message": clean_text(str(item["msg"])),
        }
        for item in found[:_MOST_ERRORS]
    ]
    first = errors[0]
    where = ".".join(str(part) for part in cast("list[object]", first["where"]))
    return problem_response(Unprocessable(f"{where}: {first['message']}", errors=errors))


async def _on_database_unavailable(_request: Request, error: Exception) -> JSONResponse:
    return problem_response(_recorded(error))


def _recorded(error: Exception) -> Problem:
    """Write an error that nobody expected into the log, and return what the client is told of it."""
    if is_away(error):
        reason = type(error.orig).__name__ if isinstance(error, DBAPIError) else type(error).__name__
        _LOG.error("database unavailable", reason=reason, exc_info=error)
        return Unavailable("The database is busy. Send the same request again.", code="database_unavailable")
    _LOG.error("unexpected error", error=type(error).__name__, exc_info=error)
    return Problem(500, "internal_error", "Something went wrong on our side", "It has been recorded.")


def is_away(error: BaseException) -> bool:
    """Say whether an error means that the database cannot be reached now, and may be soon."""
    if isinstance(error, OperationalError | InterfaceError | PoolTimeoutError):
        return True
    return isinstance(error, DBAPIError) and error.connection_invalidated


def clean_text(text: str) -> str:
    """Return `text` shortened and without what UTF-8 cannot carry."""
    return text[:_LONGEST_MESSAGE].encode("utf-8", "replace").decode("utf-8")


class ErrorBoundary:
    """ASGI middleware: an exception nobody expected becomes a 500 problem and a log entry."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: D102 (ASGI)
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        started = False

        async def watched_send(message: Message) -> None:
            nonlocal started
            started = started or message["type"] == "http.response.start"
            await send(message)

        try:
            await self.app(scope, receive, watched_send)
        except Exception as error:
            if started:
                raise
            await problem_response(_recorded(error))(scope, receive, send)
