"""What accepted presses do: stamp, redeem, verify."""

import pytest

from server.presses.models import Press, Verdict
from stampsdk.protocol import verify_receipt
from tests.server.conftest import square_fence
from tests.server.presses.envelopes import OTHER_PATTERN, PATTERN, at, press_of

FAR = (37.5796, 126.9770)


@pytest.mark.parametrize("algorithm", ["ES256", "HS256"])
def test_a_press_becomes_a_stamp_on_a_card(cafe, make_phone, look, log, algorithm):
    phone = make_phone(algorithm=algorithm)
    answer = phone.press(touches=press_of(seed=1, sigma_mm=0.3))
    body = answer.json()
    assert answer.status_code == 200, body
    assert (body["verdict"], body["code"]) == ("accepted", "stamped")
    assert body["shop"] == {"id": cafe.shop["id"], "name": cafe.shop["name"]}
    assert body["card"]["stamps"] == 1
    assert body["card"]["program"]["id"] == cafe.program["id"]
    assert body["coupons"] == []
    assert body["visit"]["presses"] == 1
    assert look.credits() == 1
    (entry,) = log()
    assert entry["id"] == body["id"]
    assert (entry["verdict"], entry["reason"], entry["inside"]) == ("accepted", None, True)
    assert entry["stamp"] == cafe.stamp["id"]
    assert 0 < entry["residual_mm"] < 0.9
    assert entry["posterior"] > 0.99


def test_a_full_card_becomes_a_coupon_and_the_coupon_a_coffee(cafe, phone, look):
    bodies = [phone.press(touches=press_of(seed=seed)).json() for seed in range(3)]
    assert [body["card"]["stamps"] for body in bodies] == [1, 2, 0]
    assert [body["visit"]["presses"] for body in bodies] == [1, 2, 3]
    assert len({body["visit"]["id"] for body in bodies}) == 1
    (coupon,) = bodies[2]["coupons"]
    assert coupon["status"] == "issued"
    assert bodies[2]["text"] != bodies[1]["text"]
    redeemed = phone.press(purpose="redeem", coupon=coupon["id"], touches=press_of(seed=9))
    body = redeemed.json()
    assert redeemed.status_code == 200, body
    assert (body["code"], body["card"], body["visit"]) == ("redeemed", None, None)
    assert [(c["id"], c["status"]) for c in body["coupons"]] == [(coupon["id"], "redeemed")]
    again = phone.press(purpose="redeem", coupon=coupon["id"], touches=press_of(seed=10))
    assert (again.status_code, again.json()["code"]) == (409, "coupon_unavailable")
    assert look.press(again.json()["press"]).reason == "coupon_redeemed"


def test_a_verifying_press_gives_a_receipt_and_changes_nothing(cafe, phone, look, client):
    body = phone.press(purpose="verify").json()
    assert (body["code"], body["card"], body["visit"], body["coupons"]) == ("verified", None, None, [])
    receipt = verify_receipt(body["receipt"], client.get("/v1/receipt-keys").json())
    assert (receipt.press, receipt.shop_id, receipt.purpose) == (body["id"], cafe.shop["id"], "verify")
    assert look.bookings() == 0


def test_a_shop_without_a_programme_notes_the_visit(make_stamp, phone, look):
    make_stamp(pattern_mm=PATTERN)
    body = phone.press().json()
    assert (body["verdict"], body["code"], body["card"]) == ("accepted", "stamped", None)
    assert body["visit"]["presses"] == 1
    assert "no stamp card" in body["text"]["en"]
    assert look.bookings() == 0


def test_the_stamp_names_the_shop(make_shop, make_stamp, make_program, phone):
    shops = [make_shop(), make_shop(fence=square_fence(*FAR))]
    for shop, pattern in zip(shops, (PATTERN, OTHER_PATTERN), strict=True):
        make_stamp(shop, pattern_mm=pattern)
        make_program(shop)
    here = phone.press(touches=press_of(seed=3)).json()
    there = phone.press(touches=press_of(OTHER_PATTERN, seed=4), location=at(*FAR)).json()
    assert [here["shop"]["id"], there["shop"]["id"]] == [shop["id"] for shop in shops]


def test_a_redeeming_press_needs_the_customers_own_coupon_at_one_of_its_shops(
    cafe, make_shop, make_stamp, phone, make_phone, look
):
    elsewhere = make_shop(fence=square_fence(*FAR))
    make_stamp(elsewhere, pattern_mm=OTHER_PATTERN)
    for seed in range(3):
        last = phone.press(touches=press_of(seed=seed)).json()
    coupon = last["coupons"][0]["id"]
    before = look.bookings()
    thief = make_phone()
    refused = {
        "coupon_foreign": thief.press(purpose="redeem", coupon=coupon, touches=press_of(seed=20)),
        "coupon_unknown": phone.press(purpose="redeem", coupon="cpn_1", touches=press_of(seed=21)),
        "coupon_elsewhere": phone.press(
            purpose="redeem", coupon=coupon, touches=press_of(OTHER_PATTERN, seed=22), location=at(*FAR)
        ),
    }
    for reason, answer in refused.items():
        assert (answer.status_code, answer.json()["code"]) == (409, "coupon_unavailable"), reason
        assert look.press(answer.json()["press"]).reason == reason
    assert len({answer.json()["text"]["ko"] for answer in refused.values()}) == 1
    assert look.bookings() == before
    assert look.count(Press, Press.verdict == Verdict.ACCEPTED.value) == 3


def test_a_coupon_expires_by_the_shops_calendar(make_shop, make_stamp, make_program, phone, clock, look):
    shop = make_shop()
    make_stamp(shop, pattern_mm=PATTERN)
    make_program(shop, stamps_required=1, coupon_valid_days=1)
    coupon = phone.press().json()["coupons"][0]
    clock.advance(3 * 86_400)
    answer = phone.press(purpose="redeem", coupon=coupon["id"], touches=press_of(seed=5))
    assert look.press(answer.json()["press"]).reason == "coupon_expired"


def test_working_hours_are_for_later(cafe, phone, look):
    answer = phone.press(purpose="clock")
    assert (answer.status_code, answer.json()["code"]) == (422, "purpose_not_supported")
    assert look.press(answer.json()["press"]).challenge_id is not None
    assert look.bookings() == 0
