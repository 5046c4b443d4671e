"""Envelopes that their device did not sign, or not so."""

import json
import random
from datetime import UTC, datetime

import pytest
from cryptography.hazmat.primitives.asymmetric import utils
from sqlalchemy import update

from server.customers.models import Device
from stampsdk.protocol import ES256Signer, HS256Signer, base64url
from tests.server.presses.envelopes import compact, press_of, sign_raw

ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551


def payload_of(text):
    return base64url.decode(text.split(".")[1])


def with_signature(text, signature):
    return ".".join([*text.split(".")[:2], base64url.encode(signature)])


def _none(phone, text):
    head = base64url.encode(json.dumps({"alg": "none", "kid": phone.id, "typ": "stamp-press+jws"}).encode())
    return f"{head}.{text.split('.')[1]}."


def _der(_phone, text):
    raw = base64url.decode(text.split(".")[2])
    r, s = int.from_bytes(raw[:32]), int.from_bytes(raw[32:])
    return with_signature(text, utils.encode_dss_signature(r, s))


def _public_key_as_secret(phone, text):
    point = json.dumps(phone.signer.public_jwk).encode()
    return sign_raw(payload_of(text), HS256Signer(point, phone.id))


FORGERIES = {
    "alg_none": (_none, "algorithm_refused"),
    "no_signature": (lambda _p, text: text.rpartition(".")[0] + ".", "signature_malformed"),
    "another_key": (
        lambda p, text: sign_raw(payload_of(text), ES256Signer.generate(p.id)),
        "signature_wrong",
    ),
    "zeros": (lambda _p, text: with_signature(text, bytes(64)), "signature_malformed"),
    "r_is_the_order": (
        lambda _p, text: with_signature(text, ORDER.to_bytes(32) + bytes(31) + b"\1"),
        "signature_malformed",
    ),
    "der": (_der, "signature_malformed"),
    "hs256_with_the_public_key": (_public_key_as_secret, "algorithm_mismatch"),
    "other_type": (
        lambda p, text: sign_raw(payload_of(text), p.signer, typ="stamp-receipt+jws"),
        "envelope_unreadable",
    ),
    "key_in_the_header": (
        lambda p, text: sign_raw(payload_of(text), p.signer, jwk=p.signer.public_jwk),
        "envelope_unreadable",
    ),
}


@pytest.mark.parametrize("forgery", FORGERIES)
def test_a_forgery_is_refused_and_stands_in_the_owners_log(cafe, phone, look, log, forgery):
    forge, reason = FORGERIES[forgery]
    text = phone.envelope()
    answer = phone.submit(forge(phone, text))
    expected = (422, "envelope_invalid") if reason == "envelope_unreadable" else (401, "signature_refused")
    assert (answer.status_code, answer.json()["code"]) == expected
    (entry,) = log()
    assert (entry["reason"], entry["proven"], entry["device"]) == (reason, False, phone.id)
    assert look.audit(entry["id"])[0].actor == "unproven"
    assert look.bookings() == 0
    # The device itself is none the worse for it.
    assert phone.submit(text).status_code == 200


def test_a_device_with_a_secret_cannot_be_spoken_for_with_a_key(cafe, make_phone, look):
    phone = make_phone(algorithm="HS256")
    text = phone.envelope()
    answer = phone.submit(sign_raw(payload_of(text), ES256Signer.generate(phone.id)))
    assert look.press(answer.json()["press"]).reason == "algorithm_mismatch"


def test_a_key_swapped_between_devices_is_refused(cafe, phone, make_phone, look):
    other = make_phone()
    text = phone.envelope()
    swapped = sign_raw(payload_of(text), ES256Signer.from_jwk(other.signer.private_jwk, phone.id))
    assert phone.submit(swapped).status_code == 401
    # Under its own name the other device's key is right, but the challenge is not its own.
    answer = phone.submit(sign_raw(payload_of(text), other.signer))
    assert look.press(answer.json()["press"]).reason == "nonce_foreign"


@pytest.mark.parametrize("algorithm", ["ES256", "HS256"])
def test_no_byte_can_be_changed(cafe, make_phone, look, algorithm):
    """A sample of all places; the protocol's own tests change every byte."""
    phone = make_phone(algorithm=algorithm)
    text = phone.envelope()
    choose = random.Random(11)
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    for place in sorted(choose.sample(range(len(text)), 24)):
        other = choose.choice([letter for letter in alphabet if letter != text[place]])
        answer = phone.submit(text[:place] + other + text[place + 1 :])
        assert answer.status_code in {401, 422}, place
        assert answer.json()["code"] in {"signature_refused", "envelope_invalid"}, place
    assert look.bookings() == 0
    assert phone.submit(text).status_code == 200


def test_a_revoked_device_is_refused(cafe, phone, app, look):
    text = phone.envelope()
    with app.state.database.transaction() as session:
        session.execute(update(Device).values(revoked_at=datetime(2026, 11, 20, tzinfo=UTC)))
    answer = phone.submit(text)
    assert (answer.status_code, answer.json()["code"]) == (401, "signature_refused")
    assert look.press(answer.json()["press"]).reason == "device_revoked"


def test_an_unknown_device_leaves_no_row(cafe, client, look):
    text = compact(HS256Signer(bytes(32), "dev_" + "0" * 32), touches=press_of())
    answer = client.post("/v1/presses", json={"envelope": text})
    assert (answer.status_code, answer.json()["code"]) == (401, "signature_refused")
    assert answer.json()["press"] is None
    assert answer.headers["WWW-Authenticate"]
    assert look.presses() == []


def test_what_is_no_envelope_is_refused(client, look):
    texts = ["", "x", "..", "a.b.c", "é.é.é", "eyJhbGciOiJFUzI1NiJ9..", "A" * 64_000]
    heads = [b'{"kid":["dev"]}', b'{"kid":"a\\u0000"}', b'{"kid":"' + b"d" * 900 + b'"}', b"[" * 500, b"\xff"]
    for text in texts + [base64url.encode(head) + ".a.b" for head in heads]:
        answer = client.post("/v1/presses", json={"envelope": text})
        assert (answer.status_code, answer.json()["code"]) == (422, "envelope_invalid"), text[:80]
        assert answer.json()["verdict"] == "refused"
    assert look.presses() == []
