"""Passwords and PINs as Argon2id hashes in PHC texts."""

import base64
import re
import secrets
import unicodedata
from dataclasses import dataclass
from typing import Final

from cryptography.exceptions import InvalidKey
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

__all__ = ["PARAMETERS", "Parameters", "hash_password", "needs_rehash", "verify"]

_SALT_BYTES: Final = 16
_HASH_BYTES: Final = 32
_PHC: Final = re.compile(r"\$argon2id\$v=19\$m=(\d+),t=(\d+),p=(\d+)\$[A-Za-z0-9+/]+\$[A-Za-z0-9+/]+")


@dataclass(frozen=True, slots=True)
class Parameters:
    """What one hash costs: memory in KiB, passes over it, lanes side by side."""

    memory_kib: int
    iterations: int
    lanes: int


PARAMETERS: Final = Parameters(memory_kib=19_456, iterations=2, lanes=1)
"""The least that the OWASP Password Storage Cheat Sheet advises for Argon2id; some 30 ms of one core."""


def hash_password(password: str, *, secret: bytes | None = None, parameters: Parameters | None = None) -> str:
    """Return the PHC text of a password.

    Parameters
    ----------
    password
        Its spelling is unified (NFKC): keyboards write one letter in several ways.
    secret
        Mixed in, kept apart from the database: without it a copy of the
        database cannot be searched for what is short, as a PIN is.
    parameters
        What the hash is to cost; today's cost when absent.
    """
    parameters = parameters or PARAMETERS
    return Argon2id(
        salt=secrets.token_bytes(_SALT_BYTES),
        length=_HASH_BYTES,
        iterations=parameters.iterations,
        lanes=parameters.lanes,
        memory_cost=parameters.memory_kib,
        secret=secret,
    ).derive_phc_encoded(_spelt(password))


def verify(password: str, phc: str | None, *, secret: bytes | None = None) -> bool:
    """Say whether `phc` was made of this password and secret.

    With ``phc`` None the same work is done for nothing, so that the time of a
    refusal does not tell whether there was anything to compare with.
    """
    try:
        Argon2id.verify_phc_encoded(_spelt(password), phc or _NOBODYS, secret=secret)
    except InvalidKey:
        return False
    return phc is not None


def needs_rehash(phc: str, parameters: Parameters | None = None) -> bool:
    """Say whether a hash costs less in memory or passes than `parameters`, today's cost when absent."""
    parameters = parameters or PARAMETERS
    found = _PHC.fullmatch(phc)
    if found is None:
        return True
    memory_kib, iterations, _lanes = map(int, found.groups())
    return memory_kib < parameters.memory_kib or iterations < parameters.iterations


def _spelt(password: str) -> bytes:
    return unicodedata.normalize("NFKC", password).encode("utf-8", "surrogatepass")


def _unmade(parameters: Parameters) -> str:
    # No password is known for an all-zero hash; none needs to be, since `verify` refuses without a `phc`.
    salt, digest = (
        base64.b64encode(bytes(size)).rstrip(b"=").decode() for size in (_SALT_BYTES, _HASH_BYTES)
    )
    cost = f"m={parameters.memory_kib},t={parameters.iterations},p={parameters.lanes}"
    return f"$argon2id$v=19${cost}${salt}${digest}"


_NOBODYS: Final = _unmade(PARAMETERS)
