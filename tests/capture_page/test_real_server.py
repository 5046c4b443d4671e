"""The page, the script and the real server together: touches in a browser become rows in a database."""

import pytest

from tests.capture_page.house import at, open_house

pytestmark = pytest.mark.browser


@pytest.fixture
def house(tmp_path):
    with open_house(tmp_path) as made:
        yield made


def test_a_press_is_credited_at_the_shop_that_the_page_never_named(house, new_phone):
    phone = new_phone(location=at("온도 커피 성수")).open(f"{house.origin}/s")
    phone.press(house.touches())
    assert "1 / 3" in phone.result("accepted")
    (press,) = house.presses()
    assert (press.verdict, press.purpose, press.source) == ("accepted", "stamp", "touch")
    assert press.shop_id == house.shops[0]
    assert house.stamps_on_cards() == [(house.shops[0], 1)]


def test_what_is_no_press_never_reaches_the_server(house, new_phone):
    phone = new_phone(location=at("온도 커피 성수")).open(f"{house.origin}/s")
    phone.freeze()
    phone.touch("touchStart", house.touches())
    phone.touch("touchCancel")
    phone.thaw()
    phone.frames(20)
    phone.touch("touchStart", [*house.touches(), (50.0, 820.0)])
    phone.frames(20)
    phone.touch("touchEnd")
    phone.frames(20)
    for step in range(8):
        points = [(200.0 - 9 * step, 440.0), (215.0 + 9 * step, 440.0)]
        phone.touch("touchMove" if step else "touchStart", points)
    phone.touch("touchEnd")
    phone.frames(20)
    assert "pending" not in phone.diary()
    assert house.presses() == []
    assert house.stamps_on_cards() == []


def test_the_same_from_a_page_of_another_origin(house, new_phone):
    phone = new_phone(location=at("온도 커피 성수")).open(house.foreign)
    phone.press(house.touches(y=400.2))
    phone.state("accepted")
    (press,) = house.presses()
    assert (press.verdict, press.shop_id) == ("accepted", house.shops[0])
    assert house.stamps_on_cards() == [(house.shops[0], 1)]


def test_a_page_that_the_partner_did_not_list_gets_nowhere(house, new_phone):
    phone = new_phone(location=at("온도 커피 성수"))
    phone.expected = ("CORS policy", "status of 403", "Failed to load resource")
    phone.open(house.foreign.replace("127.0.0.1", "localhost"))
    phone.page.wait_for_load_state("networkidle")
    assert any("CORS policy" in text for text in phone.console)
    assert house.presses() == []


def test_three_stamps_a_coupon_and_its_redemption(house, new_phone):
    phone = new_phone(location=at("온도 커피 성수")).open(f"{house.origin}/s")
    for number in (1, 2, 3):
        phone.press(house.touches())
        phone.wait_for("n => document.getElementById('sheet').innerText.includes(n + ' / 3')", number)
    assert "아메리카노 한 잔" in phone.result("accepted")
    phone.tap("지금 사용하기")
    phone.state("idle")
    phone.press(house.touches())
    assert "쿠폰을 사용했어요." in phone.result("accepted")
    assert [(press.verdict, press.purpose) for press in house.presses()] == [
        ("accepted", "stamp"),
        ("accepted", "stamp"),
        ("accepted", "stamp"),
        ("accepted", "redeem"),
    ]
    assert phone.page.locator("#sheet .ticket.used").count() == 1


def test_the_stamp_of_another_city_is_refused_with_a_reason(house, new_phone):
    phone = new_phone(location=at("온도 커피 성수"), locale="en-GB")
    phone.expected = ("status of 4",)
    phone.open(f"{house.origin}/s").press(house.touches(shop=2))
    sheet = phone.result("refused")
    (press,) = house.presses()
    assert press.verdict == "refused"
    assert house.stamps_on_cards() == []
    assert len(sheet) > 60
    assert not any("가" <= letter <= "힣" for letter in sheet)


def test_a_phone_that_does_not_tell_its_place_gets_no_credit(house, new_phone):
    phone = new_phone(location=None)
    phone.expected = ("status of 4",)
    phone.context.grant_permissions([])
    phone.open(f"{house.origin}/s").press(house.touches())
    phone.wait_for("() => ['held', 'refused'].includes(document.body.dataset.state)")
    (press,) = house.presses()
    assert press.verdict in {"held", "refused"}
    assert house.stamps_on_cards() == []


@pytest.fixture
def held(house, new_phone):
    """Press without a place, so that the shop has to decide; gives the phone and the press."""
    phone = new_phone(location=None)
    phone.context.grant_permissions([])
    phone.open(f"{house.origin}/s").press(house.touches())
    phone.result("held")
    (press,) = house.presses()
    return phone, press


def test_the_sheet_of_a_held_press_shows_the_stamp_once_the_shop_has_released_it(house, held):
    phone, press = held
    house.decide(press.id)
    assert "1 / 3" in phone.result("accepted")
    assert phone.page.locator(".stamp-ink").get_attribute("data-state") == "accepted"
    assert house.stamps_on_cards() == [(house.shops[0], 1)]
    # It has asked for the last time, and its own card is where it always is.
    phone.tap("닫기")
    phone.tap("적어 두었어요")
    phone.tap("내 카드")
    phone.page.locator("#sheet article").get_by_text("1 / 3").wait_for()


def test_the_sheet_of_a_held_press_says_that_the_shop_refused_it(house, held):
    phone, press = held
    house.decide(press.id, reason="not our stamp")
    sheet = phone.result("refused")
    assert "다시 찍기" in sheet
    assert "not our stamp" not in sheet
    assert house.stamps_on_cards() == []


def test_who_has_closed_the_sheet_of_a_held_press_is_left_alone(house, held):
    phone, press = held
    phone.tap("닫기")
    asked = []
    phone.page.on("request", lambda request: asked.append(request.url))
    house.decide(press.id)
    phone.tap("코드가 있어요")
    phone.page.wait_for_timeout(3500)  # longer than between two questions
    assert not [url for url in asked if press.id in url]
    assert phone.page.locator("#sheet input").is_visible()


def test_offline_then_reloaded_then_online_it_is_credited_once(house, new_phone):
    phone = new_phone(location=at("온도 커피 성수"))
    phone.expected = ("Failed to load resource",)
    phone.open(f"{house.origin}/s")
    phone.page.wait_for_load_state("networkidle")
    phone.page.route("**/v1/presses", lambda route: route.abort())
    phone.press(house.touches())
    phone.wait_for("() => document.getElementById('say').innerText.includes('저장했어요')")
    assert house.presses() == []
    phone.page.reload()
    phone.page.unroute("**/v1/presses")
    phone.result("accepted")
    phone.page.reload()
    phone.page.wait_for_load_state("networkidle")
    assert [press.verdict for press in house.presses()] == ["accepted"]
    assert house.stamps_on_cards() == [(house.shops[0], 1)]


def test_the_recovery_code_brings_the_card_to_another_phone(house, new_phone):
    phone = new_phone(location=at("온도 커피 성수")).open(f"{house.origin}/s")
    phone.press(house.touches())
    phone.result("accepted")
    phone.tap("닫기")
    phone.page.wait_for_selector("#sheet output")
    code = phone.page.locator("#sheet output").inner_text()
    other = new_phone(location=at("온도 커피 성수")).open(f"{house.origin}/s")
    other.tap("코드가 있어요")
    other.tap("적어 둔 카드 코드가 있어요")
    other.page.locator("#sheet input[placeholder^=XXXX]:focus").wait_for()
    other.page.keyboard.type(code.lower())
    other.tap("카드 가져오기")
    other.page.get_by_text("1 / 3").wait_for()
