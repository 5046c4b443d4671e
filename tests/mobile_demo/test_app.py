"""The running app, touched through the provider that phones use, with a stand-in for the SDK's client."""

import random

import pytest

from mobile_demo.core.fonts import find_korean_font
from mobile_demo.core.location import FixedLocation
from mobile_demo.core.stamping import Phase
from stampsdk.client import TransportError
from stampsdk.protocol import DeviceInfo, Location, Purpose
from tests.mobile_demo.fake_phone import FakePhone, HeldCourier, accepted, coupon, refused

pytestmark = pytest.mark.kivy
HERE = Location(37.5665, 126.978, 12.0)


@pytest.fixture
def phone():
    return FakePhone()


@pytest.fixture
def courier():
    return HeldCourier()


@pytest.fixture
def app(stage, phone, courier):
    from mobile_demo.app import StampApp  # noqa: PLC0415 - opens the window
    from mobile_demo.screens.theme import register_font  # noqa: PLC0415 - opens the window

    register_font(find_korean_font("linux"))
    made = StampApp(
        phone=phone,
        locations=FixedLocation(HERE),
        language="en",
        device=DeviceInfo(app="test"),
        px_per_mm=6.3,
        courier=courier,
    )
    stage.run(made)
    stage.wait(0.6)
    courier.deliver()
    return made


def shown(app):
    """Give every text that can be seen on the current screen."""
    screen = app.root.current_screen
    return {w.text for w in screen.walk() if getattr(w, "text", "") and w.opacity > 0}


@pytest.mark.parametrize("angle", [0.3, 2.2, -1.4, 3.0])
def test_a_stamp_pressed_at_any_angle_is_sent_and_its_answer_shown(app, stage, phone, courier, angle):
    rng = random.Random(angle)
    tips = stage.tips(centre=(rng.uniform(180, 360), rng.uniform(400, 900)), angle=angle)
    assert any(x % 1 for x, _ in tips)
    stage.press(tips, rng=rng)
    assert app.stamping.view.phase is Phase.SENDING
    assert "Checking" in shown(app)
    ink = app.stamp_screen.ids.mark.ink
    for (x, y), (u, v) in zip(sorted(ink.touches), sorted(tips), strict=True):
        assert (x - u) ** 2 + (y - v) ** 2 < 1.0
    phone.answers.append(accepted(2))
    courier.deliver()
    stage.wait(0.5)
    assert {"Stamped", "달빛 카페", "1 more for: One americano", "Done"} <= shown(app)
    ((press, details),) = phone.presses
    assert (len(press.touches), press.source) == (5, "kivy-sdl")
    assert details["location"] == HERE
    assert details["purpose"] is Purpose.STAMP
    screen = details["screen"]
    assert (screen.width, screen.height, screen.fractional) == (*map(float, stage.window.size), True)
    assert app.stamp_screen.ids.mark.strength == pytest.approx(1.0)


def test_a_landing_is_seen_where_it_was_not_where_kivy_merged_it(app, stage):
    """Down and move within one frame: Kivy dispatches one position, the raw tap keeps both."""
    seen = []
    app.stamping.feed = lambda event: seen.append((event.kind, round(event.x, 3), round(event.y, 3)))
    stage.touch("down", 9, 200.25, 500.5)
    stage.touch("motion", 9, 203.75, 500.5)
    stage.frames(2)
    stage.touch("up", 9, 203.75, 500.5)
    stage.touch("down", 9, 300.5, 500.5)  # the same finger number again, within the frame
    stage.frames(2)
    assert seen == [
        ("down", 200.25, 500.5),
        ("move", 203.75, 500.5),
        ("up", 203.75, 500.5),
        ("down", 300.5, 500.5),
    ]


def test_the_mark_is_there_before_the_stamp_is_lifted(app, stage):
    stage.press(stage.tips(), lift=False)
    mark = app.stamp_screen.ids.mark
    assert mark.ink is not None
    assert mark.strength > 0.3


def test_five_lifts_in_one_frame_before_the_commit_are_no_press(app, stage, courier):
    tips = stage.tips()
    for finger, (x, y) in enumerate(tips):
        stage.touch("down", finger, x, y)
    stage.frames(2)
    stage.lift(tips)
    assert app.stamping.view.phase is Phase.UNCLEAR
    assert "Keep fingers off the screen and press again." in shown(app)
    assert courier.waiting == []


def test_a_sixth_touch_is_no_press(app, stage, courier):
    stage.press([*stage.tips(), (120.0, 900.0)])
    assert app.stamping.view.phase is Phase.UNCLEAR
    assert courier.waiting == []


def test_two_fingers_that_pinch_are_no_press(app, stage, courier):
    for step in range(30):
        for finger, side in enumerate((-1, 1)):
            stage.touch("motion" if step else "down", finger, 270 + side * (150 - 4 * step), 600.0)
        stage.frames()
    stage.lift([(0, 0), (0, 0)])
    assert app.stamping.view.phase is Phase.READY
    assert courier.waiting == []


def test_a_pause_with_tips_down_leaves_no_ghosts(app, stage, phone, courier):
    stage.press(stage.tips(), hold_s=0.03, lift=False)
    app.dispatch("on_pause")
    app.dispatch("on_resume")
    assert (stage.provider.touchmap, app.stamping.view.contacts) == ({}, ())
    stage.wait(0.5)
    courier.deliver()
    stage.press(stage.tips(angle=1.0))
    phone.answers.append(accepted(1))
    courier.deliver()
    assert app.stamping.view.phase is Phase.ACCEPTED


def test_a_tip_on_a_control_is_the_controls(app, stage):
    wallet = app.stamp_screen.ids.wallet
    x, y = wallet.center_x, stage.window.height - 1 - wallet.center_y
    stage.touch("down", 0, x, y)
    stage.frames()
    assert app.stamping.view.contacts == ()
    stage.touch("up", 0, x, y)
    stage.frames(2)
    stage.wait(0.4)
    assert app.root.current == "wallet"


def test_no_control_takes_a_tip_while_a_result_lies_at_the_top(app, stage, phone, courier):
    stage.press(stage.tips(centre=(270.0, 800.0)))
    phone.answers.append(accepted(1))
    courier.deliver()
    stage.wait(0.5)
    assert app.stamp_screen.sheet_at_top
    assert app.stamp_screen.ids.wallet.y > stage.window.height
    stage.press(stage.tips(centre=(270.0, 160.0)))
    assert app.stamping.view.phase is Phase.SENDING


def test_the_button_sends_a_kept_press_again(app, stage, phone, courier):
    stage.press(stage.tips())
    phone.pending = 1
    phone.answers += [TransportError("unreachable", "no answer"), accepted(1)]
    courier.deliver()
    stage.wait(0.5)
    assert {"No answer yet", "Send again"} <= shown(app)
    app.stamp_screen.ids.action.dispatch("on_release")
    courier.deliver()
    stage.wait(0.5)
    assert "Stamped" in shown(app)


def test_a_coupon_is_redeemed_from_the_wallet(app, stage, phone, courier):
    phone.wallet = ((), (coupon(),), ())
    app.go("wallet")
    courier.deliver()
    stage.wait(0.5)
    assert {"Wallet", "One americano", "Use"} <= shown(app)
    use = next(w for w in app.wallet_screen.walk() if getattr(w, "text", "") == "Use")
    use.dispatch("on_release")
    stage.wait(0.5)
    assert (app.root.current, "Press the stamp\nto use your coupon" in shown(app)) == ("stamp", True)
    stage.press(stage.tips())
    phone.answers.append(accepted(code="redeemed", won=[coupon("redeemed")]))
    courier.deliver()
    stage.wait(0.5)
    assert "Coupon used" in shown(app)
    assert phone.presses[0][1]["coupon"] == "cpn_1"


def test_the_staffs_digits_are_tapped_and_become_a_stamp(app, stage, phone, courier):
    def tap(widget):
        x, y = widget.to_window(*widget.center)
        y = stage.window.height - 1 - y
        stage.touch("down", 0, x, y)
        stage.frames(2)
        stage.touch("up", 0, x, y)
        stage.wait(0.2)

    tap(app.stamp_screen.ids.code)
    stage.wait(0.5)
    assert app.root.current == "code"
    assert {"The stamp does not work?", "_ _ _ _ _ _", "Erase"} <= shown(app)
    keys = app.code_screen.keys
    for key in "04297<17":
        if key == "1":
            assert "0 4 2 9 _ _" in shown(app)
        tap(keys[key])
    tap(keys[""])  # the gap in the grid is no key
    phone.answers.append(accepted(1))
    courier.deliver()
    stage.wait(0.6)
    assert phone.codes == [("042917", HERE)]
    assert (app.root.current, "Stamped" in shown(app)) == ("stamp", True)
    assert phone.presses == []


def test_the_glass_is_left_alone_while_the_wallet_is_open(app, stage, courier):
    app.go("wallet")
    stage.wait(0.5)
    courier.deliver()
    stage.press(stage.tips())
    assert courier.waiting == []
    assert app.stamping.view.phase is Phase.READY


def test_the_language_is_switched_on_both_screens(app, stage, phone, courier):
    app.stamp_screen.ids.language.dispatch("on_release")
    stage.frames(2)
    assert {"여기에 도장을\n꾹 눌러 주세요", "English"} <= shown(app)
    stage.press(stage.tips())
    phone.answers.append(refused())
    courier.deliver()
    stage.wait(0.5)
    assert {"적립하지 못했어요", "이 매장의 도장을 찾지 못했어요. 다시 찍어 주세요."} <= shown(app)
    app.go("wallet")
    stage.wait(0.5)
    assert "지갑" in shown(app)


def test_without_a_korean_font_there_is_nothing_to_switch(stage, phone, courier):
    from mobile_demo.app import StampApp  # noqa: PLC0415 - opens the window
    from mobile_demo.core.fonts import HINT  # noqa: PLC0415 - with it

    app = StampApp(
        phone=phone,
        locations=FixedLocation(HERE),
        language="en",
        device=DeviceInfo(),
        px_per_mm=6.3,
        courier=courier,
        languages=1,
        notice=HINT["en"],
    )
    stage.run(app)
    stage.wait(0.5)
    assert HINT["en"] in shown(app)
    assert app.stamp_screen.ids.language.width == 0


def test_the_row_of_stamps_draws_a_mark_for_each_stamp(stage):
    """Counted in pixels: ink appears in as many columns as there are stamps."""
    from mobile_demo.screens.widgets import StampRow  # noqa: PLC0415 - opens the window

    assert stage.window
    row = StampRow(stamps=2, required=3, size_hint=(None, None), width=240)
    row._draw()
    inked = []
    for stamps in range(4):
        row.stamps = stamps
        pixels = row.export_as_image().texture.pixels
        inked.append(sum(p[0] > 150 and p[1] < 90 for p in zip(pixels[0::4], pixels[1::4], strict=True)))
    assert inked[0] == 0
    assert inked[1] > 500
    assert inked[2] == pytest.approx(2 * inked[1], rel=0.05)
    assert inked[3] == pytest.approx(3 * inked[1], rel=0.05)
