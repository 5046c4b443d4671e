"""Why a press was held or refused: the owner's stable code beside what the phone is told.

This table is the one place where the two meet. Owners read `Reason.code` in their log; a phone gets the
coarse code and sentence of `Reason.refusal`, so that a refusal does not tell what to forge next.
"""

from enum import Enum

from server.presses.codes import Refusal

__all__ = ["Reason"]


class Reason(Enum):
    """Every reason: (what the phone is told, whether it counts as a failed attempt, meaning for owners).

    Attempts count that look like guessing or forging; an honest phone's bad moment does not.
    """

    # The envelope as a text. Some of these senders have proven nothing.
    ENVELOPE_UNREADABLE = (Refusal.ENVELOPE, False, "No signed text of the press envelope's form.")
    PAYLOAD_NOT_JSON = (Refusal.ENVELOPE, False, "The content is not JSON, or JSON of two meanings.")
    NUMBER_NOT_FINITE = (Refusal.ENVELOPE, False, "A number is NaN, infinite or absurdly large.")
    FIELD_WRONG = (Refusal.ENVELOPE, False, "A field is missing, unknown, or of a wrong type or form.")
    FIELD_OUT_OF_BOUNDS = (Refusal.ENVELOPE, False, "A number or list is beyond the protocol's bounds.")
    VERSION_UNKNOWN = (Refusal.ENVELOPE, False, "An envelope version that this server does not read.")

    # Who sent it.
    DEVICE_UNKNOWN = (Refusal.SIGNATURE, False, "No device with this id is enrolled.")
    DEVICE_REVOKED = (Refusal.SIGNATURE, False, "The device was revoked.")
    ALGORITHM_REFUSED = (Refusal.SIGNATURE, False, 'An algorithm that is never accepted, such as "none".')
    ALGORITHM_MISMATCH = (Refusal.SIGNATURE, False, "Another algorithm than the device enrolled with.")
    SIGNATURE_MALFORMED = (Refusal.SIGNATURE, False, "The signature's length or form is wrong, as with DER.")
    SIGNATURE_WRONG = (Refusal.SIGNATURE, False, "The signature is not this device's over these bytes.")

    # Freshness.
    NONCE_UNKNOWN = (Refusal.STALE, True, "The challenge was never issued, or has another nonce.")
    NONCE_FOREIGN = (Refusal.STALE, True, "The challenge was issued to another device.")
    NONCE_PURPOSE = (Refusal.STALE, True, "The challenge was issued for another purpose.")
    NONCE_EXPIRED = (Refusal.STALE, False, "The challenge had expired when the press arrived.")
    NONCE_USED = (Refusal.NONCE_USED, True, "The challenge was used before by another envelope. Flagged.")
    PURPOSE_NOT_SUPPORTED = (Refusal.PURPOSE, False, "The purpose is reserved for a later version.")

    # Limits.
    FAILURES_WINDOW = (Refusal.LIMIT, False, "Too many failed attempts of the device within minutes.")
    FAILURES_DAY = (Refusal.LIMIT, False, "Too many failed attempts of the device within a day.")
    VISIT_FULL = (Refusal.LIMIT, False, "The visit has as many presses as the shop allows.")
    HELD_TOO_MANY = (Refusal.LIMIT, False, "As many held presses of the customer wait as are allowed.")

    # The quality of the fix. The first four hold the press instead, where the shop chose so.
    LOCATION_DENIED = (Refusal.NO_LOCATION, False, "The person did not allow the location.")
    LOCATION_UNAVAILABLE = (Refusal.POOR_FIX, False, "The phone could not find out where it is.")
    LOCATION_TIMEOUT = (Refusal.POOR_FIX, False, "The phone did not find out in time where it is.")
    LOCATION_MISSING = (Refusal.NO_LOCATION, False, "The app sent no location and no reason.")
    LOCATION_MOCKED = (Refusal.FALSE_FIX, True, "The phone says that a program made up its location.")
    LATITUDE_RANGE = (Refusal.FALSE_FIX, True, "The latitude is not within -90 to 90 degrees.")
    LONGITUDE_RANGE = (Refusal.FALSE_FIX, True, "The longitude is not within -180 to 180 degrees.")
    NULL_ISLAND = (Refusal.FALSE_FIX, True, "The location is 0, 0: a default, not a place.")
    ACCURACY_INVALID = (Refusal.FALSE_FIX, True, "The accuracy or its confidence is no such figure.")
    ACCURACY_COARSE = (Refusal.POOR_FIX, False, "The location is coarser than a press may use.")
    FIX_AGE_INVALID = (Refusal.FALSE_FIX, True, "The location claims to come from the future.")
    FIX_OLD = (Refusal.POOR_FIX, False, "The location was measured too long before the press.")

    # The touches as such.
    TOUCHES_FEW = (Refusal.UNCLEAR, False, "Fewer touches than any stamp has tips.")
    TOUCHES_MANY = (Refusal.UNCLEAR, False, "More touches than any stamp has tips.")
    TOUCHES_RANGE = (Refusal.UNCLEAR, False, "A touch lies farther away than any screen reaches.")
    TOUCHES_COINCIDENT = (Refusal.UNCLEAR, False, "Two touches lie in one place.")
    TOUCHES_SMALL = (Refusal.UNCLEAR, False, "The touches lie closer together than on any stamp.")
    TOUCHES_LARGE = (Refusal.UNCLEAR, False, "The touches lie farther apart than on any stamp.")

    # The pattern and its place. One answer for all, or refusals would tell which patterns exist.
    NOT_RECOGNISED = (Refusal.UNRECOGNISED, True, "No registered stamp explains the touches.")
    PATTERN_MIRRORED = (Refusal.UNRECOGNISED, True, "The mirror image of a stamp of this place.")
    PATTERN_AMBIGUOUS = (Refusal.UNRECOGNISED, True, "Several stamps explain the touches about equally.")
    OUTSIDE_FENCE = (Refusal.UNRECOGNISED, True, "The stamp's shape, but not at any of its shops.")
    DUPLICATE_CAPTURE = (Refusal.RECORDED, True, "These very touches were accepted or held before. Flagged.")

    # The stamp, its shop and the coupon.
    STAMP_SUSPENDED = (Refusal.STAMP, False, "The stamp is suspended, or was retired just now.")
    SHOP_CLOSED = (Refusal.STAMP, False, "The shop is closed for good.")
    SHOP_MISSING = (Refusal.STAMP, False, "The stamp belongs to no shop.")
    COUPON_UNKNOWN = (Refusal.COUPON, True, "No such coupon.")
    COUPON_FOREIGN = (Refusal.COUPON, True, "The coupon belongs to another customer.")
    COUPON_ELSEWHERE = (Refusal.COUPON, False, "The coupon is not valid at the recognised shop.")
    COUPON_REDEEMED = (Refusal.COUPON, False, "The coupon was redeemed before.")
    COUPON_EXPIRED = (Refusal.COUPON, False, "The coupon has expired.")
    COUPON_VOID = (Refusal.COUPON, False, "The coupon was taken back with a stamp that had earned it.")

    # What a person decided.
    HELD_REFUSED = (Refusal.BY_SHOP, False, "The press was held, and somebody at the shop refused it.")

    def __init__(self, refusal: Refusal, counts: bool, meaning: str) -> None:
        self.refusal = refusal
        self.counts = counts
        self.meaning = meaning

    @property
    def code(self) -> str:
        """The owner's stable code."""
        return self.name.lower()
