"""Errors that a client may see: RFC 9457 problems with a stable code.

A service raises a `Problem`; the edge turns it, and everything else that goes
wrong, into ``application/problem+json`` (`server.core.problems`).
"""

from http import HTTPStatus
from typing import Any, ClassVar

PROBLEM_MEDIA_TYPE = "application/problem+json"


class Problem(Exception):  # noqa: N818 (the word of RFC 9457)
    """An error with an HTTP status, a stable code and a sentence for people.

    Parameters
    ----------
    status
        HTTP status, 400 to 599.
    code
        Stable snake_case name that programs may rely on.
    title
        Short sentence, the same for every problem of this code.
    detail
        What was wrong this time and what to do.
    headers
        Extra response headers.
    **extra
        Further members of the problem, which must be JSON.
    """

    def __init__(
        self,
        status: int,
        code: str,
        title: str,
        detail: str | None = None,
        *,
        headers: dict[str, str] | None = None,
        **extra: Any,
    ) -> None:
        super().__init__(f"{status} {code}: {detail or title}")
        self.status = status
        self.code = code
        self.title = title
        self.detail = detail
        self.headers = headers or {}
        self.extra = extra

    def body(self) -> dict[str, Any]:
        """Return the members of the problem document."""
        members: dict[str, Any] = {
            "type": f"urn:stamp:problem:{self.code}",
            "title": self.title,
            "status": self.status,
            "code": self.code,
        }
        if self.detail is not None:
            members["detail"] = self.detail
        return members | self.extra


class _StatusProblem(Problem):
    """A problem whose status its class says."""

    status_code: ClassVar[HTTPStatus]
    default_code: ClassVar[str]
    default_title: ClassVar[str]

    def __init__(
        self,
        detail: str | None = None,
        *,
        code: str | None = None,
        title: str | None = None,
        headers: dict[str, str] | None = None,
        **extra: Any,
    ) -> None:
        super().__init__(
            self.status_code,
            code or self.default_code,
            title or self.default_title,
            detail,
            headers=headers,
            **extra,
        )


class BadRequest(_StatusProblem):
    """400: the request cannot be read."""

    status_code = HTTPStatus.BAD_REQUEST
    default_code = "malformed_request"
    default_title = "The request cannot be read"


class Unauthorised(_StatusProblem):
    """401: no credentials, or ones that are not valid."""

    status_code = HTTPStatus.UNAUTHORIZED
    default_code = "credentials_invalid"
    default_title = "The credentials are missing or not valid"

    def __init__(self, detail: str | None = None, *, scheme: str = "Bearer", **members: Any) -> None:
        headers = {"WWW-Authenticate": scheme} | (members.pop("headers", None) or {})
        super().__init__(detail, headers=headers, **members)


class Forbidden(_StatusProblem):
    """403: known, but not allowed."""

    status_code = HTTPStatus.FORBIDDEN
    default_code = "forbidden"
    default_title = "This is not allowed"


class NotFound(_StatusProblem):
    """404: no such thing, or none that the caller may see."""

    status_code = HTTPStatus.NOT_FOUND
    default_code = "not_found"
    default_title = "There is no such thing here"


class Conflict(_StatusProblem):
    """409: the state of things does not allow it."""

    status_code = HTTPStatus.CONFLICT
    default_code = "conflict"
    default_title = "This conflicts with the present state"


class ContentTooLarge(_StatusProblem):
    """413: the body is larger than the limit."""

    status_code = HTTPStatus.REQUEST_ENTITY_TOO_LARGE
    default_code = "body_too_large"
    default_title = "The body is too large"


class Unprocessable(_StatusProblem):
    """422: readable, but not what is asked for."""

    status_code = HTTPStatus.UNPROCESSABLE_ENTITY
    default_code = "invalid_request"
    default_title = "The request is not valid"


class TooManyRequests(_StatusProblem):
    """429: a limit is reached."""

    status_code = HTTPStatus.TOO_MANY_REQUESTS
    default_code = "limit_reached"
    default_title = "A limit is reached"

    def __init__(
        self, detail: str | None = None, *, retry_after_s: int | None = None, **members: Any
    ) -> None:
        headers = dict(members.pop("headers", None) or {})
        if retry_after_s is not None:
            headers["Retry-After"] = str(retry_after_s)
        super().__init__(detail, headers=headers, **members)


class Unavailable(_StatusProblem):
    """503: the service cannot answer now, but may soon."""

    status_code = HTTPStatus.SERVICE_UNAVAILABLE
    default_code = "unavailable"
    default_title = "The service cannot answer at the moment"

    def __init__(self, detail: str | None = None, *, retry_after_s: int = 1, **members: Any) -> None:
        headers = {"Retry-After": str(retry_after_s)} | (members.pop("headers", None) or {})
        super().__init__(detail, headers=headers, **members)
