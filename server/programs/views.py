"""Cards and coupons as people see them."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from pydantic import TypeAdapter

from server.core.schemas import Bilingual


@dataclass(frozen=True, slots=True)
class ShopView:
    """A shop, by name."""

    id: str
    name: str


@dataclass(frozen=True, slots=True)
class ProgramView:
    """A programme as a card shows it; `stamps_required` is what this card's round takes."""

    id: str
    name: Bilingual
    reward: Bilingual
    stamps_required: int


@dataclass(frozen=True, slots=True)
class CardView:
    """A card with the stamps it holds now; one that owes some after a correction shows none.

    `shop` gave the first stamp.
    """

    id: str
    program: ProgramView
    shop: ShopView
    stamps: int
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class CouponView:
    """A coupon. `card` and `program` are identifiers; `shop` is where it was earned."""

    id: str
    card: str
    program: str
    reward: Bilingual
    shop: ShopView
    status: Literal["issued", "redeemed", "expired", "void"]
    issued_at: datetime
    expires_at: datetime | None
    redeemed_at: datetime | None


_CARD = TypeAdapter(CardView)
_COUPON = TypeAdapter(CouponView)


def card_json(view: CardView) -> dict[str, Any]:
    """Return the card as the API writes it."""
    document: dict[str, Any] = _CARD.dump_python(view, mode="json")
    return document


def coupon_json(view: CouponView) -> dict[str, Any]:
    """Return the coupon as the API writes it."""
    document: dict[str, Any] = _COUPON.dump_python(view, mode="json")
    return document
