"""Pictures of the app, for people to look at: in docs/images when STAMP_WRITE_IMAGES=1, else thrown away."""

import math
import os
from pathlib import Path

import pytest
from PIL import Image

from mobile_demo.core.fonts import find_korean_font
from mobile_demo.core.ink import Ink
from mobile_demo.core.location import NoLocation
from stampsdk.protocol import DeviceInfo
from tests.mobile_demo.fake_phone import RIVER, FakePhone, HeldCourier, accepted, card, coupon, entry
from tests.requirements import require

pytestmark = pytest.mark.kivy
IMAGES = Path(__file__).parents[2] / "docs" / "images"
INK = (194, 59, 34)
LINE = (228, 211, 186)


@pytest.fixture
def folder(tmp_path):
    if not os.environ.get("STAMP_WRITE_IMAGES"):
        return tmp_path
    IMAGES.mkdir(parents=True, exist_ok=True)
    return IMAGES


@pytest.fixture
def make_app(stage):
    from mobile_demo.app import StampApp  # noqa: PLC0415 - opens the window
    from mobile_demo.screens.theme import register_font  # noqa: PLC0415 - opens the window

    fonts = find_korean_font("linux")
    require(fonts, "no Korean font: apt-get install fonts-nanum")
    register_font(fonts)

    def make(language):
        phone, courier = FakePhone(), HeldCourier()
        app = StampApp(
            phone=phone,
            locations=NoLocation(),
            language=language,
            device=DeviceInfo(),
            px_per_mm=6.3,
            courier=courier,
        )
        stage.run(app)
        stage.wait(0.6)
        courier.deliver()
        return app, phone, courier

    return make


def picture(stage, path):
    """Draw a frame and save it under exactly this name."""
    stage.draw()
    taken = Path(stage.window.screenshot(name=str(path)))
    taken.replace(path)
    with Image.open(path) as taken:
        image = taken.convert("RGB")
    image.save(path, optimize=True)
    return image


def near(pixel, wanted):
    return max(abs(a - b) for a, b in zip(pixel, wanted, strict=True)) < 24


@pytest.mark.parametrize("language", ["ko", "en"])
def test_screenshot_of_the_stamp_screen(stage, make_app, folder, tmp_path, language):
    _, phone, courier = make_app(language)
    waiting = picture(stage, tmp_path / "ready.png")
    tips = stage.tips(centre=(278.0, 860.0), angle=0.5)
    stage.press(tips)
    courier_was_asked = len(courier.waiting)
    phone.answers.append(accepted(2))
    courier.deliver()
    stage.wait(1.0)
    name = "app-stamp.png" if language == "ko" else "app-stamp-en.png"
    image = picture(stage, folder / name)
    assert courier_was_asked == 1
    assert image.size == waiting.size == (540, 1170)
    ink = Ink.under(tips)
    (x, y), side = ink.centre, ink.radius * 0.2
    beside = (round(x + side * math.sin(ink.angle)), round(y + side * math.cos(ink.angle)))
    assert near(image.getpixel(beside), INK)  # the bean lies at the stamp's place and angle
    far_from_bean = [tip for tip in tips if math.dist(tip, ink.centre) > ink.radius * 0.55]
    assert len(far_from_bean) > 2
    assert not any(near(image.getpixel((round(x), round(y))), INK) for x, y in far_from_bean)  # no tip shows
    assert near(waiting.getpixel((250, 650)), LINE)  # the bean in the middle of the target
    assert not any(near(waiting.getpixel((round(x), round(y))), INK) for x, y in tips)


@pytest.mark.parametrize("language", ["ko", "en"])
def test_screenshot_of_the_wallet(stage, make_app, folder, language):
    app, phone, courier = make_app(language)
    phone.wallet = (
        (card(2), card(4, RIVER, 10, 2)),
        (coupon(), coupon("redeemed", 2, RIVER)),
        (entry(), entry("coupon_issued", -3, number=2), entry(number=3, shop=RIVER)),
    )
    app.go("wallet")
    courier.deliver()
    stage.wait(0.8)
    name = "app-wallet.png" if language == "ko" else "app-wallet-en.png"
    image = picture(stage, folder / name)
    inked = sum(near(pixel, INK) for pixel in image.get_flattened_data())
    assert inked > 6 * 900  # six marks of a stamp, at least 900 px each
