"""The detector's thresholds, each with the reason for its value."""

import math
from dataclasses import dataclass, fields

EPSILON_S = 1e-6
"""Times are sums of floats: a wait that ends on a frame must not miss it by the last digit."""


@dataclass(frozen=True, slots=True)
class DetectorSettings:
    """Thresholds of :class:`~stampsdk.capture.PressDetector`.

    Lengths are millimetres and become pixels through ``px_per_mm``. That density is rough in a
    browser, so no length is set tighter than a density wrong by +11 % or -21 % allows.

    Parameters
    ----------
    tip_counts
        How many tips the stamps in use have. With several, the smaller counts wait for
        ``more_tips_s``.
    px_per_mm
        Pixels of the events' coordinates in one mm. 6.3 is 160 CSS pixels to the inch; phones
        measure 5.0 (zoomed display) to 7.0 (small text), the usual ones 5.9 to 6.1. An app that
        reports physical pixels must give its own figure.
    still_s
        How long five or more tips must rest, on top of ``skip_s``. 80 ms is five frames of a
        60 Hz screen: enough to average, short enough for a press of a fifth of a second.
    few_tips_still_s
        The same for three or four tips. Hands make three and four contacts in gestures, and a
        swipe begins with up to about 0.1 s of rest while the fingers land; twice that.
    more_tips_s
        Time without a further landing before a count below the largest may commit: tips land
        within 0.09 s and may be away for ``dropout_s``, 0.19 s in all, and a margin.
    still_mm
        A settled tip stays within this of where it settled. The jitter limit that screens are
        certified against; measured jitter is at most 0.08 mm (99 %), a browser's whole-pixel
        step 0.16 mm.
    skip_s
        Reports this soon after a landing are never averaged and only move the reference: first
        reports are up to 0.75 mm off and settle with the next one or two of a 60 Hz screen.
    least_frames
        Instants that must be averaged: three, so that the trimmed mean has something to trim
        on a phone that draws only 30 frames a second.
    gap_s
        When the detector heard nothing, not even a tick, for longer, rest is counted anew: the
        host stalled, and events may be waiting behind the tick.
    landing_s
        All tips of one press land within this. Tips land 0 to 0.09 s apart; a slightly tilted
        stamp gets more than twice that.
    dropout_s
        A tip that comes back sooner, under whatever uid, is the same tip (measured: within 0.1 s).
        Also the quiet time after a press or a void before a new one may begin.
    dropout_mm
        How near it must come back: first-report error and half the distance at which two tips
        merge; less than the least spacing, so that it is never a neighbour.
    slide_mm
        A tip that goes farther from where it landed is being dragged. Landing errors of up to
        0.75 mm and a stamp that rocks by a few mm stay below; swipes go 20 mm and more.
    least_spacing_mm
        Closer contacts are one tip reported twice, or tips that the controller is merging.
        Tips are at least 11 mm apart, which looks like 8.7 mm where the density is 5.0, less
        three standard deviations of the distance (0.57 mm each).
    largest_extent_mm
        No two contacts may be farther apart: a 50 mm face, 52 mm with noise, looks like 58 mm
        where the density is 7.0. A hand laid flat spans more.
    resting_s
        Contacts older than the newest landing by more are a resting finger or a ghost of a lost
        up, not tips of the stamp that lands now.
    most_resting
        So many are ignored as resting: two thumbs hold a phone.
    attempt_contacts
        Fewer contacts that come and go are a tap or a pinch and end silently; as many as this
        end in a void with a reason.
    hold_phone_s
        After so long with too few tips the hint becomes ``hold_phone``: tips without a path to
        ground through a hand are filtered out by the screen.
    give_up_s
        A press that has not settled by then is void.
    ghost_s
        A contact silent for so long, in any state, is taken for one whose up was lost and is
        forgotten; it can take part in no press without a new down.
    clock_slack_s
        A time earlier than the last one by no more is taken for the last one: browsers stamp
        events and display frames at slightly different moments.
    largest_coordinate_px
        Larger coordinates are refused: no screen has them, and their squares would overflow.
    frames_kept
        Frames kept with a press: the first half of them from the landing, the rest the newest.
    cancel_is_reported
        Whether the host can tell a cancel from a lift. Where it cannot (Kivy on SDL 2), tips that
        vanish together hint at fingers on the glass rather than at too short a press.

    Raises
    ------
    ValueError
        Naming the field, when a value is not finite, not positive, or contradicts another.
    """

    tip_counts: tuple[int, ...] = (5,)
    px_per_mm: float = 6.3
    still_s: float = 0.08
    few_tips_still_s: float = 0.2
    more_tips_s: float = 0.25
    still_mm: float = 0.5
    skip_s: float = 0.03
    least_frames: int = 3
    gap_s: float = 0.1
    landing_s: float = 0.25
    dropout_s: float = 0.1
    dropout_mm: float = 5.0
    slide_mm: float = 4.0
    least_spacing_mm: float = 7.0
    largest_extent_mm: float = 60.0
    resting_s: float = 0.4
    most_resting: int = 2
    attempt_contacts: int = 3
    hold_phone_s: float = 0.3
    give_up_s: float = 1.5
    ghost_s: float = 5.0
    clock_slack_s: float = 0.05
    largest_coordinate_px: float = 100_000.0
    frames_kept: int = 60
    cancel_is_reported: bool = True

    def __post_init__(self) -> None:
        if not self.tip_counts or any(not 3 <= count <= 10 for count in self.tip_counts):  # noqa: PLR2004 - the range is the stamp's definition
            raise ValueError(f"tip_counts must be counts from 3 to 10, not {self.tip_counts!r}")
        for field in fields(self):
            value = getattr(self, field.name)
            if isinstance(value, bool) or not isinstance(value, int | float):
                continue
            if not math.isfinite(value) or value < 0 or (value == 0 and field.name != "most_resting"):
                raise ValueError(f"{field.name} must be a finite positive number, not {value!r}")
        if self.dropout_mm >= self.least_spacing_mm:
            raise ValueError("dropout_mm must be less than least_spacing_mm, else neighbours are confused")
        if not 4 <= self.frames_kept <= 60:  # noqa: PLR2004 - 60 is what a press envelope may carry
            raise ValueError(f"frames_kept must be from 4 to 60, not {self.frames_kept!r}")
