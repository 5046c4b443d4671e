"""The press detector: from touch events and a clock to presses.

It is the reference for the ports; ``patterns/vectors/detector.json`` holds what a port must
reproduce. Its phases:

``IDLE``
    Nothing on the glass. A landing begins ``LANDING``.
``LANDING``
    Contacts come, settle, drop out and return. The phase ends in a press (to ``COMMITTED``), in a
    void (to ``VOID``), or silently when fewer contacts than an attempt came and went (to ``IDLE``).
``COMMITTED``, ``VOID``
    Nothing more is reported until every contact, resting fingers apart, has been gone for
    ``dropout_s``; then ``IDLE``, or ``LANDING`` if a finger still rests.

An *instant* is one time value: the events that carry it, or a tick. Events change contacts at
once. (Times less than a microsecond apart are one instant: clocks are floats.)
An instant is complete when a later time is heard; then it becomes a frame and is judged.
A press comes out of a tick or of a move with a later time, never out of a down, an up or a
cancel: so it is always made while all tips are down, and needs no telling of a lift from a cancel.

Contacts are told apart like this:

* a landing within ``dropout_s`` and ``dropout_mm`` of where a tip left is that tip, back again,
  also when the new uid is told before the old one's up;
* at a landing, contacts that have been down for longer than ``resting_s`` become resting fingers,
  at most ``most_resting`` of them; they take no part unless they slide;
* a down for a uid that is down repeats the landing if that was a moment ago; later it proves that
  ups were lost, and everything older than ``resting_s`` is forgotten;
* a contact silent for ``ghost_s`` is forgotten.

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

from stampsdk.capture._glass import Glass
from stampsdk.capture._hints import Hints
from stampsdk.capture._settling import refusal, settle
from stampsdk.capture._tip import Tip
from stampsdk.capture.events import Contact, Frame, TouchEvent
from stampsdk.capture.outcomes import Hint, Press, Void, VoidReason
from stampsdk.capture.settings import EPSILON_S, DetectorSettings

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
    Without ticks a screen that is silent while tips rest never gives a press. From the first
    landing until the glass is empty again there is at most one outcome; a press has exactly as
    many touches as one of ``settings.tip_counts``, all of them down. Bad input never raises: it
    gives a void with a reason.
    """

    def __init__(self, settings: DetectorSettings | None = None, source: str = "touch") -> None:
        self.settings = settings if settings is not None else DetectorSettings()
        self.source = source
        self._now = -math.inf
        self._phase = _IDLE
        self._glass = Glass(self.settings)
        self._frames: list[Frame] = []
        self._open = False  # whether events of the instant _now wait for their frame
        self._peak = 0  # most contacts at once in this attempt, resting fingers apart
        self._empty_since_s = -math.inf
        self._hints = Hints(cancel_is_reported=self.settings.cancel_is_reported)
        self._void_hint = Hint.PRESS_STAMP

    @property
    def contacts(self) -> tuple[Contact, ...]:
        """All contacts on the glass now, in the order of landing."""
        return self._glass.contacts()

    @property
    def hint(self) -> Hint:
        """What the person should do now."""
        if self._phase == _VOID:
            return self._void_hint
        if self._phase == _COMMITTED:
            return Hint.LIFT_STAMP
        cluster = self._glass.cluster()
        if len(cluster) < self.settings.attempt_contacts:
            return Hint.PRESS_STAMP
        if len(cluster) < min(self.settings.tip_counts) and self._age() > self.settings.hold_phone_s:
            return Hint.HOLD_PHONE
        return Hint.HOLD_STILL

    def feed(self, event: TouchEvent) -> Press | Void | None:
        """Take one event; return the outcome that it completes, if any."""
        if not math.isfinite(event.time_s) and event.kind in ("down", "move"):
            return self._refuse(VoidReason.INVALID_TIME)
        outcome = self._advance(event.time_s, may_commit=event.kind == "move")
        applied = self._apply(event)
        self._open = True
        return outcome if outcome is not None else applied

    def tick(self, time_s: float) -> Press | Void | None:
        """Let the clock run to ``time_s``; call it once a display frame, events or none."""
        outcome = self._advance(time_s, may_commit=False)
        if outcome is not None:
            return outcome
        self._record()
        return self._commit()

    def interrupt(self, time_s: float, reason: str) -> Void | None:
        """Forget every contact: the host lost the screen (pause, focus loss, rotation).

        A press under way is void; ``reason`` is the host's own word and becomes ``Void.detail``.
        """
        outcome = self._advance(time_s, may_commit=False)
        if self._phase == _LANDING and self._glass.cluster():
            outcome = self._void(VoidReason.INTERRUPTED, detail=reason)
        self._glass.tips = []
        self._phase = _IDLE
        return outcome if isinstance(outcome, Void) else None

    # The clock.

    def _advance(self, time_s: float, *, may_commit: bool) -> Press | Void | None:
        """Complete the instant before ``time_s``, then let time pass; commit only if allowed."""
        if not math.isfinite(time_s):
            return self._refuse(VoidReason.INVALID_TIME)
        if time_s < self._now - self.settings.clock_slack_s:
            outcome = self._refuse(VoidReason.INVALID_TIME) if self._glass.tips else None
            for tip in self._glass.tips:
                tip.landed_s = tip.reported_s = time_s
            self._now = time_s
            self._empty_since_s = -math.inf if self._glass.all_rest() else time_s
            self._release()
            return outcome
        if time_s <= self._now + EPSILON_S:
            return None
        committed = None
        if self._open:
            self._record()
            committed = self._commit() if may_commit else None
        if time_s - self._now > self.settings.gap_s + EPSILON_S:
            for tip in self._glass.tips:
                tip.restart(max(tip.still_since_s, time_s))
        self._now = time_s
        passed = self._pass_time()
        return committed if committed is not None else passed

    def _pass_time(self) -> Void | None:
        """Do what the clock alone decides at ``_now``."""
        limits = self.settings
        glass = self._glass
        before = len(glass.tips)
        glass.drop_silent(self._now)
        if len(glass.tips) < before:
            self._note_gone(self._now)
        void = None
        if self._phase == _LANDING:
            cluster = glass.cluster()
            if any(self._now - lost_s > limits.dropout_s + EPSILON_S for lost_s in glass.lost()):
                void = self._lose()
            elif len(cluster) > max(limits.tip_counts):
                void = self._void(VoidReason.TOO_MANY_CONTACTS)
            elif self._sliding():
                void = self._void(VoidReason.SLID)
            elif len(cluster) >= limits.attempt_contacts and self._age() > limits.give_up_s + EPSILON_S:
                right = len(cluster) in limits.tip_counts
                void = self._void(VoidReason.NOT_STILL if right else VoidReason.TOO_FEW_CONTACTS)
        self._release()
        return void

    def _release(self) -> None:
        """Be ready for the next attempt once the contacts of the last one have been gone for a moment."""
        gone = (
            self._glass.all_rest() and self._now - self._empty_since_s > self.settings.dropout_s + EPSILON_S
        )
        if gone and self._phase in (_COMMITTED, _VOID):
            self._phase = _LANDING if self._glass.tips else _IDLE
            self._peak = 0

    def _lose(self) -> Void | None:
        """End the attempt, or a mere tap, because a contact left for good."""
        limits = self.settings
        glass = self._glass
        gone = glass.lost()
        if self._peak < limits.attempt_contacts:
            glass.drop_lost()
            if not glass.tips:
                self._phase = _IDLE
            if not glass.cluster():
                self._peak = 0
            return None
        if glass.cluster():
            return self._void(VoidReason.TIP_LOST)
        if min(gone) == max(gone):
            void = self._void(VoidReason.VANISHED_TOGETHER)
        elif self._peak in limits.tip_counts:
            void = self._void(VoidReason.LIFTED_EARLY)
        else:
            void = self._void(VoidReason.TOO_FEW_CONTACTS)
        self._empty_since_s = max(gone)
        return void

    # Events.

    def _apply(self, event: TouchEvent) -> Void | None:
        if event.kind == "cancel":
            return self._cancel()
        if event.kind == "up":
            self._up(event)
            return None
        limit = self.settings.largest_coordinate_px
        if not (abs(event.x) <= limit and abs(event.y) <= limit):
            return self._refuse(VoidReason.INVALID_POSITION)
        return self._down(event) if event.kind == "down" else self._move(event)

    def _down(self, event: TouchEvent) -> Void | None:
        known = self._glass.find(event.uid)
        if known is not None:
            if self._now - known.landed_s <= self.settings.dropout_s + EPSILON_S:
                return self._move(event)
            self._glass.drop_before(known, self._now)
            if not self._glass.tips:
                self._phase = _IDLE
        if self._phase in (_COMMITTED, _VOID):
            self._glass.tips.append(Tip(event, self._now, self.settings))
            return None
        self._phase = _LANDING
        lost = self._glass.nearest(event, lost=True)
        if lost is not None:
            lost.appear(event, self._now, self.settings)
            return None
        return self._land(event)

    def _land(self, event: TouchEvent) -> Void | None:
        """Take a new contact into the attempt, or begin one with it."""
        most = max(self.settings.tip_counts)
        glass = self._glass
        near = glass.nearest(event, lost=False)
        glass.rest_old(self._now)
        if not glass.cluster() and not glass.lost():
            self._frames = []
            self._peak = 0
        glass.tips.append(Tip(event, self._now, self.settings))
        count = len(glass.cluster())
        self._peak = max(self._peak, count)
        # On top of a live tip it may be that tip's new uid, told before the old one's up: wait.
        if count > most and near is None:
            return self._void(VoidReason.TOO_MANY_CONTACTS)
        return None

    def _move(self, event: TouchEvent) -> Void | None:
        tip = self._glass.find(event.uid)
        if tip is None:
            return None  # forgotten: an interrupt or a lost up came before
        tip.move(event, self._now, self.settings)
        if self._phase == _LANDING and self._sliding():
            return self._void(VoidReason.TOO_MANY_CONTACTS if tip.resting else VoidReason.SLID)
        return None

    def _up(self, event: TouchEvent) -> None:
        tip = self._glass.find(event.uid)
        if tip is None:
            return
        if self._phase == _LANDING and not tip.resting:
            tip.lost_s = self._now
            self._glass.hand_over(tip, self._now)
            return
        self._glass.tips.remove(tip)
        self._note_gone(self._now)

    def _cancel(self) -> Void | None:
        void = self._void(VoidReason.CANCELLED) if self._phase == _LANDING else None
        self._glass.tips = []
        self._note_gone(self._now)
        return void

    # Outcomes.

    def _commit(self) -> Press | Void | None:
        """Make the press if the instant ``_now`` settles it."""
        if self._phase != _LANDING or self._glass.lost():
            return None
        settled = settle(self._glass.cluster(), self._now, self.settings)
        if settled is None:
            return None
        reason = refusal(settled, self.settings)
        if reason is not None:
            return self._void(reason)
        self._phase = _COMMITTED
        self._hints.pressed()
        return Press(settled.touches, tuple(self._frames), settled.quality, self.source)

    def _void(self, reason: VoidReason, detail: str = "") -> Void:
        """End the attempt under way."""
        self._record()
        self._phase = _VOID
        self._void_hint = self._hints.after(reason, self._peak)
        self._glass.end_attempt()
        self._note_gone(self._now)
        return Void(reason, self._void_hint, tuple(self._frames), detail)

    def _refuse(self, reason: VoidReason) -> Void | None:
        """Answer input that makes no sense; ``None`` when this attempt's outcome was told already."""
        if self._phase in (_COMMITTED, _VOID):
            return None
        if self._phase == _IDLE:
            self._frames = []
        return self._void(reason)

    # Small things.

    def _record(self) -> None:
        """Turn the instant ``_now`` into a frame and a sample of each tip."""
        self._open = False
        cluster = self._glass.cluster()
        if self._phase != _LANDING or not (cluster or self._glass.lost()):
            return
        kept = self.settings.frames_kept
        if self._frames and self._frames[-1].time_s == self._now:
            self._frames.pop()
        elif len(self._frames) == kept:
            del self._frames[kept // 2]
        self._frames.append(Frame(self._now, self._glass.contacts()))
        for tip in cluster:
            tip.sample(self._now)

    def _age(self) -> float:
        """Return the seconds since the first landing of the attempt."""
        return self._now - min(tip.landed_s for tip in self._glass.cluster())

    def _sliding(self) -> bool:
        """Return whether any contact slid, in what is more than a tap or a pinch."""
        enough = len(self._glass.cluster()) >= self.settings.attempt_contacts
        return enough and any(tip.slid for tip in self._glass.tips)

    def _note_gone(self, now: float) -> None:
        """Note when the glass became empty, resting fingers apart."""
        if self._glass.all_rest():
            self._empty_since_s = now
