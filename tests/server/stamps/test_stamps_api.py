"""Stamps over the API: registering, enrolling, warnings, changes."""

import threading

import numpy as np
import pytest

from stampsdk.geometry import residual
from tests.server.conftest import SEOUL, square_fence
from tests.server.stamps.worlds import random_pattern

GOOD = [[0.0, 0.0], [14.0, 0.0], [30.0, 12.0], [9.0, 25.0], [24.0, 31.0]]


@pytest.fixture
def post(client, partner, make_shop):
    shop = make_shop()["id"]

    def post(**members):
        body = {"serial": "S-1", "kind": "fixed", "shops": [shop], "pattern_mm": GOOD} | members
        body = {name: value for name, value in body.items() if value is not ...}
        return client.post("/v1/stamps", json=body, headers=partner.headers)

    return post


def press(pattern, rng, *, px_per_mm=6.3, sigma_mm=0.15):
    """Return touches of a press at a random place, angle and order, in screen pixels."""
    angle = rng.uniform(0, 2 * np.pi)
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    noisy = pattern + rng.normal(0, sigma_mm, pattern.shape)
    touches = (noisy @ turn.T) * px_per_mm + rng.uniform(200, 600, 2)
    return {"touches": rng.permutation(touches).tolist(), "px_per_mm": px_per_mm}


def test_a_stamp_comes_back_as_it_was_sent(client, partner, post):
    made = post()
    assert made.status_code == 201
    stamp = made.json()
    assert stamp["id"].startswith("stp_")
    assert (stamp["pattern_mm"], stamp["tips"], stamp["status"], stamp["warnings"]) == (GOOD, 5, "active", [])
    assert stamp["spread_mm"] is None
    path = f"/v1/stamps/{stamp['id']}"
    assert client.get(path, headers=partner.headers).json() == stamp
    (listed,) = client.get("/v1/stamps", headers=partner.headers).json()["data"]
    assert stamp | listed == stamp


@pytest.mark.parametrize(
    ("members", "code"),
    [
        ({"pattern_mm": GOOD[:2]}, "invalid_request"),
        ({"pattern_mm": [[k * 10.0, 0.0] for k in range(11)]}, "invalid_request"),
        ({"pattern_mm": [*GOOD[:4], [1.0, 1.0]]}, "pattern_tips_too_close"),
        ({"pattern_mm": [*GOOD[:4], [1e300, 1.0]]}, "pattern_too_wide"),
        ({"pattern_mm": [*GOOD[:4], ["1", 1.0]]}, "invalid_request"),
        ({"pattern_mm": [*GOOD[:4], [True, 1.0]]}, "invalid_request"),
        ({"pattern_mm": [*GOOD[:4], [1.0, 1.0, 1.0]]}, "invalid_request"),
        ({"pattern_mm": "junk"}, "invalid_request"),
        ({"pattern_mm": ...}, "invalid_request"),
        ({"presses": []}, "invalid_request"),
        ({"shops": []}, "invalid_request"),
        ({"shops": ["shp_" + "0" * 32]}, "unknown_shop"),
        ({"serial": ""}, "invalid_request"),
        ({"serial": "a b"}, "invalid_request"),
        ({"serial": "x" * 65}, "invalid_request"),
        ({"kind": "flying"}, "invalid_request"),
        ({"status": "retired"}, "invalid_request"),
    ],
)
def test_what_does_not_fit_is_refused_by_name(client, partner, post, members, code):
    answer = post(**members)
    assert (answer.status_code, answer.json()["code"]) == (422, code), answer.text
    assert client.get("/v1/stamps", headers=partner.headers).json()["data"] == []


def test_a_fixed_stamp_has_one_shop_and_a_zone_several(post, make_shop):
    shops = [make_shop()["id"], make_shop()["id"]]
    refused = post(shops=shops)
    assert (refused.status_code, refused.json()["code"]) == (422, "shops_for_kind")
    made = post(shops=shops * 2, kind="zone")
    assert made.json()["shops"] == sorted(shops)


def test_a_serial_is_taken_once_for_each_partner(post, make_partner, make_stamp):
    assert post().status_code == 201
    again = post()
    assert (again.status_code, again.json()["code"]) == (409, "serial_taken")
    make_stamp(owner=make_partner(), serial="S-1")


def test_of_many_registrations_of_one_serial_one_wins(post):
    answers = []
    threads = [threading.Thread(target=lambda: answers.append(post().status_code)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert sorted(answers) == [201] + [409] * 7


def test_three_presses_enrol_an_unknown_stamp(post):
    rng = np.random.default_rng(1)
    pattern = np.array(GOOD)
    made = post(
        pattern_mm=..., presses=[press(pattern, rng, px_per_mm=density) for density in (6.3, 6.3, 15.7)]
    )
    assert made.status_code == 201, made.text
    stamp = made.json()
    assert 0.03 < stamp["spread_mm"] < 0.4
    assert residual(np.array(stamp["pattern_mm"]), pattern, scale=(1.0, 1.0)).residual < 0.25


@pytest.mark.parametrize(
    ("spoil", "code"),
    [
        (lambda presses, _rng: presses[:2], "invalid_request"),
        (lambda presses, rng: [*presses[:2], press(random_pattern(rng), rng)], "enrolment_presses_disagree"),
        (
            lambda presses, rng: [*presses[:2], press(random_pattern(rng, 4), rng)],
            "enrolment_tip_counts_differ",
        ),
        (
            lambda _presses, rng: [press(np.array(GOOD) / 4, rng) for _ in range(3)],
            "enrolment_tips_too_close",
        ),
        (lambda presses, _rng: [{**presses[0], "px_per_mm": 0}] * 3, "invalid_request"),
        (lambda presses, _rng: [{**presses[0], "touches": [[0, 0]] * 5}] * 3, "enrolment_tips_too_close"),
        (lambda presses, _rng: [{**presses[0], "touches": [[1e307, 0]] * 5}] * 3, None),
    ],
)
def test_presses_that_make_no_pattern_are_refused_by_name(client, partner, post, spoil, code):
    rng = np.random.default_rng(2)
    presses = spoil([press(np.array(GOOD), rng) for _ in range(3)], rng)
    answer = post(pattern_mm=..., presses=presses)
    assert answer.status_code == 422, answer.text
    assert code is None or answer.json()["code"] == code
    assert client.get("/v1/stamps", headers=partner.headers).json()["data"] == []


def shifted(pattern, by):
    return [[x + by, y] if k == 0 else [x, y] for k, (x, y) in enumerate(pattern)]


def test_a_look_alike_nearby_is_warned_of(post, make_stamp, make_partner, client, partner, make_shop):
    first = make_stamp(pattern_mm=GOOD)
    far = make_shop(fence=square_fence(SEOUL[0] + 0.05, SEOUL[1]))
    make_stamp(shop=far, pattern_mm=GOOD)
    foreign = make_partner()
    make_stamp(owner=foreign, pattern_mm=shifted(GOOD, 1.0))
    warnings = post(pattern_mm=shifted(GOOD, -0.8)).json()["warnings"]
    assert [warning["stamp"] for warning in warnings] == [first["id"], None], "a foreign one is not named"
    assert all(warning["code"] == "confusable" and warning["metres"] == 0 for warning in warnings)
    exact = residual(np.array(shifted(GOOD, -0.8)), np.array(GOOD), scale=None).residual
    assert warnings[0]["distance_mm"] == pytest.approx(exact, abs=0.002)
    other = random_pattern(np.random.default_rng(3))
    assert residual(other, np.array(GOOD), scale=None).residual > 2
    assert post(serial="S-2", pattern_mm=other.tolist()).json()["warnings"] == []
    again = client.get(f"/v1/stamps/{first['id']}", headers=partner.headers).json()["warnings"]
    assert len(again) == 2, "seen from the other side too"


def test_a_courier_is_near_everything(make_stamp, make_shop, post):
    far = make_shop(fence=square_fence(SEOUL[0] + 0.5, SEOUL[1]))
    courier = make_stamp(shop=far, kind="courier", pattern_mm=GOOD)
    (warning,) = post().json()["warnings"]
    assert (warning["stamp"], warning["metres"]) == (courier["id"], None)


def test_status_kind_and_shops_change_and_retired_stays(client, partner, post, make_shop):
    stamp = post().json()
    path = f"/v1/stamps/{stamp['id']}"

    def patch(**members):
        return client.patch(path, json=members, headers=partner.headers)

    assert patch(status="suspended").json()["status"] == "suspended"
    assert patch(status="active").json()["status"] == "active"
    other = make_shop()["id"]
    assert patch(shops=[other]).json()["shops"] == [other]
    assert patch(shops=[other, stamp["shops"][0]]).json()["code"] == "shops_for_kind"
    assert patch(kind="zone", shops=[other, stamp["shops"][0]]).json()["kind"] == "zone"
    assert patch(kind="fixed").json()["code"] == "shops_for_kind"
    assert patch(status=None).status_code == 422
    assert patch(pattern_mm=GOOD).status_code == 422
    assert patch().status_code == 200
    assert patch(status="retired").json()["status"] == "retired"
    for members in ({"status": "active"}, {"status": "retired"}, {"kind": "courier"}):
        answer = patch(**members)
        assert (answer.status_code, answer.json()["code"]) == (409, "stamp_retired")


def test_a_new_stamp_is_in_the_registry_at_the_next_look(app, client, post):
    stamp = post().json()
    registry = app.state.registry
    with app.state.database.reading() as session:
        registry.refresh(session)
    (number,) = registry.index(5).search(np.array(GOOD), tolerance=0.01).ids.tolist()
    assert registry.stamp(number).id == stamp["id"]
    assert "stamp_registered_stamps 1.0" in client.get("/metrics").text
