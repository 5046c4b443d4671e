"""What other domains may ask of programmes."""

from server.programs.accounts import STAFF_CODE, Source
from server.programs.errors import CouponRefusal, CouponUnavailable
from server.programs.redemption import redeem_coupon
from server.programs.stamping import CreditOutcome, credit, credit_stamp
from server.programs.views import CardView, CouponView, card_json, coupon_json

__all__ = [
    "STAFF_CODE",
    "CardView",
    "CouponRefusal",
    "CouponUnavailable",
    "CouponView",
    "CreditOutcome",
    "Source",
    "card_json",
    "coupon_json",
    "credit",
    "credit_stamp",
    "redeem_coupon",
]
