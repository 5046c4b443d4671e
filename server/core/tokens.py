"""Secret tokens: made once, shown once, kept as a hash."""

import hashlib
import re
import secrets
import zlib

_SHAPE = re.compile(r"[a-z]{2,4}_[A-Za-z0-9_-]{43}[0-9a-f]{8}")


def new_token(prefix: str) -> str:
    """Make a token such as ``sk_…``: a prefix, 256 random bits in base64url, and eight digits of CRC-32.

    The checksum lets scanners of leaked text tell a token from look-alikes.
    """
    random = secrets.token_urlsafe(32)
    return f"{prefix}_{random}{zlib.crc32(f'{prefix}_{random}'.encode()):08x}"


def is_well_formed(token: str) -> bool:
    """Say whether `token` has the shape and the checksum of one of ours."""
    return bool(_SHAPE.fullmatch(token)) and f"{zlib.crc32(token[:-8].encode()):08x}" == token[-8:]


def hash_token(token: str) -> str:
    """Return the SHA-256 of a token in hexadecimal: enough for 256 random bits, not for a PIN."""
    return hashlib.sha256(token.encode()).hexdigest()
