"""Envelopes to test with: a plain one, and strategies for every one that may be built."""

import base64
import json

from hypothesis import strategies as st

from stampsdk.capture import Contact, Frame, PressQuality
from stampsdk.protocol import (
    DeviceInfo,
    ES256Signer,
    FactorClaim,
    HS256Signer,
    Location,
    LocationError,
    PressReport,
    Purpose,
    ScreenInfo,
    build_envelope,
)

SECRET = bytes(range(32))
NONCE = base64.urlsafe_b64encode(bytes(range(100, 132))).decode().rstrip("=")
HMAC_SIGNER = HS256Signer(SECRET, "dev_01h")
ECDSA_SIGNER = ES256Signer.from_jwk(
    {
        "kty": "EC",
        "crv": "P-256",
        "x": "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
        "y": "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0",
        "d": "jpsQnnGQmL-YBIffH1136cspYG6-0iY7X1fCE9-E9LI",
    },
    "dev_01e",
)
FIVE = ((101.25, 640.5), (233.0, 598.75), (188.5, 720.0), (96.0, 771.125), (251.75, 690.25))


def plain(signer=HMAC_SIGNER, **changes):
    """Build an ordinary envelope, with changes."""
    parts = {
        "challenge": "chl_01",
        "nonce": NONCE,
        "press": PressReport(FIVE),
        "screen": ScreenInfo(412.0, 915.0),
        "sent_at": "2026-11-22T09:30:00+09:00",
    }
    return build_envelope(signer, **{**parts, **changes})


def resigned(text, change, signer=HMAC_SIGNER):
    """Change the payload of an envelope (a function on the parsed JSON, or bytes) and sign it anew."""
    header, payload, _ = text.split(".")
    if callable(change):
        body = json.loads(unpack(payload))
        change(body)
        change = json.dumps(body).encode()
    signing_input = f"{header}.{pack(change)}"
    return f"{signing_input}.{pack(signer.sign(signing_input.encode()))}"


def pack(data):
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def unpack(text):
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def _fixed(low, high):
    """Numbers that survive the rounding of frames to four digits."""
    return st.integers(int(low * 10_000), int(high * 10_000)).map(lambda n: n / 10_000)


_pixels = st.floats(-1e6, 1e6, allow_nan=False)
_labels = st.none() | st.text(
    st.characters(min_codepoint=32, exclude_categories=("Cs", "Cc")), min_size=1, max_size=120
)
_contacts = st.builds(
    Contact,
    uid=st.integers(-(2**63) + 1, 2**63 - 1),
    x=_fixed(-4000, 4000),
    y=_fixed(-4000, 4000),
    pressure=st.none() | _fixed(0, 1),
    size=st.none() | _fixed(0, 50),
)


@st.composite
def frames(draw):
    steps = draw(st.lists(st.integers(0, 500), max_size=8))
    made, ticks = [], 0
    for step in steps:
        ticks += step if made else 0
        contacts = draw(st.lists(_contacts, max_size=6))
        made.append(Frame(time_s=ticks / 10_000, contacts=tuple(contacts)))
    return tuple(made)


reports = st.builds(
    PressReport,
    touches=st.lists(st.tuples(_pixels, _pixels), max_size=16).map(tuple),
    frames=frames(),
    quality=st.none()
    | st.builds(
        PressQuality,
        frames_used=st.integers(0, 60),
        spread_px=st.lists(_fixed(0, 9), max_size=16).map(tuple),
        stagger_s=_fixed(0, 2),
        hold_s=_fixed(0, 9),
    ),
    source=st.sampled_from(["kivy-sdl", "kivy-raw", "touch", "pointer", "script"]),
)
screens = st.builds(
    ScreenInfo,
    width=st.floats(1, 1e6),
    height=st.floats(1, 1e6),
    px_per_mm=st.none() | st.floats(0.1, 1e3),
    device_pixel_ratio=st.none() | st.floats(0.01, 1e3),
    fractional=st.none() | st.booleans(),
)
locations = st.builds(
    Location,
    lat=st.floats(-1000, 1000),
    lon=st.floats(-1000, 1000),
    accuracy_m=st.floats(-10, 1e6),
    age_s=st.floats(-10, 1e6),
    mock=st.none() | st.booleans(),
    confidence=st.sampled_from([0.68, 0.95]),
)
claims = st.builds(
    FactorClaim,
    kind=st.from_regex(r"[a-z][a-z0-9_]{0,39}", fullmatch=True),
    data=st.dictionaries(
        st.from_regex(r"[a-z][a-z0-9_]{0,39}", fullmatch=True),
        st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=64),
        max_size=4,
    ).map(lambda d: tuple(sorted(d.items()))),
)


@st.composite
def parts(draw):
    """Draw the keyword arguments of an envelope that `build_envelope` accepts."""
    purpose = draw(st.sampled_from(Purpose))
    location = draw(st.none() | locations)
    return {
        "challenge": draw(st.from_regex(r"chl_[0-9a-f]{32}", fullmatch=True)),
        "nonce": pack(draw(st.binary(min_size=32, max_size=32))),
        "purpose": purpose,
        "coupon": "cpn_7" if purpose is Purpose.REDEEM else None,
        "press": draw(reports),
        "screen": draw(screens),
        "device": draw(st.builds(DeviceInfo, model=_labels, os=_labels, app=_labels)),
        "location": location,
        "location_error": draw(st.sampled_from([None, *LocationError])) if location is None else None,
        "factors": tuple(draw(st.lists(claims, max_size=4))),
        "sent_at": draw(st.sampled_from(["2026-11-22T00:30:00Z", "2026-11-22T09:30:00.123+09:00"])),
    }
