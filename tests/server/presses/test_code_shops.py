"""A staff code without its shop: found by the place or the cards, and no easier to guess for that."""

import math
from collections import Counter

import pytest
from sqlalchemy import select

from server.core.audit import AuditEntry
from server.presses import staff_codes
from server.presses.code_shops import ClaimedPlace, candidate_shops
from server.presses.models import Visit
from server.settings import Settings
from tests.queries import counted_queries
from tests.server.conftest import SEOUL, square_fence
from tests.server.crowds import at_once
from tests.server.people import member

pytestmark = pytest.mark.usefixtures("sound_ledger")
METRE = 1 / 111_195  # of latitude, in degrees


def here(north_m=0.0, east_m=0.0, accuracy_m=15.0):
    """Return a place so many metres from the café."""
    east = east_m * METRE / math.cos(math.radians(SEOUL[0]))
    return {"lat": SEOUL[0] + north_m * METRE, "lon": SEOUL[1] + east, "accuracy_m": accuracy_m}


def shop_at(make_shop, north_m, **members):
    return make_shop(fence=square_fence(SEOUL[0] + north_m * METRE, SEOUL[1]), **members)["id"]


@pytest.fixture
def issue(app, clock, partner, settings, cafe):
    """Issue a code by a member of its own, so that codes do not replace each other."""

    def act(shop_id=cafe.shop["id"], who="a"):
        with app.state.database.transaction() as session:
            actor = member(partner.id, "staff", who)
            return staff_codes.issue(
                session, clock, actor, shop_id=shop_id, sealer=app.state.sealer, settings=settings
            ).code

    return act


@pytest.fixture
def send(client):
    def act(phone, code, **more):
        return client.post("/v1/staff-codes", json={"code": code} | more, headers=phone.headers)

    return act


def wrong(code, offset=1):
    return f"{(int(code) + offset) % 10**6:06d}"


def test_six_digits_and_the_place_are_enough(cafe, phone, issue, send, look):
    code = issue()
    first = send(phone, code, location=here(40, -60))
    assert (first.status_code, first.json()["shop"]["id"]) == (200, cafe.shop["id"])
    # The answer was lost, and the phone knows its place a little better when it asks again.
    for again in (send(phone, code, location=here(40, -60)), send(phone, code, location=here(5, 5))):
        assert again.content == first.content
        assert again.headers["Idempotent-Replayed"] == "true"
    assert look.bookings() == 1


def test_of_the_shops_in_one_street_the_one_that_shows_the_code(cafe, phone, issue, send, make_shop):
    nearer = [shop_at(make_shop, metres) for metres in range(10, 60, 10)]
    farthest = shop_at(make_shop, 120)
    code = issue(farthest)
    assert send(phone, code, location=here()).json()["shop"]["id"] == farthest
    # Three nearer ones show codes of their own by now: the fourth is not asked any more.
    for nth, shop_id in enumerate(nearer[:3]):
        issue(shop_id, f"m{nth}")
    code = issue(farthest)
    assert send(phone, code, location=here()).json()["code"] == "staff_code_refused"
    assert send(phone, code, location=here(), shop=farthest).status_code == 200


@pytest.mark.parametrize(
    ("north_m", "accuracy_m", "status"),
    [(480, 10, 200), (530, 10, 422), (530, 100, 200), (980, 1e6, 200), (1020, 1e6, 422)],
)
def test_how_far_away_a_shop_may_be(cafe, phone, issue, send, north_m, accuracy_m, status):
    location = here(north_m, 0.0, accuracy_m)
    assert send(phone, issue(), location=location).status_code == status


def test_a_stale_name_does_not_stand_in_the_way_of_the_place(cafe, phone, issue, send, make_shop):
    elsewhere = shop_at(make_shop, 9000)
    assert send(phone, issue(), shop=elsewhere).json()["code"] == "staff_code_refused"
    body = send(phone, issue(), shop=elsewhere, location=here()).json()
    assert body["shop"]["id"] == cafe.shop["id"]


def test_without_a_place_the_shops_of_the_cards(cafe, phone, make_phone, issue, send, clock):
    unknown = send(phone, issue())
    assert (unknown.status_code, unknown.json()["code"]) == (422, "staff_code_shop_unknown")
    assert set(unknown.json()["text"]) == {"ko", "en"}
    assert send(phone, issue(), shop=cafe.shop["id"]).status_code == 200
    clock.advance(61)
    code = issue()
    answers = [send(phone, code), send(phone, code)]
    assert [answer.status_code for answer in answers] == [200, 200]
    assert answers[0].content == answers[1].content
    assert answers[1].json()["card"]["stamps"] == 2
    assert send(make_phone(), issue()).json()["code"] == "staff_code_shop_unknown"


def test_what_names_no_shop_is_no_try(cafe, phone, issue, send):
    code = issue()
    for nth in range(7):
        assert send(phone, wrong(code, nth + 1)).json()["code"] == "staff_code_shop_unknown"
    assert send(phone, code, location=here()).status_code == 200


def test_a_wrong_try_counts_at_every_shop_where_it_was_made(
    cafe, phone, make_phone, issue, send, make_shop, look
):
    """Thirty tries at one shop, all of them near another: neither code can be guessed after that."""
    near = shop_at(make_shop, 50)
    codes = {cafe.shop["id"]: issue(), near: issue(near, "b")}
    phones = [make_phone(algorithm="HS256") for _ in range(7)]
    offsets = iter(
        k for k in range(1, 99) if all(wrong(code, k) not in codes.values() for code in codes.values())
    )
    seen = Counter()
    for nth in range(31):
        guess = wrong(codes[near], next(offsets))
        seen[send(phones[nth // 5], guess, location=here()).status_code] += 1
    assert seen == {422: 30, 429: 1}
    ended = look.scalars(select(AuditEntry.subject).where(AuditEntry.action == "staff_code.guessing_stopped"))
    assert sorted(ended) == sorted(codes)
    for shop_id, code in codes.items():
        assert send(make_phone(), code, shop=shop_id).status_code == 429
        assert send(make_phone(), code, location=here()).status_code == 429
    # A shop farther off is not concerned, and a full neighbour does not stand in its way.
    third = shop_at(make_shop, 100)
    code = issue(third, "c")
    full = [send(phone, wrong(code), location=here()), send(phone, codes[near], location=here())]
    assert [answer.json()["code"] for answer in full] == ["limit_reached"] * 2
    assert full[0].json() == full[1].json()  # a right code of a full shop looks like a wrong one
    assert send(phone, code, location=here()).json()["shop"]["id"] == third


def test_right_codes_cost_no_shop_a_try(cafe, make_phone, issue, send, make_shop):
    near = shop_at(make_shop, 50)
    for _ in range(3):
        issue(near, "b")
        assert send(make_phone(), issue(), location=here()).status_code == 200
    tight = Settings().staff_code_guesses_per_shop
    phones = [make_phone(algorithm="HS256") for _ in range(tight // 5)]
    code = issue(near, "b")
    statuses = [send(phones[nth // 5], wrong(code, nth + 1), shop=near).status_code for nth in range(tight)]
    assert set(statuses) == {422}


def test_two_streets_at_once_do_not_wait_for_each_other_for_ever(cafe, make_phone, issue, send, make_shop):
    """Tries at the same shops, named in another order by each, are all answered."""
    near = shop_at(make_shop, 50)
    codes = [issue(), issue(near, "b")]
    phones = [make_phone(algorithm="HS256") for _ in range(8)]
    guess = next(wrong(codes[0], k) for k in range(1, 9) if wrong(codes[0], k) not in codes)
    answers = at_once(
        *[
            lambda p=p, k=k: send(p, guess, location=here(), shop=[cafe.shop["id"], near][k % 2])
            for k, p in enumerate(phones)
        ]
    )
    assert Counter(answer.status_code for answer in answers) == {422: 8}


def test_a_closed_shop_is_no_candidate(cafe, phone, issue, send, client, partner, look):
    code = issue()
    path = f"/v1/shops/{cafe.shop['id']}"
    client.patch(path, json={"status": "closed"}, headers=partner.headers).raise_for_status()
    assert send(phone, code, location=here()).json()["code"] == "staff_code_refused"
    assert look.count(Visit) == 0


def test_codes_of_the_past_are_not_looked_through(app, clock, phone):
    """Used codes are kept for ever, and whoever has a device may ask."""
    if app.state.database.engine.dialect.name != "sqlite":
        pytest.skip("PostgreSQL plans by its statistics, which an empty table has not")
    device = type("Phone", (), {"id": phone.id, "customer_id": phone.customer})()
    with app.state.database.reading() as session:
        with counted_queries(session.get_bind()) as statements:
            candidate_shops(
                session, device, named=None, place=ClaimedPlace(37.5, 127.0, 9.0), now=clock.now()
            )
        plans = [
            str(row)
            for one in statements
            for row in session.connection().exec_driver_sql(
                f"EXPLAIN QUERY PLAN {one}", ("x",) * one.count("?")
            )
        ]
    used = [line for line in plans if "staff_code" in line]
    assert len(used) == 4
    assert all("ix_staff_code_used (shop_id=?" in line for line in used)


@pytest.mark.parametrize("lon", [179.999, -179.999])
def test_the_date_line_is_no_wall(app, clock, partner, make_shop, phone, issue, lon):
    shop_id = make_shop(fence={"type": "Point", "coordinates": [lon, 10.0]}, radius_m=60.0)["id"]
    issue(shop_id)
    with app.state.database.reading() as session:
        place = ClaimedPlace(10.0, -lon, 20.0)
        device = type("Phone", (), {"id": phone.id, "customer_id": phone.customer})()
        found = candidate_shops(session, device, named=None, place=place, now=clock.now())
    assert found == (shop_id,)


@pytest.mark.parametrize(
    "location",
    [
        {"lat": 91.0, "lon": 0.0, "accuracy_m": 1.0},
        {"lat": 0.0, "lon": 0.0, "accuracy_m": -1.0},
        {"lat": 0.0, "lon": 0.0},
        {"lat": "37", "lon": 127.0, "accuracy_m": 1.0},
        [37.0, 127.0],
    ],
)
def test_what_is_no_place_is_refused(cafe, phone, issue, send, location):
    answer = send(phone, issue(), location=location)
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_request")
