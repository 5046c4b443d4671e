"""What comes out of the detector: a press, or a press that did not count and why.

This room holds no text for people: reasons and hints are stable snake_case values that a page
or an app turns into its own sentences.
"""

from dataclasses import dataclass
from enum import StrEnum

from stampsdk.capture.events import Frame


class VoidReason(StrEnum):
    """Why contacts that began like a press were not one. Values are stable."""

    TOO_MANY_CONTACTS = "too_many_contacts"
    """More contacts than any stamp in use has tips, or a resting finger that moved."""
    TOO_FEW_CONTACTS = "too_few_contacts"
    """At least three contacts, but never as many as a stamp has tips."""
    CANCELLED = "cancelled"
    """The system took the touches away (a gesture of its own, a sixth touch on an iPhone)."""
    VANISHED_TOGETHER = "vanished_together"
    """All contacts ended at one instant before the commit: a short dab, or an unreported cancel."""
    LIFTED_EARLY = "lifted_early"
    """The stamp was lifted before its tips had been still for long enough."""
    TIP_LOST = "tip_lost"
    """One tip left the glass and did not come back while others stayed."""
    SLID = "slid"
    """A contact travelled farther than a pressed stamp does: a drag or a swipe."""
    NOT_STILL = "not_still"
    """The right number of contacts, but they never came to rest."""
    LANDED_TOO_SLOWLY = "landed_too_slowly"
    """The contacts landed too far apart in time: a tilted stamp, or fingers."""
    TOO_WIDE = "too_wide"
    """Two contacts are farther apart than a stamp's face is wide: a hand."""
    TOO_CLOSE = "too_close"
    """Two contacts are closer than two tips can be told apart: one tip seen twice."""
    INTERRUPTED = "interrupted"
    """The host lost the screen: pause, focus loss, rotation. ``Void.detail`` has the host's word."""
    INVALID_POSITION = "invalid_position"
    """A coordinate was not a number, infinite or absurdly large."""
    INVALID_TIME = "invalid_time"
    """A time was not a number, or the clock jumped backwards."""


class Hint(StrEnum):
    """What the person should do now. Values are stable."""

    PRESS_STAMP = "press_stamp"
    HOLD_STILL = "hold_still"
    HOLD_LONGER = "hold_longer"
    HOLD_PHONE = "hold_phone"
    KEEP_FINGERS_OFF = "keep_fingers_off"
    PRESS_STRAIGHT_DOWN = "press_straight_down"
    LIFT_STAMP = "lift_stamp"
    LIFT_AND_RETRY = "lift_and_retry"
    SWITCH_OFF_GESTURES = "switch_off_gestures"


@dataclass(frozen=True, slots=True)
class PressQuality:
    """How good the evidence for a press is.

    Attributes
    ----------
    frames_used
        Instants that were averaged: all tips down and settled.
    spread_px
        For each touch, root mean square distance of those instants from the averaged position, px.
    stagger_s
        Seconds from the first tip's landing to the last one's.
    hold_s
        Seconds from the last tip's landing to the commit.
    """

    frames_used: int
    spread_px: tuple[float, ...]
    stagger_s: float
    hold_s: float


@dataclass(frozen=True, slots=True)
class Press:
    """What the detector decided was one stamping; always made while every tip is still down.

    Attributes
    ----------
    touches
        One averaged settled position (x, y) for each tip, px, in the order of landing.
    frames
        All contacts as they were seen, first landing to commit; at most ``settings.frames_kept``.
    quality
        How good the evidence is.
    source
        The host's word for where the events came from, such as ``"touch"`` or ``"kivy-sdl"``.
    """

    touches: tuple[tuple[float, float], ...]
    frames: tuple[Frame, ...]
    quality: PressQuality
    source: str


@dataclass(frozen=True, slots=True)
class Void:
    """Contacts that were no press; nothing more comes until all of them have gone."""

    reason: VoidReason
    hint: Hint
    frames: tuple[Frame, ...]
    detail: str = ""
