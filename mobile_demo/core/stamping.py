"""The stamp screen's state: from contacts on the glass to the server's answer."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

from mobile_demo.core.held_press import HeldPress
from mobile_demo.core.ink import Ink, InkTone
from mobile_demo.core.location import LocationSource
from mobile_demo.core.phone import Courier, Phone
from mobile_demo.core.texts import Texts
from mobile_demo.core.views import CardView, card_view, coupon_view
from stampsdk.capture import Contact, Hint, Press, PressDetector, TouchEvent, Void
from stampsdk.client import Coupon, Outcome, RefusedError, TransportError, Verdict
from stampsdk.protocol import DeviceInfo, Purpose, ScreenInfo

__all__ = ["Phase", "StampView", "Stamping"]

_HELD_AHEAD: Final = 2
_FEELING_FROM: Final = 3


class Phase(StrEnum):
    """Where a stamping stands."""

    READY = "ready"
    FEELING = "feeling"
    SENDING = "sending"
    ACCEPTED = "accepted"
    HELD = "held"
    REFUSED = "refused"
    UNCLEAR = "unclear"
    KEPT = "kept"
    OFFLINE = "offline"


@dataclass(frozen=True, slots=True)
class StampView:
    """What the stamp screen shows, in finished sentences.

    Attributes
    ----------
    phase
        Decides the colours.
    headline, sentence
        A few large words and one sentence.
    ink
        The mark under the stamp, or None.
    contacts
        What is on the glass now.
    card
        The card after an accepted press, or None.
    coupon
        The reward of the coupon that this press won or, before the press, is to redeem; else "".
    action
        The text of the button, or "" for none.
    redeeming
        Whether the next press redeems a coupon.
    """

    phase: Phase
    headline: str
    sentence: str
    ink: Ink | None = None
    contacts: tuple[Contact, ...] = ()
    card: CardView | None = None
    coupon: str = ""
    action: str = ""
    redeeming: bool = False


class _KeptError(Exception):
    """No answer came, and the press is kept to be sent again."""


@contextmanager
def _kept(phone: Phone) -> Iterator[None]:
    """Tell a press that is kept from one that never got as far as an envelope; off the UI thread."""
    try:
        yield
    except TransportError as error:
        if phone.pending:
            raise _KeptError from error
        raise


class Stamping:
    """Feeds the detector, sends what it finds, and says what to show.

    Not thread-safe: everything here happens on the UI thread; only the courier's calls run elsewhere.

    Parameters
    ----------
    phone, courier, locations
        The SDK's client, who calls it off the UI thread, and where the phone is.
    detector
        The press detector, set up for this screen.
    texts
        The app's words; replaced by `use_texts` when the person changes the language.
    screen, device
        Described in each press; called when one is sent, so that they are current.
    changed
        Called whenever `view` has something new to show.
    """

    def __init__(
        self,
        *,
        phone: Phone,
        courier: Courier,
        locations: LocationSource,
        detector: PressDetector,
        texts: Texts,
        screen: Callable[[], ScreenInfo],
        device: DeviceInfo,
        changed: Callable[[], None],
    ) -> None:
        self._phone = phone
        self._courier = courier
        self._locations = locations
        self._detector = detector
        self._texts = texts
        self._screen = screen
        self._device = device
        self._changed = changed
        self._phase = Phase.READY
        self._ink: Ink | None = None
        self._hint: Hint | None = None
        self._outcome: Outcome | None = None
        self._error: Exception | None = None
        self._coupon: Coupon | None = None
        self._by_code = False
        self._held: HeldPress | None = None
        self._contacts: tuple[Contact, ...] = ()
        self._glass_was_empty = True

    # What the screen calls

    def feed(self, event: TouchEvent) -> None:
        """Take a touch event."""
        self._judge(self._detector.feed(event))

    def tick(self, time_s: float) -> None:
        """Let time pass; call once a frame."""
        self._judge(self._detector.tick(time_s))
        if self._held is not None and self._held.due(time_s):
            self._ask_about(self._held)

    def interrupt(self, time_s: float, reason: str) -> None:
        """Void what is on the glass: the app was paused, lost the focus or was turned."""
        self._judge(self._detector.interrupt(time_s, reason))

    def prepare(self) -> None:
        """Hold challenges ahead, so that the press costs one round trip; a failure shows at the press."""
        purpose = self._purpose
        self._courier.run(
            lambda: self._phone.prefetch_challenges(_HELD_AHEAD, purpose), lambda _: None, lambda _: None
        )

    def begin(self, coupon: Coupon | None = None) -> None:
        """Start afresh: to stamp, or to redeem a coupon."""
        self._coupon = coupon
        if self._phase is not Phase.SENDING:
            self._reset()
        self.prepare()
        self._changed()

    def act(self) -> None:
        """Do what the button says: send again, or close the result."""
        if self._phase is Phase.SENDING:
            return
        if self._phase is Phase.KEPT:
            self._resend()
        else:
            if self._phase in {Phase.READY, Phase.ACCEPTED}:
                self._coupon = None
            self._reset()
        self._changed()

    def use_code(self, code: str) -> None:
        """Send a code from the staff's screen in place of a press, unless a press waits for its answer."""
        if self._phase in {Phase.SENDING, Phase.KEPT}:
            return
        location = self._locations.read().location
        self._reset()
        self._phase, self._by_code = Phase.SENDING, True
        self._courier.run(
            lambda: self._phone.use_staff_code(code, location=location), self._answered, self._failed
        )
        self._changed()

    def use_texts(self, texts: Texts) -> None:
        """Speak another language from now on."""
        self._texts = texts
        self._changed()

    @property
    def view(self) -> StampView:
        """What to show now."""
        words = self._texts
        view = StampView(
            phase=self._phase,
            headline="",
            sentence="",
            ink=self._ink,
            contacts=self._contacts,
            redeeming=self._coupon is not None,
        )
        if self._outcome is not None:
            return self._show_outcome(view, self._outcome)
        hints = words.hints
        headline, sentence, action = {
            Phase.FEELING: (words.feeling, hints[self._hint or Hint.HOLD_STILL], ""),
            Phase.SENDING: (words.sending, "" if self._by_code else words.sending_detail, ""),
            Phase.UNCLEAR: (words.unclear, hints[self._hint or Hint.LIFT_AND_RETRY], ""),
            Phase.KEPT: (words.kept, words.kept_detail, words.again),
            Phase.OFFLINE: (
                words.offline,
                words.offline_code if self._by_code else words.offline_detail,
                words.done,
            ),
            Phase.REFUSED: (words.refused, self._why_refused(), words.done),
        }.get(self._phase, (self._invitation(), words.how_to_hold, words.cancel if self._coupon else ""))
        reward = "" if self._coupon is None else coupon_view(self._coupon, words).reward
        return replace(view, headline=headline, sentence=sentence, action=action, coupon=reward)

    # What the detector says

    def _judge(self, found: Press | Void | None) -> None:
        contacts = self._detector.contacts
        changed = contacts != self._contacts
        self._contacts = contacts
        if isinstance(found, Press):
            self._pressed(found)
            changed = True
        elif isinstance(found, Void):
            changed = self._voided(found) or changed
        elif self._phase in {Phase.READY, Phase.FEELING, Phase.UNCLEAR}:
            changed = self._felt(len(contacts)) or changed
        if changed:
            self._changed()

    def _felt(self, count: int) -> bool:
        """Say what to do while contacts are there; they may still be fingers."""
        before = (self._phase, self._hint)
        self._glass_was_empty |= count == 0
        if count >= _FEELING_FROM and self._glass_was_empty:
            self._phase = Phase.FEELING
        elif count == 0 and self._phase is Phase.FEELING:
            self._phase = Phase.READY
        if self._phase is Phase.FEELING:
            self._hint = self._detector.hint
        return before != (self._phase, self._hint)

    def _voided(self, void: Void) -> bool:
        if self._phase not in {Phase.READY, Phase.FEELING, Phase.UNCLEAR}:
            return False  # what is being said of an earlier press matters more
        self._phase, self._hint, self._ink = Phase.UNCLEAR, void.hint, None
        self._glass_was_empty = False  # what still lies there belongs to the attempt that failed
        return True

    def _pressed(self, press: Press) -> None:
        if self._phase is Phase.SENDING:
            return  # one request in flight
        self._ink = Ink.under(press.touches)
        if self._phase is Phase.KEPT:
            # The person presses again because no answer came. That press is kept already, and two
            # envelopes would be two stamps.
            self._resend()
            return
        self._send(press)

    # What goes to the server

    @property
    def _purpose(self) -> Purpose:
        return Purpose.STAMP if self._coupon is None else Purpose.REDEEM

    def _send(self, press: Press) -> None:
        reading = self._locations.read()
        purpose, coupon, screen = self._purpose, self._coupon, self._screen()
        self._phase, self._outcome, self._error = Phase.SENDING, None, None
        self._by_code, self._held = False, None

        def call() -> Outcome:
            with _kept(self._phone):
                return self._phone.press(
                    press,
                    location=reading.location,
                    location_error=reading.error,
                    purpose=purpose,
                    coupon=None if coupon is None else coupon.id,
                    screen=screen,
                    device=self._device,
                )

        self._courier.run(call, self._answered, self._failed)

    def _resend(self) -> None:
        self._phase = Phase.SENDING

        def call() -> tuple[Outcome, ...]:
            with _kept(self._phone):
                return self._phone.resume_pending()

        def done(outcomes: tuple[Outcome, ...]) -> None:
            if outcomes:
                self._answered(outcomes[-1])
            else:
                self._reset()
                self._changed()

        self._courier.run(call, done, self._failed)

    def _ask_about(self, held: HeldPress) -> None:
        """Ask what the shop decided; told only while the person still looks at this press."""

        def done(outcome: Outcome) -> None:
            held.answered()
            if self._held is held and outcome.verdict is not Verdict.HELD:
                self._answered(outcome)

        self._courier.run(lambda: self._phone.read_press(held.press_id), done, lambda _: held.answered())

    def _answered(self, outcome: Outcome) -> None:
        self._outcome = outcome
        waits = outcome.verdict is Verdict.HELD and outcome.press_id is not None
        self._held = HeldPress(outcome.press_id) if waits else None
        self._phase = Phase(outcome.verdict.value)
        self._tint(InkTone.SOLID if outcome.accepted else InkTone.FADED)
        if outcome.accepted:
            self._coupon = None
        self.prepare()
        self._changed()

    def _failed(self, error: Exception) -> None:
        if isinstance(error, _KeptError):
            self._phase = Phase.KEPT
        else:
            self._phase = Phase.OFFLINE if isinstance(error, TransportError) else Phase.REFUSED
            self._tint(InkTone.FADED)
        self._error = error
        self._changed()

    # Words

    def _invitation(self) -> str:
        return self._texts.press_here if self._coupon is None else self._texts.press_to_redeem

    def _why_refused(self) -> str:
        lost = isinstance(self._error, RefusedError) and self._error.status == 401  # noqa: PLR2004 - unauthorised
        return self._texts.device_unknown if lost else self._texts.unreadable

    def _show_outcome(self, view: StampView, outcome: Outcome) -> StampView:
        words = self._texts
        headlines = {"stamped": words.accepted, "redeemed": words.redeemed, "verified": words.verified}
        if outcome.verdict is Verdict.ACCEPTED:
            headline = headlines.get(outcome.code, words.accepted)
        else:
            headline = words.held if outcome.verdict is Verdict.HELD else words.refused
        won = [coupon for coupon in outcome.coupons if coupon.status == "issued"]
        card = outcome.card
        return replace(
            view,
            headline=headline,
            sentence=outcome.text.in_language(words.language),
            card=None if card is None else card_view(card, words, full=bool(won)),
            coupon=coupon_view(won[0], words).reward if won else "",
            action=words.done,
        )

    def _tint(self, tone: InkTone) -> None:
        self._ink = None if self._ink is None else replace(self._ink, tone=tone)

    def _reset(self) -> None:
        self._phase, self._ink, self._hint = Phase.READY, None, None
        self._outcome, self._error = None, None
        self._by_code, self._held = False, None
