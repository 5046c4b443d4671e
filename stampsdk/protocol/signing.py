"""Signers for the two algorithms of RFC 7518 that a device may enrol: ES256 and HS256.

ES256 needs the ``cryptography`` package; where a phone has none, `es256_available` says so and the device
enrols with HS256 over a secret from the server.
"""

import hashlib
import hmac
from collections.abc import Mapping
from typing import Any, Final, Literal, Protocol, Self

from stampsdk.protocol import base64url
from stampsdk.protocol.errors import KeyFormatError
from stampsdk.protocol.jwk import jwk_from_point, point_from_jwk

try:
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import ec, utils

    _HAS_CRYPTOGRAPHY = True
except ImportError:  # the phone builds for iOS
    _HAS_CRYPTOGRAPHY = False

__all__ = [
    "HMAC_SECRET_BYTES",
    "Algorithm",
    "ES256Signer",
    "HS256Signer",
    "Signer",
    "es256_available",
]

Algorithm = Literal["ES256", "HS256"]
HMAC_SECRET_BYTES: Final = 32
_HALF: Final = 32


class Signer(Protocol):
    """What can sign an envelope: a device's key under the name the server knows it by."""

    @property
    def algorithm(self) -> Algorithm:
        """The algorithm fixed at enrolment."""

    @property
    def key_id(self) -> str:
        """The device's id, ``dev_…``."""

    def sign(self, message: bytes) -> bytes:
        """Sign the exact bytes; ES256 as 64 raw bytes r then s, never DER."""


def es256_available() -> bool:
    """Tell whether this machine can make P-256 keys and sign with them."""
    return _HAS_CRYPTOGRAPHY


class ES256Signer:
    """Sign with a P-256 private key.

    Parameters
    ----------
    private_key
        A P-256 key of the ``cryptography`` package.
    key_id
        The name it is known by; the device's id once enrolled.
    """

    algorithm: Final = "ES256"

    def __init__(self, private_key: "ec.EllipticCurvePrivateKey", key_id: str = "") -> None:
        if not isinstance(private_key.curve, ec.SECP256R1):
            raise KeyFormatError("wrong_curve", "crv", "ES256 is defined for P-256 only")
        self._key = private_key
        self._key_id = key_id

    @classmethod
    def generate(cls, key_id: str = "") -> Self:
        """Make a new key from the system's randomness."""
        _require_cryptography()
        return cls(ec.generate_private_key(ec.SECP256R1()), key_id)

    @classmethod
    def from_jwk(cls, jwk: Mapping[str, Any], key_id: str = "") -> Self:
        """Read a private key: a public P-256 JWK plus ``d``, which must belong together.

        Raises
        ------
        KeyFormatError
            When it is no such key.
        """
        _require_cryptography()
        point = point_from_jwk({name: value for name, value in jwk.items() if name != "d"})
        try:
            secret = base64url.decode(str(jwk.get("d")))
            key = ec.derive_private_key(int.from_bytes(secret, "big"), ec.SECP256R1())
        except ValueError:
            raise KeyFormatError("bad_value", "d", "this is no P-256 private key") from None
        signer = cls(key, key_id)
        if len(secret) != _HALF or signer.public_point != point:
            raise KeyFormatError("bad_value", "d", "the private and the public half do not belong together")
        return signer

    @property
    def key_id(self) -> str:
        """The name this key is known by."""
        return self._key_id

    @property
    def public_point(self) -> tuple[int, int]:
        """The public point (x, y)."""
        numbers = self._key.public_key().public_numbers()
        return numbers.x, numbers.y

    @property
    def public_jwk(self) -> dict[str, str]:
        """The public half, to enrol with."""
        return jwk_from_point(*self.public_point)

    @property
    def private_jwk(self) -> dict[str, str]:
        """Both halves, for a private store only."""
        secret = self._key.private_numbers().private_value
        return {**self.public_jwk, "d": base64url.encode(secret.to_bytes(_HALF, "big"))}

    def sign(self, message: bytes) -> bytes:
        """Give r then s, 32 bytes each (RFC 7518 section 3.4)."""
        r, s = utils.decode_dss_signature(self._key.sign(message, ec.ECDSA(hashes.SHA256())))
        return r.to_bytes(_HALF, "big") + s.to_bytes(_HALF, "big")


class HS256Signer:
    """Sign with a device secret that only the server shares.

    Parameters
    ----------
    secret
        At least 32 bytes (RFC 7518 section 3.2: no shorter than the hash).
    key_id
        The device's id.
    """

    algorithm: Final = "HS256"

    def __init__(self, secret: bytes, key_id: str = "") -> None:
        if len(secret) < HMAC_SECRET_BYTES:
            raise KeyFormatError("out_of_bounds", "secret", "an HMAC secret has at least 32 bytes")
        self._secret = bytes(secret)
        self._key_id = key_id

    @property
    def key_id(self) -> str:
        """The device's id."""
        return self._key_id

    def sign(self, message: bytes) -> bytes:
        """Give the 32 bytes of HMAC-SHA-256."""
        return hmac.digest(self._secret, message, hashlib.sha256)


def _require_cryptography() -> None:
    if not _HAS_CRYPTOGRAPHY:
        raise KeyFormatError(
            "no_crypto_library", "", "ES256 needs the 'cryptography' package; enrol with HS256 instead"
        )
