"""What the endpoints of presses ask for."""

from typing import Annotated, cast

from fastapi import Depends, Request
from fastapi.security.http import HTTPAuthorizationCredentials

from server.core.auth import DEVICE_TOKEN, SECRET_KEY, bearer_token
from server.core.database import ReadSessionDep, SessionDep
from server.core.dependencies import ClockDep, SettingsDep
from server.core.errors import Unauthorised
from server.core.sealing import SealerDep
from server.customers.dependencies import requesting_device
from server.customers.models import Device
from server.partners import service as partners
from server.presses.case import Desk
from server.presses.policy import PressPolicy
from server.presses.receipts import ReceiptKeys
from server.stamps.registry import RegistryDep

__all__ = ["DeskDep", "ReaderDep", "ReceiptKeysDep"]

_Credentials = HTTPAuthorizationCredentials | None


def _receipt_keys(request: Request) -> ReceiptKeys:
    return cast("ReceiptKeys", request.app.state.receipt_keys)


ReceiptKeysDep = Annotated[ReceiptKeys, Depends(_receipt_keys)]


def _desk(
    *,
    session: SessionDep,
    clock: ClockDep,
    settings: SettingsDep,
    registry: RegistryDep,
    sealer: SealerDep,
    receipt_keys: ReceiptKeysDep,
) -> Desk:
    return Desk(session, clock, PressPolicy.from_settings(settings), registry, sealer, receipt_keys)


DeskDep = Annotated[Desk, Depends(_desk)]


def _reader(
    request: Request,
    session: ReadSessionDep,
    settings: SettingsDep,
    _secret_key: Annotated[_Credentials, Depends(SECRET_KEY)],
    _device_token: Annotated[_Credentials, Depends(DEVICE_TOKEN)],
) -> Device | str:
    token = bearer_token(request)
    if token.startswith("dt_"):
        return requesting_device(request, session, settings, token)
    key = partners.live_key(session, token, "secret") if token.startswith("sk_") else None
    if key is None:
        raise Unauthorised("Send a device's token, dt_…, or a partner's secret key, sk_….")
    return key.partner_id


ReaderDep = Annotated[Device | str, Depends(_reader)]
"""Who reads: a device, or a partner by its identifier."""
