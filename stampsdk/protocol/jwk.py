"""P-256 public keys as JSON Web Keys (RFC 7517, RFC 7518 section 6.2) and their thumbprints (RFC 7638)."""

import hashlib
from collections.abc import Mapping
from typing import Any, Final

from stampsdk.protocol import _p256, base64url, json_text
from stampsdk.protocol.errors import KeyFormatError

__all__ = ["jwk_from_point", "jwk_thumbprint", "point_from_jwk"]

_COORDINATE_BYTES: Final = 32


def point_from_jwk(jwk: Mapping[str, Any]) -> tuple[int, int]:
    """Read the public point of a P-256 key.

    Parameters
    ----------
    jwk
        ``kty`` EC, ``crv`` P-256, ``x`` and ``y`` as canonical base64url of 32 bytes each. Members such as
        ``kid``, ``use`` and ``alg`` are left aside; the private member ``d`` is refused, since a private key
        has no business where a public one is asked for.

    Raises
    ------
    KeyFormatError
        When any of this fails, or the point is not on the curve.
    """
    if not isinstance(jwk, Mapping):
        raise KeyFormatError("wrong_type", "", "a JSON Web Key is an object")
    if jwk.get("kty") != "EC" or jwk.get("crv") != "P-256":
        raise KeyFormatError("wrong_curve", "crv", 'a key with "kty":"EC" and "crv":"P-256" is wanted')
    if "d" in jwk:
        raise KeyFormatError("private_key", "d", "send the public key only; keep the private one")
    x, y = (_coordinate(jwk, name) for name in ("x", "y"))
    if not _p256.is_on_curve(x, y):
        raise KeyFormatError("not_on_curve", "x", "this point is not on P-256")
    return x, y


def jwk_from_point(x: int, y: int) -> dict[str, str]:
    """Write a public point as the four members that define it."""
    text = [base64url.encode(value.to_bytes(_COORDINATE_BYTES, "big")) for value in (x, y)]
    return {"kty": "EC", "crv": "P-256", "x": text[0], "y": text[1]}


def jwk_thumbprint(jwk: Mapping[str, Any]) -> str:
    """Give the SHA-256 thumbprint of a P-256 key: over crv, kty, x, y in this order, as base64url.

    Raises
    ------
    KeyFormatError
        As `point_from_jwk`: only a usable key has a thumbprint here.
    """
    point_from_jwk(jwk)
    members = {name: jwk[name] for name in ("crv", "kty", "x", "y")}
    return base64url.encode(hashlib.sha256(json_text.write(members)).digest())


def _coordinate(jwk: Mapping[str, Any], name: str) -> int:
    text = jwk.get(name)
    if not isinstance(text, str):
        raise KeyFormatError("missing_field", name, "a coordinate as base64url is wanted")
    try:
        data = base64url.decode(text)
    except ValueError as error:
        raise KeyFormatError("bad_base64", name, str(error)) from None
    if len(data) != _COORDINATE_BYTES:
        raise KeyFormatError("out_of_bounds", name, "a coordinate of P-256 has 32 bytes, leading zeros kept")
    return int.from_bytes(data, "big")
