"""base64url without padding (RFC 7515 section 2), in its one canonical form."""

import base64
import re
from typing import Final

__all__ = ["decode", "encode"]

_ALPHABET: Final = re.compile(r"[A-Za-z0-9_-]*\Z")


def encode(data: bytes) -> str:
    """Write bytes as base64url without padding."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode("ascii")


def decode(text: str) -> bytes:
    """Read base64url without padding; the only text accepted for some bytes is the one `encode` writes.

    The usual decoders skip foreign characters and drop the unused low bits of the last one, so that
    several texts stand for the same bytes. Here each would be a second form of a signed message.

    Raises
    ------
    ValueError
        For padding, white space, a foreign character, an impossible length or unused bits that are set.
    """
    if not _ALPHABET.match(text):
        raise ValueError("base64url has only A-Z, a-z, 0-9, '-' and '_', without padding")
    if len(text) % 4 == 1:
        raise ValueError("no bytes have a base64url text of this length")
    data = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    if encode(data) != text:
        raise ValueError("the unused bits of the last base64url character must be zero")
    return data
