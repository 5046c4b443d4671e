"""The primitives against published vectors, by the crypto library and by our own arithmetic."""

import pytest

from stampsdk.protocol import (
    ES256Signer,
    HS256Signer,
    KeyFormatError,
    _p256,
    base64url,
    compact,
    jwk_thumbprint,
    point_from_jwk,
)
from stampsdk.protocol.errors import SignatureError
from tests.protocol import published


def es256(text, signature):
    return compact.CompactJws("ES256", "k", b"", text.encode(), base64url.decode(signature))


@pytest.fixture(params=["cryptography", "whole numbers"], autouse=True)
def way(request, monkeypatch):
    if request.param == "whole numbers":
        monkeypatch.setattr(compact, "_HAS_CRYPTOGRAPHY", False)


@pytest.mark.parametrize(
    ("text", "signature", "jwk"),
    [
        (published.A3_INPUT, published.A3_SIGNATURE, published.A3_JWK),
        (published.DPOP_INPUT, published.DPOP_SIGNATURE, published.DPOP_JWK),
    ],
    ids=["RFC 7515 A.3", "RFC 9449 figure 1"],
)
def test_published_es256_signatures_hold_and_altered_ones_do_not(text, signature, jwk):
    compact.verify_compact(es256(text, signature), "ES256", jwk)
    with pytest.raises(SignatureError, match="does not belong"):
        compact.verify_compact(es256(text + "A", signature), "ES256", jwk)
    other = published.DPOP_JWK if jwk is published.A3_JWK else published.A3_JWK
    with pytest.raises(SignatureError, match="does not belong"):
        compact.verify_compact(es256(text, signature), "ES256", other)


def test_rfc7515_a1_hs256_is_reproduced_and_verified():
    secret = base64url.decode(published.A1_SECRET)
    signature = HS256Signer(secret).sign(published.A1_INPUT.encode())
    assert base64url.encode(signature) == published.A1_SIGNATURE
    jws = compact.CompactJws("HS256", "k", b"", published.A1_INPUT.encode(), signature)
    compact.verify_compact(jws, "HS256", secret)
    with pytest.raises(SignatureError, match="does not belong"):
        compact.verify_compact(jws, "HS256", secret[::-1])


def test_the_a3_private_key_belongs_to_its_public_half_and_signs_what_the_public_half_verifies():
    signer = ES256Signer.from_jwk({**published.A3_JWK, "d": published.A3_PRIVATE})
    assert signer.public_jwk == published.A3_JWK
    assert signer.private_jwk == {**published.A3_JWK, "d": published.A3_PRIVATE}
    signature = base64url.encode(signer.sign(published.A3_INPUT.encode()))
    compact.verify_compact(es256(published.A3_INPUT, signature), "ES256", published.A3_JWK)
    with pytest.raises(KeyFormatError, match="do not belong together"):
        ES256Signer.from_jwk({**published.DPOP_JWK, "d": published.A3_PRIVATE})


def test_rfc6979_sample_holds_by_whole_numbers():
    assert _p256.verify(published.RFC6979_PUBLIC, b"sample", *published.RFC6979_SAMPLE)
    assert not _p256.verify(published.RFC6979_PUBLIC, b"simple", *published.RFC6979_SAMPLE)


def test_rfc9449_thumbprint():
    assert jwk_thumbprint(published.DPOP_JWK) == published.DPOP_THUMBPRINT
    assert jwk_thumbprint({"use": "sig", **published.DPOP_JWK, "kid": "x"}) == published.DPOP_THUMBPRINT


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"kty": "OKP"}, "wrong_curve"),
        ({"crv": "P-384"}, "wrong_curve"),
        ({"d": published.A3_PRIVATE}, "private_key"),
        ({"x": None}, "missing_field"),
        ({"x": published.A3_JWK["x"] + "="}, "bad_base64"),
        ({"x": base64url.encode(bytes(31))}, "out_of_bounds"),
        ({"y": published.DPOP_JWK["y"]}, "not_on_curve"),
        ({"x": base64url.encode(bytes(32)), "y": base64url.encode(bytes(32))}, "not_on_curve"),
    ],
)
def test_what_is_no_public_p256_key_is_refused(change, code):
    with pytest.raises(KeyFormatError) as caught:
        point_from_jwk({**published.A3_JWK, **change})
    assert caught.value.code == code
