"""Who is asking: a partner's server by its secret key, or a partner's app by its publishable key."""

from dataclasses import dataclass
from functools import partial
from typing import Annotated

import anyio.to_thread
from fastapi import Depends, Request
from sqlalchemy.orm import Session

from server.core.auth import PublishableKeyDep, SecretKeyDep
from server.core.database import Database
from server.core.dependencies import SettingsDep
from server.core.errors import Unauthorised
from server.core.origins import foreign_origin, origin_not_allowed
from server.partners import service
from server.partners.models import ApiKey, KeyKind
from server.settings import Settings


@dataclass(frozen=True)
class Caller:
    """The partner on whose behalf a request is made, and the key it was made with."""

    id: str
    key_id: str


async def _partner(request: Request, token: SecretKeyDep) -> Caller:
    key = await _live_key(request, token, "secret")
    if key is None:
        raise Unauthorised("The secret key is unknown or revoked.")
    return Caller(key.partner_id, key.id)


async def _app(request: Request, token: PublishableKeyDep, settings: SettingsDep) -> Caller:
    key = await _live_key(request, token, "publishable")
    if key is None:
        raise Unauthorised("The publishable key is unknown or revoked.", scheme="Stamp-Key")
    origin = foreign_origin(request.scope, settings.public_origin)
    if origin is not None:
        database: Database = request.app.state.database
        async with database.request_reading() as session:
            listed = partial(service.partner_allows_origin, session, key.partner_id, origin)
            if not await anyio.to_thread.run_sync(listed):
                raise origin_not_allowed(origin)
    return Caller(key.partner_id, key.id)


async def _live_key(request: Request, token: str, kind: KeyKind) -> ApiKey | None:
    # In a session of its own, given back at once: a request that then waits to write holds no reader up.
    database: Database = request.app.state.database
    async with database.request_reading() as session:
        return await anyio.to_thread.run_sync(service.live_key, session, token, kind)


def require_origin(request: Request, session: Session, settings: Settings, *, partner_id: str) -> None:
    """Refuse a page of another site that the partner has not listed.

    For endpoints that know the partner by a publishable key or by a device.

    Raises
    ------
    Forbidden
        Code ``origin_not_allowed``.
    """
    origin = foreign_origin(request.scope, settings.public_origin)
    if origin is not None and not service.partner_allows_origin(session, partner_id, origin):
        raise origin_not_allowed(origin)


PartnerDep = Annotated[Caller, Depends(_partner)]
AppDep = Annotated[Caller, Depends(_app)]
