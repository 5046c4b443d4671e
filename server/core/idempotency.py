"""A POST that is sent twice is done once: the ``Idempotency-Key`` header.

The row that holds the answer is written in the transaction of the work, so
that both exist or neither. The key is claimed first: of two requests with one
key the second waits for the first to commit, and then finds its answer.
"""

import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated

from fastapi import Depends, Header, Request, Response
from pydantic import BaseModel
from sqlalchemy import LargeBinary, String, UniqueConstraint, delete, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from server.core.clock import Clock
from server.core.database import Base, UtcDateTime
from server.core.errors import BadRequest, Unprocessable
from server.core.identifiers import new_id
from server.core.portable import insert_absent

_KEY = re.compile(r"[\x21-\x7e]{1,255}")


class IdempotencyRecord(Base):
    """The answer that was given to a key."""

    __tablename__ = "idempotency_record"
    __table_args__ = (UniqueConstraint("scope", "key"),)

    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    scope: Mapped[str] = mapped_column(String(64))
    key: Mapped[str] = mapped_column(String(255))
    fingerprint: Mapped[bytes] = mapped_column(LargeBinary(32))
    status: Mapped[int | None]
    body: Mapped[bytes | None] = mapped_column(LargeBinary)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)


@dataclass(frozen=True)
class IdempotentRequest:
    """The key of a request, None without one, and the fingerprint of what it asks."""

    key: str | None
    fingerprint: bytes


async def _idempotent_request(
    request: Request,
    idempotency_key: Annotated[
        str | None,
        Header(
            max_length=257, description="1 to 255 visible ASCII characters; the same key gets the same answer"
        ),
    ] = None,
) -> IdempotentRequest:
    key = idempotency_key
    if key is not None:
        if len(key) >= 2 and key[0] == key[-1] == '"':  # noqa: PLR2004 (a pair of quotes)
            key = key[1:-1]  # the draft standard quotes the key, common clients do not
        if not _KEY.fullmatch(key):
            raise BadRequest(
                "Idempotency-Key: 1 to 255 visible ASCII characters.", code="invalid_idempotency_key"
            )
    digest = hashlib.sha256(f"{request.method} {request.url.path}\n".encode())
    digest.update(await request.body())
    return IdempotentRequest(key, digest.digest())


IdempotencyDep = Annotated[IdempotentRequest, Depends(_idempotent_request)]


def once(
    session: Session,
    clock: Clock,
    request: IdempotentRequest,
    *,
    scope: str,
    status: int,
    work: Callable[[], BaseModel],
) -> Response:
    """Do `work` unless this key has been answered before, and return the answer.

    Parameters
    ----------
    session, clock
        The request's transaction, and the time.
    request
        From `IdempotencyDep`.
    scope
        Whose key it is: the partner's identifier.
    status
        Status of the answer when the work succeeds. A problem is not kept: the
        same key may try again.
    work
        Does it, and returns the body.

    Raises
    ------
    Unprocessable
        Code ``idempotency_key_reused``: the key came before with another request.
    """
    if request.key is None:
        return _json(status, work().model_dump_json().encode())
    claim = _claim(session, clock, request, scope)
    if claim is None:
        return _stored(session, request, scope)
    body = work().model_dump_json().encode()
    session.execute(
        update(IdempotencyRecord).where(IdempotencyRecord.id == claim).values(status=status, body=body)
    )
    return _json(status, body)


def forget_old_keys(session: Session, clock: Clock, *, days: int) -> None:
    """Delete the answers that are older than `days`."""
    before = clock.now() - timedelta(days=days)
    session.execute(delete(IdempotencyRecord).where(IdempotencyRecord.created_at < before))


def _claim(session: Session, clock: Clock, request: IdempotentRequest, scope: str) -> str | None:
    """Insert the key's row and return its id, or None when it is there already."""
    statement = (
        insert_absent(session, IdempotencyRecord.__table__)
        .values(
            id=new_id("idm", clock),
            scope=scope,
            key=request.key,
            fingerprint=request.fingerprint,
            created_at=clock.now(),
        )
        .returning(IdempotencyRecord.id)
    )
    return session.execute(statement).scalar_one_or_none()


def _stored(session: Session, request: IdempotentRequest, scope: str) -> Response:
    found = session.execute(
        select(IdempotencyRecord.fingerprint, IdempotencyRecord.status, IdempotencyRecord.body).where(
            IdempotencyRecord.scope == scope, IdempotencyRecord.key == request.key
        )
    ).one()
    if found.fingerprint != request.fingerprint:
        raise Unprocessable(
            "Idempotency-Key: this key was used for another request. Make a new key for each request.",
            code="idempotency_key_reused",
        )
    return _json(found.status, found.body, {"Idempotent-Replayed": "true"})


def _json(status: int, body: bytes, headers: dict[str, str] | None = None) -> Response:
    return Response(body, status, headers=headers, media_type="application/json")
