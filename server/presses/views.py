"""Presses as they are read: a device's own, and the owner's log."""

import json
from typing import Any, cast

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from server.core.errors import NotFound
from server.customers.models import Device
from server.presses.models import Press
from server.presses.schemas import OwnPress, PressRecord, ShopName, VerdictName
from server.shops.models import Shop
from server.stamps.models import Stamp

__all__ = ["log", "own_press", "record", "records"]


def own_press(session: Session, device: Device, press_id: str) -> OwnPress:
    """Return a press of this device as it was told about it.

    Raises
    ------
    NotFound
        ``press_not_found``: there is none, or it is another's, or the device's signature on it did not hold.
    """
    press = session.scalar(
        select(Press).where(Press.id == press_id, Press.device_id == device.id, Press.proven.is_(True))
    )
    if press is None:
        raise _not_found(press_id)
    told: dict[str, Any] = json.loads(press.answer_body)
    return OwnPress(
        id=press.id,
        verdict=told["verdict"],
        code=told["code"],
        text=told["text"],
        at=press.at,
        shop=told.get("shop"),
        card=told.get("card"),
        coupons=told.get("coupons", []),
        visit=told.get("visit"),
        receipt=told.get("receipt"),
    )


def log(partner_id: str) -> Select[Press]:
    """Return the query for a partner's log: the one place that says which presses a partner may see.

    These are the presses of its shops, and of its apps' devices as long as no shop was recognised.
    """
    return select(Press).where(Press.partner_id == partner_id)


def record(session: Session, partner_id: str, press_id: str) -> PressRecord:
    """Return one press of a partner's log.

    Raises
    ------
    NotFound
        ``press_not_found``: there is none, or it is not in this partner's log.
    """
    press = session.scalar(log(partner_id).where(Press.id == press_id))
    if press is None:
        raise _not_found(press_id)
    return records(session, [press])[0]


def records(session: Session, presses: list[Press]) -> list[PressRecord]:
    """Write presses as the log shows them, with names from two queries however many there are."""
    shop_ids = {press.shop_id for press in presses} - {None}
    numbers = {press.stamp_number for press in presses} - {None}
    shops = dict(session.execute(select(Shop.id, Shop.name).where(Shop.id.in_(shop_ids))).all())
    stamps = dict(session.execute(select(Stamp.number, Stamp.id).where(Stamp.number.in_(numbers))).all())
    return [
        PressRecord(
            id=press.id,
            at=press.at,
            verdict=cast("VerdictName", press.verdict),
            code=press.code,
            reason=press.reason,
            note=press.note,
            purpose=press.purpose,
            proven=press.proven,
            shop=None if press.shop_id is None else ShopName(id=press.shop_id, name=shops[press.shop_id]),
            stamp=None if press.stamp_number is None else stamps[press.stamp_number],
            customer=press.customer_id,
            device=press.device_id,
            visit=press.visit_id,
            coupon=press.coupon_id,
            touches=press.touches,
            residual_mm=press.residual_mm,
            posterior=press.posterior,
            inside=press.inside,
            accuracy=press.accuracy,
            source=press.source,
        )
        for press in presses
    ]


def _not_found(press_id: str) -> NotFound:
    return NotFound(f"There is no press {press_id[:64]}.", code="press_not_found")
