"""The signed press envelope and the signed receipt (phone-safe: standard library only).

``cryptography`` is used where it can be imported; without it a phone signs with HS256 and checks
receipts in plain whole-number arithmetic.
"""

from stampsdk.protocol.compact import MAX_COMPACT_CHARS
from stampsdk.protocol.envelope import (
    ENVELOPE_TYPE,
    PressEnvelope,
    build_envelope,
    envelope_digest,
    parse_envelope,
    verify_signature,
)
from stampsdk.protocol.errors import (
    EnvelopeError,
    KeyFormatError,
    ProtocolError,
    ReceiptError,
    SignatureError,
)
from stampsdk.protocol.jwk import jwk_from_point, jwk_thumbprint, point_from_jwk
from stampsdk.protocol.parts import (
    DeviceInfo,
    FactorClaim,
    Location,
    LocationError,
    PressReport,
    Purpose,
    ScreenInfo,
)
from stampsdk.protocol.receipts import RECEIPT_TYPE, Receipt, sign_receipt, verify_receipt
from stampsdk.protocol.signing import (
    HMAC_SECRET_BYTES,
    Algorithm,
    ES256Signer,
    HS256Signer,
    Signer,
    es256_available,
)

__all__ = [
    "ENVELOPE_TYPE",
    "HMAC_SECRET_BYTES",
    "MAX_COMPACT_CHARS",
    "RECEIPT_TYPE",
    "Algorithm",
    "DeviceInfo",
    "ES256Signer",
    "EnvelopeError",
    "FactorClaim",
    "HS256Signer",
    "KeyFormatError",
    "Location",
    "LocationError",
    "PressEnvelope",
    "PressReport",
    "ProtocolError",
    "Purpose",
    "Receipt",
    "ReceiptError",
    "ScreenInfo",
    "SignatureError",
    "Signer",
    "build_envelope",
    "envelope_digest",
    "es256_available",
    "jwk_from_point",
    "jwk_thumbprint",
    "parse_envelope",
    "point_from_jwk",
    "sign_receipt",
    "verify_receipt",
    "verify_signature",
]
