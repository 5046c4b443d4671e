"""Answers about presses and staff codes, as HTTP sends them."""

from fastapi import Response

from server.core.errors import PROBLEM_MEDIA_TYPE
from server.presses.answers import Answer

__all__ = ["response_of"]


def response_of(answer: Answer) -> Response:
    """Send an answer as it was stored, with the headers that go with it."""
    headers = {}
    if answer.replayed:
        headers["Idempotent-Replayed"] = "true"
    if answer.retry_after_s is not None:
        headers["Retry-After"] = str(answer.retry_after_s)
    if answer.status == 401:  # noqa: PLR2004 (RFC 9110 asks for a challenge with every 401)
        headers["WWW-Authenticate"] = "Stamp-Press"
    media_type = PROBLEM_MEDIA_TYPE if answer.is_problem else "application/json"
    return Response(answer.body, answer.status, headers=headers, media_type=media_type)
