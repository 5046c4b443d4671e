"""The compact JSON Web Signature (RFC 7515 section 7.1), verified by the algorithm on record."""

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from stampsdk.protocol import _p256, base64url, json_text
from stampsdk.protocol.errors import EnvelopeError, KeyFormatError, SignatureError
from stampsdk.protocol.jwk import point_from_jwk
from stampsdk.protocol.signing import HMAC_SECRET_BYTES, Algorithm, Signer

try:
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import ec, utils

    _HAS_CRYPTOGRAPHY = True
except ImportError:  # the phone builds for iOS
    _HAS_CRYPTOGRAPHY = False

__all__ = ["MAX_COMPACT_CHARS", "CompactJws", "sign_compact", "split_compact", "verify_compact"]

MAX_COMPACT_CHARS: Final = 64_000
"""The longest signed text; with its JSON wrapping a body stays below 64 kB however one counts them."""

_SIGNATURE_BYTES: Final = {"ES256": 64, "HS256": 32}
_PARTS: Final = 3


@dataclass(frozen=True, slots=True)
class CompactJws:
    """A compact JWS taken apart; nothing in it has been verified.

    Attributes
    ----------
    algorithm, key_id
        From the header, whose type has been checked.
    payload
        The exact payload bytes.
    signing_input
        What was signed: header and payload in base64url with a dot between.
    signature
        64 or 32 bytes.
    """

    algorithm: Algorithm
    key_id: str
    payload: bytes
    signing_input: bytes
    signature: bytes


def sign_compact(payload: bytes, signer: Signer, *, type_name: str) -> str:
    """Sign the exact payload bytes; the header is alg, kid, typ and nothing else.

    Raises
    ------
    EnvelopeError
        ``too_large`` when the text would exceed `MAX_COMPACT_CHARS`.
    """
    header = json_text.write({"alg": signer.algorithm, "kid": signer.key_id, "typ": type_name})
    signing_input = f"{base64url.encode(header)}.{base64url.encode(payload)}"
    text = f"{signing_input}.{base64url.encode(signer.sign(signing_input.encode('ascii')))}"
    if len(text) > MAX_COMPACT_CHARS:
        raise EnvelopeError("too_large", "", f"a signed text has at most {MAX_COMPACT_CHARS} characters")
    return text


def split_compact(text: str, *, type_name: str) -> CompactJws:
    """Take a compact JWS apart.

    Parameters
    ----------
    text
        Three canonical base64url parts with dots between, at most `MAX_COMPACT_CHARS`.
    type_name
        The only ``typ`` accepted.

    Raises
    ------
    EnvelopeError
        For anything else: ``not_text``, ``too_large``, ``not_compact``, ``bad_base64``, ``bad_header`` when
        its members are not exactly alg, kid and typ, ``type_refused``, ``algorithm_refused`` (also "none").
    SignatureError
        ``signature_malformed`` for DER, a wrong length, or r or s of zero.
    """
    if not isinstance(text, str):
        raise EnvelopeError("not_text", "", "a compact JWS is a string")
    if len(text) > MAX_COMPACT_CHARS:
        raise EnvelopeError("too_large", "", f"a signed text has at most {MAX_COMPACT_CHARS} characters")
    parts = text.split(".")
    if len(parts) != _PARTS:
        raise EnvelopeError("not_compact", "", "three parts with dots between are wanted")
    header, payload, signature = (
        _decode(part, field) for part, field in zip(parts, ("header", "payload", "signature"), strict=True)
    )
    algorithm, key_id = _read_header(header, type_name)
    _check_signature_form(algorithm, signature)
    return CompactJws(algorithm, key_id, payload, f"{parts[0]}.{parts[1]}".encode("ascii"), signature)


def verify_compact(jws: CompactJws, algorithm: str, key: Mapping[str, Any] | bytes) -> None:
    """Check the signature by the algorithm and key on record; return only when it holds.

    Parameters
    ----------
    jws
        From `split_compact`.
    algorithm
        What the signer enrolled with. The header never chooses it (RFC 8725 section 3.1).
    key
        The public JWK for ES256, the secret's bytes for HS256.

    Raises
    ------
    SignatureError
        ``algorithm_mismatch`` when the header names another algorithm, ``signature_wrong`` when the
        signature does not hold.
    KeyFormatError
        When the key on record does not fit the algorithm on record.
    """
    if jws.algorithm != algorithm:
        raise SignatureError("algorithm_mismatch", "header.alg", "signed by another algorithm than enrolled")
    holds = _verify_hs256(jws, key) if algorithm == "HS256" else _verify_es256(jws, key)
    if not holds:
        raise SignatureError("signature_wrong", "signature", "the signature does not belong to these bytes")


def _verify_hs256(jws: CompactJws, key: Mapping[str, Any] | bytes) -> bool:
    if not isinstance(key, bytes) or len(key) < HMAC_SECRET_BYTES:
        raise KeyFormatError("wrong_type", "secret", "HS256 is verified with a secret of at least 32 bytes")
    return hmac.compare_digest(hmac.digest(key, jws.signing_input, hashlib.sha256), jws.signature)


def _verify_es256(jws: CompactJws, key: Mapping[str, Any] | bytes) -> bool:
    if isinstance(key, bytes):
        raise KeyFormatError("wrong_type", "", "ES256 is verified with a public JSON Web Key")
    x, y = point_from_jwk(key)
    r, s = _halves(jws.signature)
    if not _HAS_CRYPTOGRAPHY:
        return _p256.verify((x, y), jws.signing_input, r, s)
    public = ec.EllipticCurvePublicNumbers(x, y, ec.SECP256R1()).public_key()
    try:
        public.verify(utils.encode_dss_signature(r, s), jws.signing_input, ec.ECDSA(hashes.SHA256()))
    except InvalidSignature:
        return False
    return True


def _decode(part: str, field: str) -> bytes:
    try:
        return base64url.decode(part)
    except ValueError as error:
        raise EnvelopeError("bad_base64", field, str(error)) from None


def _read_header(data: bytes, type_name: str) -> tuple[Algorithm, str]:
    header = json_text.read(data, "header")
    if not isinstance(header, dict) or header.keys() != {"alg", "kid", "typ"}:
        raise EnvelopeError("bad_header", "header", "exactly the members alg, kid and typ are wanted")
    if header["typ"] != type_name:
        raise EnvelopeError("type_refused", "header.typ", f"{type_name} is wanted")
    algorithm, key_id = header["alg"], header["kid"]
    if not isinstance(key_id, str) or not key_id:
        raise EnvelopeError("wrong_type", "header.kid", "the name of a key is wanted")
    if algorithm == "ES256":
        return "ES256", key_id
    if algorithm == "HS256":
        return "HS256", key_id
    raise EnvelopeError("algorithm_refused", "header.alg", "ES256 or HS256 is wanted")


def _check_signature_form(algorithm: Algorithm, signature: bytes) -> None:
    if len(signature) != _SIGNATURE_BYTES[algorithm]:
        raise SignatureError(
            "signature_malformed",
            "signature",
            f"{_SIGNATURE_BYTES[algorithm]} bytes are wanted (ES256: r then s, not DER)",
        )
    if algorithm == "ES256" and not all(0 < half < _p256.ORDER for half in _halves(signature)):
        raise SignatureError(
            "signature_malformed", "signature", "r and s lie between 0 and the group's order"
        )


def _halves(signature: bytes) -> tuple[int, int]:
    middle = len(signature) // 2
    return int.from_bytes(signature[:middle], "big"), int.from_bytes(signature[middle:], "big")
