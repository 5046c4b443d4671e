"""Public keys of devices, and recovery codes: what is taken for one."""

import base64
import math

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from hypothesis import given
from hypothesis import strategies as st

from server.core.errors import Unprocessable
from server.customers.recovery import (
    ALPHABET,
    LENGTH,
    RecoveryCodeError,
    new_recovery_code,
    normalised,
    recovery_hash,
)
from server.customers.service import _checked_key
from stampsdk.protocol import jwk_thumbprint

# The key of RFC 9449, figure 1, and its thumbprint as that document gives it (section 6.1).
RFC_KEY = {
    "kty": "EC",
    "x": "l8tFrhx-34tV3hRICRDY9zCkDlpBhF42UQUfWVAWBFs",
    "y": "9VE4jf_Ok_o64zbTTlcuNJajHmt6v9TDVrU0CdvGRDA",
    "crv": "P-256",
}
RFC_THUMBPRINT = "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I"


def _encode(number):
    return base64.urlsafe_b64encode(number.to_bytes(32)).rstrip(b"=").decode()


def _new_key():
    numbers = ec.generate_private_key(ec.SECP256R1()).public_key().public_numbers()
    return {"kty": "EC", "crv": "P-256", "x": _encode(numbers.x), "y": _encode(numbers.y)}


def test_the_published_key_has_the_published_thumbprint():
    assert jwk_thumbprint(_checked_key(RFC_KEY)) == RFC_THUMBPRINT


def test_only_the_members_that_say_what_the_key_is_are_kept():
    webcrypto = RFC_KEY | {"ext": True, "key_ops": ["verify"], "kid": "x"}
    assert _checked_key(webcrypto) == RFC_KEY


def test_new_keys_pass():
    for _ in range(50):
        key = _new_key()
        assert _checked_key(key) == key


@pytest.mark.parametrize(
    "change",
    [
        {"kty": "RSA"},
        {"kty": None},
        {"crv": "P-384"},
        {"crv": "p-256"},
        {"d": "l8tFrhx-34tV3hRICRDY9zCkDlpBhF42UQUfWVAWBFs"},
        {"d": None},
        {"x": RFC_KEY["y"]},
        {"x": "A" * 43, "y": "A" * 43},
        {"x": "_" * 43},
        {"x": RFC_KEY["x"] + "="},
        {"x": RFC_KEY["x"][:-1]},
        {"x": RFC_KEY["x"] + "A"},
        {"x": RFC_KEY["x"][:-1] + "t"},  # the same bytes in a spelling with loose bits
        {"x": RFC_KEY["x"].replace("-", "+")},
        {"x": " " + RFC_KEY["x"][1:]},
        {"x": "é" * 43},
        {"x": "\ud800" * 43},
        {"x": 7},
        {"x": None},
        {"y": [1]},
        {"y": _encode(2**256 - 1)},
    ],
    ids=str,
)
def test_what_is_no_public_key_on_the_curve(change):
    with pytest.raises(Unprocessable):
        _checked_key(RFC_KEY | change)


def test_a_missing_member():
    for name in RFC_KEY:
        with pytest.raises(Unprocessable):
            _checked_key({member: value for member, value in RFC_KEY.items() if member != name})


@given(st.integers(0, 2**256 - 1), st.integers(0, 2**256 - 1))
def test_random_points_are_off_the_curve(x, y):
    with pytest.raises(Unprocessable):
        _checked_key(RFC_KEY | {"x": _encode(x), "y": _encode(y)})


def test_recovery_codes_have_eighty_bits_and_no_look_alikes():
    assert len(set(ALPHABET)) == len(ALPHABET)
    assert not set(ALPHABET) & set("01IO")
    assert LENGTH * math.log2(len(ALPHABET)) >= 80
    codes = {new_recovery_code() for _ in range(2000)}
    assert len(codes) == 2000
    assert all(len(code) == 19 and code.count("-") == 3 for code in codes)
    # Every character turns up at every place: nothing of the code is fixed.
    for place in (*range(4), *range(15, 19)):
        assert {code[place] for code in codes} == set(ALPHABET)


@pytest.mark.parametrize(
    "typed",
    [
        "7KQ2-M9XD-RTHV-4CPA",
        "7kq2m9xdrthv4cpa",
        " 7kq2 m9xd\trthv\n4cpa ",
        "7KQ2–M9XD—RTHV−4CPA",
        "７ＫＱ２－Ｍ９ＸＤ－ＲＴＨＶ－４ＣＰＡ",
        "7-K-Q-2-M-9-X-D-R-T-H-V-4-C-P-A",
        "7KQ2\u200bM9XD\u00a0RTHV\u30004CPA",
    ],
)
def test_typing_is_forgiven(typed):
    assert normalised(typed) == "7KQ2M9XDRTHV4CPA"
    assert recovery_hash(typed, b"p") == recovery_hash("7KQ2M9XDRTHV4CPA", b"p")


@pytest.mark.parametrize(
    ("typed", "why"),
    [
        ("", "this has 0"),
        ("7KQ2-M9XD-RTHV-4CP", "this has 15"),
        ("7KQ2-M9XD-RTHV-4CPA7", "this has 17"),
        ("7KQ2-M9XD-RTHV-4CP0", "'0'"),
        ("7KQ2-M9XD-RTHV-4CPO", "'O'"),
        ("7KQ2-M9XD-RTHV-4CP커", "'커'"),
        ("\x00", "no"),
    ],
)
def test_what_cannot_be_a_code_is_told_why(typed, why):
    with pytest.raises(RecoveryCodeError, match=why):
        normalised(typed)


@given(st.text(max_size=60))
def test_any_text_is_a_code_or_told_why(typed):
    try:
        code = normalised(typed)
    except RecoveryCodeError:
        return
    assert len(code) == LENGTH
    assert set(code) <= set(ALPHABET)


def test_the_hash_depends_on_the_pepper_and_hides_the_code():
    code = new_recovery_code()
    hashed = recovery_hash(code, b"pepper")
    assert hashed != recovery_hash(code, b"other")
    assert normalised(code) not in hashed.upper()
