"""Which shops a staff code may belong to, when the phone cannot name one for certain.

A customer types six digits and nothing else. The shop comes from the address of the shop's QR code
(``/s?shop=…``), from the phone's place, or from the customer's cards. None of these is believed any more
than a shop that is named outright: it only says at which shops the try is made, and at each of them the try
counts (`server.presses.guesses`).
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import numpy as np
from sqlalchemy import ColumnElement, and_, exists, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from server.customers.models import Device
from server.presses.models import StaffCode
from server.programs.models import Card, ProgramShop
from server.shops.geodesy import boxes_around, project
from server.shops.models import Shop

__all__ = ["REPEATABLE", "ClaimedPlace", "active_shops", "candidate_shops"]

REPEATABLE: Final = timedelta(minutes=10)
"""How long the device that used a code gets its answer again."""

_NEAR_M: Final = 500.0
_MOST_ACCURACY_M: Final = 500.0
_MOST_SHOPS: Final = 3


@dataclass(frozen=True, slots=True)
class ClaimedPlace:
    """Where the phone says it is: degrees, and the radius in metres that it is sure of."""

    lat: float
    lon: float
    accuracy_m: float


def candidate_shops(
    session: Session, device: Device, *, named: str | None, place: ClaimedPlace | None, now: datetime
) -> tuple[str, ...] | None:
    """Return the shops at which a code may be tried, the likeliest first; at most four.

    Parameters
    ----------
    session, device
        The transaction, and the device that asks.
    named
        A shop that the phone names; it comes first, whether or not there is such a shop.
    place
        Where the phone is. The three nearest shops within 500 m, and as far as the phone is unsure, count
        where somebody shows a code just now: among twenty cafés of one street it is the right one. It looks
        through the table of shops, since a code without a shop is rare and tries are few.
    now
        The time.

    Returns
    -------
    tuple of str or None
        None when nothing tells a shop: none named, no place, and no card of a shop that shows a code.
        Shops where this device used a code less than ten minutes ago are among them, so that the same
        request finds the same answer again.
    """
    found = [] if named is None else [named]
    if place is not None:
        found += _near(session, device, place, now)
    if not found:
        found = _of_cards(session, device, now)
    if not found and place is None:
        return None
    return tuple(dict.fromkeys(found))


def active_shops(session: Session, candidates: tuple[str, ...]) -> dict[str, Shop]:
    """Return those of the shops that are there and not closed, in the order given."""
    if not candidates:
        return {}
    is_one = (Shop.id.in_(candidates), Shop.status == "active")
    found = {shop.id: shop for shop in session.scalars(select(Shop).where(*is_one))}
    return {shop_id: found[shop_id] for shop_id in candidates if shop_id in found}


def _near(session: Session, device: Device, place: ClaimedPlace, now: datetime) -> list[str]:
    reach = _NEAR_M + min(place.accuracy_m, _MOST_ACCURACY_M)
    boxes = [
        and_(Shop.lon.between(west, east), Shop.lat.between(south, north))
        for west, south, east, north in boxes_around(place.lat, place.lon, reach)
    ]
    rows = session.execute(
        select(Shop.id, Shop.lon, Shop.lat)
        .where(or_(*boxes), _shows_code(Shop.id, device, now))
        .order_by(Shop.id)
    ).all()
    if not rows:
        return []
    metres = np.hypot(*project([(row.lon, row.lat) for row in rows], lat=place.lat, lon=place.lon).T)
    nearest = sorted((float(away), row.id) for row, away in zip(rows, metres, strict=True) if away <= reach)
    return [shop_id for _, shop_id in nearest[:_MOST_SHOPS]]


def _of_cards(session: Session, device: Device, now: datetime) -> list[str]:
    return list(
        session.scalars(
            select(ProgramShop.shop_id)
            .join(Card, Card.program_id == ProgramShop.program_id)
            .where(
                Card.customer_id == device.customer_id,
                ProgramShop.active,
                _shows_code(ProgramShop.shop_id, device, now),
            )
            .distinct()
            .order_by(ProgramShop.shop_id)
            .limit(_MOST_SHOPS)
        )
    )


def _shows_code(shop_id: InstrumentedAttribute[str], device: Device, now: datetime) -> ColumnElement[bool]:
    """Say whether somebody shows a code at the shop, or the device has just used one there.

    Asked of each shop that comes into question, by its index of codes: used codes are kept for ever, and
    whoever has a device may ask as often as they like.
    """
    here = StaffCode.shop_id == shop_id
    is_open = exists().where(here, StaffCode.used_at.is_(None), StaffCode.expires_at > now)
    is_own = exists().where(here, StaffCode.used_at > now - REPEATABLE, StaffCode.device_id == device.id)
    return or_(is_open, is_own)
