"""Receipts: signed by the server, checked by anyone with its published keys and nothing else."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stampsdk.protocol import (
    ES256Signer,
    HS256Signer,
    Purpose,
    Receipt,
    ReceiptError,
    compact,
    jwk_thumbprint,
    sign_receipt,
    verify_receipt,
)
from tests.protocol import envelopes

_FRESH = ES256Signer.generate()
SERVER = ES256Signer.from_jwk(_FRESH.private_jwk, jwk_thumbprint(_FRESH.public_jwk))
OTHER = ES256Signer.generate()
JWKS = {"keys": [{"kty": "RSA", "n": "AQAB"}, OTHER.public_jwk, {**SERVER.public_jwk, "use": "sig"}]}
RECEIPT = Receipt(
    press="prs_1",
    purpose=Purpose.STAMP,
    shop_id="shp_1",
    shop_name="달빛 카페",
    at="2026-11-22T00:30:00.250000Z",
    customer="cus_1",
    device="dev_1",
    envelope_sha256="ab" * 32,
    card="crd_1",
    stamps=2,
)

_ids = st.from_regex(r"[a-z]{3}_[0-9a-f]{32}", fullmatch=True)
_names = st.text(st.characters(min_codepoint=32, exclude_categories=("Cs", "Cc")), min_size=1, max_size=200)
receipts = st.builds(
    Receipt,
    press=_ids,
    purpose=st.sampled_from(Purpose),
    shop_id=_ids,
    shop_name=_names,
    at=st.datetimes(timezones=st.timezones()).filter(lambda t: t.year >= 1000).map(
        lambda t: t.replace(second=1).astimezone().isoformat()
    ),
    customer=_ids,
    device=_ids,
    envelope_sha256=st.from_regex(r"[0-9a-f]{64}", fullmatch=True),
    coupon=st.none() | _ids,
)  # fmt: skip


@pytest.fixture(params=["cryptography", "whole numbers"])
def way(request, monkeypatch):
    monkeypatch.setattr(compact, "_HAS_CRYPTOGRAPHY", request.param == "cryptography")


def test_a_receipt_is_checked_offline(way):
    text = sign_receipt(RECEIPT, SERVER)
    assert verify_receipt(text, JWKS) == RECEIPT
    assert verify_receipt(text, JWKS).time.isoformat() == "2026-11-22T00:30:00.250000+00:00"


@given(receipt=receipts, card=st.none() | st.integers(0, 100))
def test_every_receipt_that_is_signed_is_read_back(receipt, card):
    receipt = Receipt(
        **{name: getattr(receipt, name) for name in Receipt.__slots__ if name not in {"card", "stamps"}},
        card=None if card is None else "crd_9",
        stamps=card,
    )
    assert verify_receipt(sign_receipt(receipt, SERVER), JWKS) == receipt


def test_any_single_bit_flipped_is_refused():
    text = sign_receipt(RECEIPT, SERVER)
    for place in range(len(text)):
        for bit in (0, 1, 5):
            with pytest.raises(ReceiptError):
                verify_receipt(text[:place] + chr(ord(text[place]) ^ 1 << bit) + text[place + 1 :], JWKS)


@pytest.mark.parametrize(
    "jwks", [{"keys": []}, {}, None, [], {"keys": None}, {"keys": [None, 1, {}, OTHER.public_jwk]}]
)
def test_a_key_that_the_server_does_not_publish_is_not_trusted(jwks):
    with pytest.raises(ReceiptError) as caught:
        verify_receipt(sign_receipt(RECEIPT, SERVER), jwks)
    assert caught.value.code == "unknown_key"


def test_a_set_that_lies_about_a_key_id_does_not_help_a_forger():
    lying = {"keys": [{**OTHER.public_jwk, "kid": SERVER.key_id}]}
    forged = sign_receipt(RECEIPT, ES256Signer.from_jwk(OTHER.private_jwk, SERVER.key_id))
    with pytest.raises(ReceiptError) as caught:
        verify_receipt(forged, lying)
    assert caught.value.code == "unknown_key"
    with pytest.raises(ReceiptError) as caught:
        verify_receipt(forged, JWKS)
    assert caught.value.code == "signature_wrong"


def test_a_receipt_under_a_mac_is_refused():
    forged = sign_receipt(RECEIPT, HS256Signer(json.dumps(SERVER.public_jwk).encode(), SERVER.key_id))
    with pytest.raises(ReceiptError) as caught:
        verify_receipt(forged, JWKS)
    assert caught.value.code == "algorithm_mismatch"


def test_an_envelope_is_no_receipt():
    envelope = envelopes.plain(ES256Signer.from_jwk(_FRESH.private_jwk, "dev_1"))
    with pytest.raises(ReceiptError) as caught:
        verify_receipt(envelope, JWKS)
    assert caught.value.code == "type_refused"


@pytest.mark.parametrize(
    "change",
    [
        {"at": "2026-13-01T00:00:00Z"},
        {"at": "2026-11-22T00:30:00"},
        {"press": "1"},
        {"shop_name": ""},
        {"envelope_sha256": "AB" * 32},
        {"card": None, "stamps": 3, "coupon": "x"},
        {"stamps": -1},
        {"purpose": "gift"},
    ],
)
def test_what_would_not_be_read_is_not_signed(change):
    with pytest.raises(ReceiptError):
        sign_receipt(Receipt(**{name: getattr(RECEIPT, name) for name in Receipt.__slots__} | change), SERVER)
