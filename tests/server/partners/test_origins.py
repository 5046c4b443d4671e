"""Pages of other sites: only those that a publishable key lists, and only where phones ask."""

import pytest

from server.partners import service

ALLOWED = "https://cafe.example"
PHONE_PATHS = [
    "/v1/devices",
    "/v1/challenges",
    "/v1/presses",
    "/v1/staff-codes",
    "/v1/me",
    "/v1/cards",
    "/v1/receipt-keys",
]


@pytest.fixture
def partner(make_partner):
    """Give a partner whose publishable key lists an origin."""
    return make_partner(origins=[ALLOWED, "https://app.cafe.example:8443"])


def preflight(client, path, origin):
    headers = {
        "Origin": origin,
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "content-type,stamp-key",
    }
    return client.options(path, headers=headers)


@pytest.mark.parametrize("path", PHONE_PATHS)
def test_a_listed_origin_may_ask_and_read(client, partner, path):
    answer = preflight(client, path, ALLOWED)
    assert answer.status_code == 204
    assert answer.headers["access-control-allow-origin"] == ALLOWED
    assert "stamp-key" in answer.headers["access-control-allow-headers"].lower()
    assert "POST" in answer.headers["access-control-allow-methods"]
    actual = client.get(path, headers={"Origin": ALLOWED})
    assert actual.headers["access-control-allow-origin"] == ALLOWED
    assert "Origin" in actual.headers["vary"]
    assert "access-control-allow-credentials" not in actual.headers


FOREIGN = [
    "https://evil.example",
    "http://cafe.example",
    "https://cafe.example:444",
    "https://cafe.example.evil.example",
    "null",
    "https://cafe.example/",
    "*",
]


@pytest.mark.parametrize("origin", FOREIGN)
def test_an_unlisted_origin_is_refused_before_anything_is_done(client, partner, origin):
    for answer in (
        preflight(client, "/v1/presses", origin),
        client.post("/v1/presses", json={"envelope": "x"}, headers={"Origin": origin}),
        client.post(
            "/v1/devices",
            json={"algorithm": "HS256"},
            headers={"Origin": origin, "Stamp-Key": partner.publishable_key},
        ),
    ):
        assert answer.status_code == 403
        assert answer.json()["code"] == "origin_not_allowed"
        assert "access-control-allow-origin" not in answer.headers


def test_an_origin_of_one_partner_does_not_serve_another_ones_key(client, partner, make_partner):
    other = make_partner()
    headers = {"Origin": ALLOWED, "Stamp-Key": other.publishable_key}
    answer = client.post("/v1/devices", json={"algorithm": "HS256"}, headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (403, "origin_not_allowed")
    headers["Stamp-Key"] = partner.publishable_key
    assert client.post("/v1/devices", json={"algorithm": "HS256"}, headers=headers).status_code == 201


def test_our_own_pages_and_programs_without_a_page_may_always_ask(client, partner):
    headers = {"Stamp-Key": partner.publishable_key}
    for extra in ({}, {"Origin": "http://testserver"}):
        answer = client.post("/v1/devices", json={"algorithm": "HS256"}, headers=headers | extra)
        assert answer.status_code == 201


def test_a_revoked_key_takes_its_origins_along(app, client, clock, partner):
    assert preflight(client, "/v1/presses", ALLOWED).status_code == 204
    with app.state.database.transaction() as session:
        key = service.live_key(session, partner.publishable_key, "publishable")
        service.revoke_key(session, clock, key_id=key.id)
    assert preflight(client, "/v1/presses", ALLOWED).status_code == 403


def test_the_api_of_partners_servers_is_not_opened_to_pages(client, partner):
    answer = client.get("/v1/shops", headers=partner.headers | {"Origin": ALLOWED})
    assert "access-control-allow-origin" not in answer.headers
