"""ECDSA over P-256 with SHA-256, verification only, in whole numbers.

Phones without a crypto library (the iOS recipes have none) must still check a receipt. Verification
handles nothing secret, so its running time may show; signing is left to a real library.

Sources: FIPS 186-5 section 6.4.2 (verification), SEC 2 section 2.4.2 (the curve), and the addition formulas
"add-2007-bl" and "dbl-2001-b" of the Explicit-Formulas Database for Jacobian coordinates with a = -3.
"""

import hashlib
from typing import Final

__all__ = ["ORDER", "is_on_curve", "verify"]

_P: Final = 2**256 - 2**224 + 2**192 + 2**96 - 1
_B: Final = 0x5AC635D8AA3A93E7B3EBBD55769886BC651D06B0CC53B0F63BCE3C3E27D2604B
_G: Final = (
    0x6B17D1F2E12C4247F8BCE6E563A440F277037D812DEB33A0F4A13945D898C296,
    0x4FE342E2FE1A7F9B8EE7EB4A7C0F9E162BCE33576B315ECECBB6406837BF51F5,
)
ORDER: Final = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
"""The number of points of the curve; a signature's r and s lie in 1 … ORDER - 1."""

_Jacobian = tuple[int, int, int]
_INFINITY: Final[_Jacobian] = (1, 1, 0)


def is_on_curve(x: int, y: int) -> bool:
    """Tell whether (x, y) is a finite point of P-256."""
    return 0 <= x < _P and 0 <= y < _P and (y * y - (x * x * x - 3 * x + _B)) % _P == 0


def verify(public: tuple[int, int], message: bytes, r: int, s: int) -> bool:
    """Tell whether (r, s) is this key's signature over the message; the key must be on the curve."""
    if not (0 < r < ORDER and 0 < s < ORDER):
        return False
    digest = int.from_bytes(hashlib.sha256(message).digest(), "big")
    inverse = pow(s, -1, ORDER)
    x, _, z = _two_multiples(digest * inverse % ORDER, _G, r * inverse % ORDER, public)
    return z != 0 and x * pow(z * z, -1, _P) % _P % ORDER == r


def _two_multiples(a: int, first: tuple[int, int], b: int, second: tuple[int, int]) -> _Jacobian:
    """Give a·first + b·second by one run of doublings (Shamir's trick)."""
    p, q = (*first, 1), (*second, 1)
    table = (_INFINITY, p, q, _add(p, q))
    total = _INFINITY
    for bit in range(255, -1, -1):
        total = _double(total)
        step = (a >> bit & 1) | (b >> bit & 1) << 1
        if step:
            total = _add(total, table[step])
    return total


def _double(point: _Jacobian) -> _Jacobian:
    x, y, z = point
    if not z:
        return point
    delta, gamma = z * z % _P, y * y % _P
    beta = x * gamma % _P
    alpha = 3 * (x - delta) * (x + delta) % _P
    x3 = (alpha * alpha - 8 * beta) % _P
    z3 = ((y + z) ** 2 - gamma - delta) % _P
    return x3, (alpha * (4 * beta - x3) - 8 * gamma * gamma) % _P, z3


def _add(one: _Jacobian, two: _Jacobian) -> _Jacobian:
    if not one[2]:
        return two
    if not two[2]:
        return one
    (x1, y1, z1), (x2, y2, z2) = one, two
    zz1, zz2 = z1 * z1 % _P, z2 * z2 % _P
    u1, u2 = x1 * zz2 % _P, x2 * zz1 % _P
    s1, s2 = y1 * z2 * zz2 % _P, y2 * z1 * zz1 % _P
    if u1 == u2:
        return _double(one) if s1 == s2 else _INFINITY
    h = (u2 - u1) % _P
    i = 4 * h * h % _P
    j, v = h * i % _P, u1 * i % _P
    r = 2 * (s2 - s1) % _P
    x3 = (r * r - j - 2 * v) % _P
    return x3, (r * (v - x3) - 2 * s1 * j) % _P, ((z1 + z2) ** 2 - zz1 - zz2) * h % _P
