"""All that can be wrong with a signed press: its own reason, a coarse answer, nothing credited or lost."""

import json

import pytest

from server.core.audit import AuditEntry
from server.presses.models import Press
from server.stamps.registry import StampView
from tests.server.presses.envelopes import PATTERN, at, press_of, resign

UNCLEAR = (422, "press_unclear")
PLACE = (403, "place_refused")
UNRECOGNISED = (422, "not_recognised")
UNREADABLE = (422, "envelope_invalid")
FACE = press_of()
ELEVEN = tuple((100.0 + 20.0 * k, 300.0 + 3.0 * k * k) for k in range(11))
MIRRORED = tuple((-x, y) for x, y in PATTERN)

# What the envelope says; the answer; the owner's reason.
WORDS = {
    "no_touch": ({"touches": ()}, UNCLEAR, "touches_few"),
    "one_touch": ({"touches": FACE[:1]}, UNCLEAR, "touches_few"),
    "two_touches": ({"touches": FACE[:2]}, UNCLEAR, "touches_few"),
    "three_touches": ({"touches": FACE[:3]}, UNRECOGNISED, "not_recognised"),
    "four_touches": ({"touches": FACE[:4]}, UNRECOGNISED, "not_recognised"),
    "six_touches": ({"touches": (*FACE, (10.0, 10.0))}, UNRECOGNISED, "not_recognised"),
    "eleven_touches": ({"touches": ELEVEN}, UNCLEAR, "touches_many"),
    "far_touch": ({"touches": (*FACE[:4], (9e8, 1.0))}, UNCLEAR, "touches_range"),
    "coincident": ({"touches": (*FACE[:4], FACE[0])}, UNCLEAR, "touches_coincident"),
    "all_in_one_place": ({"touches": ((9.0, 9.0),) * 5}, UNCLEAR, "touches_coincident"),
    "tiny": ({"touches": tuple((x / 9, y / 9) for x, y in FACE)}, UNCLEAR, "touches_small"),
    "huge": ({"touches": tuple((x * 9, y * 9) for x, y in FACE)}, UNCLEAR, "touches_large"),
    "collinear": ({"touches": tuple((60.0 * k, 60.0 * k) for k in range(5))}, UNRECOGNISED, "not_recognised"),
    "mirrored": ({"touches": press_of(MIRRORED)}, UNRECOGNISED, "pattern_mirrored"),
    "wrong_size": ({"touches": press_of(px_per_mm=7.0)}, UNRECOGNISED, "not_recognised"),
    "latitude_91": ({"location": at(lat=91.0)}, PLACE, "latitude_range"),
    "longitude_181": ({"location": at(lon=181.0)}, PLACE, "longitude_range"),
    "null_island": ({"location": at(lat=0.0, lon=0.0)}, PLACE, "null_island"),
    "accuracy_10_km": ({"location": at(accuracy_m=10_000.0)}, PLACE, "accuracy_coarse"),
    "accuracy_zero": ({"location": at(accuracy_m=0.0)}, PLACE, "accuracy_invalid"),
    "accuracy_negative": ({"location": at(accuracy_m=-1.0)}, PLACE, "accuracy_invalid"),
    "fix_an_hour_old": ({"location": at(age_s=3600.0)}, PLACE, "fix_old"),
    "fix_from_the_future": ({"location": at(age_s=-60.0)}, PLACE, "fix_age_invalid"),
    "mocked": ({"location": at(mock=True)}, PLACE, "location_mocked"),
    "another_district": ({"location": at(37.4979, 127.0276)}, UNRECOGNISED, "outside_fence"),
    "next_street": ({"location": at(37.5693, 126.9779)}, UNRECOGNISED, "outside_fence"),
}


def set_in(path, value):
    """Make a change that sets one member of the payload."""

    def change(payload):
        place = payload
        for name in path[:-1]:
            place = place[name]
        place[path[-1]] = value

    return change


def as_text(path, literal):
    """Make a change that writes a literal where `path` points, whether JSON knows it or not."""

    def change(payload):
        set_in(path, "@@")(payload)
        return json.dumps(payload).replace('"@@"', literal).encode()

    return change


X = ("press", "touches", 0, 0)
# What is written past the checks of an honest phone; the owner's reason.
BYTES = {
    "nan": (as_text(X, "NaN"), "number_not_finite"),
    "infinity": (as_text(X, "Infinity"), "number_not_finite"),
    "minus_infinity": (as_text(X, "-Infinity"), "number_not_finite"),
    "1e308": (as_text(X, "1e308"), "number_not_finite"),
    "1e400": (as_text(X, "1e400"), "number_not_finite"),
    "many_digits": (as_text(X, "9" * 5000), "number_not_finite"),
    "string_touch": (set_in(X, "12"), "field_wrong"),
    "true_touch": (set_in(X, value=True), "field_wrong"),
    "null_touch": (set_in(X, None), "field_wrong"),
    "nested_junk": (as_text(("press", "touches"), "[" * 400 + "]" * 400), "field_out_of_bounds"),
    "deep_junk": (as_text(("press", "touches"), "[" * 20_000 + "]" * 20_000), "payload_not_json"),
    "objects": (set_in(("press", "touches"), [{"x": 1, "y": 2}] * 5), "field_wrong"),
    "a_thousand_touches": (set_in(("press", "touches"), [[1.0, 2.0]] * 1000), "field_out_of_bounds"),
    "nan_latitude": (as_text(("location", "lat"), "NaN"), "number_not_finite"),
    "no_press": (lambda payload: payload.pop("press") and None, "field_wrong"),
    "unknown_member": (set_in(("shop",), "shp_1"), "field_wrong"),
    "unknown_purpose": (set_in(("purpose",), "coffee"), "field_wrong"),
    "redeem_without_coupon": (set_in(("purpose",), "redeem"), "field_wrong"),
    "other_version": (set_in(("v",), 2), "version_unknown"),
    "no_json": (lambda _payload: b"stamp please", "payload_not_json"),
    "no_utf8": (lambda _payload: b'{"v":"\xff"}', "payload_not_json"),
    "a_name_twice": (lambda payload: json.dumps(payload).encode()[:-1] + b',"v":1}', "payload_not_json"),
    "control_character": (set_in(("device", "model"), "a\u0000b"), "payload_not_json"),
    "lone_surrogate": (set_in(("device", "model"), "\ud800"), "payload_not_json"),
    "empty": (lambda _payload: b"", "payload_not_json"),
    "a_list": (lambda _payload: b"[]", "field_wrong"),
}


def check(answer, expected, reason, phone, look, log):
    status, code = expected
    body = answer.json()
    assert (answer.status_code, body["code"], body["verdict"]) == (status, code, "refused")
    assert answer.headers["content-type"] == "application/problem+json"
    assert body["text"].keys() == {"ko", "en"}
    (entry,) = log()
    assert (entry["id"], entry["reason"], entry["code"]) == (body["press"], reason, code)
    assert (entry["device"], entry["proven"], entry["verdict"]) == (phone.id, True, "refused")
    assert look.bookings() == 0
    assert (
        look.count(AuditEntry, AuditEntry.action == "press.refused", AuditEntry.subject == entry["id"]) == 1
    )


@pytest.mark.parametrize("case", WORDS)
def test_what_a_phone_may_say_but_not_get_through(cafe, phone, look, log, case):
    members, expected, reason = WORDS[case]
    check(phone.press(**members), expected, reason, phone, look, log)


@pytest.mark.parametrize("case", BYTES)
def test_what_no_honest_phone_writes(cafe, phone, look, log, case):
    change, reason = BYTES[case]
    answer = phone.submit(resign(phone.envelope(), phone.signer, change))
    check(answer, UNREADABLE, reason, phone, look, log)
    assert log()[0]["note"] in answer.json()["detail"]


def test_a_suspended_stamp(cafe, phone, look, log, client, partner):
    body = {"status": "suspended"}
    path = f"/v1/stamps/{cafe.stamp['id']}"
    assert client.patch(path, json=body, headers=partner.headers).status_code == 200
    check(phone.press(), (403, "stamp_unavailable"), "stamp_suspended", phone, look, log)
    client.patch(path, json={"status": "active"}, headers=partner.headers)
    assert phone.press(touches=press_of(seed=2)).status_code == 200


def test_a_retired_stamp_is_none(cafe, phone, look, log, client, partner):
    path = f"/v1/stamps/{cafe.stamp['id']}"
    client.patch(path, json={"status": "retired"}, headers=partner.headers)
    check(phone.press(), UNRECOGNISED, "not_recognised", phone, look, log)


def test_a_closed_shop(cafe, phone, look, log, client, partner):
    path = f"/v1/shops/{cafe.shop['id']}"
    assert client.patch(path, json={"status": "closed"}, headers=partner.headers).status_code == 200
    check(phone.press(), (403, "stamp_unavailable"), "shop_closed", phone, look, log)


def test_a_stamp_without_a_shop(cafe, phone, look, log, app, monkeypatch):
    # The API does not let this happen; the judgement does not rely on it.
    def without_shops(number):
        return StampView(number, cafe.stamp["id"], "courier", (), "active", 5)

    monkeypatch.setattr(app.state.registry, "stamp", without_shops)
    check(phone.press(), (403, "stamp_unavailable"), "shop_missing", phone, look, log)


def test_an_unknown_shop_in_the_log(client, partner):
    answer = client.get("/v1/presses", params={"shop": "shp_" + "0" * 32}, headers=partner.headers)
    assert (answer.status_code, answer.json()["code"]) == (404, "shop_not_found")


def test_bodies_that_are_no_submission(client, look):
    bodies = {
        b'{"envelope":"' + b"A" * 65_536 + b'"}': (413, "body_too_large"),
        b"": (422, "invalid_request"),
        b"[]": (422, "invalid_request"),
        b'{"envelope":5}': (422, "invalid_request"),
        b'{"envelope":"a","more":1}': (422, "invalid_request"),
        b'{"envelope":NaN}': (400, "malformed_json"),
        b"{": (400, "malformed_json"),
        b"[" * 60_000: (400, "malformed_json"),
    }
    for body, expected in bodies.items():
        answer = client.post("/v1/presses", content=body, headers={"Content-Type": "application/json"})
        assert (answer.status_code, answer.json()["code"]) == expected, body[:40]
    assert look.count(Press) == 0


def test_every_reason_of_this_page_has_a_coarse_answer_shared_with_others():
    """Phones see a handful of answers, however many reasons there are."""
    answers = {expected for _, expected, _ in WORDS.values()} | {UNREADABLE}
    reasons = {reason for *_, reason in WORDS.values()} | {reason for _, reason in BYTES.values()}
    assert len(answers) == 4
    assert len(reasons) >= 20
