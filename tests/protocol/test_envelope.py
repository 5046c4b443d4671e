"""Envelopes: what is built is read back; anything altered is refused; nothing else ever escapes."""

import hashlib
import json

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from stampsdk import protocol
from stampsdk.capture import Contact, Frame
from stampsdk.protocol import (
    EnvelopeError,
    KeyFormatError,
    PressReport,
    ProtocolError,
    ScreenInfo,
    SignatureError,
    base64url,
    parse_envelope,
    verify_signature,
)
from tests.protocol import envelopes
from tests.protocol.envelopes import ECDSA_SIGNER, HMAC_SIGNER, SECRET, plain, resigned
from tests.public_names import assert_public_names

KEYS = {"HS256": SECRET, "ES256": ECDSA_SIGNER.public_jwk}


@given(parts=envelopes.parts(), signer=st.sampled_from([HMAC_SIGNER, ECDSA_SIGNER]))
def test_what_is_built_is_read_back_and_verifies(parts, signer):
    text = protocol.build_envelope(signer, **parts)
    verify_signature(text, signer.algorithm, KEYS[signer.algorithm])
    envelope = parse_envelope(text)
    assert {name: getattr(envelope, name) for name in parts} == parts
    assert (envelope.algorithm, envelope.key_id) == (signer.algorithm, signer.key_id)
    assert envelope.sha256 == hashlib.sha256(text.encode()).hexdigest()


def test_frame_times_start_at_zero_and_coordinates_are_rounded_far_below_a_pixel():
    frames = (
        Frame(981.25, (Contact(7, 10.123456789, 20.0),)),
        Frame(981.2583333, (Contact(7, 10.0, 20.0, 0.33333333, 4.0),)),
    )
    press = parse_envelope(plain(press=PressReport(((10.123456789, 20.0),), frames))).press
    assert press.touches == ((10.123456789, 20.0),)
    assert press.frames == (
        Frame(0.0, (Contact(7, 10.1235, 20.0),)),
        Frame(0.0083, (Contact(7, 10.0, 20.0, 0.3333, 4.0),)),
    )


def _read(text, algorithm):
    """Do what a server does: parse, then verify by the device's record."""
    parse_envelope(text)
    verify_signature(text, algorithm, KEYS[algorithm])


@pytest.mark.parametrize("signer", [HMAC_SIGNER, ECDSA_SIGNER], ids=["HS256", "ES256"])
@pytest.mark.parametrize("bit", range(8))
def test_any_single_bit_flipped_anywhere_is_refused(signer, bit):
    text = plain(signer)
    _read(text, signer.algorithm)
    for place in range(len(text)):
        altered = text[:place] + chr(ord(text[place]) ^ 1 << bit) + text[place + 1 :]
        with pytest.raises(ProtocolError):
            _read(altered, signer.algorithm)


@given(st.data())
def test_any_byte_of_a_rich_envelope_replaced_is_refused(data):
    text = protocol.build_envelope(HMAC_SIGNER, **data.draw(envelopes.parts()))
    place = data.draw(st.integers(0, len(text) - 1))
    other = data.draw(st.characters().filter(lambda c: c != text[place]))
    with pytest.raises(EnvelopeError):
        _read(text[:place] + other + text[place + 1 :], "HS256")


json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.floats()
    | st.integers()
    | st.text(max_size=8)
    | st.sampled_from([1e308, -1e308, 2**64, 10**30, "chl_x", "stamp", [], {}]),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=6), inner, max_size=4),
    max_leaves=12,
)


def _places(value, path=()):
    yield path
    if isinstance(value, dict | list):
        for name in value if isinstance(value, dict) else range(len(value)):
            yield from _places(value[name], (*path, name))


@settings(max_examples=400)
@given(junk=json_values, data=st.data())
def test_junk_in_any_place_gives_an_envelope_error_or_a_readable_envelope(junk, data):
    rich = plain(
        press=PressReport(envelopes.FIVE, (Frame(0.0, (Contact(1, 2.0, 3.0, 0.5, 6.0),)),)),
        location=protocol.Location(37.5, 127.0, 12.0),
        factors=(protocol.FactorClaim("nfc", (("a", "b"),)),),
    )
    body = json.loads(envelopes.unpack(rich.split(".")[1]))
    path = data.draw(st.sampled_from(list(_places(body))))
    target = body
    for name in path[:-1]:
        target = target[name]
    if path:
        target[path[-1]] = junk
    text = resigned(rich, json.dumps(body if path else junk).encode())
    try:
        envelope = parse_envelope(text)
    except EnvelopeError as error:
        values = ()
        named = error.code.islower()
    else:
        values = [v for touch in envelope.press.touches for v in touch]
        named = True
    assert named
    assert all(abs(v) <= 1e9 for v in values)


@settings(max_examples=300)
@given(st.text(max_size=200) | st.binary(max_size=200).map(envelopes.pack))
@example("." * 63_999)
@example("..")
@example("\ud800.\ud800.\ud800")
def test_any_text_at_all_gives_an_envelope_error(text):
    with pytest.raises(EnvelopeError):
        parse_envelope(text)
    with pytest.raises(EnvelopeError):
        verify_signature(f"{text}.{text}.{text}", "ES256", KEYS["ES256"])


@pytest.mark.parametrize("value", [None, 5, b"a.b.c", ["a.b.c"], {}])
def test_what_is_no_text_is_refused(value):
    with pytest.raises(EnvelopeError) as caught:
        parse_envelope(value)
    assert caught.value.code == "not_text"


BODY = '"challenge":"chl_1"'


@pytest.mark.parametrize(
    ("payload", "code"),
    [
        (b"", "bad_json"),
        (b"\xff\xfe", "bad_json"),
        (b"\xef\xbb\xbf{}", "bad_json"),
        (b"[" * 40_000, "bad_json"),
        (b'{"a":' * 9_000, "bad_json"),
        (b"[" * 20_000 + b"]" * 20_000, "bad_json"),
        (b'{"v":1,"v":1}', "duplicate_key"),
        (b'{"a":[{"b":1,"\\u0062":2}]}', "duplicate_key"),
        (b'{"v":NaN}', "bad_number"),
        (b'{"v":-Infinity}', "bad_number"),
        (b'{"v":1e999}', "bad_number"),
        (b'{"v":1e308}', "bad_number"),
        (b'{"v":' + b"9" * 5000 + b"}", "bad_number"),
        (b'{"v":"\\ud800"}', "bad_text"),
        (b'{"v":"\\u0000"}', "bad_text"),
        (b'{"\\udfff":1}', "bad_text"),
        (b"{}", "bad_version"),
        (b'{"v":2}', "bad_version"),
        (b'{"v":true}', "missing_field"),
        (b"[]", "wrong_type"),
        (b"null", "wrong_type"),
    ],
)
def test_hostile_payloads_are_named(payload, code):
    with pytest.raises(EnvelopeError) as caught:
        parse_envelope(resigned(plain(), payload))
    assert caught.value.code == code


def _frame(*contacts):
    return [{"t": 0, "contacts": list(contacts)}]


def _put(path, value):
    def change(body):
        target = body
        for name in path[:-1]:
            target = target[name]
        target[path[-1]] = value

    return change


@pytest.mark.parametrize(
    ("path", "value", "field", "code"),
    [
        (["challenge"], "cha_1", "challenge", "bad_value"),
        (["challenge"], "chl_1 ", "challenge", "bad_value"),
        (["nonce"], envelopes.NONCE[:-1] + "B", "nonce", "bad_base64"),
        (["nonce"], envelopes.NONCE[:-1], "nonce", "bad_value"),
        (["nonce"], None, "nonce", "wrong_type"),
        (["purpose"], "credit", "purpose", "bad_value"),
        (["purpose"], "redeem", "coupon", "bad_value"),
        (["coupon"], "cpn_1", "coupon", "bad_value"),
        (["press", "touches"], [[1.0, 2.0]] * 17, "press.touches", "out_of_bounds"),
        (["press", "touches", 2], [1.0], "press.touches[2]", "out_of_bounds"),
        (["press", "touches", 2, 1], "3", "press.touches[2][1]", "wrong_type"),
        (["press", "touches", 2, 1], True, "press.touches[2][1]", "wrong_type"),
        (["press", "touches", 2, 1], 1e10, "press.touches[2][1]", "out_of_bounds"),
        (["press", "frames"], [{"t": 0, "contacts": []}] * 61, "press.frames", "out_of_bounds"),
        (["press", "frames"], _frame(*[[1, 2, 3, 4, 5]] * 17), "press.frames[0].contacts", "out_of_bounds"),
        (["press", "frames"], _frame([1.5, 2, 3, 4, 5]), "press.frames[0].contacts[0][0]", "wrong_type"),
        (["press", "source"], "mouse", "press.source", "bad_value"),
        (["screen", "width"], 0, "screen.width", "out_of_bounds"),
        (["screen", "fractional"], 1, "screen.fractional", "wrong_type"),
        (["device", "model"], "x" * 121, "device.model", "bad_value"),
        (["device", "model"], "", "device.model", "bad_value"),
        (["location"], {"lat": 1.0}, "location.accuracy_m", "missing_field"),
        (["location"], [], "location", "wrong_type"),
        (["location_error"], "lost", "location_error", "bad_value"),
        (["factors"], [{"kind": "nfc", "data": {"a": 1}}], "factors[0].data", "wrong_type"),
        (["factors"], [{"kind": "NFC", "data": {}}], "factors[0].kind", "bad_value"),
        (["factors"], [{}] * 5, "factors", "out_of_bounds"),
        (["sent_at"], "yesterday", "sent_at", "bad_value"),
        (["extra"], 1, "", "unknown_field"),
    ],
)  # fmt: skip
def test_a_member_that_does_not_fit_is_named(path, value, field, code):
    with pytest.raises(EnvelopeError) as caught:
        parse_envelope(resigned(plain(), _put(path, value)))
    assert (caught.value.field, caught.value.code) == (field, code)


@pytest.mark.parametrize("touches", [0, 1, 2, 11, 16])
def test_counts_within_bounds_are_left_to_the_server(touches):
    text = plain(press=PressReport(((1.0, 2.0),) * touches))
    assert len(parse_envelope(text).press.touches) == touches


def test_whole_numbers_as_javascript_writes_them_are_numbers():
    def change(body):
        body["press"]["touches"] = [[3, 4]]
        body["press"]["frames"] = [{"t": 0, "contacts": [[1.0, 2, 3, None, None]]}]
        body["screen"]["width"] = 412

    envelope = parse_envelope(resigned(plain(), change))
    assert envelope.press.touches == ((3.0, 4.0),)
    assert isinstance(envelope.press.touches[0][0], float)
    assert isinstance(envelope.press.frames[0].contacts[0].uid, int)


def test_places_off_the_earth_are_left_to_the_server():
    nowhere = protocol.Location(91.0, -200.0, 10_000.0, age_s=3600.0, mock=True)
    assert parse_envelope(plain(location=nowhere)).location == nowhere


@pytest.mark.parametrize(
    "changes",
    [
        {"press": PressReport(((float("nan"), 1.0),))},
        {"press": PressReport(((float("inf"), 1.0),))},
        {"press": PressReport(((1e308, 1.0),))},
        {"press": PressReport(((1.0, 2.0),) * 17)},
        {"screen": ScreenInfo(0.0, 100.0)},
        {"coupon": "cpn_1"},
        {"purpose": "credit"},
        {"nonce": "short"},
        {"device": protocol.DeviceInfo(model="\ud800")},
        {"location": protocol.Location(1.0, 2.0, 3.0), "location_error": "denied"},
    ],
)
def test_nothing_is_built_that_would_be_refused(changes):
    with pytest.raises(EnvelopeError):
        plain(**changes)


def test_the_largest_press_fits():
    contacts = tuple(Contact(2**62 + k, 1234.56789 + k, 2345.6789, 0.123456, 12.3456) for k in range(10))
    frames = tuple(Frame(12345.678 + k / 120, contacts) for k in range(60))
    text = plain(ECDSA_SIGNER, press=PressReport(((1.1, 2.2),) * 10, frames))
    assert len(text) < protocol.MAX_COMPACT_CHARS
    many = tuple(Frame(k / 120, contacts + contacts[:6]) for k in range(60))
    with pytest.raises(EnvelopeError) as caught:
        plain(press=PressReport(((1.1, 2.2),) * 16, many))
    assert caught.value.code == "too_large"


def _with_header(text, header, signature=None):
    parts = text.split(".")
    head = envelopes.pack(header if isinstance(header, bytes) else json.dumps(header).encode())
    return f"{head}.{parts[1]}.{parts[2] if signature is None else signature}"


GOOD = {"alg": "ES256", "kid": "dev_01e", "typ": "stamp-press+jws"}


@pytest.mark.parametrize(
    ("header", "code"),
    [
        ({**GOOD, "alg": "none"}, "algorithm_refused"),
        ({**GOOD, "alg": "es256"}, "algorithm_refused"),
        ({**GOOD, "alg": ["ES256"]}, "algorithm_refused"),
        ({**GOOD, "typ": "stamp-receipt+jws"}, "type_refused"),
        ({**GOOD, "typ": "JWT"}, "type_refused"),
        ({**GOOD, "jwk": ECDSA_SIGNER.public_jwk}, "bad_header"),
        ({"alg": "ES256", "typ": "stamp-press+jws"}, "bad_header"),
        ({**GOOD, "crit": ["exp"]}, "bad_header"),
        ([], "bad_header"),
        ({**GOOD, "kid": None}, "wrong_type"),
        ({**GOOD, "kid": "cus_1"}, "bad_value"),
        (b'{"alg":"none","alg":"ES256","kid":"dev_1","typ":"stamp-press+jws"}', "duplicate_key"),
    ],
)
def test_headers_that_other_libraries_fell_for_are_refused(header, code):
    with pytest.raises(EnvelopeError) as caught:
        parse_envelope(_with_header(plain(ECDSA_SIGNER), header))
    assert caught.value.code == code


def test_an_hs256_envelope_keyed_with_the_public_key_is_refused_by_the_pinned_algorithm():
    public = json.dumps(ECDSA_SIGNER.public_jwk).encode()
    forged = plain(protocol.HS256Signer(public, "dev_01e"))
    with pytest.raises(SignatureError) as caught:
        verify_signature(forged, "ES256", ECDSA_SIGNER.public_jwk)
    assert caught.value.code == "algorithm_mismatch"


def test_keys_that_do_not_fit_the_record_are_an_error_of_the_record():
    with pytest.raises(KeyFormatError):
        verify_signature(plain(), "HS256", ECDSA_SIGNER.public_jwk)
    with pytest.raises(KeyFormatError):
        verify_signature(plain(), "HS256", b"short")
    with pytest.raises(KeyFormatError):
        verify_signature(plain(ECDSA_SIGNER), "ES256", SECRET)
    with pytest.raises(KeyFormatError):
        protocol.HS256Signer(b"short")


ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551


def _halves(r, s):
    return base64url.encode(r.to_bytes(32, "big") + s.to_bytes(32, "big"))


@pytest.mark.parametrize(
    "signature",
    [
        "",
        "AA",
        _halves(0, 1),
        _halves(1, 0),
        _halves(ORDER, 1),
        _halves(1, ORDER),
        base64url.encode(bytes(65)),
    ],
)
def test_malformed_signatures_are_refused_before_any_arithmetic(signature):
    with pytest.raises(SignatureError) as caught:
        parse_envelope(_with_header(plain(ECDSA_SIGNER), GOOD, signature))
    assert caught.value.code == "signature_malformed"


def test_a_der_signature_is_refused():
    utils = pytest.importorskip("cryptography.hazmat.primitives.asymmetric.utils")
    head, payload, signature = plain(ECDSA_SIGNER).split(".")
    raw = base64url.decode(signature)
    der = utils.encode_dss_signature(int.from_bytes(raw[:32], "big"), int.from_bytes(raw[32:], "big"))
    with pytest.raises(SignatureError) as caught:
        parse_envelope(f"{head}.{payload}.{base64url.encode(der)}")
    assert caught.value.code == "signature_malformed"


def test_the_envelope_is_an_ordinary_jws_to_another_library():
    """PyCA alone, by the letter of RFC 7515: no code of ours between the text and the verification."""
    from cryptography.hazmat.primitives import hashes  # noqa: PLC0415 - only this test
    from cryptography.hazmat.primitives.asymmetric import ec, utils  # noqa: PLC0415 - only this test

    signing_input, _, signature = plain(ECDSA_SIGNER).rpartition(".")
    raw = envelopes.unpack(signature)
    der = utils.encode_dss_signature(int.from_bytes(raw[:32], "big"), int.from_bytes(raw[32:], "big"))
    x, y = (int.from_bytes(envelopes.unpack(ECDSA_SIGNER.public_jwk[c]), "big") for c in "xy")
    key = ec.EllipticCurvePublicNumbers(x, y, ec.SECP256R1()).public_key()
    key.verify(der, signing_input.encode(), ec.ECDSA(hashes.SHA256()))
    header = json.loads(envelopes.unpack(signing_input.split(".")[0]))
    assert header == GOOD


def test_public_names():
    assert_public_names(protocol)
