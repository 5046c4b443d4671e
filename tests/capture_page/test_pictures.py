"""Screenshots of the page in both languages, small enough for a README.

``STAMP_WRITE_IMAGES=1`` writes them to docs/images; else they only have to be possible.
"""

import io

import pytest
from PIL import Image

from tests.capture_page.phone import SCREEN, images_folder, stamp_at
from tests.capture_page.service import REFUSAL, Service, app_of, serving

pytestmark = pytest.mark.browser
WORDS = {
    "ko": {
        "locale": "ko-KR",
        "later": "나중에",
        "saved": "적어 두었어요",
        "use": "지금 사용하기",
        "again": "다시 찍기",
    },
    "en": {
        "locale": "en-GB",
        "later": "Not now",
        "saved": "I have saved it",
        "use": "Use it now",
        "again": "Press again",
    },
}
REFUSED = {"code": "not_recognised", "verdict": "refused", "status": 422, "text": REFUSAL, "press": None}


class Camera:
    def __init__(self, phone, folder, ending) -> None:
        self.phone = phone
        self.folder = folder
        self.ending = ending

    def take(self, name):
        """Save the screen at five pixels to four CSS pixels, in few colours: under 150 kB."""
        self.phone.page.wait_for_timeout(900)  # until the sheet and the new mark have come to rest
        raw = Image.open(io.BytesIO(self.phone.page.screenshot())).convert("RGB")
        small = raw.resize((SCREEN["width"] * 5 // 4, SCREEN["height"] * 5 // 4), Image.Resampling.LANCZOS)
        path = self.folder / f"page-{name}-{self.ending}.png"
        few = small.quantize(128, method=Image.Quantize.MAXCOVERAGE, kmeans=3, dither=Image.Dither.NONE)
        few.save(path, optimize=True)
        assert 3_000 < path.stat().st_size < 150_000
        assert len(small.getcolors(1 << 24)) > 20  # something is drawn
        return path


@pytest.mark.parametrize("language", ["ko", pytest.param("en", marks=pytest.mark.slow)])
def test_pictures(chromium, new_phone, tmp_path, language):
    words = WORDS[language]
    service = Service()
    with serving(app_of(service, [])) as port:
        address = f"http://127.0.0.1:{port}/s"
        phone = new_phone(locale=words["locale"])
        phone.expected = ("status of 422", "Failed to load resource")
        camera = Camera(phone, images_folder(tmp_path), language)
        phone.open(address)
        camera.take("waiting")

        phone.page.route("**/v1/presses", lambda _: None)  # no answer yet
        phone.press(stamp_at(206.4, 330.7, 157))
        camera.take("pending")
        phone.page.unroute("**/v1/presses")  # and what was held back goes on
        phone.result("accepted")
        phone.press(stamp_at(214.4, 262.7, 163))
        phone.page.get_by_text("2 / 3").wait_for()
        camera.take("accepted")

        phone.press(stamp_at(198.4, 190.7, 151))
        phone.page.get_by_text("3 / 3").wait_for()
        camera.take("coupon")
        phone.tap(words["later"])
        phone.tap(words["saved"])

        service.next_answers.append({"status": 422, "body": REFUSED})
        phone.press(stamp_at(206.4, 360.7, 80))
        phone.result("refused")
        camera.take("refused")
        phone.tap(words["again"])
