"""What the screens show of cards, coupons and history: finished texts and numbers, nothing to compute."""

from dataclasses import dataclass

from mobile_demo.core.texts import Texts
from stampsdk.client import Card, Coupon, HistoryEntry

__all__ = ["CardView", "CouponView", "HistoryRow", "card_view", "coupon_view", "history_row"]


@dataclass(frozen=True, slots=True)
class CardView:
    """A card: ``stamps`` inked marks in a row of ``required``."""

    shop: str
    program: str
    note: str
    stamps: int
    required: int


@dataclass(frozen=True, slots=True)
class CouponView:
    """A coupon; ``usable`` ones have a button."""

    id: str
    reward: str
    shop: str
    note: str
    usable: bool


@dataclass(frozen=True, slots=True)
class HistoryRow:
    """One booking."""

    what: str
    shop: str
    when: str


def card_view(card: Card, texts: Texts, *, full: bool = False) -> CardView:
    """Show a card; ``full`` when its last stamp has just become a coupon, so that the row shows it filled."""
    required = card.program.stamps_required
    stamps = required if full and card.stamps == 0 else card.stamps
    reward = card.program.reward.in_language(texts.language)
    left = max(0, required - stamps)
    return CardView(
        shop=card.shop.name,
        program=card.program.name.in_language(texts.language),
        note=texts.to_reward.format(reward=reward, left=left) if left else reward,
        stamps=stamps,
        required=required,
    )


def coupon_view(coupon: Coupon, texts: Texts) -> CouponView:
    """Show a coupon."""
    if coupon.status == "redeemed":
        when = texts.moment(coupon.redeemed_at) if coupon.redeemed_at else ""
        note = texts.coupon_used.format(when=when).rstrip(" ·")
    elif coupon.status == "expired":
        note = texts.coupon_expired
    elif coupon.status == "void":
        note = texts.coupon_void
    elif coupon.expires_at is not None:
        note = texts.coupon_until.format(when=texts.moment(coupon.expires_at))
    else:
        note = texts.coupon_valid
    return CouponView(
        id=coupon.id,
        reward=coupon.reward.in_language(texts.language),
        shop=coupon.shop.name,
        note=note,
        usable=coupon.status == "issued",
    )


def history_row(entry: HistoryEntry, texts: Texts) -> HistoryRow:
    """Show a booking; a kind that this app does not know yet is shown by its own name."""
    what = texts.kinds.get(entry.kind, entry.kind.replace("_", " "))
    if entry.stamps and entry.kind == "stamp":
        what = f"{what} {entry.stamps:+d}"
    return HistoryRow(what=what, shop=entry.shop.name if entry.shop else "", when=texts.moment(entry.at))
