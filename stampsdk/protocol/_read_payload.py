"""From the JSON payload of an envelope to values, every member checked."""

import re
from typing import Any, Final, NamedTuple

from stampsdk.capture import Contact, Frame, PressQuality
from stampsdk.protocol import _fields, base64url
from stampsdk.protocol.errors import EnvelopeError
from stampsdk.protocol.parts import (
    DeviceInfo,
    FactorClaim,
    Location,
    LocationError,
    PressReport,
    Purpose,
    ScreenInfo,
)

__all__ = ["Payload", "read_payload"]

MOST_TOUCHES: Final = 16
MOST_FRAMES: Final = 60
MOST_CONTACTS: Final = 16
MOST_FACTORS: Final = 4
MOST_FACTOR_TEXTS: Final = 16

_NONCE_BYTES: Final = 32
_ID: Final = {prefix: re.compile(rf"{prefix}_[0-9A-Za-z]{{1,64}}") for prefix in ("dev", "chl", "cpn")}
_NONCE: Final = re.compile(r"[A-Za-z0-9_-]{43}")
_SOURCE: Final = re.compile(r"kivy-sdl|kivy-raw|touch|pointer|script")
_LABEL: Final = re.compile(r"[^\x00-\x1f\x7f\ud800-\udfff]{1,120}")
_TIME: Final = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:\d\d)", re.ASCII)
_NAME: Final = re.compile(r"[a-z][a-z0-9_]{0,39}")
_FACTOR_TEXT: Final = re.compile(r"[\x20-\x7e]{0,1024}")


class Payload(NamedTuple):
    """The members of `PressEnvelope` that stand in the payload."""

    challenge: str
    nonce: str
    purpose: Purpose
    coupon: str | None
    press: PressReport
    screen: ScreenInfo
    device: DeviceInfo
    location: Location | None
    location_error: LocationError | None
    factors: tuple[FactorClaim, ...]
    sent_at: str


def read_payload(value: Any, *, key_id: str) -> Payload:
    """Check a parsed payload; `key_id` is the header's.

    Raises
    ------
    EnvelopeError
        Naming the first member that does not fit.
    """
    _fields.text(key_id, "header.kid", _ID["dev"])
    if isinstance(value, dict) and value.get("v") != 1:
        raise EnvelopeError("bad_version", "v", "this reads version 1")
    body = _fields.member(value, "", ("v", *Payload._fields))
    _fields.integer(body["v"], "v", low=1, high=1)
    purpose = Purpose(_choice(body["purpose"], "purpose", Purpose))
    coupon = body["coupon"]
    if (purpose is Purpose.REDEEM) != (coupon is not None):
        raise EnvelopeError("bad_value", "coupon", "a coupon is named when redeeming, and only then")
    error = body["location_error"]
    if error is not None and body["location"] is not None:
        raise EnvelopeError(
            "bad_value", "location_error", "a location and a reason for having none exclude each other"
        )
    return Payload(
        challenge=_fields.text(body["challenge"], "challenge", _ID["chl"]),
        nonce=_nonce(body["nonce"]),
        purpose=purpose,
        coupon=None if coupon is None else _fields.text(coupon, "coupon", _ID["cpn"]),
        press=_press(body["press"]),
        screen=_screen(body["screen"]),
        device=_device(body["device"]),
        location=None if body["location"] is None else _location(body["location"]),
        location_error=None
        if error is None
        else LocationError(_choice(error, "location_error", LocationError)),
        factors=_factors(body["factors"]),
        sent_at=_fields.text(body["sent_at"], "sent_at", _TIME),
    )


def _choice(value: Any, field: str, choices: type[Purpose | LocationError]) -> str:
    return _fields.text(value, field, re.compile("|".join(choices)))


def _nonce(value: Any) -> str:
    text = _fields.text(value, "nonce", _NONCE)
    try:
        base64url.decode(text)
    except ValueError as error:
        raise EnvelopeError("bad_base64", "nonce", str(error)) from None
    return text


def _press(value: Any) -> PressReport:
    body = _fields.member(value, "press", ("touches", "frames", "quality", "source"))
    frames = _fields.items(body["frames"], "press.frames", most=MOST_FRAMES)
    return PressReport(
        touches=tuple(
            _point(point, f"press.touches[{k}]")
            for k, point in enumerate(_fields.items(body["touches"], "press.touches", most=MOST_TOUCHES))
        ),
        frames=tuple(_frame(frame, f"press.frames[{k}]") for k, frame in enumerate(frames)),
        quality=None if body["quality"] is None else _quality(body["quality"]),
        source=_fields.text(body["source"], "press.source", _SOURCE),
    )


def _point(value: Any, field: str) -> tuple[float, float]:
    x, y = _fields.items(value, field, least=2, most=2)
    return _fields.number(x, f"{field}[0]"), _fields.number(y, f"{field}[1]")


def _frame(value: Any, field: str) -> Frame:
    body = _fields.member(value, field, ("t", "contacts"))
    contacts = _fields.items(body["contacts"], f"{field}.contacts", most=MOST_CONTACTS)
    return Frame(
        time_s=_fields.number(body["t"], f"{field}.t", low=-3600, high=3600),
        contacts=_contacts(contacts, f"{field}.contacts"),
    )


def _contacts(values: list[Any], field: str) -> tuple[Contact, ...]:
    """Read a frame's contacts; their names are made up only when one is refused, since there are so many."""
    try:
        return tuple(_contact(value, "") for value in values)
    except EnvelopeError:
        return tuple(_contact(value, f"{field}[{k}]") for k, value in enumerate(values))


def _contact(value: Any, field: str) -> Contact:
    uid, x, y, pressure, size = _fields.items(value, field, least=5, most=5)
    return Contact(
        uid=_fields.integer(uid, f"{field}[0]", low=-(2.0**63), high=2.0**63),
        x=_fields.number(x, f"{field}[1]"),
        y=_fields.number(y, f"{field}[2]"),
        pressure=None if pressure is None else _fields.number(pressure, f"{field}[3]"),
        size=None if size is None else _fields.number(size, f"{field}[4]"),
    )


def _quality(value: Any) -> PressQuality:
    field = "press.quality"
    body = _fields.member(value, field, ("frames_used", "spread_px", "stagger_s", "hold_s"))
    spreads = _fields.items(body["spread_px"], f"{field}.spread_px", most=MOST_TOUCHES)
    return PressQuality(
        frames_used=_fields.integer(body["frames_used"], f"{field}.frames_used", low=0, high=1e6),
        spread_px=tuple(_fields.number(v, f"{field}.spread_px[{k}]") for k, v in enumerate(spreads)),
        stagger_s=_fields.number(body["stagger_s"], f"{field}.stagger_s"),
        hold_s=_fields.number(body["hold_s"], f"{field}.hold_s"),
    )


def _screen(value: Any) -> ScreenInfo:
    names = ("width", "height", "px_per_mm", "device_pixel_ratio", "fractional")
    body = _fields.member(value, "screen", names)
    density, ratio, fractional = (body[name] for name in names[2:])
    return ScreenInfo(
        width=_fields.number(body["width"], "screen.width", low=1, high=1e6),
        height=_fields.number(body["height"], "screen.height", low=1, high=1e6),
        px_per_mm=None if density is None else _fields.number(density, "screen.px_per_mm", low=0.1, high=1e3),
        device_pixel_ratio=None
        if ratio is None
        else _fields.number(ratio, "screen.device_pixel_ratio", low=0.01, high=1e3),
        fractional=None if fractional is None else _fields.boolean(fractional, "screen.fractional"),
    )


def _device(value: Any) -> DeviceInfo:
    names = ("model", "os", "app")
    body = _fields.member(value, "device", names)
    model, system, app = (
        None if body[name] is None else _fields.text(body[name], f"device.{name}", _LABEL) for name in names
    )
    return DeviceInfo(model=model, os=system, app=app)


def _location(value: Any) -> Location:
    names = ("lat", "lon", "accuracy_m", "confidence", "age_s", "mock")
    body = _fields.member(value, "location", names)
    lat, lon, accuracy_m, confidence, age_s = (
        _fields.number(body[name], f"location.{name}") for name in names[:-1]
    )
    mock = None if body["mock"] is None else _fields.boolean(body["mock"], "location.mock")
    return Location(lat, lon, accuracy_m, age_s=age_s, mock=mock, confidence=confidence)


def _factors(value: Any) -> tuple[FactorClaim, ...]:
    claims = []
    for k, item in enumerate(_fields.items(value, "factors", most=MOST_FACTORS)):
        field = f"factors[{k}]"
        body = _fields.member(item, field, ("kind", "data"))
        data = body["data"]
        if not isinstance(data, dict) or len(data) > MOST_FACTOR_TEXTS:
            raise EnvelopeError("wrong_type", f"{field}.data", "an object of at most 16 texts is wanted")
        texts = [
            (_fields.text(name, f"{field}.data", _NAME), _fields.text(text, f"{field}.data", _FACTOR_TEXT))
            for name, text in data.items()
        ]
        claims.append(FactorClaim(_fields.text(body["kind"], f"{field}.kind", _NAME), tuple(sorted(texts))))
    return tuple(claims)
