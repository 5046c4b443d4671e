"""Who is asking: a partner's server by its secret key, or a partner's app by its publishable key."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request
from sqlalchemy.orm import Session

from server.core.auth import PublishableKeyDep, SecretKeyDep
from server.core.database import SessionDep
from server.core.dependencies import SettingsDep
from server.core.errors import Unauthorised
from server.core.origins import foreign_origin, origin_not_allowed
from server.partners import service
from server.settings import Settings


@dataclass(frozen=True)
class Caller:
    """The partner on whose behalf a request is made, and the key it was made with."""

    id: str
    key_id: str


def _partner(session: SessionDep, token: SecretKeyDep) -> Caller:
    key = service.live_key(session, token, "secret")
    if key is None:
        raise Unauthorised("The secret key is unknown or revoked.")
    return Caller(key.partner_id, key.id)


def _app(request: Request, session: SessionDep, settings: SettingsDep, token: PublishableKeyDep) -> Caller:
    key = service.live_key(session, token, "publishable")
    if key is None:
        raise Unauthorised("The publishable key is unknown or revoked.", scheme="Stamp-Key")
    require_origin(request, session, settings, partner_id=key.partner_id)
    return Caller(key.partner_id, key.id)


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
