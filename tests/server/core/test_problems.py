"""Whatever is sent, every error is a problem document that strict JSON parsers can read."""

import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.exc import OperationalError

HOSTILE_BODIES = {
    "nan": b'{"name": NaN}',
    "infinity": b'{"name": -Infinity}',
    "overflowing float": b'{"radius_m": 1e999}',
    "integer beyond 64 bits": b'{"max_presses_per_visit": 9223372036854775808}',
    "integer of ten thousand digits": b'{"max_presses_per_visit": ' + b"9" * 10_000 + b"}",
    "not UTF-8": b'{"name": "\xff\xfe"}',
    "NUL in a text": b'{"name": "a\\u0000b"}',
    "NUL in a key": b'{"a\\u0000b": 1}',
    "half a surrogate pair": b'{"name": "\\ud800"}',
    "half a surrogate pair in a key": b'{"\\udfff": 1}',
    "nested forty deep": b"[" * 40 + b"]" * 40,
    "nested thirty thousand deep": b"[" * 30_000 + b"]" * 30_000,
    "the same key twice": b'{"name": "a", "name": "b"}',
    "cut off": b'{"name": ',
    "no JSON": b"hello",
}


def strict(text):
    def refuse(name):
        raise AssertionError(f"{name} in an answer")

    return json.loads(text, parse_constant=refuse)


def assert_problem(answer, status, code=None):
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    body = strict(answer.text)
    assert body["status"] == status
    assert body["code"]
    assert body["title"]
    assert body["type"].endswith(body["code"])
    if code is not None:
        assert body["code"] == code
    return body


@pytest.mark.parametrize("body", HOSTILE_BODIES.values(), ids=HOSTILE_BODIES.keys())
def test_a_body_that_no_database_could_hold_is_refused_at_the_door(client, partner, body):
    answer = client.post(
        "/v1/shops", content=body, headers=partner.headers | {"Content-Type": "application/json"}
    )
    problem = assert_problem(answer, 400, "malformed_json")
    assert problem["detail"]


def test_validation_errors_say_where_and_never_echo_the_input(client, partner):
    secret = "sk_this-would-be-a-secret"
    answer = client.post(
        "/v1/shops", json={"name": 5, "timezone": "Mars/Olympus", secret: secret}, headers=partner.headers
    )
    problem = assert_problem(answer, 422, "invalid_request")
    found = {tuple(error["where"]) for error in problem["errors"]}
    assert {("body", "name"), ("body", "timezone"), ("body", "fence")} <= found
    assert all(error["code"] and error["message"] for error in problem["errors"])
    assert not any("input" in error for error in problem["errors"])
    assert "Olympus" not in answer.text


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(value=JSON)
def test_no_json_whatever_breaks_an_endpoint(client, partner, value):
    body = json.dumps(value).encode()
    for path in ("/v1/shops", "/v1/stamps"):
        answer = client.post(
            path, content=body, headers=partner.headers | {"Content-Type": "application/json"}
        )
        assert_problem(answer, answer.status_code)
        assert answer.status_code in {400, 422}


def test_unknown_paths_and_methods_are_problems(client):
    assert_problem(client.get("/nowhere"), 404, "not_found")
    answer = client.put("/v1/shops")
    assert_problem(answer, 405, "method_not_allowed")
    assert set(answer.headers["allow"].split(", ")) <= {"GET", "POST", "HEAD"}


@pytest.mark.parametrize("address", ["/v1/shops/a%00b", "/v1/shops?cursor=%00", "/v1/shops/x?limit=1%00"])
def test_nul_in_the_address_is_refused(client, partner, address):
    assert_problem(client.get(address, headers=partner.headers), 400, "malformed_request")


@pytest.mark.parametrize("identifier", ["%FF%FE", "shp_" + "f" * 32, "%F0%9F%98%80", "..", "x" * 64])
def test_strange_identifiers_are_just_not_found(client, partner, identifier):
    assert client.get(f"/v1/shops/{identifier}", headers=partner.headers).status_code in {404, 307}


def test_a_body_over_the_limit_is_413_whatever_it_claims(client, app, partner):
    limit = app.state.settings.max_body_bytes
    answer = client.post("/v1/shops", content=b"x" * (limit + 1), headers=partner.headers)
    assert_problem(answer, 413, "body_too_large")

    def chunks():
        for _ in range(limit // 1000 + 2):
            yield b"y" * 1000

    assert_problem(client.post("/v1/shops", content=chunks(), headers=partner.headers), 413, "body_too_large")
    assert_problem(client.post("/v1/nowhere", content=b"x" * (limit + 1)), 413, "body_too_large")


def test_a_body_at_the_limit_is_read(client, app, partner):
    limit = app.state.settings.max_body_bytes
    body = b'{"name": "' + b"x" * (limit - 12) + b'"}'
    assert len(body) == limit
    answer = client.post(
        "/v1/shops", content=body, headers=partner.headers | {"Content-Type": "application/json"}
    )
    assert_problem(answer, 422)


def test_an_unexpected_exception_is_a_500_without_its_text(app, client, caplog):
    @app.get("/test/broken")
    def broken():
        raise RuntimeError("the password is hunter2")

    answer = client.get("/test/broken")
    assert_problem(answer, 500, "internal_error")
    assert "hunter2" not in answer.text
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "hunter2" in caplog.text, "the log has what the answer has not"


def test_a_busy_database_is_503_and_says_to_try_again(app, client, monkeypatch, partner):
    def locked(*_arguments, **_members):
        raise OperationalError("UPDATE x", {}, Exception("database is locked"))

    monkeypatch.setattr("server.shops.service.create", locked)
    body = {"name": "x", "fence": {"type": "Point", "coordinates": [127, 37]}, "radius_m": 30}
    answer = client.post("/v1/shops", json=body, headers=partner.headers)
    assert_problem(answer, 503, "database_unavailable")
    assert int(answer.headers["retry-after"]) >= 1
    assert "UPDATE" not in answer.text


def test_a_database_that_is_gone_when_an_origin_is_looked_up_is_503_too(app, client, monkeypatch):
    def gone(*_arguments):
        raise OperationalError("SELECT 1", {}, Exception("server closed the connection"))

    monkeypatch.setattr("server.partners.service.is_allowed_origin", gone)
    answer = client.post("/v1/presses", json={}, headers={"Origin": "https://cafe.example"})
    assert_problem(answer, 503, "database_unavailable")
    assert answer.headers["x-content-type-options"] == "nosniff"
