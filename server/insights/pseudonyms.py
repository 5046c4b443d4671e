"""Short names for customers: stable at one partner, unlike at any other, and no way back to the person."""

import hashlib
import hmac
from typing import Final

from server.core.sealing import Sealer

#: Crockford's 32: no I, L, O, U, which are read as other letters or as words.
_READ_AS: Final = str.maketrans("OILU", "011V", " -‐–")
_LETTERS: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_LENGTH: Final = 8
_BITS: Final = 5


class Pseudonyms:
    """Names customers, as ``7KQ4-M2XD``.

    Parameters
    ----------
    sealer
        Keys the hash: without the server's key nobody can compute a name.

    Notes
    -----
    40 bits. Among 100,000 customers of a partner the chance that any two share a name is 0.5 %; among 5,000
    it is one in 90,000. A name is for people; nothing is ever looked up in another partner by it.
    """

    def __init__(self, sealer: Sealer) -> None:
        self._key = sealer.derive("customer pseudonym")

    def of(self, partner_id: str, customer_id: str) -> str:
        """Return the customer's name at this partner."""
        digest = hmac.new(self._key, f"{partner_id}|{customer_id}".encode(), hashlib.sha256).digest()
        number = int.from_bytes(digest[:8], "big")
        name = "".join(_LETTERS[number >> _BITS * place & 31] for place in range(_LENGTH))
        return f"{name[:4]}-{name[4:]}"


def read_name(text: str) -> str:
    """Return a name as it was typed in the form in which names are made: any case, with or without dash."""
    plain = text[:64].upper().translate(_READ_AS)
    return f"{plain[:4]}-{plain[4:]}"
