"""What a forger learns from refusals: nothing that helps."""

import json

from tests.server.conftest import SEOUL
from tests.server.presses.envelopes import OTHER_PATTERN, PATTERN, at, press_of

FAR = (37.4979, 127.0276)


def test_all_refusals_about_pattern_and_place_look_alike(cafe, phone, look, make_shop, make_stamp):
    twin = ((0.0, 0.0), (16.0, 2.0), (33.0, 5.0), (14.0, 20.0), (30.0, 30.0))
    for shop in (make_shop(), make_shop()):
        make_stamp(shop, pattern_mm=twin)
    answers = {
        "not_recognised": phone.press(touches=press_of(OTHER_PATTERN)),
        "outside_fence": phone.press(location=at(*FAR)),
        "pattern_mirrored": phone.press(touches=press_of(tuple((-x, y) for x, y in PATTERN))),
        "pattern_ambiguous": phone.press(touches=press_of(twin)),
    }
    seen = set()
    for reason, answer in answers.items():
        body = answer.json()
        assert look.press(body["press"]).reason == reason
        body.pop("press")
        headers = tuple(sorted(name for name in answer.headers if name != "content-length"))
        seen.add((answer.status_code, json.dumps(body, sort_keys=True), headers))
    assert len(seen) == 1


def test_no_answer_has_a_distance_a_probability_or_a_coordinate(cafe, phone, look):
    texts = [
        phone.press().text,
        phone.press(touches=press_of(OTHER_PATTERN)).text,
        phone.press(location=at(*FAR), touches=press_of(seed=2)).text,
        phone.press(location_error="denied", touches=press_of(seed=3)).text,
    ]
    for text in texts:
        for word in ("residual", "posterior", "stp_", "stamp_number", str(SEOUL[0]), str(SEOUL[1]), "inside"):
            assert word not in text
    for text in texts[1:3]:
        assert cafe.shop["id"] not in text
        assert cafe.shop["name"] not in text
