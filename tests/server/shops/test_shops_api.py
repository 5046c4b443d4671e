"""Shops over the API."""

import pytest

from server.core.clock import SystemClock
from server.shops.service import ShopRow, create_many
from tests.server.conftest import SEOUL, square_fence

BODY = {"name": "Café Ongi", "timezone": "Asia/Seoul", "fence": square_fence()}


@pytest.fixture
def post(client, partner):
    return lambda **members: client.post("/v1/shops", json=BODY | members, headers=partner.headers)


def test_a_shop_comes_back_as_it_was_sent(client, partner, post, clock):
    made = post(without_location="refuse", max_presses_per_visit=5)
    assert made.status_code == 201
    shop = made.json()
    assert shop["id"].startswith("shp_")
    assert shop | BODY == shop
    assert (shop["without_location"], shop["max_presses_per_visit"], shop["status"]) == (
        "refuse",
        5,
        "active",
    )
    assert shop["created_at"] == clock.now().isoformat().replace("+00:00", "Z")
    assert client.get(f"/v1/shops/{shop['id']}", headers=partner.headers).json() == shop


def test_defaults_are_those_of_the_contract(post):
    shop = post().json()
    assert (shop["radius_m"], shop["without_location"], shop["max_presses_per_visit"]) == (None, "hold", 3)


def test_a_point_with_a_radius_is_a_fence(post):
    shop = post(fence={"type": "Point", "coordinates": [SEOUL[1], SEOUL[0]]}, radius_m=40).json()
    assert shop["radius_m"] == 40.0


@pytest.mark.parametrize(
    "members",
    [
        {"name": ""},
        {"name": "   "},
        {"name": "x" * 101},
        {"name": 5},
        {"timezone": "Seoul"},
        {"timezone": "../../etc/passwd"},
        {"max_presses_per_visit": 0},
        {"max_presses_per_visit": 101},
        {"max_presses_per_visit": True},
        {"max_presses_per_visit": "3"},
        {"without_location": "allow"},
        {"fence": {"type": "Polygon", "coordinates": [[[0, 0]]]}},
        {"fence": {"type": "Circle", "coordinates": [0, 0]}},
        {"fence": None},
        {"radius_m": 40},
        {"status": "closed"},
        {"partner_id": "par_0"},
        {"id": "shp_0"},
    ],
)
def test_what_does_not_fit_is_refused(post, members):
    answer = post(**members)
    assert answer.status_code == 422, answer.text
    assert answer.json()["code"] in {"invalid_request", "fence_radius"}


def test_a_wrong_fence_is_refused_with_its_own_code(post):
    swapped = {
        "type": "Polygon",
        "coordinates": [[[lat, lon] for lon, lat in square_fence()["coordinates"][0]]],
    }
    answer = post(fence=swapped)
    assert (answer.status_code, answer.json()["code"]) == (422, "fence_latitude_longitude_swapped")


def test_what_is_left_out_of_a_change_stays(client, partner, post):
    shop = post().json()
    path = f"/v1/shops/{shop['id']}"
    changed = client.patch(path, json={"name": "Café Bada"}, headers=partner.headers).json()
    assert changed == shop | {"name": "Café Bada"}
    circle = {"fence": {"type": "Point", "coordinates": [127.0, 37.0]}, "radius_m": 25}
    changed = client.patch(path, json=circle, headers=partner.headers).json()
    assert (changed["fence"], changed["radius_m"]) == (circle["fence"], 25)
    wider = client.patch(path, json={"radius_m": 60}, headers=partner.headers).json()
    assert (wider["fence"], wider["radius_m"]) == (circle["fence"], 60)
    back = client.patch(path, json={"fence": square_fence()}, headers=partner.headers).json()
    assert back["radius_m"] is None
    assert client.patch(path, json={}, headers=partner.headers).json() == back
    closed = client.patch(path, json={"status": "closed"}, headers=partner.headers).json()
    assert closed["status"] == "closed"


@pytest.mark.parametrize(
    "change", [{"name": None}, {"fence": None}, {"radius_m": 5}, {"status": "gone"}, {"x": 1}]
)
def test_a_change_that_does_not_fit_changes_nothing(client, partner, post, change):
    shop = post().json()
    path = f"/v1/shops/{shop['id']}"
    assert client.patch(path, json=change, headers=partner.headers).status_code == 422
    assert client.get(path, headers=partner.headers).json() == shop


def test_many_at_once_are_the_same_as_one_by_one(app, client, partner):
    rows = [ShopRow(f"Shop {number}", square_fence(), max_presses_per_visit=2) for number in range(3)]
    rows.append(ShopRow("Circle", {"type": "Point", "coordinates": [127.0, 37.0]}, radius_m=30.0))
    with app.state.database.transaction() as session:
        ids = create_many(session, SystemClock(), partner_id=partner.id, rows=rows)
    for shop_id, row in zip(ids, rows, strict=True):
        shop = client.get(f"/v1/shops/{shop_id}", headers=partner.headers).json()
        assert (shop["name"], shop["fence"], shop["radius_m"]) == (row.name, row.fence, row.radius_m)
        assert shop["max_presses_per_visit"] == row.max_presses_per_visit
    with app.state.database.transaction() as session:
        assert create_many(session, SystemClock(), partner_id=partner.id, rows=[]) == []
