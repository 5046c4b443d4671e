"""The stamp screen's state without Kivy: what is said and sent for what happens on the glass."""

import math
import random

import pytest

from mobile_demo.core.code_entry import CodeEntry
from mobile_demo.core.ink import Ink, InkTone
from mobile_demo.core.location import FixedLocation, NoLocation
from mobile_demo.core.stamping import Phase, Stamping
from mobile_demo.core.texts import ENGLISH, KOREAN
from stampsdk.capture import DetectorSettings, Hint, PressDetector, TouchEvent
from stampsdk.client import RefusedError, TransportError
from stampsdk.protocol import DeviceInfo, EnvelopeError, Location, LocationError, Purpose, ScreenInfo
from tests.mobile_demo.fake_phone import FakePhone, HeldCourier, accepted, coupon, held, refused

HERE = Location(37.5665, 126.978, 12.0)
TIPS = [(270.0, 640.0), (352.5, 712.5), (264.1, 742.2), (177.3, 672.8), (287.1, 547.1)]


class Glass:
    """A stamping and the hand that presses on it."""

    def __init__(self, locations=None) -> None:
        self.phone, self.courier, self.changes, self.now = FakePhone(), HeldCourier(), 0, 50.0
        self.stamping = Stamping(
            phone=self.phone,
            courier=self.courier,
            locations=locations or FixedLocation(HERE),
            detector=PressDetector(DetectorSettings(cancel_is_reported=False), source="kivy-sdl"),
            texts=ENGLISH,
            screen=lambda: ScreenInfo(540.0, 1170.0),
            device=DeviceInfo(app="test"),
            changed=self._changed,
        )

    def _changed(self):
        self.changes += 1

    @property
    def view(self):
        return self.stamping.view

    def touch(self, kind, uid, x=0.0, y=0.0):
        self.stamping.feed(TouchEvent(kind, uid, x, y, self.now))

    def pass_time(self, seconds):
        for _ in range(math.ceil(seconds * 60)):
            self.now += 1 / 60
            self.stamping.tick(self.now)

    def land(self, tips=TIPS, first=0):
        for uid, (x, y) in enumerate(tips, first):
            self.touch("down", uid, x, y)
            self.pass_time(1 / 60)

    def lift(self, count=5, first=0):
        for uid in range(first, first + count):
            self.touch("up", uid)
        self.pass_time(0.4)

    def press(self, tips=TIPS):
        self.land(tips)
        self.pass_time(0.25)
        self.lift(len(tips))

    def answer(self, *answers):
        self.phone.answers.extend(answers)
        self.courier.deliver()


def test_it_invites_feels_sends_and_shows_the_card():
    glass = Glass()
    assert (glass.view.phase, glass.view.headline) == (Phase.READY, "Press the stamp\nfirmly here")
    glass.land()
    assert (glass.view.phase, glass.view.sentence) == (Phase.FEELING, ENGLISH.hints[Hint.HOLD_STILL])
    assert len(glass.view.contacts) == 5
    glass.pass_time(0.25)
    assert (glass.view.phase, glass.view.headline) == (Phase.SENDING, "Checking")
    assert glass.view.ink.tone is InkTone.FRESH
    assert sorted(glass.view.ink.touches) == sorted(TIPS)
    glass.lift()
    assert glass.view.phase is Phase.SENDING
    glass.answer(accepted(2))
    view = glass.view
    assert (view.phase, view.headline, view.action) == (Phase.ACCEPTED, "Stamped", "Done")
    assert view.sentence == "One more stamp from 달빛 카페."
    assert (view.card.stamps, view.card.required, view.card.note) == (2, 3, "1 more for: One americano")
    assert view.ink.tone is InkTone.SOLID
    glass.stamping.act()
    assert (glass.view.phase, glass.view.ink) == (Phase.READY, None)
    ((press, details),) = glass.phone.presses
    assert (len(press.touches), press.source) == (5, "kivy-sdl")
    assert details == {
        "location": HERE,
        "location_error": None,
        "purpose": Purpose.STAMP,
        "coupon": None,
        "screen": ScreenInfo(540.0, 1170.0),
        "device": DeviceInfo(app="test"),
    }  # fmt: skip


def test_two_stamps_in_one_visit_need_no_button_between():
    glass = Glass()
    for stamps in (1, 2):
        glass.press()
        glass.answer(accepted(stamps))
        assert glass.view.card.stamps == stamps
    assert len(glass.phone.presses) == 2


def test_a_press_while_one_is_on_its_way_is_not_sent():
    glass = Glass()
    glass.press()
    glass.press()
    assert sum(call.__qualname__.startswith("Stamping._send") for call, _, _ in glass.courier.waiting) == 1


def test_without_a_place_the_press_says_why():
    glass = Glass(NoLocation(LocationError.DENIED))
    glass.press()
    glass.answer(held())
    assert (glass.view.phase, glass.view.headline) == (Phase.HELD, ENGLISH.held)
    assert glass.view.ink.tone is InkTone.FADED
    assert (glass.phone.presses[0][1]["location"], glass.phone.presses[0][1]["location_error"]) == (
        None,
        "denied",
    )


def test_a_held_press_turns_solid_once_the_shop_has_released_it():
    glass = Glass()
    glass.press()
    glass.answer(held())
    glass.pass_time(2)
    assert glass.phone.asked == []
    glass.pass_time(2)
    glass.answer(held())
    glass.pass_time(9)  # nobody delivers meanwhile: one question at a time
    glass.answer(TransportError("timeout", "no line"))
    assert (glass.view.phase, glass.phone.asked) == (Phase.HELD, ["prs_2"] * 2)
    glass.pass_time(3.1)
    glass.answer(accepted())
    assert (glass.view.phase, glass.view.ink.tone) == (Phase.ACCEPTED, InkTone.SOLID)
    assert glass.view.card is not None
    asked = len(glass.phone.asked)
    glass.pass_time(10)
    glass.courier.deliver()
    assert len(glass.phone.asked) == asked


def test_a_decision_that_comes_after_the_person_has_gone_on_is_not_shown():
    glass = Glass()
    glass.press()
    glass.answer(held())
    glass.pass_time(3.1)
    glass.stamping.act()
    glass.answer(accepted())
    assert (glass.view.phase, glass.phone.asked) == (Phase.READY, ["prs_2"])
    glass.pass_time(20)
    glass.courier.deliver()
    assert glass.phone.asked == ["prs_2"]


def test_a_quarter_of_an_hour_is_long_enough():
    glass = Glass()
    glass.press()
    glass.answer(held())
    for _ in range(310):
        glass.now += 3.01
        glass.stamping.tick(glass.now)
        glass.phone.answers = [held()]
        glass.courier.deliver()
    assert 290 <= len(glass.phone.asked) <= 300
    assert glass.view.phase is Phase.HELD


def test_a_full_card_is_shown_full_with_its_coupon():
    glass = Glass()
    glass.press()
    glass.answer(accepted(0, won=[coupon()]))
    assert (glass.view.card.stamps, glass.view.card.required) == (3, 3)
    assert glass.view.coupon == "One americano"


def test_a_refusal_says_why_in_the_servers_words_and_the_next_press_goes_through():
    glass = Glass()
    glass.press()
    glass.answer(refused())
    assert (glass.view.phase, glass.view.sentence) == (Phase.REFUSED, "No stamp found here. Press again.")
    glass.stamping.use_texts(KOREAN)
    assert glass.view.sentence.startswith("이 매장의 도장을")
    glass.press()
    glass.answer(accepted(1))
    assert glass.view.phase is Phase.ACCEPTED


def test_a_void_says_what_to_do_and_ends_with_the_next_press():
    glass = Glass()
    glass.land([*TIPS, (100.0, 900.0)])
    glass.pass_time(0.3)
    assert glass.view.phase is Phase.UNCLEAR
    assert glass.view.sentence == ENGLISH.hints[Hint.KEEP_FINGERS_OFF]
    assert glass.courier.waiting == []
    glass.lift(6)
    assert glass.view.phase is Phase.UNCLEAR
    glass.press()
    assert glass.view.phase is Phase.SENDING


def test_an_interruption_voids_the_press():
    glass = Glass()
    glass.land()
    glass.stamping.interrupt(glass.now, "pause")
    glass.pass_time(0.3)
    assert glass.view.phase is Phase.UNCLEAR
    assert glass.courier.waiting == []


def test_a_tap_is_nobodys_business():
    glass = Glass()
    glass.press(TIPS[:1])
    glass.press(TIPS[:2])
    assert glass.view.phase is Phase.READY
    assert glass.courier.waiting == []


def test_an_unanswered_press_is_kept_and_sent_again_not_pressed_again():
    glass = Glass()
    glass.press()
    glass.phone.pending = 1
    glass.answer(TransportError("unreachable", "no answer"))
    assert (glass.view.phase, glass.view.action) == (Phase.KEPT, "Send again")
    assert glass.view.ink.tone is InkTone.FRESH
    glass.press()  # the person presses again: the kept envelope goes out, no second one
    assert glass.view.phase is Phase.SENDING
    glass.answer(TransportError("unreachable", "no answer"))
    assert glass.view.phase is Phase.KEPT
    glass.stamping.act()
    glass.answer(accepted(1))
    assert glass.view.phase is Phase.ACCEPTED
    assert (len(glass.phone.presses), len(glass.phone.resumed)) == (1, 2)


def test_a_press_that_never_got_an_envelope_asks_for_another():
    glass = Glass()
    glass.press()
    glass.answer(TransportError("unreachable", "no challenge"))
    assert (glass.view.phase, glass.view.sentence) == (Phase.OFFLINE, ENGLISH.offline_detail)
    glass.press()
    glass.answer(accepted(1))
    assert glass.view.phase is Phase.ACCEPTED


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        (RefusedError("device_unknown", "revoked", status=401), ENGLISH.device_unknown),
        (RefusedError("gone", "gone", status=404), ENGLISH.unreadable),
        (EnvelopeError("bad_number", "", "NaN"), ENGLISH.unreadable),
        (RuntimeError("a fault of ours"), ENGLISH.unreadable),
    ],
)
def test_no_failure_leaves_the_person_without_a_word(error, sentence):
    glass = Glass()
    glass.press()
    glass.answer(error)
    assert (glass.view.phase, glass.view.sentence, glass.view.action) == (Phase.REFUSED, sentence, "Done")
    glass.stamping.act()
    assert glass.view.phase is Phase.READY


def test_redeeming_is_one_press_for_one_coupon():
    glass = Glass()
    glass.stamping.begin(coupon(number=7))
    assert (glass.view.headline, glass.view.coupon) == (ENGLISH.press_to_redeem, "One americano")
    glass.courier.deliver()
    assert glass.phone.prefetched[-1][1] is Purpose.REDEEM
    glass.press()
    glass.answer(accepted(code="redeemed", won=[coupon("redeemed", 7)]))
    assert (glass.view.headline, glass.view.coupon) == (ENGLISH.redeemed, "")
    assert (glass.phone.presses[0][1]["purpose"], glass.phone.presses[0][1]["coupon"]) == (
        Purpose.REDEEM,
        "cpn_7",
    )
    glass.press()
    glass.answer(accepted(1))
    assert glass.phone.presses[1][1]["purpose"] is Purpose.STAMP


def test_redeeming_can_be_left_and_a_refusal_keeps_it():
    glass = Glass()
    glass.stamping.begin(coupon())
    glass.stamping.act()
    assert not glass.view.redeeming
    glass.stamping.begin(coupon())
    glass.press()
    glass.answer(refused())
    glass.stamping.act()
    assert glass.view.redeeming


@pytest.mark.parametrize("turn", [0.0, 0.7, 2.1, -2.9])
def test_the_mark_turns_and_moves_with_the_stamp(turn):
    c, s = math.cos(turn), math.sin(turn)
    turned = [
        (c * x + s * y + 40.0, -s * x + c * y - 25.0) for x, y in TIPS
    ]  # y down: this is counter-clockwise
    random.Random(3).shuffle(turned)
    straight, other = Ink.under(TIPS), Ink.under(turned)
    assert math.isclose(straight.radius, other.radius)
    assert math.isclose(math.cos(other.angle - straight.angle - turn), 1.0, abs_tol=1e-9)
    x, y = straight.centre
    assert other.centre == pytest.approx((c * x + s * y + 40.0, -s * x + c * y - 25.0))


def test_one_touch_has_a_mark():
    assert Ink.under([(3.0, 4.0)]).centre == (3.0, 4.0)


def test_a_code_in_place_of_a_press_shows_the_card():
    glass = Glass()
    glass.stamping.use_code("042917")
    assert (glass.view.phase, glass.view.sentence, glass.view.ink) == (Phase.SENDING, "", None)
    glass.answer(accepted(2))
    assert glass.phone.codes == [("042917", HERE)]
    assert (glass.view.phase, glass.view.card.stamps, glass.view.headline) == (
        Phase.ACCEPTED,
        2,
        ENGLISH.accepted,
    )
    glass.stamping.act()
    glass.press()
    assert (glass.view.phase, glass.view.sentence) == (Phase.SENDING, ENGLISH.sending_detail)


def test_a_code_without_a_line_is_to_be_entered_again():
    glass = Glass(NoLocation())
    glass.stamping.use_code("042917")
    glass.answer(TransportError("unreachable", "no answer"))
    assert (glass.view.phase, glass.view.sentence) == (Phase.OFFLINE, ENGLISH.offline_code)
    glass.stamping.act()
    glass.stamping.use_code("042917")
    glass.answer(accepted(1))
    assert glass.phone.codes == [("042917", None)] * 2
    assert glass.view.phase is Phase.ACCEPTED


def test_while_a_press_waits_for_its_answer_a_code_is_not_sent():
    """Both would count."""
    glass = Glass()
    glass.press()
    glass.stamping.use_code("042917")
    glass.phone.pending = 1
    glass.answer(TransportError("unreachable", "no answer"))
    glass.stamping.use_code("042917")
    assert (glass.view.phase, glass.phone.codes) == (Phase.KEPT, [])


def test_digits_are_collected_and_handed_on_with_the_sixth():
    done, shown = [], []
    entry = CodeEntry(done=done.append, changed=lambda: shown.append(entry.shown))
    for digit in "0429":
        entry.type(digit)
    entry.erase()
    for digit in "917":
        entry.type(digit)
    assert done == ["042917"]
    assert shown[0] == "0 _ _ _ _ _"
    assert shown[4] == "0 4 2 _ _ _"
    assert entry.shown == "_ _ _ _ _ _"
    entry.type("1")
    entry.clear()
    entry.erase()
    assert entry.digits == ""
