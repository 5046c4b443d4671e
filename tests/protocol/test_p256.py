"""The whole-number verifier against an independent implementation, on good, altered and edge signatures."""

import hashlib

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, utils
from hypothesis import given, settings
from hypothesis import strategies as st

from stampsdk.protocol import _p256

scalars = st.integers(1, _p256.ORDER - 1) | st.sampled_from([1, 2, 3, _p256.ORDER - 1, _p256.ORDER - 2])


def library_accepts(key, message, r, s):
    try:
        key.verify(utils.encode_dss_signature(r, s), message, ec.ECDSA(hashes.SHA256()))
    except InvalidSignature:
        return False
    return True


@settings(max_examples=40)
@given(
    private=scalars, message=st.binary(max_size=64), shift=st.sampled_from([0, 0, 0, 1, -1]), data=st.data()
)
def test_it_agrees_with_the_library(private, message, shift, data):
    key = ec.derive_private_key(private, ec.SECP256R1())
    numbers = key.public_key().public_numbers()
    r, s = utils.decode_dss_signature(key.sign(message, ec.ECDSA(hashes.SHA256())))
    s = data.draw(st.sampled_from([s, _p256.ORDER - s]))  # both roots are valid signatures
    r = r + shift
    assert _p256.is_on_curve(numbers.x, numbers.y)
    expected = library_accepts(key.public_key(), message, r, s)
    assert _p256.verify((numbers.x, numbers.y), message, r, s) is expected
    assert expected is (shift == 0)


@settings(max_examples=25)
@given(private=scalars, r=scalars, s=scalars)
def test_it_agrees_on_numbers_that_nobody_signed(private, r, s):
    key = ec.derive_private_key(private, ec.SECP256R1()).public_key()
    numbers = key.public_numbers()
    assert _p256.verify((numbers.x, numbers.y), b"", r, s) is library_accepts(key, b"", r, s)


@pytest.mark.parametrize("private", [1, _p256.ORDER - 1, 2])
def test_keys_next_to_the_generator_meet_doubling_and_infinity(private):
    """With the public key ±G or 2G the two multiples meet: equal points are doubled, opposite ones vanish."""
    key = ec.derive_private_key(private, ec.SECP256R1())
    numbers = key.public_key().public_numbers()
    public = (numbers.x, numbers.y)
    for message in (b"a", b"b", b"c"):
        r, s = utils.decode_dss_signature(key.sign(message, ec.ECDSA(hashes.SHA256())))
        assert _p256.verify(public, message, r, s)
        digest = int.from_bytes(hashlib.sha256(message).digest(), "big")
        for forged in (digest % _p256.ORDER, _p256.ORDER - digest % _p256.ORDER):
            assert _p256.verify(public, message, forged, 1) is library_accepts(
                key.public_key(), message, forged, 1
            )


@pytest.mark.parametrize(("r", "s"), [(0, 1), (1, 0), (_p256.ORDER, 1), (1, _p256.ORDER), (-1, 1)])
def test_numbers_outside_the_group_never_hold(r, s):
    numbers = ec.derive_private_key(7, ec.SECP256R1()).public_key().public_numbers()
    assert not _p256.verify((numbers.x, numbers.y), b"", r, s)


@given(st.integers(0, 2**256), st.integers(0, 2**256))
def test_random_points_are_not_on_the_curve(x, y):
    assert not _p256.is_on_curve(x, y)
