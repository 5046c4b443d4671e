"""Public keys of devices: what is taken for one, and its fingerprint."""

import base64
import binascii
import hashlib
import json
from collections.abc import Mapping

from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePublicNumbers

_COORDINATE_BYTES = 32


class PublicKeyError(ValueError):
    """The JWK is not a public key on P-256; the message says why."""


def checked_public_key(jwk: Mapping[str, object]) -> dict[str, str]:
    """Return the four members that define an EC public key, once they prove to be a point on P-256.

    Parameters
    ----------
    jwk
        A JSON Web Key (RFC 7517, RFC 7518 section 6.2). Members that say
        nothing about the point (``ext``, ``key_ops``, ``kid``) are dropped.

    Returns
    -------
    dict
        ``crv``, ``kty``, ``x`` and ``y``.

    Raises
    ------
    PublicKeyError
        For another type or curve, coordinates that are not 32 bytes in
        base64url without padding, a point off the curve, or a private key.
    """
    if "d" in jwk:
        raise PublicKeyError("it is a private key; keep it on the device and send only kty, crv, x and y")
    if jwk.get("kty") != "EC" or jwk.get("crv") != "P-256":
        raise PublicKeyError('"kty" must be "EC" and "crv" must be "P-256"')
    x, y = _coordinate(jwk, "x"), _coordinate(jwk, "y")
    try:
        EllipticCurvePublicNumbers(int.from_bytes(x), int.from_bytes(y), SECP256R1()).public_key()
    except ValueError as error:
        raise PublicKeyError("the point is not on the curve P-256") from error
    return {"crv": "P-256", "kty": "EC", "x": _base64url(x), "y": _base64url(y)}


def thumbprint(public_key: Mapping[str, str]) -> str:
    """Return the RFC 7638 thumbprint of a checked EC key: 43 characters of base64url."""
    members = {name: public_key[name] for name in ("crv", "kty", "x", "y")}
    canonical = json.dumps(members, sort_keys=True, separators=(",", ":"))
    return _base64url(hashlib.sha256(canonical.encode()).digest())


def _coordinate(jwk: Mapping[str, object], name: str) -> bytes:
    text = jwk.get(name)
    if isinstance(text, str) and text.isascii():
        try:
            value = base64.b64decode(text + "=", altchars=b"-_", validate=True)
        except binascii.Error:
            value = b""
        # Compared backwards too: base64 has several spellings of the same bytes, a key has one.
        if len(value) == _COORDINATE_BYTES and _base64url(value) == text:
            return value
    raise PublicKeyError(f'"{name}" must be {_COORDINATE_BYTES} bytes in base64url without padding')


def _base64url(value: bytes) -> str:
    return base64.urlsafe_b64encode(value).rstrip(b"=").decode()
