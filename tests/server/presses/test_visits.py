"""Several presses in one visit."""

from sqlalchemy import select

from server.presses.models import Visit
from tests.server.conftest import square_fence
from tests.server.presses.envelopes import OTHER_PATTERN, PATTERN, at, press_of

FAR = (37.5796, 126.9770)


def test_two_coffees_two_stamps_one_visit_then_the_maximum(
    make_shop, make_stamp, make_program, phone, clock, look
):
    shop = make_shop(max_presses_per_visit=2)
    make_stamp(shop, pattern_mm=PATTERN)
    make_program(shop, stamps_required=10)
    clock.advance(7)
    first = phone.press(touches=press_of(seed=1)).json()
    clock.advance(20)
    second = phone.press(touches=press_of(seed=2)).json()
    clock.advance(20)
    third = phone.press(touches=press_of(seed=3))
    assert first["visit"] == {"id": second["visit"]["id"], "presses": 1}
    assert (second["visit"]["presses"], second["card"]["stamps"]) == (2, 2)
    assert (third.status_code, third.json()["code"]) == (429, "limit_reached")
    assert third.headers["Retry-After"] == "20"
    assert look.press(third.json()["press"]).reason == "visit_full"
    clock.advance(20)
    fourth = phone.press(touches=press_of(seed=4)).json()
    assert fourth["visit"]["presses"] == 1
    assert fourth["visit"]["id"] != second["visit"]["id"]
    assert look.credits() == 3


def test_visits_are_of_one_customer_at_one_shop(make_shop, make_stamp, phone, make_phone, look):
    make_stamp(make_shop(), pattern_mm=PATTERN)
    make_stamp(make_shop(fence=square_fence(*FAR)), pattern_mm=OTHER_PATTERN)
    visits = [
        phone.press(touches=press_of(seed=1)).json()["visit"],
        phone.press(touches=press_of(OTHER_PATTERN, seed=2), location=at(*FAR)).json()["visit"],
        make_phone().press(touches=press_of(seed=3)).json()["visit"],
    ]
    assert len({visit["id"] for visit in visits}) == 3
    assert look.scalars(select(Visit.presses)) == [1, 1, 1]


def test_refused_and_verifying_presses_are_no_part_of_a_visit(cafe, phone, look):
    phone.press(touches=press_of(OTHER_PATTERN))
    phone.press(purpose="verify", touches=press_of(seed=2))
    assert look.count(Visit) == 0
