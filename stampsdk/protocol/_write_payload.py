"""From values to the JSON payload of an envelope."""

from collections.abc import Sequence
from typing import Any, Final

from stampsdk.capture import Frame
from stampsdk.protocol.parts import DeviceInfo, FactorClaim, Location, PressReport, ScreenInfo

__all__ = ["write_payload"]

VERSION: Final = 1
_DIGITS: Final = 4


def write_payload(
    *,
    challenge: str,
    nonce: str,
    purpose: str,
    coupon: str | None,
    press: PressReport,
    screen: ScreenInfo,
    device: DeviceInfo,
    location: Location | None,
    location_error: str | None,
    factors: Sequence[FactorClaim],
    sent_at: str,
) -> dict[str, Any]:
    """Lay out the payload, members in the order of the specification."""
    return {
        "v": VERSION,
        "challenge": challenge,
        "nonce": nonce,
        "purpose": purpose,
        "coupon": coupon,
        "press": _press(press),
        "screen": {
            "width": screen.width,
            "height": screen.height,
            "px_per_mm": screen.px_per_mm,
            "device_pixel_ratio": screen.device_pixel_ratio,
            "fractional": screen.fractional,
        },
        "device": {"model": device.model, "os": device.os, "app": device.app},
        "location": None if location is None else _location(location),
        "location_error": location_error,
        "factors": [{"kind": factor.kind, "data": dict(factor.data)} for factor in factors],
        "sent_at": sent_at,
    }


def _press(press: PressReport) -> dict[str, Any]:
    quality = press.quality
    start = press.frames[0].time_s if press.frames else 0.0
    return {
        "touches": [list(touch) for touch in press.touches],
        "frames": [_frame(frame, start) for frame in press.frames],
        "quality": None
        if quality is None
        else {
            "frames_used": quality.frames_used,
            "spread_px": [round(spread, _DIGITS) for spread in quality.spread_px],
            "stagger_s": round(quality.stagger_s, _DIGITS),
            "hold_s": round(quality.hold_s, _DIGITS),
        },
        "source": press.source,
    }


def _frame(frame: Frame, start: float) -> dict[str, Any]:
    return {
        "t": round(frame.time_s - start, _DIGITS),
        "contacts": [
            [c.uid, round(c.x, _DIGITS), round(c.y, _DIGITS), _round(c.pressure), _round(c.size)]
            for c in frame.contacts
        ],
    }


def _round(value: float | None) -> float | None:
    return None if value is None else round(value, _DIGITS)


def _location(location: Location) -> dict[str, Any]:
    return {
        "lat": location.lat,
        "lon": location.lon,
        "accuracy_m": location.accuracy_m,
        "confidence": location.confidence,
        "age_s": location.age_s,
        "mock": location.mock,
    }
