"""What other domains may ask of programmes."""

from server.programs.errors import CouponRefusal, CouponUnavailable
from server.programs.redemption import redeem_coupon
from server.programs.stamping import CreditOutcome, credit_stamp
from server.programs.views import CardView, CouponView, card_json, coupon_json

__all__ = [
    "CardView",
    "CouponRefusal",
    "CouponUnavailable",
    "CouponView",
    "CreditOutcome",
    "card_json",
    "coupon_json",
    "credit_stamp",
    "redeem_coupon",
]
