"""From five real touch points to ink, a signed envelope, a card and a coupon."""

import cmath
import math
import re

import pytest

from tests.capture_page.phone import SEOUL, TIPS, stamp_at
from tests.capture_page.service import REFUSAL

pytestmark = pytest.mark.browser


def ink_pose(phone):
    """Return the middle of the ink on the screen, and its angle in radians."""
    return phone.page.evaluate(
        """() => {
             const { a, b, e, f } = document.querySelector(".stamp-ink g").getScreenCTM();
             return [e, f, Math.atan2(b, a)];
           }"""
    )


def ink_state(phone):
    return phone.page.get_attribute(".stamp-ink", "data-state")


def test_a_press_becomes_a_signed_envelope_and_a_stamp_on_a_card(address, service, new_phone):
    phone = new_phone().open(f"{address}/s")
    points = stamp_at(206.37, 470.12, 212.3)
    phone.press(points)
    sheet = phone.result("accepted")

    assert service.bad_signatures == 0
    (payload,) = service.payloads
    sent = payload["press"]["touches"]
    assert len(sent) == 5
    for x, y in sent:  # fractions of a pixel survive: CDP hands them over as 32-bit floats
        assert min(math.dist((x, y), point) for point in points) < 1e-3
    assert payload["v"] == 1
    assert (payload["purpose"], payload["coupon"]) == ("stamp", None)
    assert payload["press"]["source"] == "touch"
    assert payload["press"]["quality"]["frames_used"] >= 3
    frames = payload["press"]["frames"]
    assert 3 <= len(frames) <= 60
    assert frames[0]["t"] == 0
    assert all(len(contact) == 5 for frame in frames for contact in frame["contacts"])
    assert frames[-1]["contacts"][0][3:] == [pytest.approx(0.42, abs=1e-3), pytest.approx(10.0, abs=1e-3)]
    screen = {"width": 412, "height": 915, "px_per_mm": None, "device_pixel_ratio": 2.625, "fractional": True}
    assert payload["screen"] == screen
    assert payload["device"]["app"] == "stamp.js/1"
    location = payload["location"]
    assert (location["lat"], location["lon"]) == (SEOUL["latitude"], SEOUL["longitude"])
    assert (location["accuracy_m"], location["confidence"], location["mock"]) == (12, 0.95, None)
    assert 0 <= location["age_s"] < 30
    assert payload["location_error"] is None
    assert service.origins == [address]
    assert "shop" not in str(payload)

    assert "스탬프를 적립했어요." in sheet
    assert "온도 커피 성수" in sheet
    assert "1 / 3" in sheet
    assert phone.page.locator("#sheet li.on").count() == 1
    assert phone.page.locator("#sheet li").count() == 3


@pytest.mark.parametrize("degrees", [0.0, 77.7, 191.2])
def test_the_ink_lies_where_the_stamp_lay_and_turns_with_it(address, new_phone, degrees):
    phone = new_phone().open(f"{address}/s")
    points = stamp_at(190.6, 512.9, degrees)
    phone.freeze()
    phone.touch("touchStart", points)
    assert ink_state(phone) == "touching"
    x, y, angle = ink_pose(phone)
    assert (x, y) == pytest.approx([sum(axis) / 5 for axis in zip(*points, strict=True)], abs=0.05)
    # The angle is that of the third moment of the tips, which turns with the stamp.
    moment = sum(complex(*tip) * abs(complex(*tip)) ** 2 for tip in centred(TIPS))
    assert abs(math.remainder(angle - cmath.phase(moment) - math.radians(degrees), math.tau)) < 1e-3
    phone.touch("touchEnd")
    phone.thaw()
    phone.press(points)
    phone.result("accepted")
    assert ink_state(phone) == "accepted"
    assert ink_pose(phone) == pytest.approx([x, y, angle], abs=0.01)
    words = phone.page.locator(".stamp-ink textPath").all_text_contents()
    assert words[0] == "온도 커피 성수"
    assert re.fullmatch(r"20\d\d\.\d\d\.\d\d", words[1])


def centred(tips):
    x, y = (sum(values) / len(tips) for values in zip(*tips, strict=True))
    return [(a - x, b - y) for a, b in tips]


def test_a_photograph_of_the_ink_does_not_show_the_tips(address, new_phone):
    """Two stamps with one pose leave the same ink: what is drawn is the pose and nothing else."""
    phone = new_phone()
    drawn = set()
    tips = centred(TIPS)
    twin = [tips[0], *((x * 0.8, y * 0.8) for x, y in tips[1:])]
    for pattern in (tips, twin):
        x, y, radius, angle = pose(pattern)
        same = [
            turned(a - x, b - y, -angle, 100 / radius) for a, b in pattern
        ]  # one place, one angle, one size
        phone.open(f"{address}/s").freeze()
        phone.touch("touchStart", [(206 + a, 450 + b) for a, b in same])
        ink = phone.page.evaluate("document.querySelector('.stamp-ink').innerHTML")
        phone.touch("touchCancel")
        assert "ellipse" in ink
        drawn.add(re.sub(r"-?\d+\.?\d*(e-\d+)?", lambda number: f"{round(float(number[0]), 1) + 0:.1f}", ink))
    assert len(drawn) == 1, drawn


def pose(tips):
    x, y = (sum(values) / len(tips) for values in zip(*tips, strict=True))
    arms = [complex(a - x, b - y) for a, b in tips]
    return x, y, max(map(abs, arms)), cmath.phase(sum(arm * abs(arm) ** 2 for arm in arms))


def turned(x, y, angle, scale):
    arm = complex(x, y) * cmath.rect(scale, angle)
    return arm.real, arm.imag


def test_the_ink_is_there_before_the_press_is_decided(address, service, new_phone):
    """All tips down, and the ink is drawn in the same task: at the next frame the person sees it."""
    phone = new_phone().open(f"{address}/s")
    phone.page.evaluate(
        """() => {
             window.seen = [];
             const beans = () => document.querySelectorAll(".stamp-ink ellipse").length;
             const note = event => seen.push([event.touches.length, beans()]);
             document.getElementById("pad").addEventListener("touchstart", note);
           }"""
    )
    phone.freeze()
    phone.put_down(stamp_at(200.5, 450.25, 15))
    phone.touch("touchCancel")
    assert phone.page.evaluate("seen") == [[1, 0], [2, 0], [3, 0], [4, 0], [5, 1]]
    assert phone.page.locator(".stamp-ink circle").count() == 0
    assert service.envelopes == []


def no_press(phone, service):
    phone.frames(60)
    assert "pending" not in phone.diary()
    assert service.envelopes == []


def test_touches_that_the_system_takes_away_are_no_press(address, service, new_phone):
    phone = new_phone().open(f"{address}/s")
    phone.freeze()
    phone.touch("touchStart", stamp_at(206.4, 470.3, 40))
    phone.touch("touchCancel")
    phone.thaw()
    no_press(phone, service)
    assert phone.page.locator("#hint").inner_text() == "손가락은 화면에서 떼 주세요"


def test_a_sixth_touch_is_no_press(address, service, new_phone):
    phone = new_phone().open(f"{address}/s")
    phone.touch("touchStart", [*stamp_at(206.4, 470.3, 40), (60.0, 800.0)])
    phone.frames(30)
    phone.touch("touchEnd")
    no_press(phone, service)
    assert phone.page.locator("#hint").inner_text() == "손가락은 화면에서 떼 주세요"


def test_a_pinch_is_no_press_and_does_not_zoom(address, service, new_phone):
    phone = new_phone().open(f"{address}/s")
    for step in range(12):
        points = [(200.0 - 8 * step, 450.0), (212.0 + 8 * step, 450.0)]
        phone.touch("touchMove" if step else "touchStart", points)
    phone.touch("touchEnd")
    no_press(phone, service)
    assert phone.page.evaluate("visualViewport.scale") == 1


def test_a_stamp_that_slides_is_told_how_to_press(address, service, new_phone):
    phone = new_phone().open(f"{address}/s")
    phone.freeze()
    for step in range(10):
        phone.touch("touchMove" if step else "touchStart", stamp_at(150 + 9 * step, 470.3, 40))
    phone.touch("touchEnd")
    phone.thaw()
    no_press(phone, service)
    assert phone.page.locator("#hint").inner_text() == "똑바로 눌러 주세요"


@pytest.mark.parametrize(("selector", "lean"), [("#code", (0, 1)), ("#lang", (1, -0.6))])
def test_a_tip_that_lands_on_a_button_presses_the_stamp_and_not_the_button(
    address, service, new_phone, selector, lean
):
    phone = new_phone().open(f"{address}/s")
    box = phone.page.locator(selector).bounding_box()
    # Turned so that the first tip is the one nearest to the button, and put with that tip on it.
    tip, degrees = max(
        ((stamp_at(0, 0, degrees)[0], degrees) for degrees in range(360)),
        key=lambda turned: turned[0][0] * lean[0] + turned[0][1] * lean[1],
    )
    middle = (box["x"] + box["width"] / 2 - tip[0], box["y"] + box["height"] / 2 - tip[1])
    points = stamp_at(*middle, degrees)
    phone.freeze()
    phone.put_down(points)
    phone.thaw()
    phone.press(points)
    phone.result("accepted")
    assert len(service.payloads) >= 1
    assert phone.page.url == f"{address}/s"
    assert phone.page.locator("#sheet input").count() == 0


def test_a_refusal_says_why_in_the_language_of_the_page(address, service, new_phone):
    body = {"code": "not_recognised", "verdict": "refused", "status": 422, "text": REFUSAL, "press": "prs_9"}
    for locale, language, again in (("ko-KR", "ko", "다시 찍기"), ("en-GB", "en", "Press again")):
        service.next_answers.append({"status": 422, "body": body})
        phone = new_phone(locale=locale)
        phone.expected = ("status of 422",)
        phone.open(f"{address}/s").press(stamp_at(206.4, 470.3, 40))
        assert REFUSAL[language] in phone.result("refused")
        assert ink_state(phone) == "refused"
        phone.tap(again)
        phone.state("idle")
        assert phone.page.locator(".stamp-ink circle").count() == 0


def test_a_held_press_says_so(address, service, new_phone):
    text = {"ko": "매장에서 직접 확인한 뒤 처리할게요.", "en": "The shop will look at this press first."}
    body = {"id": "prs_1", "verdict": "held", "code": "held", "text": text, "shop": None, "coupons": []}
    service.next_answers.append({"status": 202, "body": body})
    phone = new_phone().open(f"{address}/s")
    phone.press(stamp_at(206.4, 470.3, 40))
    assert text["ko"] in phone.result("held")
    assert ink_state(phone) == "held"


def test_three_stamps_make_a_coupon_that_a_second_press_redeems(address, service, new_phone):
    phone = new_phone(locale="en-GB").open(f"{address}/s")
    for number in (1, 2, 3):
        phone.press(stamp_at(206.4, 470.3, 50 * number))
        phone.wait_for("n => document.getElementById('sheet').innerText.includes(n + ' / 3')", number)
    assert "an americano on us" in phone.result("accepted")
    assert phone.page.locator("#sheet li.on").count() == 3
    phone.tap("Use it now")
    phone.state("idle")
    assert "Press the stamp\nonce more." in phone.page.locator("#say").inner_text()
    phone.press(stamp_at(200.4, 430.3, 5))
    assert "Your coupon is redeemed. Enjoy!" in phone.result("accepted")
    last = service.payloads[-1]
    assert (last["purpose"], last["coupon"]) == ("redeem", "cpn_0")
    phone.tap("Close")
    phone.press(stamp_at(200.4, 430.3, 99))  # and then it collects stamps again
    phone.result("accepted")
    assert service.payloads[-1]["purpose"] == "stamp"


def test_a_coupon_can_be_put_away_and_found_again(address, service, new_phone):
    service.stamps_required = 1
    phone = new_phone(locale="en-GB").open(f"{address}/s")
    phone.press(stamp_at(206.4, 470.3, 10))
    phone.result("accepted")
    phone.tap("Not now")
    phone.page.wait_for_selector("#sheet output")  # the code comes first, once
    phone.tap("I have saved it")
    phone.tap("My cards")
    phone.page.wait_for_selector("#sheet .ticket")
    phone.tap("Use it now")
    phone.tap("Cancel")
    assert "Press the\nstamp here." in phone.page.locator("#say").inner_text()
