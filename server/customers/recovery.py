"""The recovery code: how a person keeps the cards when the phone or the browser's memory is gone."""

import hashlib
import hmac
import secrets
import unicodedata
from typing import Final

ALPHABET: Final = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
"""32 characters, 5 bits each; without 0 and O, 1 and I."""

LENGTH: Final = 16
"""Characters of a code: 80 random bits."""

_GROUP: Final = 4


class RecoveryCodeError(ValueError):
    """The text cannot be a recovery code; the message says why, for the person who typed it."""


def new_recovery_code() -> str:
    """Return a new code such as ``7KQ2-M9XD-RTHV-4CPA``: 80 random bits."""
    characters = "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))
    return "-".join(characters[i : i + _GROUP] for i in range(0, LENGTH, _GROUP))


def normalised(code: str) -> str:
    """Return the code's 16 characters as they were made, however they were typed.

    Small letters, full-width letters, spaces and every kind of dash are
    forgiven.

    Raises
    ------
    RecoveryCodeError
        For a character that no code has, or another number of them.
    """
    compatible = unicodedata.normalize("NFKC", code).upper()
    characters = [c for c in compatible if not (c.isspace() or unicodedata.category(c) in {"Pd", "Cf", "Sm"})]
    for character in characters:
        if character not in ALPHABET:
            raise RecoveryCodeError(
                f"a recovery code has no {character!r}: it is made of the digits 2 to 9 and letters "
                "without I and O"
            )
    if len(characters) != LENGTH:
        raise RecoveryCodeError(
            f"a recovery code has {LENGTH} letters and digits, this has {len(characters)}"
        )
    return "".join(characters)


def recovery_hash(code: str, pepper: bytes) -> str:
    """Return the HMAC-SHA256 of a code, in hexadecimal; it is what the database keeps.

    A fast hash is enough at 80 random bits. The pepper, which is not in the
    database, makes a stolen database useless even for guessing.
    """
    return hmac.new(pepper, normalised(code).encode(), hashlib.sha256).hexdigest()
