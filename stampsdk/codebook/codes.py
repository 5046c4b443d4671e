"""The codes of patterns: whole coordinates in the lattice, as text that can be engraved."""

import numpy as np
import numpy.typing as npt

from stampsdk.codebook.errors import CodebookError

Addresses = npt.NDArray[np.int16]

_LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ*~$=U"
_BITS = 7
_MIDDLE = 1 << (_BITS - 1)
LEAST_COORDINATE, MOST_COORDINATE = -_MIDDLE, _MIDDLE - 1


def serial_of(address: npt.ArrayLike) -> str:
    """Return the text of an address: D. Crockford's base 32, in fives, with his check symbol (modulo 37).

    The check finds any one wrong symbol and any two exchanged neighbours.
    """
    coordinates = [int(value) for value in np.asarray(address)]
    number = 0
    for value in coordinates:
        if not LEAST_COORDINATE <= value <= MOST_COORDINATE:
            raise ValueError(f"address: {value} is out of range")
        number = number << _BITS | (value + _MIDDLE)
    length = -(-_BITS * len(coordinates) // 5)
    symbols = [_LETTERS[number >> 5 * (length - 1 - place) & 31] for place in range(length)]
    symbols.append(_LETTERS[number % 37])
    return "-".join("".join(symbols[start : start + 5]) for start in range(0, len(symbols), 5))


def address_of_serial(serial: str, dimension: int) -> Addresses:
    """Return the address (D,) that a text tells; small letters, O for 0, I and L for 1 are read too.

    Raises
    ------
    CodebookError
        It is no serial, or its check symbol does not fit.
    """
    plain = serial.strip().upper().replace("-", "").replace(" ", "").translate(str.maketrans("OIL", "011"))
    length = -(-_BITS * dimension // 5)
    if len(plain) != length + 1 or any(symbol not in _LETTERS[:32] for symbol in plain[:-1]):
        raise CodebookError(f"{serial!r} is no serial: it has {length} letters and digits and a check symbol")
    number = 0
    for symbol in plain[:-1]:
        number = number << 5 | _LETTERS.index(symbol)
    if plain[-1] not in _LETTERS or _LETTERS[number % 37] != plain[-1] or number >> _BITS * dimension:
        raise CodebookError(f"{serial!r} is no serial: its check symbol does not fit; is a letter wrong?")
    places = range(_BITS * (dimension - 1), -1, -_BITS)
    return np.array([(number >> place & (2 * _MIDDLE - 1)) - _MIDDLE for place in places], np.int16)
