"""Who sent an envelope: the device it names, and the proof that it was that device."""

import binascii
from typing import Any, Final

from sqlalchemy.orm import Session

from server.core.sealing import Sealer
from server.customers.models import Device
from server.customers.service import verification_key
from server.presses.reasons import Reason
from stampsdk.protocol import EnvelopeError, SignatureError, base64url, json_text, verify_signature

__all__ = ["claimed_device", "prove", "reason_of"]

_LONGEST_ID: Final = 40
_LONGEST_HEADER: Final = 1024

_FORM: Final = {"not_text", "too_large", "not_compact", "bad_header", "type_refused"}
_REASONS: Final = {
    "algorithm_refused": Reason.ALGORITHM_REFUSED,
    "algorithm_mismatch": Reason.ALGORITHM_MISMATCH,
    "signature_malformed": Reason.SIGNATURE_MALFORMED,
    "signature_wrong": Reason.SIGNATURE_WRONG,
    "bad_json": Reason.PAYLOAD_NOT_JSON,
    "duplicate_key": Reason.PAYLOAD_NOT_JSON,
    "bad_text": Reason.PAYLOAD_NOT_JSON,
    "bad_number": Reason.NUMBER_NOT_FINITE,
    "out_of_bounds": Reason.FIELD_OUT_OF_BOUNDS,
    "bad_version": Reason.VERSION_UNKNOWN,
}


def claimed_device(session: Session, text: str) -> Device | None:
    """Return the device that the envelope's header names, if it is on record. Nothing is proven by that.

    Reads as little as possible of a text that may be anything, so that even an envelope without a usable
    signature is written down under the device it claims to come from.
    """
    head, _, _ = text[:_LONGEST_HEADER].partition(".")
    try:
        header: Any = json_text.read(base64url.decode(head), "header")
    except (EnvelopeError, ValueError, binascii.Error):
        return None
    key_id = header.get("kid") if isinstance(header, dict) else None
    if not isinstance(key_id, str) or not key_id.isascii() or len(key_id) > _LONGEST_ID or "\x00" in key_id:
        return None
    return session.get(Device, key_id)


def prove(text: str, device: Device, sealer: Sealer) -> Reason | None:
    """Check the signature with the device's key, by the algorithm that the device enrolled with.

    Returns
    -------
    Reason or None
        None only when the envelope was signed by the device and the device is in use.
    """
    if device.revoked_at is not None:
        return Reason.DEVICE_REVOKED
    try:
        verify_signature(text, device.algorithm, verification_key(device, sealer))
    except EnvelopeError as error:
        return reason_of(error)
    return None


def reason_of(error: EnvelopeError) -> Reason:
    """Return the owner's reason for what the protocol refused to read."""
    if error.code in _REASONS:
        return _REASONS[error.code]
    if error.code in _FORM or error.field.partition(".")[0] in {"header", "payload", "signature"}:
        return Reason.SIGNATURE_MALFORMED if isinstance(error, SignatureError) else Reason.ENVELOPE_UNREADABLE
    return Reason.FIELD_WRONG
