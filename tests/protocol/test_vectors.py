"""The published envelopes for ports: still what this implementation writes and reads.

``STAMP_WRITE_VECTORS=1`` writes the file anew after a deliberate change of the format.
"""

import base64
import hashlib
import hmac
import json
import os
from pathlib import Path

import pytest

from stampsdk.capture import Contact, Frame, PressQuality
from stampsdk.protocol import (
    DeviceInfo,
    EnvelopeError,
    ES256Signer,
    HS256Signer,
    Location,
    PressReport,
    ScreenInfo,
    build_envelope,
    parse_envelope,
    verify_signature,
)
from tests.protocol import published
from tests.protocol.envelopes import FIVE, pack, resigned, unpack

PATH = Path(__file__).parents[2] / "patterns" / "vectors" / "envelope.json"
SECRET = hashlib.sha256(b"stamp envelope vectors").digest()
HS256 = HS256Signer(SECRET, "dev_0192f0c1a5b67c8d9e0f112233445566")
ES256 = ES256Signer.from_jwk(
    {**published.A3_JWK, "d": published.A3_PRIVATE}, "dev_0192f0c1a5b67c8d9e0f112233445577"
)
NONCE = pack(hashlib.sha256(b"nonce of the envelope vectors").digest())


def _cases():
    frames = tuple(
        Frame(
            12.5 + k / 60,
            tuple(Contact(n, x + 0.25 * k, y, 0.5, None) for n, (x, y) in enumerate(FIVE[: k + 3])),
        )
        for k in range(3)
    )
    press = PressReport(FIVE, frames, PressQuality(3, (0.5, 0.25, 0.0, 0.125, 0.5), 0.0333, 0.2), "touch")
    common = {"challenge": "chl_0192f0c1a5b67c8d9e0f112233445588", "nonce": NONCE}
    yield (
        "touches only",
        {
            **common,
            "press": PressReport(FIVE),
            "screen": ScreenInfo(412.0, 915.0),
            "sent_at": "2026-11-22T00:30:00Z",
        },
    )
    yield (
        "browser, all members",
        {
            **common,
            "press": press,
            "screen": ScreenInfo(412.0, 915.0, device_pixel_ratio=2.625, fractional=True),
            "device": DeviceInfo("Pixel 8 · 한글", "Android 16", "stamp.js/1"),
            "location": Location(37.5665, 126.978, 12.0, 1.5, None, 0.95),
            "sent_at": "2026-11-22T09:30:00.250+09:00",
        },
    )
    yield (
        "redeem without a location",
        {
            **common,
            "purpose": "redeem",
            "coupon": "cpn_0192f0c1a5b67c8d9e0f112233445599",
            "press": PressReport(FIVE, (), None, "kivy-sdl"),
            "screen": ScreenInfo(1080.0, 2340.0, 16.5, fractional=True),
            "location_error": "denied",
            "sent_at": "2026-11-22T00:30:00Z",
        },
    )


def _make():
    cases = []
    for name, parts in _cases():
        for signer, key in ((HS256, {"secret": pack(SECRET)}), (ES256, {"jwk": ES256.public_jwk})):
            text = build_envelope(signer, **parts)
            head, payload, _ = text.split(".")
            cases.append(
                {
                    "name": f"{name}, {signer.algorithm}",
                    "algorithm": signer.algorithm,
                    "kid": signer.key_id,
                    "key": key,
                    "payload": unpack(payload).decode(),
                    "signing_input": f"{head}.{payload}",
                    "compact": text,
                }
            )
    return {
        "about": "Envelope version 1. A port signs the payload's exact bytes: with HS256 it reproduces "
        "compact; with ES256, whose signatures differ each time, signing_input. refused: what a reader "
        "must not accept.",
        "private_jwk": ES256.private_jwk,
        "cases": cases,
        "refused": _refused(cases[0]["compact"], cases[1]["compact"]),
    }


def _refused(mac, ecdsa):
    head, payload, signature = mac.split(".")
    none = pack(json.dumps({"alg": "none", "kid": HS256.key_id, "typ": "stamp-press+jws"}).encode())
    zero = ecdsa.rpartition(".")[0] + "." + pack(bytes(64))
    body = unpack(payload)
    texts = {
        "alg none": f"{none}.{payload}.",
        "padding": f"{mac}=",
        "unused bits set": mac[:-1] + chr(ord(mac[-1]) + 1),
        "a fourth part": f"{mac}.",
        "r and s zero": zero,
        "a member twice": resigned(mac, body.replace(b'{"v":1,', b'{"v":1,"v":1,'), HS256),
        "an unknown member": resigned(mac, body.replace(b'{"v":1,', b'{"v":1,"w":1,'), HS256),
        "version 2": resigned(mac, body.replace(b'{"v":1,', b'{"v":2,'), HS256),
        "NaN": resigned(mac, body.replace(b"101.25", b"NaN"), HS256),
        "a number as text": resigned(mac, body.replace(b"101.25", b'"101.25"'), HS256),
    }
    made = []
    for name, text in texts.items():
        with pytest.raises(EnvelopeError) as caught:
            parse_envelope(text)
        made.append({"name": name, "code": caught.value.code, "compact": text})
    assert head
    assert signature
    return made


def _published():
    if os.environ.get("STAMP_WRITE_VECTORS"):
        PATH.parent.mkdir(parents=True, exist_ok=True)
        PATH.write_text(json.dumps(_make(), ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    return json.loads(PATH.read_text(encoding="utf-8"))


VECTORS = _published()


def test_this_implementation_still_writes_the_published_envelopes():
    made = _make()
    assert [case["name"] for case in VECTORS["cases"]] == [case["name"] for case in made["cases"]]
    for fixed, now in zip(VECTORS["cases"], made["cases"], strict=True):
        exact = (
            ("payload", "signing_input", "compact")
            if fixed["algorithm"] == "HS256"
            else ("payload", "signing_input")
        )
        assert {name: fixed[name] for name in exact} == {name: now[name] for name in exact}
    assert VECTORS["refused"] == made["refused"]


@pytest.mark.parametrize("case", VECTORS["cases"], ids=lambda case: case["name"])
def test_every_published_envelope_is_read_and_verified(case):
    key = unpack(case["key"]["secret"]) if case["algorithm"] == "HS256" else case["key"]["jwk"]
    verify_signature(case["compact"], case["algorithm"], key)
    assert parse_envelope(case["compact"]).key_id == case["kid"]


@pytest.mark.parametrize("case", VECTORS["refused"], ids=lambda case: case["name"])
def test_every_published_refusal_is_refused(case):
    with pytest.raises(EnvelopeError) as caught:
        parse_envelope(case["compact"])
    assert caught.value.code == case["code"]


def test_the_macs_are_what_the_standard_library_computes():
    for case in VECTORS["cases"]:
        if case["algorithm"] == "HS256":
            mac = hmac.digest(unpack(case["key"]["secret"]), case["signing_input"].encode(), "sha256")
            assert case["compact"] == f"{case['signing_input']}.{pack(mac)}"
            assert (
                base64.urlsafe_b64decode(case["signing_input"].split(".")[1] + "==").decode()
                == case["payload"]
            )
