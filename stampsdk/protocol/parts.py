"""The parts of a press envelope, as frozen values."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Self

from stampsdk.capture import Frame, Press, PressQuality

__all__ = ["DeviceInfo", "FactorClaim", "Location", "LocationError", "PressReport", "Purpose", "ScreenInfo"]


class Purpose(StrEnum):
    """What a press is for."""

    STAMP = "stamp"
    REDEEM = "redeem"
    VERIFY = "verify"
    CLOCK = "clock"


class LocationError(StrEnum):
    """Why an envelope has no location."""

    DENIED = "denied"
    UNAVAILABLE = "unavailable"
    TIMEOUT = "timeout"


@dataclass(frozen=True, slots=True)
class Location:
    """Where the phone says it is.

    Attributes
    ----------
    lat, lon
        Degrees, WGS84. Out-of-range values can be written and read: the server judges them.
    accuracy_m
        Radius of the circle that holds the true place with probability `confidence`.
    age_s
        Seconds since the fix.
    mock
        True when the system says that the place is simulated; None where it does not say.
    confidence
        0.68 for Android's accuracy, 0.95 for a browser's (W3C Geolocation).
    """

    lat: float
    lon: float
    accuracy_m: float
    age_s: float = 0.0
    mock: bool | None = False
    confidence: float = 0.68


@dataclass(frozen=True, slots=True)
class PressReport:
    """What the screen saw of one press.

    Attributes
    ----------
    touches
        Settled positions in px, x right, y down, one for each tip.
    frames
        All touches at up to 60 instants; times in s, the first is 0; empty when only touches are known.
    quality
        The detector's own figures, or None.
    source
        Which capture code saw it: kivy-sdl, kivy-raw, touch, pointer or script.
    """

    touches: tuple[tuple[float, float], ...]
    frames: tuple[Frame, ...] = ()
    quality: PressQuality | None = None
    source: str = "script"

    @classmethod
    def from_press(cls, press: Press) -> Self:
        """Take over what the detector saw."""
        return cls(touches=press.touches, frames=press.frames, quality=press.quality, source=press.source)


@dataclass(frozen=True, slots=True)
class ScreenInfo:
    """The surface that was pressed: size in px, and what the phone claims about its density.

    Attributes
    ----------
    width, height
        px, in the units of the touches.
    px_per_mm
        The claim, or None in browsers and wherever it is not known.
    device_pixel_ratio
        Browsers only.
    fractional
        Whether coordinates have fractions of a px; None when not known.
    """

    width: float
    height: float
    px_per_mm: float | None = None
    device_pixel_ratio: float | None = None
    fractional: bool | None = None


@dataclass(frozen=True, slots=True)
class DeviceInfo:
    """Model, operating system and capture program, each at most 120 characters or None."""

    model: str | None = None
    os: str | None = None
    app: str | None = None


@dataclass(frozen=True, slots=True)
class FactorClaim:
    """Evidence of a second factor as the envelope carries it; `stampsdk.factors` knows the kinds.

    Attributes
    ----------
    kind
        In snake_case.
    data
        Pairs of name and text, in order of name.
    """

    kind: str
    data: tuple[tuple[str, str], ...]
