"""The press detector: from touch events and a clock to presses.

It is the reference for the ports; ``patterns/vectors/detector.json`` holds what a port must
reproduce. Its phases:

``IDLE``
    Nothing on the glass. A landing begins ``LANDING``.
``LANDING``
    Contacts come, settle, drop out and return. The phase ends in a press (to ``COMMITTED``), in a
    void (to ``VOID``), or silently when fewer contacts than an attempt came and went (to ``IDLE``).
``COMMITTED``, ``VOID``
    Nothing more is reported until every contact has been gone for ``dropout_s``; then ``IDLE``.

An *instant* is one time value: the events that carry it, or a tick. Events change contacts at
once. An instant is complete when a later time is heard; then it becomes a frame and is judged.
A press comes out of a tick or of a move with a later time, never out of a down, an up or a
cancel: so it is always made while all tips are down, and needs no telling of a lift from a cancel.

Judging an instant in ``LANDING``, in this order:

1. a lost tip that stayed away longer than ``dropout_s`` ends the attempt;
2. too many contacts void it, and so does its age ``give_up_s``;
3. with a count of ``tip_counts``, no tip lost, every tip at rest for ``still_s`` over at least
   ``least_frames`` instants, and no further tip to be expected, it is a press, unless the landing
   took too long, or two tips are too near or too far from each other: then it is void.

A touch is, for each axis, the mean of the middle half of the instants at which all tips rested.
Ticks count as instants: screens that hold a still contact's position send nothing while it rests.
"""

import math

from stampsdk.capture.events import Contact, Frame, TouchEvent
from stampsdk.capture.outcomes import Hint, Press, PressQuality, Void, VoidReason
from stampsdk.capture.settings import DetectorSettings
from stampsdk.capture.tip import Tip, settled

_EPSILON_S = 1e-6
"""Times are sums of floats; a wait that ends on a frame must not miss it by the last digit."""

_HINTS = {
    VoidReason.TOO_MANY_CONTACTS: Hint.KEEP_FINGERS_OFF,
    VoidReason.TOO_FEW_CONTACTS: Hint.HOLD_PHONE,
    VoidReason.CANCELLED: Hint.KEEP_FINGERS_OFF,
    VoidReason.VANISHED_TOGETHER: Hint.HOLD_LONGER,
    VoidReason.LIFTED_EARLY: Hint.HOLD_LONGER,
    VoidReason.TIP_LOST: Hint.PRESS_STRAIGHT_DOWN,
    VoidReason.SLID: Hint.PRESS_STRAIGHT_DOWN,
    VoidReason.NOT_STILL: Hint.HOLD_STILL,
    VoidReason.LANDED_TOO_SLOWLY: Hint.PRESS_STRAIGHT_DOWN,
    VoidReason.TOO_WIDE: Hint.KEEP_FINGERS_OFF,
    VoidReason.TOO_CLOSE: Hint.LIFT_AND_RETRY,
    VoidReason.INTERRUPTED: Hint.LIFT_AND_RETRY,
    VoidReason.INVALID_POSITION: Hint.LIFT_AND_RETRY,
    VoidReason.INVALID_TIME: Hint.LIFT_AND_RETRY,
}

_IDLE, _LANDING, _COMMITTED, _VOID = range(4)


class PressDetector:
    """Decides when a stamp was pressed, from touch events and a clock.

    Parameters
    ----------
    settings
        Thresholds; the default is for five tips and CSS pixels.
    source
        Where the events come from; copied to each press.

    Notes
    -----
    Call :meth:`feed` for each event and :meth:`tick` once a display frame, with the same clock.
    Without ticks a screen that is silent while tips rest never gives a press. Between two moments
    at which the glass was empty there is at most one outcome; a press has exactly as many touches
    as one of ``settings.tip_counts``. Bad input never raises: it gives a void with a reason.
    """

    def __init__(self, settings: DetectorSettings | None = None, source: str = "touch") -> None:
        self.settings = settings if settings is not None else DetectorSettings()
        self.source = source
        self._now = -math.inf
        self._phase = _IDLE
        self._tips: list[Tip] = []
        self._frames: list[Frame] = []
        self._open = False  # whether events of the instant _now wait for their frame
        self._peak = 0  # most contacts at once in this attempt, resting ones apart
        self._empty_since_s = 0.0
        self._stolen = 0  # attempts in a row that the system took away at two or three contacts
        self._void_hint = Hint.PRESS_STAMP

    @property
    def contacts(self) -> tuple[Contact, ...]:
        """All contacts on the glass now, in the order of landing."""
        return tuple(tip.contact() for tip in self._tips if tip.lost_s is None)

    @property
    def hint(self) -> Hint:
        """What the person should do now."""
        if self._phase == _VOID:
            return self._void_hint
        if self._phase == _COMMITTED:
            return Hint.LIFT_STAMP
        count = len(self._cluster())
        if count < self.settings.attempt_contacts:
            return Hint.PRESS_STAMP
        waited = self._now - self._first_landing()
        if count < min(self.settings.tip_counts) and waited > self.settings.hold_phone_s:
            return Hint.HOLD_PHONE
        return Hint.HOLD_STILL

    def feed(self, event: TouchEvent) -> Press | Void | None:
        """Take one event; return the outcome that it completes, if any."""
        outcome = self._advance(event.time_s, may_commit=event.kind == "move")
        if event.kind == "cancel":
            applied = self._cancel()
        elif event.kind == "up":
            applied = None
            self._up(event)
        elif not self._on_screen(event):
            applied = self._void(VoidReason.INVALID_POSITION)
        elif event.kind == "down":
            applied = self._down(event)
        else:
            applied = self._move(event)
        self._open = True
        return outcome if outcome is not None else applied

    def tick(self, time_s: float) -> Press | Void | None:
        """Let the clock run to ``time_s``; call it once a display frame, events or none."""
        outcome = self._advance(time_s, may_commit=False)
        if outcome is not None:
            return outcome
        self._record()
        return self._commit()

    def interrupt(self, time_s: float, reason: str) -> Press | Void | None:
        """Forget every contact: the host lost the screen (pause, focus loss, rotation).

        A press under way is void; ``reason`` is the host's own word and becomes ``Void.detail``.
        """
        outcome = self._advance(time_s, may_commit=False)
        if self._phase == _LANDING and outcome is None:
            outcome = self._void(VoidReason.INTERRUPTED, detail=reason)
        self._tips = []
        self._phase = _IDLE
        return outcome

    # The clock.

    def _advance(self, time_s: float, *, may_commit: bool) -> Press | Void | None:
        """Complete the instant before ``time_s``, then let time pass; commit only if allowed."""
        if not math.isfinite(time_s):
            return self._void(VoidReason.INVALID_TIME)
        if time_s < self._now - self.settings.clock_slack_s:
            self._restart_clock(time_s)
            return self._void(VoidReason.INVALID_TIME)
        if time_s <= self._now:
            return None
        outcome: Press | Void | None = None
        if self._open:
            self._record()
            if may_commit:
                outcome = self._commit()
        if time_s - self._now > self.settings.gap_s:
            for tip in self._tips:
                tip.restart(max(tip.still_since_s, time_s))
        self._now = time_s
        passed = self._pass_time()
        return outcome if outcome is not None else passed

    def _restart_clock(self, time_s: float) -> None:
        for tip in self._tips:
            tip.landed_s = tip.reported_s = time_s
        self._empty_since_s = time_s
        self._now = time_s

    def _pass_time(self) -> Void | None:
        """Do what the clock alone decides at ``_now``."""
        limits = self.settings
        spoken = [t for t in self._tips if t.lost_s is not None or self._now - t.reported_s <= limits.ghost_s]
        if len(spoken) < len(self._tips):
            self._tips = spoken
            self._mark_empty()
        if self._phase in (_COMMITTED, _VOID):
            if not self._tips and self._now - self._empty_since_s > limits.dropout_s + _EPSILON_S:
                self._phase = _IDLE
            return None
        if self._phase == _IDLE:
            return None
        if any(
            t.lost_s is not None and self._now - t.lost_s > limits.dropout_s + _EPSILON_S for t in self._tips
        ):
            return self._lose()
        count = len(self._cluster())
        if count > max(limits.tip_counts):
            return self._void(VoidReason.TOO_MANY_CONTACTS)
        if count >= limits.attempt_contacts and self._now - self._first_landing() > limits.give_up_s:
            return self._void(
                VoidReason.NOT_STILL if count in limits.tip_counts else VoidReason.TOO_FEW_CONTACTS,
            )
        return None

    def _lose(self) -> Void | None:
        """End the attempt, or a tap, because a contact left for good."""
        limits = self.settings
        gone = [tip.lost_s for tip in self._tips if tip.lost_s is not None]
        left = self._cluster()
        if self._peak < limits.attempt_contacts:
            self._tips = [tip for tip in self._tips if tip.lost_s is None]
            self._mark_empty()
            if not self._tips:
                self._phase = _IDLE
            return None
        if left:
            reason = VoidReason.TIP_LOST
        elif self._peak not in limits.tip_counts:
            reason = VoidReason.TOO_FEW_CONTACTS
        elif min(gone) == max(gone):
            reason = VoidReason.VANISHED_TOGETHER
        else:
            reason = VoidReason.LIFTED_EARLY
        void = self._void(reason)
        self._empty_since_s = max(gone)
        return void

    # Events.

    def _down(self, event: TouchEvent) -> Void | None:
        known = self._find(event.uid)
        if known is not None and self._now - known.landed_s <= self.settings.dropout_s:
            return self._move(event)  # the same landing told twice
        if known is not None:
            # Its up was lost, so the ups of the others as old may be lost too.
            self._tips = [
                t for t in self._tips if t is not known and self._now - t.landed_s <= self.settings.resting_s
            ]
            if not self._tips:
                self._phase = _IDLE
        if self._phase == _IDLE:
            self._phase = _LANDING
            self._frames = []
            self._peak = 0
        tip = Tip(event, self._now, self.settings.skip_s)
        if self._phase == _LANDING:
            return self._land(tip, event)
        self._tips.append(tip)
        return None

    def _land(self, tip: Tip, event: TouchEvent) -> Void | None:
        limits = self.settings
        lost = self._nearest(event, lost=True)
        if lost is not None:
            lost.appear(event, self._now, limits.skip_s)
            return None
        near = self._nearest(event, lost=False)
        cluster = self._cluster()
        old = [t for t in cluster if self._now - t.landed_s > limits.resting_s]
        if old and len(old) + sum(t.resting for t in self._tips) <= limits.most_resting:
            for t in old:
                t.resting = True
                t.base_x, t.base_y = t.x, t.y
            self._peak = 0
        self._tips.append(tip)
        count = len(self._cluster())
        self._peak = max(self._peak, min(count, max(limits.tip_counts)))
        # A landing on top of a live tip may be its new uid, told before the old one's up: wait.
        if count > max(limits.tip_counts) and near is None:
            return self._void(VoidReason.TOO_MANY_CONTACTS)
        return None

    def _move(self, event: TouchEvent) -> Void | None:
        limits = self.settings
        tip = self._find(event.uid)
        if tip is None:
            return None  # forgotten: an interrupt or a lost up came before
        tip.move(event, self._now, limits.skip_s, limits.still_mm * limits.px_per_mm)
        if self._phase == _LANDING and tip.travel() > limits.slide_mm * limits.px_per_mm:
            return self._void(VoidReason.TOO_MANY_CONTACTS if tip.resting else VoidReason.SLID)
        return None

    def _up(self, event: TouchEvent) -> None:
        tip = self._find(event.uid)
        if tip is None:
            return
        if self._phase == _LANDING and not tip.resting:
            tip.lost_s = self._now
            heir = self._nearest(tip.contact(), lost=False)
            if heir is not None and self._now - heir.landed_s <= self.settings.dropout_s:
                heir.landed_s = min(heir.landed_s, tip.landed_s)
                heir.base_x, heir.base_y = tip.base_x, tip.base_y
                self._tips.remove(tip)
            return
        self._tips.remove(tip)
        self._mark_empty()

    def _cancel(self) -> Void | None:
        void = None
        if self._phase == _LANDING and self._tips:
            void = self._void(VoidReason.CANCELLED)
        self._tips = []
        self._mark_empty()
        return void

    # Outcomes.

    def _commit(self) -> Press | Void | None:  # noqa: PLR0911 - one return a condition reads best
        limits = self.settings
        tips = self._cluster()
        if self._phase != _LANDING or len(tips) not in limits.tip_counts:
            return None
        if any(tip.lost_s is not None for tip in self._tips):
            return None
        last = max(tip.landed_s for tip in tips)
        if len(tips) < max(limits.tip_counts) and self._now - last < limits.more_tips_s - _EPSILON_S:
            return None
        since = max(tip.still_since_s for tip in tips)
        needed = limits.still_s if len(tips) >= 5 else limits.few_tips_still_s  # noqa: PLR2004 - hands make gestures of three and four
        if self._now - since < needed - _EPSILON_S:
            return None
        rests = [[s for s in tip.samples if s[0] >= since] for tip in tips]
        if min(len(rest) for rest in rests) < limits.least_frames:
            return None
        touches = [(settled([s[1] for s in rest]), settled([s[2] for s in rest])) for rest in rests]
        stagger = last - self._first_landing()
        refusal = self._refusal(touches, stagger)
        if refusal is not None:
            return self._void(refusal)
        self._phase = _COMMITTED
        self._stolen = 0
        quality = PressQuality(
            frames_used=min(len(rest) for rest in rests),
            spread_px=tuple(_spread(rest, touch) for rest, touch in zip(rests, touches, strict=True)),
            stagger_s=stagger,
            hold_s=self._now - last,
        )
        return Press(tuple(touches), tuple(self._frames), quality, self.source)

    def _refusal(self, touches: list[tuple[float, float]], stagger_s: float) -> VoidReason | None:
        limits = self.settings
        if stagger_s > limits.landing_s + _EPSILON_S:
            return VoidReason.LANDED_TOO_SLOWLY
        for i, a in enumerate(touches):
            for b in touches[:i]:
                apart = math.dist(a, b) / limits.px_per_mm
                if apart < limits.least_spacing_mm:
                    return VoidReason.TOO_CLOSE
                if apart > limits.largest_extent_mm:
                    return VoidReason.TOO_WIDE
        return None

    def _void(self, reason: VoidReason, detail: str = "") -> Void | None:
        """Void the attempt under way; ``None`` when a press or a void was already told."""
        if self._phase in (_COMMITTED, _VOID):
            return None
        if self._phase == _IDLE and reason != VoidReason.INVALID_POSITION:
            return None
        self._record()
        hint = _HINTS[reason]
        if reason == VoidReason.VANISHED_TOGETHER and not self.settings.cancel_is_reported:
            hint = Hint.KEEP_FINGERS_OFF
        if reason in (VoidReason.CANCELLED, VoidReason.VANISHED_TOGETHER) and self._peak in (2, 3):
            self._stolen += 1
            hint = Hint.SWITCH_OFF_GESTURES if self._stolen > 1 else hint
        frames = tuple(self._frames)
        self._phase = _VOID
        self._void_hint = hint
        self._tips = [tip for tip in self._tips if tip.lost_s is None]
        self._mark_empty()
        return Void(reason, hint, frames, detail)

    # Small things.

    def _record(self) -> None:
        """Turn the instant ``_now`` into a frame and a sample of each tip."""
        self._open = False
        if self._phase != _LANDING:
            return
        if self._frames and self._frames[-1].time_s == self._now:
            self._frames.pop()
        elif len(self._frames) == self.settings.frames_kept:
            del self._frames[self.settings.frames_kept // 2]
        self._frames.append(Frame(self._now, self.contacts))
        for tip in self._cluster():
            tip.sample(self._now)

    def _cluster(self) -> list[Tip]:
        """Return the contacts that may be tips of the stamp: on the glass and not resting fingers."""
        return [tip for tip in self._tips if tip.lost_s is None and not tip.resting]

    def _first_landing(self) -> float:
        return min(tip.landed_s for tip in self._cluster())

    def _find(self, uid: int) -> Tip | None:
        for tip in self._tips:
            if tip.uid == uid and tip.lost_s is None:
                return tip
        return None

    def _nearest(self, place: TouchEvent | Contact, *, lost: bool) -> Tip | None:
        """Return the nearest lost, or live, tip within ``dropout_mm``."""
        found = None
        least = self.settings.dropout_mm * self.settings.px_per_mm
        for tip in self._tips:
            apart = tip.distance(place.x, place.y)
            if not tip.resting and (tip.lost_s is not None) == lost and apart <= least:
                found = tip
                least = apart
        return found

    def _mark_empty(self) -> None:
        if not self._tips:
            self._empty_since_s = self._now

    def _on_screen(self, event: TouchEvent) -> bool:
        limit = self.settings.largest_coordinate_px
        return abs(event.x) <= limit and abs(event.y) <= limit


def _spread(rest: list[tuple[float, float, float]], touch: tuple[float, float]) -> float:
    """Return the root mean square distance of a tip's samples from its touch, px."""
    total = 0.0
    for _, x, y in rest:
        total += (x - touch[0]) ** 2 + (y - touch[1]) ** 2
    return math.sqrt(total / len(rest))
