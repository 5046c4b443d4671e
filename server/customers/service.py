"""Enrolling devices, joining by recovery code, forgetting a person."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from server.core import audit
from server.core.clock import Clock
from server.core.errors import Conflict, Forbidden, Unprocessable
from server.core.identifiers import new_id
from server.core.portable import prepared_insert_absent
from server.core.sealing import Sealer
from server.core.tokens import hash_token, new_token
from server.customers.models import Algorithm, Customer, Device
from server.customers.recovery import RecoveryCodeError, new_recovery_code, normalised, recovery_hash
from stampsdk.protocol import KeyFormatError, jwk_from_point, jwk_thumbprint, point_from_jwk

SECRET_BYTES: Final = 32
_DEVICES = Device.metadata.tables[Device.__tablename__]
_INSERT_CUSTOMER: Final = insert(Customer.metadata.tables[Customer.__tablename__])
_INSERT_DEVICE: Final = prepared_insert_absent(_DEVICES, _DEVICES.c.id)


@dataclass(frozen=True, slots=True)
class Enrolled:
    """A new device and what is shown of it only once.

    Attributes
    ----------
    device_id, customer_id
        Who was enrolled.
    secret
        32 bytes, for an HS256 device.
    token
        ``dt_…``, to read with.
    recovery_code
        For a new customer.
    """

    device_id: str
    customer_id: str
    algorithm: Algorithm
    secret: bytes | None
    token: str
    recovery_code: str | None


def enrol(
    session: Session,
    clock: Clock,
    sealer: Sealer,
    *,
    partner_id: str,
    algorithm: Algorithm,
    public_key: Mapping[str, object] | None = None,
    model: str | None = None,
    recovery_code: str | None = None,
    devices_per_customer: int = 5,
) -> Enrolled:
    """Enrol a device, for a new customer or for the one who holds `recovery_code`.

    Parameters
    ----------
    session, clock, sealer
        The request's transaction, the time, and what seals an HS256 secret.
    partner_id
        Whose app the device runs. A recovery code counts within one partner.
    algorithm, public_key
        ``ES256`` with the public key as a JWK, or ``HS256`` without.
    model
        What the person may know the device by.
    recovery_code
        As typed by the person, or None for a new customer.
    devices_per_customer
        With a recovery code, the oldest devices beyond this number retire. To
        refuse the new one instead would lock out just the person whose old
        devices are gone.

    Returns
    -------
    Enrolled

    Raises
    ------
    Unprocessable
        ``public_key_invalid``, or ``recovery_code_malformed`` for a text that
        cannot be a code.
    Forbidden
        ``recovery_code_unknown``: nobody holds the code.
    Conflict
        ``device_exists``: the key was enrolled before.
    """
    key = None if algorithm == "HS256" else _checked_key(public_key)
    new_code = None
    if recovery_code is None:
        customer_id, new_code = _new_customer(session, clock, sealer, partner_id)
    else:
        customer_id = _recovered_customer(session, sealer, partner_id, recovery_code)
        _retire_oldest(session, clock, customer_id, keep=devices_per_customer - 1)
    device_id = new_id("dev", clock)
    secret = secrets.token_bytes(SECRET_BYTES) if key is None else None
    token = new_token("dt")
    _insert_device(
        session,
        id=device_id,
        customer_id=customer_id,
        partner_id=partner_id,
        algorithm=algorithm,
        public_key=key,
        secret=secret and sealer.seal(secret, table="device", row=device_id, field="secret"),
        thumbprint=key and jwk_thumbprint(key),
        token_hash=hash_token(token),
        model=model,
        created_at=clock.now(),
    )
    action = "device.enrolled" if recovery_code is None else "device.enrolled_by_recovery_code"
    audit.record(session, clock, actor=device_id, action=action, subject=customer_id)
    return Enrolled(device_id, customer_id, algorithm, secret, token, new_code)


def checked_recovery_code(recovery_code: str) -> str:
    """Return the code's 16 characters; Unprocessable ``recovery_code_malformed`` when it cannot be one."""
    try:
        return normalised(recovery_code)
    except RecoveryCodeError as error:
        raise Unprocessable(f"recovery_code: {error}.", code="recovery_code_malformed") from error


def verification_key(device: Device, sealer: Sealer) -> dict[str, Any] | bytes:
    """Return what `device`'s signatures are checked with: a JWK for ES256, 32 bytes for HS256.

    Raises
    ------
    ValueError
        For a device that has neither, as one of an erased customer.
    SealingError
        Where the sealed secret does not open.
    """
    if device.algorithm == "ES256" and device.public_key is not None:
        return device.public_key
    if device.algorithm == "HS256" and device.secret is not None:
        return sealer.open(device.secret, table="device", row=device.id, field="secret")
    raise ValueError(f"device {device.id} has no key")


def rotate_recovery_code(session: Session, clock: Clock, sealer: Sealer, device: Device) -> str:
    """Give the device's customer a new recovery code; the one before is void."""
    code = new_recovery_code()
    session.execute(
        update(Customer)
        .where(Customer.id == device.customer_id)
        .values(recovery_hash=recovery_hash(code, _pepper(sealer)))
    )
    audit.record(
        session, clock, actor=device.id, action="customer.recovery_code_rotated", subject=device.customer_id
    )
    return code


def erase(session: Session, clock: Clock, device: Device) -> None:
    """Forget the person behind `device`, for good.

    All devices of the customer retire and lose keys, secrets, tokens and
    models, and the recovery code is void, so that nobody can show the cards and
    coupons again. The customer's identifier, which says nothing about anybody
    any more, stays with the ledger: its sums remain what they were.
    """
    now, customer_id = clock.now(), device.customer_id
    session.execute(
        update(Device)
        .where(Device.customer_id == customer_id)
        .values(revoked_at=now, public_key=None, secret=None, thumbprint=None, token_hash=None, model=None)
    )
    session.execute(
        update(Customer).where(Customer.id == customer_id).values(erased_at=now, recovery_hash=None)
    )
    audit.record(session, clock, actor=customer_id, action="customer.erased", subject=customer_id)


def _checked_key(public_key: Mapping[str, object] | None) -> dict[str, str]:
    try:
        # Of all its members only those that define the point are kept.
        return jwk_from_point(*point_from_jwk(public_key or {}))
    except KeyFormatError as error:
        raise Unprocessable(f"public_key: {error}", code="public_key_invalid") from error


def _pepper(sealer: Sealer) -> bytes:
    return sealer.derive("recovery code")


def _new_customer(session: Session, clock: Clock, sealer: Sealer, partner_id: str) -> tuple[str, str]:
    code = new_recovery_code()
    customer_id = new_id("cus", clock)
    session.execute(
        _INSERT_CUSTOMER,
        {
            "id": customer_id,
            "partner_id": partner_id,
            "recovery_hash": recovery_hash(code, _pepper(sealer)),
            "created_at": clock.now(),
        },
    )
    return customer_id, code


def _recovered_customer(session: Session, sealer: Sealer, partner_id: str, recovery_code: str) -> str:
    expected = recovery_hash(checked_recovery_code(recovery_code), _pepper(sealer))
    # An UPDATE, so that of two phones that join at once the second counts the devices after the first.
    customer_id = session.execute(
        update(Customer)
        .where(Customer.recovery_hash == expected, Customer.partner_id == partner_id)
        .values(version=Customer.version + 1)
        .returning(Customer.id)
    ).scalar_one_or_none()
    if customer_id is None:
        raise Forbidden(
            "recovery_code: nobody holds this code. Compare it with what you wrote down; a newer code "
            "replaces the older one.",
            code="recovery_code_unknown",
        )
    return customer_id


def _retire_oldest(session: Session, clock: Clock, customer_id: str, *, keep: int) -> None:
    in_use = session.scalars(
        select(Device.id)
        .where(Device.customer_id == customer_id, Device.revoked_at.is_(None))
        .order_by(Device.id.desc())
    ).all()
    for device_id in in_use[keep:]:
        session.execute(update(Device).where(Device.id == device_id).values(revoked_at=clock.now()))
        audit.record(session, clock, actor="system", action="device.retired_by_newer", subject=device_id)


def _insert_device(session: Session, **values: Any) -> None:
    statement = _INSERT_DEVICE[session.get_bind().dialect.name]
    if session.execute(statement, values).scalar_one_or_none() is None:
        raise Conflict(
            "public_key: a device is enrolled with this key. Make a new key, and join by the recovery code "
            "to keep the cards.",
            code="device_exists",
        )
