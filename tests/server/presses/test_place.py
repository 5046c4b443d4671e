"""Fences, accuracy, missing locations, zones and couriers."""

import pytest
from sqlalchemy import select

from server.presses.models import HeldPress, Press
from tests.server.conftest import SEOUL, square_fence
from tests.server.presses.envelopes import OTHER_PATTERN, PATTERN, at, press_of

METRE = 1 / 111_195
FAR = (37.5796, 126.9770)


@pytest.mark.parametrize(
    ("north_m", "accuracy_m", "accepted"),
    [
        (0, 5, True),
        (30, 5, True),  # on the edge of the fence
        (49, 5, True),  # within the 20 m that no phone is better than
        (51, 5, False),
        (59, 30, True),  # outside, within its own error
        (61, 30, False),
        (129, 99.9, True),
        (131, 99.9, False),
        (0, 99.9, True),
    ],
)
def test_the_accuracy_of_the_fix_is_honoured(cafe, phone, look, north_m, accuracy_m, accepted):
    location = at(SEOUL[0] + north_m * METRE, SEOUL[1], accuracy_m, confidence=0.95)
    answer = phone.press(location=location)
    if accepted:
        assert answer.status_code == 200, look.press(answer.json()["press"]).reason
    else:
        assert answer.json()["code"] == "not_recognised"
        assert look.press(answer.json()["press"]).reason == "outside_fence"


ERRORS = {"denied": "location_denied", "unavailable": "location_unavailable", "timeout": "location_timeout"}


@pytest.mark.parametrize("error", [*ERRORS, None])
def test_without_a_location_the_shop_chose_to_hold(cafe, phone, look, log, error):
    touches = press_of(seed=4, sigma_mm=0.2)
    answer = phone.press(location_error=error, touches=touches)
    body = answer.json()
    assert (answer.status_code, body["verdict"], body["code"]) == (202, "held", "held")
    assert (body["card"], body["coupons"], body["receipt"]) == (None, [], None)
    assert body["shop"]["id"] == cafe.shop["id"]
    assert body["visit"]["presses"] == 1
    assert look.bookings() == 0
    (entry,) = log(verdict="held")
    assert (entry["reason"], entry["inside"]) == (ERRORS.get(error, "location_missing"), None)
    (kept,) = look.scalars(select(HeldPress.evidence))
    assert kept["touches"] == [list(touch) for touch in touches]
    # The same touches cannot be sent again while they wait.
    again = phone.press(touches=touches)
    assert look.press(again.json()["press"]).reason == "duplicate_capture"


@pytest.mark.parametrize("error", [*ERRORS, None])
def test_without_a_location_the_shop_chose_to_refuse(make_shop, make_stamp, phone, look, error):
    make_stamp(make_shop(without_location="refuse"), pattern_mm=PATTERN)
    answer = phone.press(location_error=error)
    assert (answer.status_code, answer.json()["code"]) == (403, "place_refused")
    press = look.press(answer.json()["press"])
    assert press.reason == ERRORS.get(error, "location_missing")
    assert look.count(HeldPress) == 0


@pytest.mark.parametrize("purpose", ["verify", "redeem"])
def test_only_a_stamp_can_wait(cafe, phone, look, purpose):
    coupon = {"coupon": "cpn_1"} if purpose == "redeem" else {}
    answer = phone.press(location_error="denied", purpose=purpose, **coupon)
    assert (answer.status_code, answer.json()["code"]) == (403, "place_refused")
    assert look.count(HeldPress) == 0


def test_without_a_location_an_unknown_pattern_asks_for_the_location(cafe, phone, look):
    answer = phone.press(location_error="denied", touches=press_of(OTHER_PATTERN))
    assert (answer.status_code, answer.json()["code"]) == (403, "place_refused")
    press = look.press(answer.json()["press"])
    assert (press.reason, press.stamp_number, press.shop_id) == ("location_denied", None, None)


def test_five_held_presses_may_wait(cafe, phone, look, clock):
    codes = []
    for seed in range(6):
        codes.append(phone.press(location_error="denied", touches=press_of(seed=seed)).json())
        clock.advance(61)
    assert [body["code"] for body in codes] == ["held"] * 5 + ["limit_reached"]
    assert look.press(codes[-1]["press"]).reason == "held_too_many"
    assert look.count(HeldPress) == 5


def test_a_zone_stamp_is_pressed_at_any_of_its_shops_and_the_nearest_one_gets_it(
    make_shop, make_stamp, phone
):
    shops = [make_shop(), make_shop(fence=square_fence(*FAR)), make_shop(fence=square_fence(37.6, 126.9))]
    make_stamp(kind="zone", shops=[shop["id"] for shop in shops], pattern_mm=PATTERN)
    for seed, (place, shop) in enumerate(zip((SEOUL, FAR, (37.6, 126.9)), shops, strict=True)):
        body = phone.press(location=at(*place), touches=press_of(seed=seed)).json()
        assert body["shop"]["id"] == shop["id"]
    between = phone.press(location=at(37.573, 126.9775), touches=press_of(seed=9))
    assert between.json()["code"] == "not_recognised"


def test_a_courier_is_pressed_anywhere_and_its_first_shop_gets_it(make_shop, make_stamp, phone, look):
    shops = [make_shop(), make_shop(fence=square_fence(*FAR))]
    make_stamp(kind="courier", shops=[shops[0]["id"]], pattern_mm=PATTERN)
    body = phone.press(location=at(35.1600, 129.0600)).json()
    assert body["shop"]["id"] == shops[0]["id"]
    press = look.press(body["id"])
    assert (press.inside, press.distance) == (False, "none")


def test_place_tells_stamps_of_one_pattern_apart(make_shop, make_stamp, phone):
    shops = [make_shop(), make_shop(fence=square_fence(*FAR))]
    for shop in shops:
        make_stamp(shop, pattern_mm=PATTERN)
    # A third one far away: between two alone, an altogether wrong fix is too likely an explanation.
    make_stamp(make_shop(fence=square_fence(35.16, 129.06)), pattern_mm=OTHER_PATTERN)
    for seed, (place, shop) in enumerate(zip((SEOUL, FAR), shops, strict=True)):
        body = phone.press(location=at(*place), touches=press_of(seed=seed, sigma_mm=0.3)).json()
        assert body["shop"]["id"] == shop["id"]


def test_two_stamps_of_one_pattern_in_one_place_are_ambiguous(make_shop, make_stamp, phone, look):
    for shop in (make_shop(), make_shop()):
        make_stamp(shop, pattern_mm=PATTERN)
    answer = phone.press()
    assert (answer.status_code, answer.json()["code"]) == (422, "not_recognised")
    press = look.press(answer.json()["press"])
    assert (press.reason, press.shop_id) == ("pattern_ambiguous", None)
    assert press.posterior == pytest.approx(0.5, abs=0.01)


def test_the_owner_sees_a_press_outside_the_fence_under_the_shop(cafe, phone, log):
    phone.press(location=at(37.4979, 127.0276))
    (entry,) = log(shop=cafe.shop["id"])
    assert (entry["reason"], entry["stamp"], entry["inside"]) == ("outside_fence", cafe.stamp["id"], False)


def test_classes_of_distance_and_accuracy_are_kept(cafe, phone, look, clock):
    phone.press(location=at(37.5693, 126.9779, 8.0, confidence=0.95))
    clock.advance(1)
    phone.press(location=at(accuracy_m=30.0), touches=press_of(seed=2))
    rows = look.scalars(select(Press).order_by(Press.id))
    assert [(row.inside, row.distance, row.accuracy) for row in rows] == [
        (False, "to_1000_m", "to_10_m"),
        (True, "inside", "to_50_m"),
    ]
