"""The codes of patterns: whole coordinates in the lattice, as text that can be engraved."""

import numpy as np
import numpy.typing as npt

from stampsdk.codebook.errors import SerialError

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
    SerialError
        It is no serial; the code says why.
    """
    plain = serial.strip().upper().replace("-", "").replace(" ", "").translate(str.maketrans("OIL", "011"))
    length = -(-_BITS * dimension // 5)
    form = f"{serial!r} is no serial: it has {length} letters and digits and a check symbol"
    if len(plain) != length + 1:
        raise SerialError(f"{form}, not {len(plain)} symbols", "serial_length")
    allowed = [_LETTERS[:32]] * length + [_LETTERS]
    strange = [symbol for symbol, letters in zip(plain, allowed, strict=True) if symbol not in letters]
    if strange:
        raise SerialError(f"{form}; {strange[0]!r} cannot stand where it does", "serial_symbol")
    number = 0
    for symbol in plain[:-1]:
        number = number << 5 | _LETTERS.index(symbol)
    if _LETTERS[number % 37] != plain[-1]:
        raise SerialError(
            f"{serial!r} is no serial: its check symbol does not fit; is a letter wrong?", "serial_check"
        )
    if number >> _BITS * dimension:
        raise SerialError(
            f"{serial!r} is no serial: its number is too large; is it one of another kind of stamp?",
            "serial_range",
        )
    places = range(_BITS * (dimension - 1), -1, -_BITS)
    return np.array([(number >> place & (2 * _MIDDLE - 1)) - _MIDDLE for place in places], np.int16)
