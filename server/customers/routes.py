"""Devices and the person behind them."""

import base64

from fastapi import APIRouter, FastAPI, Request, status
from sqlalchemy import select

from server.core.database import Database, ReadSessionDep, SessionDep
from server.core.dependencies import ClockDep, SettingsDep
from server.core.problems import problem_responses
from server.core.sealing import SealerDep, load_sealer
from server.customers import service
from server.customers.dependencies import DeviceDep, ReadDeviceDep
from server.customers.limits import RecoveryLimit
from server.customers.models import Customer, Device
from server.customers.schemas import DeviceSummary, EnrolledDevice, Enrolment, Me, NewRecoveryCode
from server.partners.dependencies import AppDep

router = APIRouter(prefix="/v1")


@router.post(
    "/devices",
    tags=["devices"],
    operation_id="devices:enrol",
    summary="Enrol a device",
    status_code=status.HTTP_201_CREATED,
    responses=problem_responses(401, 403, 409, 429),
)
def enrol(  # noqa: PLR0917 (FastAPI calls it by name)
    body: Enrolment,
    request: Request,
    app: AppDep,
    session: SessionDep,
    clock: ClockDep,
    settings: SettingsDep,
    sealer: SealerDep,
) -> EnrolledDevice:
    """Enrol a phone or a browser, for a new customer or for the holder of a recovery code.

    The answer is the only one that has the token, the secret and the recovery
    code: the server keeps no readable copy of the token and the code.
    """
    partner_id = app.id
    limit = None
    if body.recovery_code is not None:
        service.checked_recovery_code(body.recovery_code)  # a slip of the finger is no guess
        limit = RecoveryLimit(
            sealer,
            partner_id=partner_id,
            address=request.client.host if request.client else "",
            now=clock.now(),
            tries=settings.recovery_tries,
            window_s=settings.recovery_window_s,
        )
        # Counted in a transaction of its own: a refusal rolls the request's back. Nothing was written yet, so
        # this gives up a snapshot only; on SQLite the one writing connection must be free for the other.
        session.rollback()
        database: Database = request.app.state.database
        with database.transaction() as counting:
            limit.take(counting, clock)
    enrolled = service.enrol(
        session,
        clock,
        sealer,
        partner_id=partner_id,
        algorithm=body.algorithm,
        public_key=body.public_key.model_dump() if body.algorithm == "ES256" else None,
        model=body.model,
        recovery_code=body.recovery_code,
        devices_per_customer=settings.devices_per_customer,
    )
    if limit is not None:
        limit.give_back(session)
    secret = enrolled.secret
    return EnrolledDevice(
        id=enrolled.device_id,
        customer=enrolled.customer_id,
        algorithm=enrolled.algorithm,
        secret=None if secret is None else base64.urlsafe_b64encode(secret).rstrip(b"=").decode(),
        token=enrolled.token,
        recovery_code=enrolled.recovery_code,
    )


@router.get(
    "/me",
    tags=["me"],
    operation_id="me:read",
    summary="The person behind the device",
    responses=problem_responses(401, 403),
)
def read_me(session: ReadSessionDep, device: ReadDeviceDep) -> Me:
    """Tell what is known of the person: an identifier, and the devices in use."""
    customer = session.get_one(Customer, device.customer_id)
    devices = session.scalars(
        select(Device)
        .where(Device.customer_id == customer.id, Device.revoked_at.is_(None))
        .order_by(Device.id)
    )
    return Me(
        id=customer.id,
        created_at=customer.created_at,
        devices=[
            DeviceSummary(
                id=each.id,
                algorithm=each.algorithm,
                model=each.model,
                created_at=each.created_at,
                current=each.id == device.id,
            )
            for each in devices
        ],
    )


@router.delete(
    "/me",
    tags=["me"],
    operation_id="me:erase",
    summary="Forget the person",
    status_code=status.HTTP_204_NO_CONTENT,
    responses=problem_responses(401, 403),
)
def erase_me(session: SessionDep, clock: ClockDep, device: DeviceDep) -> None:
    """Forget the person for good: all devices and the recovery code are void, cards and coupons are lost."""
    service.erase(session, clock, device)


@router.post(
    "/me/recovery-code",
    tags=["me"],
    operation_id="me:rotate_recovery_code",
    summary="Get a new recovery code",
    status_code=status.HTTP_201_CREATED,
    responses=problem_responses(401, 403),
)
def rotate_recovery_code(
    session: SessionDep, clock: ClockDep, sealer: SealerDep, device: DeviceDep
) -> NewRecoveryCode:
    """Give the person a new recovery code, shown this once; the one before is void."""
    return NewRecoveryCode(recovery_code=service.rotate_recovery_code(session, clock, sealer, device))


def prepare(app: FastAPI) -> None:
    """Read the sealing key when the service starts, so that a wrong one stops it and not a customer."""

    def load() -> None:
        app.state.sealer = load_sealer(app.state.settings)

    app.state.starters.append(load)
