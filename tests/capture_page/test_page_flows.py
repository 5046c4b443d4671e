"""What goes wrong around a press, and what the page makes of it: nothing is lost, and it says what to do."""

import re
from pathlib import Path

import pytest

from tests.capture_page.phone import SEOUL, stamp_at
from tests.capture_page.service import RECOVERY_CODE, REFUSAL

pytestmark = pytest.mark.browser
HERE = stamp_at(206.4, 470.3, 40)
CONTRASTS = (Path(__file__).parent / "contrasts.js").read_text("utf-8")
OFFLINE = ("Failed to load resource", "ERR_INTERNET_DISCONNECTED")


def test_without_permission_it_asks_with_the_reason_first(address, service, new_phone):
    phone = new_phone(location=None).open(f"{address}/s")
    sheet = phone.page.locator("#sheet.open")
    sheet.wait_for()
    assert "매장에서 찍은 스탬프인지 위치로 확인해요." in sheet.inner_text()
    phone.context.grant_permissions(["geolocation"])
    phone.context.set_geolocation(SEOUL)
    phone.tap("위치 확인하기")
    phone.press(HERE)
    phone.result("accepted")
    assert service.payloads[0]["location"]["lat"] == SEOUL["latitude"]


def test_who_declines_is_believed_and_the_server_told(address, service, new_phone):
    phone = new_phone(location=None).open(f"{address}/s")
    phone.tap("나중에")
    phone.press(HERE)
    phone.result("accepted")
    (payload,) = service.payloads
    assert (payload["location"], payload["location_error"]) == (None, "denied")


def test_who_declined_is_asked_again_when_the_press_was_refused_for_it(address, service, new_phone):
    body = {"code": "place_refused", "verdict": "refused", "status": 403, "text": REFUSAL, "press": None}
    service.next_answers.append({"status": 403, "body": body})
    phone = new_phone(location=None)
    phone.expected = ("status of 403",)
    phone.open(f"{address}/s").tap("나중에")
    phone.press(HERE)
    phone.result("refused")
    phone.context.set_geolocation(SEOUL)
    phone.tap("다시 찍기")
    # Only then: a page that asks later than the permission is given has nothing to ask.
    phone.page.get_by_role("button", name="위치 확인하기").wait_for()
    phone.context.grant_permissions(["geolocation"])
    phone.tap("위치 확인하기")
    phone.press(stamp_at(200, 400, 10))
    phone.result("accepted")
    assert service.payloads[1]["location"]["lat"] == SEOUL["latitude"]


def test_the_question_comes_back_after_something_else_was_shown(address, new_phone):
    phone = new_phone(location=None).open(f"{address}/s")
    phone.page.get_by_role("button", name="나중에").wait_for()
    phone.freeze()
    phone.touch("touchStart", [*stamp_at(206.4, 470.3, 40), (60.0, 800.0)])
    phone.touch("touchEnd")
    phone.thaw()
    phone.page.get_by_role("button", name="나중에").wait_for()
    assert phone.page.locator("#hint").inner_text() == "손가락은 화면에서 떼 주세요"


def test_a_browser_that_denies_is_told_too(address, service, new_phone):
    phone = new_phone(location=None)
    phone.context.grant_permissions([])  # every other one is denied without a question
    phone.open(f"{address}/s")
    phone.press(HERE)
    phone.result("accepted")
    (payload,) = service.payloads
    assert (payload["location"], payload["location_error"]) == (None, "denied")


def test_a_press_waits_for_the_answer_to_the_question(address, service, new_phone):
    phone = new_phone(location=None).open(f"{address}/s")
    phone.page.locator("#sheet.open").wait_for()
    phone.press(HERE)
    assert service.envelopes == []
    phone.page.locator("#sheet.open").wait_for()
    phone.tap("나중에")
    phone.result("accepted")
    assert len(service.envelopes) == 1


def test_a_server_that_fails_gets_the_same_envelope_again(address, service, new_phone):
    service.failures = 2
    phone = new_phone()
    phone.expected = ("status of 503",)
    phone.open(f"{address}/s").press(HERE)
    phone.result("accepted")
    assert len(service.envelopes) == 3
    assert len(set(service.envelopes)) == 1
    assert len(service.payloads) == 1


def test_offline_the_press_waits_and_goes_out_when_the_line_is_back(address, service, new_phone):
    phone = new_phone()
    phone.expected = OFFLINE
    phone.open(f"{address}/s")
    phone.page.wait_for_load_state("networkidle")  # the challenge is in hand
    phone.context.set_offline(True)
    phone.press(HERE)
    phone.wait_for("() => document.getElementById('say').innerText.includes('찍은 스탬프는 저장했어요.')")
    assert service.envelopes == []
    phone.context.set_offline(False)
    phone.result("accepted")
    assert len(service.payloads) == 1


def test_a_reload_in_between_loses_nothing(address, service, new_phone):
    service.failures = 10**6
    phone = new_phone()
    phone.expected = ("status of 503",)
    phone.open(f"{address}/s").press(HERE)
    phone.wait_for("() => document.getElementById('say').innerText.includes('저장했어요')")
    phone.page.reload()
    service.failures = 0
    assert "1 / 3" in phone.result("accepted")
    assert len(set(service.envelopes)) == 1
    assert len(service.devices) == 1
    phone.page.reload()
    phone.page.wait_for_load_state("networkidle")
    arrived = len(service.envelopes)
    phone.frames(30)
    assert len(service.envelopes) == arrived  # answered once, it is not sent again


def test_a_press_without_any_line_is_refused_with_advice(address, new_phone):
    """Opened with no way to the API: there is no challenge to sign, so the page says to press again later."""
    phone = new_phone()
    phone.expected = ("Failed to load resource",)
    phone.page.route(re.compile("/v1/(?!stamp)"), lambda route: route.abort())
    phone.open(f"{address}/s")
    phone.press(HERE)
    phone.page.wait_for_selector("body[data-state=refused]", timeout=30_000)
    phone.page.wait_for_selector("#sheet.open")
    assert "인터넷에 연결되지 않았어요." in phone.page.locator("#sheet").inner_text()


def test_the_key_stays_in_the_browser(address, service, new_phone):
    phone = new_phone().open(f"{address}/s")
    phone.press(HERE)
    phone.result("accepted")
    key = phone.page.evaluate(
        """() => new Promise(done => {
             indexedDB.open("stamp").onsuccess = event => {
               const all = event.target.result.transaction("kept").objectStore("kept").getAll();
               all.onsuccess = async () => {
                 const { key } = all.result[0];
                 const take = crypto.subtle.exportKey("pkcs8", key);
                 const told = await take.then(() => "told", error => error.name);
                 done([all.result.length, key.type, key.extractable, key.algorithm.namedCurve, told]);
               };
             };
           })"""
    )
    assert key == [1, "private", False, "P-256", "InvalidAccessError"]


def test_a_device_the_server_forgot_enrols_anew(address, service, new_phone):
    phone = new_phone()
    phone.expected = ("status of 401",)
    phone.open(f"{address}/s").press(HERE)
    phone.result("accepted")
    service.devices.clear()
    phone.page.reload()
    phone.press(HERE)
    assert "1 / 3" in phone.result("accepted")


def test_the_recovery_code_is_shown_once_and_brings_the_cards_to_another_phone(address, service, new_phone):
    phone = new_phone()
    phone.context.grant_permissions(["geolocation", "clipboard-read", "clipboard-write"])
    phone.open(f"{address}/s").press(HERE)
    phone.result("accepted")
    phone.tap("닫기")
    phone.page.wait_for_selector("#sheet output")
    assert phone.page.locator("#sheet output").inner_text() == RECOVERY_CODE
    phone.tap("복사")
    phone.page.get_by_role("button", name="복사했어요").wait_for()
    assert phone.page.evaluate("navigator.clipboard.readText()") == RECOVERY_CODE
    phone.tap("적어 두었어요")
    phone.state("idle")
    phone.page.reload()
    phone.press(stamp_at(206.4, 470.3, 90))
    phone.result("accepted")
    phone.tap("닫기")
    phone.frames(10)
    assert phone.page.locator("#sheet output").count() == 0

    other = new_phone()
    other.expected = ("status of 422",)
    other.open(f"{address}/s").tap("코드가 있어요")
    other.tap("적어 둔 카드 코드가 있어요")
    other.page.locator("#sheet input").fill("K7QM-2XRA-9WFT-XXXX")
    other.tap("카드 가져오기")
    other.page.get_by_text("코드를 찾지 못했어요.").wait_for()
    other.page.locator("#sheet input").fill(f" {RECOVERY_CODE.lower()} ")
    other.tap("카드 가져오기")
    other.page.get_by_text("2 / 3").wait_for()
    other.tap("닫기")
    other.press(stamp_at(206.4, 470.3, 120))
    assert "3 / 3" in other.result("accepted")
    assert len(service.customers) == 2  # the one that the other phone was at first, and the one it became


def test_over_plain_http_it_says_why_and_what_to_do(address, new_phone):
    phone = new_phone(locale="en-GB").open(address.replace("127.0.0.1", "shop.test") + "/s")
    assert phone.page.evaluate("isSecureContext") is False
    phone.state("obstacle")
    sheet = phone.page.locator("#sheet.open").inner_text()
    assert "Please open the secure address" in sheet
    assert "neither a signing key nor the location" in sheet
    phone.page.get_by_role("button", name="Open with https").wait_for()


def test_the_language_can_be_switched(address, new_phone):
    phone = new_phone().open(f"{address}/s")
    phone.page.get_by_role("link", name="English").tap()
    phone.page.wait_for_url("**/s?lang=en")
    assert "Press the\nstamp here." in phone.page.locator("#say").inner_text()
    phone.open(f"{address}/s")
    assert phone.page.evaluate("document.documentElement.lang") == "en"


def test_it_neither_scrolls_nor_breaks_its_policy(address, new_phone):
    phone = new_phone()
    phone.page.add_init_script(
        """window.broken = [];
           addEventListener("securitypolicyviolation", event => broken.push(event.violatedDirective));"""
    )
    phone.open(f"{address}/s").press(HERE)
    phone.result("accepted")
    assert phone.page.evaluate("broken") == []
    assert phone.page.evaluate("[scrollX, scrollY, document.scrollingElement.scrollHeight]") == [0, 0, 915]


def test_without_touch_events_pointer_events_do(address, service, new_phone):
    phone = new_phone(touch_events=False).open(f"{address}/s")
    assert phone.page.evaluate("'ontouchstart' in window") is False
    phone.press(HERE)
    phone.result("accepted")
    assert service.payloads[0]["press"]["source"] == "pointer"


@pytest.mark.parametrize(("width", "height"), [(320, 568), (568, 320), (820, 1180)])
def test_everything_can_be_reached_on_small_and_large_screens(address, service, new_phone, width, height):
    service.stamps_required = 1
    phone = new_phone(viewport={"width": width, "height": height}).open(f"{address}/s")
    phone.press(stamp_at(width / 2, height / 2, 40, px_per_mm=6.3 if height > 400 else 5.5))
    phone.result("accepted")
    last = phone.page.get_by_role("button", name="지금 사용하기")
    last.scroll_into_view_if_needed()
    last.tap()
    phone.state("idle")


def test_where_ink_and_words_are_small_nobody_reads_them(address, new_phone):
    """Every text has at least 16 px and the contrast that WCAG asks for (AA: 4.5, large type 3)."""
    for scheme in ("light", "dark"):
        phone = new_phone(color_scheme=scheme).open(f"{address}/s")
        phone.press(HERE)
        phone.result("accepted")
        told = phone.page.evaluate(CONTRASTS)
        assert len(told) > 6
        for text, size, contrast in told:
            assert size >= 16, (text, size)
            assert contrast >= 4.5, (scheme, text, contrast)


def test_a_refusal_in_the_middle_of_a_visit_keeps_the_rest(address, service, new_phone):
    phone = new_phone()
    phone.expected = ("status of 422",)
    phone.open(f"{address}/s").press(HERE)
    phone.result("accepted")
    body = {"code": "not_recognised", "verdict": "refused", "status": 422, "text": REFUSAL, "press": None}
    service.next_answers.append({"status": 422, "body": body})
    phone.press(stamp_at(200, 400, 10))
    phone.result("refused")
    phone.press(stamp_at(200, 400, 20))
    assert "2 / 3" in phone.result("accepted")
