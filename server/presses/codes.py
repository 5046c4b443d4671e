"""The coarse codes that phones get: a closed list, each with its HTTP status and title."""

from enum import Enum

from server.presses.texts import Advice

__all__ = ["PublicCode", "Refusal"]


class PublicCode(Enum):
    """What a phone is told about a press: (code, HTTP status, title)."""

    STAMPED = ("stamped", 200, "Stamped")
    REDEEMED = ("redeemed", 200, "Redeemed")
    VERIFIED = ("verified", 200, "Verified")
    HELD = ("held", 202, "Held for the shop")
    PRESS_UNCLEAR = ("press_unclear", 422, "The press was unclear")
    NOT_RECOGNISED = ("not_recognised", 422, "No stamp recognised here")
    PLACE_REFUSED = ("place_refused", 403, "The place could not be confirmed")
    NOT_FRESH = ("not_fresh", 409, "The press is not fresh")
    NONCE_USED = ("nonce_used", 409, "The challenge was used before")
    SIGNATURE_REFUSED = ("signature_refused", 401, "The signature was refused")
    LIMIT_REACHED = ("limit_reached", 429, "A limit was reached")
    STAMP_UNAVAILABLE = ("stamp_unavailable", 403, "The stamp is not in use")
    COUPON_UNAVAILABLE = ("coupon_unavailable", 409, "The coupon cannot be used")
    PURPOSE_NOT_SUPPORTED = ("purpose_not_supported", 422, "This purpose is not supported")
    STAFF_CODE_REFUSED = ("staff_code_refused", 422, "The code was refused")
    STAFF_CODE_SHOP_UNKNOWN = ("staff_code_shop_unknown", 422, "The shop of the code is not known")
    ENVELOPE_INVALID = ("envelope_invalid", 422, "The envelope cannot be read")

    def __init__(self, code: str, status: int, title: str) -> None:
        self.code = code
        self.status = status
        self.title = title


class Refusal(Enum):
    """The few ways in which a press can be refused: (coarse code, what people read).

    Within one coarse code the sentence differs only by what the phone itself sent.
    """

    ENVELOPE = (PublicCode.ENVELOPE_INVALID, Advice.UPDATE_APP)
    SIGNATURE = (PublicCode.SIGNATURE_REFUSED, Advice.OPEN_AGAIN)
    STALE = (PublicCode.NOT_FRESH, Advice.TOO_LATE)
    RECORDED = (PublicCode.NOT_FRESH, Advice.ALREADY_USED)
    NONCE_USED = (PublicCode.NONCE_USED, Advice.ALREADY_USED)
    PURPOSE = (PublicCode.PURPOSE_NOT_SUPPORTED, Advice.PURPOSE_NOT_SUPPORTED)
    LIMIT = (PublicCode.LIMIT_REACHED, Advice.TRY_LATER)
    NO_LOCATION = (PublicCode.PLACE_REFUSED, Advice.ALLOW_LOCATION)
    POOR_FIX = (PublicCode.PLACE_REFUSED, Advice.WAIT_FOR_FIX)
    FALSE_FIX = (PublicCode.PLACE_REFUSED, Advice.PLACE_REFUSED)
    BY_SHOP = (PublicCode.PLACE_REFUSED, Advice.REFUSED_BY_SHOP)
    UNCLEAR = (PublicCode.PRESS_UNCLEAR, Advice.PRESS_AGAIN)
    UNRECOGNISED = (PublicCode.NOT_RECOGNISED, Advice.NOT_RECOGNISED)
    STAMP = (PublicCode.STAMP_UNAVAILABLE, Advice.STAMP_UNAVAILABLE)
    COUPON = (PublicCode.COUPON_UNAVAILABLE, Advice.COUPON_UNAVAILABLE)

    def __init__(self, public: PublicCode, advice: Advice) -> None:
        self.public = public
        self.advice = advice
