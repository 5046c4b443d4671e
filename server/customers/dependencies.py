"""The device behind a request, by its token."""

from typing import Annotated

from fastapi import Depends, Request
from sqlalchemy import select
from sqlalchemy.orm import Session

from server.core.auth import DeviceTokenDep
from server.core.database import ReadSessionDep, SessionDep
from server.core.dependencies import SettingsDep
from server.core.errors import Unauthorised
from server.core.tokens import hash_token
from server.customers.models import Device
from server.partners.dependencies import require_origin
from server.settings import Settings


def _find_device(session: Session, token: str) -> Device:
    device = session.scalar(select(Device).where(Device.token_hash == hash_token(token)))
    if device is None:
        raise Unauthorised("No device has this token. Enrol the device again.")
    if device.revoked_at is not None:
        raise Unauthorised("This device was retired. Enrol it again.", code="device_revoked")
    return device


def requesting_device(request: Request, session: Session, settings: Settings, token: str) -> Device:
    """Return the device that holds `token` and may use it from where the request comes.

    Raises
    ------
    Unauthorised
        ``credentials_invalid`` for a token that no device holds,
        ``device_revoked`` for one whose device was retired.
    Forbidden
        ``origin_not_allowed`` for a page that the device's partner has not listed: it may have found out a
        token, and may still not use it.
    """
    device = _find_device(session, token)
    require_origin(request, session, settings, partner_id=device.partner_id)
    return device


def _device(request: Request, session: SessionDep, settings: SettingsDep, token: DeviceTokenDep) -> Device:
    return requesting_device(request, session, settings, token)


def _reading_device(
    request: Request, session: ReadSessionDep, settings: SettingsDep, token: DeviceTokenDep
) -> Device:
    return requesting_device(request, session, settings, token)


DeviceDep = Annotated[Device, Depends(_device)]
"""The device, read in the request's writing session."""

ReadDeviceDep = Annotated[Device, Depends(_reading_device)]
"""The device, read in the request's reading session."""
