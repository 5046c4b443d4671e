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


def find_device(session: Session, token: str) -> Device:
    """Return the device that holds `token`.

    Raises
    ------
    Unauthorised
        ``credentials_invalid`` for a token that no device holds,
        ``device_revoked`` for one whose device was retired.
    """
    device = session.scalar(select(Device).where(Device.token_hash == hash_token(token)))
    if device is None:
        raise Unauthorised("No device has this token. Enrol the device again.")
    if device.revoked_at is not None:
        raise Unauthorised("This device was retired. Enrol it again.", code="device_revoked")
    return device


def _checked(request: Request, session: Session, settings: Settings, token: str) -> Device:
    device = find_device(session, token)
    # A page that found out a token may still not use it from a site that the partner has not listed.
    require_origin(request, session, settings, partner_id=device.partner_id)
    return device


def _device(request: Request, session: SessionDep, settings: SettingsDep, token: DeviceTokenDep) -> Device:
    return _checked(request, session, settings, token)


def _reading_device(
    request: Request, session: ReadSessionDep, settings: SettingsDep, token: DeviceTokenDep
) -> Device:
    return _checked(request, session, settings, token)


DeviceDep = Annotated[Device, Depends(_device)]
"""The device, read in the request's writing session."""

ReadDeviceDep = Annotated[Device, Depends(_reading_device)]
"""The device, read in the request's reading session."""
