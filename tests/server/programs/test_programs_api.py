"""Programmes through the API of partners."""

import pytest

from server.core.audit import AuditEntry

NAME = {"ko": "커피 쿠폰", "en": "Coffee card"}
REWARD = {"ko": "아메리카노 한 잔", "en": "One americano"}


@pytest.fixture
def body(make_shop):
    return {"name": NAME, "reward": REWARD, "stamps_required": 10, "shops": [make_shop()["id"]]}


@pytest.fixture
def call(client, partner):
    """Ask as a partner; returns (status, body), which must be a problem document unless it succeeded."""

    def call(method, path, *, owner=partner, **options):
        headers = owner.headers | options.pop("headers", {})
        answer = client.request(method, f"/v1/programs{path}", headers=headers, **options)
        assert answer.status_code < 500, answer.text
        if answer.status_code >= 400:
            assert answer.headers["content-type"] == "application/problem+json"
        return answer.status_code, answer.json()

    return call


def test_a_programme_is_made_read_and_listed(call, body, clock):
    status, made = call("POST", "", json=body)
    assert status == 201
    assert made == body | {
        "id": made["id"],
        "coupon_valid_days": None,
        "status": "active",
        "created_at": "2026-11-20T01:00:00Z",
        "updated_at": "2026-11-20T01:00:00Z",
    }
    assert made["id"].startswith("prg_")
    assert call("GET", f"/{made['id']}") == (200, made)
    assert call("GET", "") == (200, {"data": [made], "next_cursor": None})


def test_changes_leave_the_rest(call, body, make_shop, clock, app):
    _, made = call("POST", "", json=body)
    clock.advance(60)
    new_shop = make_shop()["id"]
    change = {"stamps_required": 5, "coupon_valid_days": 30, "shops": [new_shop, new_shop]}
    status, changed = call("PATCH", f"/{made['id']}", json=change)
    assert status == 200
    assert changed == made | change | {"shops": [new_shop], "updated_at": "2026-11-20T01:01:00Z"}
    assert call("PATCH", f"/{made['id']}", json={"coupon_valid_days": None})[1]["coupon_valid_days"] is None
    assert call("PATCH", f"/{made['id']}", json={})[0] == 200
    assert call("GET", f"/{made['id']}")[1]["shops"] == [new_shop]
    with app.state.database.reading() as session:
        actions = [row.action for row in session.query(AuditEntry).filter_by(subject=made["id"])]
    assert sorted(actions) == ["program.changed", "program.changed", "program.created"]


def test_a_shop_takes_part_in_one_active_programme(call, body, make_shop):
    _, first = call("POST", "", json=body)
    status, problem = call("POST", "", json=body)
    assert (status, problem["code"], problem["shops"]) == (409, "shop_in_other_program", body["shops"])
    assert body["shops"][0] in problem["detail"]

    free = make_shop()["id"]
    _, second = call("POST", "", json=body | {"shops": [free]})
    both = [*body["shops"], free]
    status, problem = call("PATCH", f"/{second['id']}", json={"shops": both, "stamps_required": 2})
    assert (status, problem["shops"]) == (409, body["shops"])
    # The refused change left nothing behind.
    assert call("GET", f"/{second['id']}")[1] == second

    call("PATCH", f"/{first['id']}", json={"status": "ended"})
    assert call("PATCH", f"/{second['id']}", json={"shops": both})[0] == 200
    status, problem = call("PATCH", f"/{first['id']}", json={"status": "active"})
    assert (status, problem["code"]) == (409, "shop_in_other_program")
    assert call("GET", f"/{first['id']}")[1]["status"] == "ended"


def test_a_repeated_post_makes_one_programme(call, body):
    headers = {"Idempotency-Key": "once"}
    first = call("POST", "", json=body, headers=headers)
    assert call("POST", "", json=body, headers=headers) == first
    assert len(call("GET", "")[1]["data"]) == 1
    status, problem = call("POST", "", json=body | {"stamps_required": 9}, headers=headers)
    assert (status, problem["code"]) == (422, "idempotency_key_reused")


def test_a_partner_sees_and_uses_only_its_own(call, body, make_partner, make_shop):
    other = make_partner()
    _, made = call("POST", "", json=body)
    assert call("GET", f"/{made['id']}", owner=other)[0] == 404
    assert call("PATCH", f"/{made['id']}", json={"status": "ended"}, owner=other)[0] == 404
    assert call("GET", "", owner=other)[1]["data"] == []
    status, problem = call("POST", "", json=body, owner=other)
    assert (status, problem["code"]) == (422, "unknown_shop")
    status, problem = call("PATCH", f"/{made['id']}", json={"shops": [make_shop(other)["id"]]})
    assert (status, problem["code"]) == (422, "unknown_shop")


@pytest.mark.parametrize(
    "change",
    [
        {"name": None},
        {"name": "Coffee"},
        {"name": {"ko": "커피"}},
        {"name": {"ko": " ", "en": "Coffee"}},
        {"name": {"ko": "커피", "en": "x" * 101}},
        {"name": NAME | {"de": "Kaffee"}},
        {"reward": []},
        {"stamps_required": 0},
        {"stamps_required": 101},
        {"stamps_required": 2.5},
        {"stamps_required": "3"},
        {"stamps_required": True},
        {"stamps_required": 2**63 - 1},
        {"coupon_valid_days": 0},
        {"coupon_valid_days": 10**9},
        {"shops": []},
        {"shops": None},
        {"shops": ["shp_" + "0" * 32]},
        {"shops": ["x" * 65]},
        {"shops": "shp"},
        {"unknown": 1},
        {"id": "prg_mine"},
    ],
    ids=str,
)
def test_junk_is_refused_by_name_in_posts_and_patches(call, body, change):
    _, made = call("POST", "", json=body)
    for status, problem in (
        call("POST", "", json=body | change),
        call("PATCH", f"/{made['id']}", json=change),
    ):
        assert status == 422
        assert next(iter(change)) in problem["detail"]
    assert call("GET", f"/{made['id']}")[1] == made
    assert len(call("GET", "")[1]["data"]) == 1


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"[]",
        b'"x"',
        b"\xff",
        b'{"stamps_required": NaN}',
        b'{"stamps_required": 1e999}',
        b'{"stamps_required": ' + b"9" * 5000 + b"}",
        b'{"name": {"ko": "\\u0000", "en": "x"}}',
        b'{"name": {"ko": "\\ud800", "en": "x"}}',
        b'{"name": ' + b"[" * 5000 + b"]" * 5000 + b"}",
        b'{"shops": [' + b"{}," * 999 + b"{}]}",
    ],
    ids=range(11),
)
def test_bodies_that_are_no_json_of_ours(call, body, text):
    _, made = call("POST", "", json=body)
    for method, path in (("POST", ""), ("PATCH", f"/{made['id']}")):
        status, _ = call(method, path, content=text, headers={"Content-Type": "application/json"})
        assert status in {400, 422}


@pytest.mark.parametrize("name", ["prg_" + "0" * 32, "x" * 64, "x" * 65, "%ED%A0%80", "%00", "%2e%2e", "😀"])
def test_addresses_of_no_programme(call, name):
    assert call("GET", f"/{name}")[0] in {400, 404, 422}
    assert call("PATCH", f"/{name}", json={"status": "ended"})[0] in {400, 404, 422}


@pytest.mark.parametrize(
    "query", ["cursor=x", "cursor=%00", "limit=0", "limit=201", "limit=x", "cursor=%F0%9F"]
)
@pytest.mark.parametrize("path", ["programs", "cards", "coupons", "transactions"])
def test_pages_that_do_not_exist(client, partner, customer, path, query):
    headers = partner.headers if path == "programs" else customer.headers
    assert client.get(f"/v1/{path}?{query}", headers=headers).status_code in {400, 422}


@pytest.mark.parametrize("path", ["cards", "coupons", "transactions"])
def test_the_wallet_needs_a_device(client, partner, path):
    assert client.get(f"/v1/{path}").status_code == 401
    answer = client.get(f"/v1/{path}", headers=partner.headers)
    assert (answer.status_code, answer.json()["code"]) == (401, "credentials_invalid")


def test_programmes_need_a_secret_key(client, partner, customer, body):
    for headers in ({}, {"Stamp-Key": partner.publishable_key}, customer.headers):
        assert client.post("/v1/programs", json=body, headers=headers).status_code == 401
        assert client.get("/v1/programs", headers=headers).status_code == 401
