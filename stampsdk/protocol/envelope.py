"""Press envelope version 1: one press, signed by the device over the exact bytes."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from stampsdk.protocol import json_text
from stampsdk.protocol._read_payload import read_payload
from stampsdk.protocol._write_payload import write_payload
from stampsdk.protocol.compact import sign_compact, split_compact, verify_compact
from stampsdk.protocol.parts import (
    DeviceInfo,
    FactorClaim,
    Location,
    LocationError,
    PressReport,
    Purpose,
    ScreenInfo,
)
from stampsdk.protocol.signing import Algorithm, Signer

__all__ = [
    "ENVELOPE_TYPE",
    "PressEnvelope",
    "build_envelope",
    "envelope_digest",
    "parse_envelope",
    "verify_signature",
]

ENVELOPE_TYPE: Final = "stamp-press+jws"


@dataclass(frozen=True, slots=True)
class PressEnvelope:
    """An envelope that was read; its signature is not verified until `verify_signature` returns.

    Attributes
    ----------
    algorithm, key_id
        From the header: what it claims to be signed with, and the device's id ``dev_…``.
    challenge, nonce
        The challenge's id ``chl_…`` and its 32 bytes as base64url.
    purpose, coupon
        The coupon's id ``cpn_…`` when the purpose is redeem, else None.
    press, screen, device, location, location_error, factors
        See the classes.
    sent_at
        RFC 3339 by the phone's clock; informative only.
    sha256
        Hexadecimal SHA-256 of the whole compact text, as a receipt names it.
    """

    algorithm: Algorithm
    key_id: str
    challenge: str
    nonce: str
    purpose: Purpose
    coupon: str | None
    press: PressReport
    screen: ScreenInfo
    device: DeviceInfo
    location: Location | None
    location_error: LocationError | None
    factors: tuple[FactorClaim, ...]
    sent_at: str
    sha256: str


def build_envelope(
    signer: Signer,
    *,
    challenge: str,
    nonce: str,
    press: PressReport,
    screen: ScreenInfo,
    sent_at: str,
    purpose: Purpose | str = Purpose.STAMP,
    coupon: str | None = None,
    device: DeviceInfo | None = None,
    location: Location | None = None,
    location_error: LocationError | str | None = None,
    factors: Sequence[FactorClaim] = (),
) -> str:
    """Write and sign an envelope.

    Times of frames become seconds since the first frame, rounded to 0.1 ms, and coordinates in
    frames are rounded to 0.0001 px, far below what a screen resolves, so that 60 frames of 16 contacts fit.
    Touches keep every digit.

    Parameters
    ----------
    signer
        The device's key; its ``key_id`` is the device's id.
    challenge, nonce
        As `POST /v1/challenges` gave them.
    press, screen, purpose, coupon, device, location, location_error, factors, sent_at
        As in `PressEnvelope`.

    Returns
    -------
    str
        The compact text. `parse_envelope` accepts it: whatever it would refuse is refused here.

    Raises
    ------
    EnvelopeError
        When a part is not allowed in an envelope, or the whole is too large.
    """
    payload = write_payload(
        challenge=challenge,
        nonce=nonce,
        purpose=str(purpose),
        coupon=coupon,
        press=press,
        screen=screen,
        device=device or DeviceInfo(),
        location=location,
        location_error=None if location_error is None else str(location_error),
        factors=factors,
        sent_at=sent_at,
    )
    text = sign_compact(json_text.write(payload), signer, type_name=ENVELOPE_TYPE)
    parse_envelope(text)
    return text


def parse_envelope(text: str) -> PressEnvelope:
    """Read an envelope strictly, without verifying its signature.

    Numbers are finite and of sane size, counts and texts bounded, every member known; a latitude of 91 or
    eleven touches are read, because judging them is the server's part.

    Raises
    ------
    EnvelopeError
        With a stable code and the field, for everything else; never another exception.
    """
    jws = split_compact(text, type_name=ENVELOPE_TYPE)
    payload = read_payload(json_text.read(jws.payload), key_id=jws.key_id)
    return PressEnvelope(
        algorithm=jws.algorithm, key_id=jws.key_id, sha256=envelope_digest(text), **payload._asdict()
    )


def verify_signature(text: str, algorithm: str, key: Mapping[str, Any] | bytes) -> None:
    """Check an envelope's signature by the algorithm and key on the device's record.

    Parameters
    ----------
    text
        The compact text.
    algorithm
        ``ES256`` or ``HS256``, from the record, never from the envelope.
    key
        The public JWK for ES256, the secret's bytes for HS256.

    Raises
    ------
    SignatureError
        When the envelope names another algorithm, or the signature does not hold. Returns only when it does.
    EnvelopeError
        When the text is no compact JWS of the envelope's type.
    KeyFormatError
        When the record's key does not fit the record's algorithm.
    """
    verify_compact(split_compact(text, type_name=ENVELOPE_TYPE), algorithm, key)


def envelope_digest(text: str) -> str:
    """Give the hexadecimal SHA-256 of an envelope's compact text."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
