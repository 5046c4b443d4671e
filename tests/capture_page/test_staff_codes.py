"""Six digits from the staff's screen, typed on the page: for a phone that cannot read the stamp."""

import pytest

from tests.capture_page.house import at, open_house
from tests.capture_page.phone import stamp_at
from tests.capture_page.service import REFUSAL
from tests.capture_page.test_page_flows import CONTRASTS

pytestmark = pytest.mark.browser
HERE = stamp_at(206.4, 470.3, 40)


@pytest.fixture
def house(tmp_path):
    with open_house(tmp_path) as made:
        yield made


def type_code(phone, code, opened="코드가 있어요", taken="스탬프 받기"):
    phone.tap(opened)
    phone.page.locator("#sheet input:focus").wait_for()  # the page puts the cursor there itself
    phone.page.keyboard.type(code)  # key by key, as people type
    phone.tap(taken)


def test_the_code_is_a_stamp_at_the_shop_whose_screen_shows_it(house, new_phone):
    """The phone's place says which shop; the second code goes by the shop of the QR code, without a place."""
    phone = new_phone(location=at("온도 커피 성수")).open(f"{house.origin}/s")
    type_code(phone, house.staff_code())
    sheet = phone.result("accepted")
    assert "스탬프를 적립했어요." in sheet
    assert "1 / 3" in sheet
    assert house.stamps_on_cards() == [(house.shops[0], 1)]
    assert house.presses() == []

    other = new_phone(location=None, locale="en-GB")
    other.context.grant_permissions([])  # the place is denied without a question
    other.open(f"{house.origin}/s?shop={house.shops[0]}")
    other.page.get_by_role("link", name="한국어").wait_for()
    assert other.page.evaluate("lang.search") == f"?lang=ko&shop={house.shops[0]}"
    digits = house.staff_code()
    type_code(other, f"{digits[:3]} {digits[3:]}", "I have a code", "Get the stamp")
    assert "1 / 3" in other.result("accepted")
    assert [count for _, count in house.stamps_on_cards()] == [1, 1]


def test_a_wrong_code_says_so_and_the_right_one_still_counts(house, new_phone):
    phone = new_phone(location=at("온도 커피 성수"))
    phone.expected = ("status of 422",)
    phone.open(f"{house.origin}/s")
    code = house.staff_code()
    type_code(phone, "12345")
    phone.page.get_by_text("숫자 여섯 자리를 넣어 주세요.").wait_for()
    phone.page.locator("#sheet input").fill(f"{(int(code) + 1) % 10**6:06d}")
    phone.page.keyboard.press("Enter")
    assert "코드가 맞지 않거나 시간이 지났어요." in phone.result("refused")
    assert house.stamps_on_cards() == []
    # From the refusal one tap leads back to the field.
    phone.page.locator("#sheet").get_by_role("button", name="코드가 있어요").tap()
    phone.page.locator("#sheet input").fill(code)
    phone.tap("스탬프 받기")
    phone.result("accepted")
    assert house.stamps_on_cards() == [(house.shops[0], 1)]


def test_a_press_that_is_refused_offers_the_field(address, service, new_phone):
    body = {"code": "not_recognised", "verdict": "refused", "status": 422, "text": REFUSAL, "press": None}
    service.next_answers.append({"status": 422, "body": body})
    phone = new_phone()
    phone.expected = ("status of 422", "status of 503")
    phone.open(f"{address}/s").press(HERE)
    phone.result("refused")
    phone.page.locator("#sheet").get_by_role("button", name="코드가 있어요").tap()
    service.failures = 2  # lost answers: the same request goes out again
    phone.page.locator("#sheet input").fill("042917")
    phone.tap("스탬프 받기")
    assert "1 / 3" in phone.result("accepted")
    assert len(service.staff_codes) == 3
    assert service.staff_codes == [service.staff_codes[0]] * 3
    sent = service.staff_codes[0]
    assert (sent["code"], sent.get("shop")) == ("042917", None)
    assert set(sent["location"]) == {"lat", "lon", "accuracy_m"}
    # And the stamp works as before.
    phone.tap("닫기")
    phone.press(stamp_at(200, 400, 20))
    assert "2 / 3" in phone.result("accepted")


def test_without_a_line_it_says_so(address, service, new_phone):
    phone = new_phone()
    phone.expected = ("Failed to load resource", "Failed to fetch", "ERR_FAILED")
    phone.open(f"{address}/s")
    phone.page.route("**/sheets.js*", lambda route: route.abort())
    phone.tap("코드가 있어요")
    phone.page.get_by_text("인터넷에 연결한 뒤 다시 시도해 주세요.").wait_for()
    phone.page.unroute("**/sheets.js*")
    phone.tap("닫기")
    type_code(phone, "042917")
    phone.result("accepted")


def test_the_field_can_be_read_and_left(address, new_phone):
    for scheme in ("light", "dark"):
        phone = new_phone(color_scheme=scheme).open(f"{address}/s")
        phone.tap("코드가 있어요")
        phone.page.get_by_text("직원 화면에 나온 여섯 자리 숫자를 넣어 주세요.").wait_for()
        for text, size, contrast in phone.page.evaluate(CONTRASTS):
            assert size >= 16, (text, size)
            assert contrast >= 4.5, (scheme, text, contrast)
        box = phone.page.get_by_role("button", name="적어 둔 카드 코드가 있어요").bounding_box()
        assert box["height"] >= 44
        phone.tap("취소")
        phone.state("idle")
        phone.press(HERE)
        phone.result("accepted")


def test_a_partners_page_may_offer_it_too(house, new_phone):
    phone = new_phone(location=at("온도 커피 성수")).open(house.foreign)
    phone.page.evaluate("code => stamp.staffCode(code)", house.staff_code())
    phone.state("accepted")
    (result,) = [what for name, what, *_ in phone.page.evaluate("told") if name == "onResult"]
    assert (result["verdict"], result["card"]["stamps"], result["purpose"]) == ("accepted", 1, "stamp")
