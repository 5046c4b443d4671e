"""What programmes refuse."""

from enum import StrEnum
from typing import Final


class CouponRefusal(StrEnum):
    """Why a coupon cannot be redeemed; the owner's code."""

    UNKNOWN = "coupon_unknown"
    FOREIGN = "coupon_foreign"
    REDEEMED = "coupon_redeemed"
    EXPIRED = "coupon_expired"
    VOID = "coupon_void"
    ELSEWHERE = "coupon_elsewhere"


_SENTENCES: Final = {
    CouponRefusal.UNKNOWN: "there is no such coupon",
    CouponRefusal.FOREIGN: "the coupon belongs to another customer, or to one who was erased",
    CouponRefusal.REDEEMED: "the coupon was redeemed before",
    CouponRefusal.EXPIRED: "the coupon has expired",
    CouponRefusal.VOID: "the coupon was taken back with a stamp that had earned it",
    CouponRefusal.ELSEWHERE: "the coupon's programme does not include this shop",
}


class CouponUnavailable(Exception):  # noqa: N818 (the name that the services agreed on)
    """A coupon cannot be redeemed; nothing was changed.

    Attributes
    ----------
    reason : CouponRefusal
        Stable code for the owner's log. A phone is told only that the coupon is not available.
    """

    def __init__(self, reason: CouponRefusal) -> None:
        super().__init__(_SENTENCES[reason])
        self.reason = reason
