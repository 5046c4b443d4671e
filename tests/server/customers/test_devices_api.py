"""Devices and the people behind them, through the API."""

import base64
import json
from types import SimpleNamespace

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from sqlalchemy import select

from server.core.audit import AuditEntry
from server.core.errors import TooManyRequests
from server.core.sealing import load_sealer
from server.customers.limits import RecoveryLimit
from server.customers.models import Customer, Device, RecoveryAttempts
from server.customers.service import verification_key
from stampsdk.protocol import jwk_thumbprint


def encode(number):
    return base64.urlsafe_b64encode(number.to_bytes(32)).rstrip(b"=").decode()


def new_key():
    numbers = ec.generate_private_key(ec.SECP256R1()).public_key().public_numbers()
    return {"kty": "EC", "crv": "P-256", "x": encode(numbers.x), "y": encode(numbers.y)}


@pytest.fixture
def enrol(client, partner):
    """Enrol; returns the answer. An HS256 device unless a key is given."""

    def enrol(key=None, owner=partner, **members):
        body = {"algorithm": "ES256", "public_key": key} if key else {"algorithm": "HS256"}
        return client.post("/v1/devices", json=body | members, headers={"Stamp-Key": owner.publishable_key})

    return enrol


@pytest.fixture
def phone(client, enrol):
    """Enrol a phone; an object with the answer's members, `me()` and `headers`."""

    def phone(**members):
        answer = enrol(**members)
        assert answer.status_code == 201, answer.text
        body = answer.json()
        headers = {"Authorization": f"Bearer {body['token']}"}
        return SimpleNamespace(**body, headers=headers, me=lambda: client.get("/v1/me", headers=headers))

    return phone


@pytest.fixture
def stored(app):
    """Read one device's row."""

    def stored(device_id):
        with app.state.database.reading() as session:
            return session.get_one(Device, device_id)

    return stored


def problem(answer):
    assert answer.headers["content-type"] == "application/problem+json"
    return answer.status_code, answer.json()["code"]


def test_a_device_with_a_key(enrol, stored):
    key = new_key()
    answer = enrol(key | {"ext": True, "key_ops": ["verify"]}, model="Galaxy S24")
    assert answer.status_code == 201
    body = answer.json()
    assert set(body) == {"id", "customer", "algorithm", "secret", "token", "recovery_code"}
    assert body["id"].startswith("dev_")
    assert body["customer"].startswith("cus_")
    assert body["token"].startswith("dt_")
    assert (body["algorithm"], body["secret"]) == ("ES256", None)
    device = stored(body["id"])
    assert device.public_key == key
    assert device.thumbprint == jwk_thumbprint(key)
    assert verification_key(device, None) == key


def test_a_device_with_a_secret_that_the_server_can_read_again(enrol, stored, settings):
    body = enrol().json()
    secret = base64.urlsafe_b64decode(body["secret"] + "=")
    assert len(secret) == 32
    assert "=" not in body["secret"]
    device = stored(body["id"])
    assert verification_key(device, load_sealer(settings)) == secret
    assert (device.public_key, device.thumbprint) == (None, None)


def test_no_secret_can_be_read_from_the_database(app, enrol):
    """Dump every table: neither token nor secret nor recovery code is there in any spelling."""
    body = enrol().json()
    secret = base64.urlsafe_b64decode(body["secret"] + "=")
    code = body["recovery_code"].replace("-", "")
    with app.state.database.reading() as session:
        dump = b"".join(
            bytes(value) if isinstance(value, bytes | memoryview) else str(value).encode()
            for model in (Device, Customer, AuditEntry)
            for row in session.execute(select(model.__table__))
            for value in row
        )
    assert len(dump) > 100
    for hidden in (
        secret,
        secret.hex().encode(),
        body["secret"].encode(),
        body["token"].encode(),
        code.encode(),
    ):
        assert hidden not in dump


def test_a_key_is_enrolled_once(enrol, app):
    key = new_key()
    first = enrol(key).json()
    assert problem(enrol(key)) == (409, "device_exists")
    assert problem(enrol(key, recovery_code=first["recovery_code"])) == (409, "device_exists")
    with app.state.database.reading() as session:
        # The refused attempts made no customer and retired no device.
        assert len(session.scalars(select(Customer)).all()) == 1
        assert [device.revoked_at for device in session.scalars(select(Device))] == [None]


def test_what_is_known_of_a_person(phone, clock):
    first = phone(model="Pixel 9")
    clock.advance(5)
    second = phone(key=new_key(), recovery_code=first.recovery_code)
    answer = second.me()
    assert answer.status_code == 200
    assert answer.json() == {
        "id": first.customer,
        "created_at": "2026-11-20T01:00:00Z",
        "devices": [
            {
                "id": first.id,
                "algorithm": "HS256",
                "model": "Pixel 9",
                "created_at": "2026-11-20T01:00:00Z",
                "current": False,
            },
            {
                "id": second.id,
                "algorithm": "ES256",
                "model": None,
                "created_at": "2026-11-20T01:00:05Z",
                "current": True,
            },
        ],
    }


def test_a_new_phone_joins_by_recovery_code_however_it_is_typed(phone, enrol):
    first = phone()
    typed = " " + first.recovery_code.replace("-", " ").lower()
    second = phone(recovery_code=typed)
    assert second.customer == first.customer
    assert second.recovery_code is None
    assert second.id != first.id
    assert first.me().status_code == 200
    # The code goes on to work.
    assert phone(key=new_key(), recovery_code=first.recovery_code).customer == first.customer


def test_a_rotated_code_replaces_the_old_one(client, phone, enrol):
    first = phone()
    answer = client.post("/v1/me/recovery-code", headers=first.headers)
    assert answer.status_code == 201
    new_code = answer.json()["recovery_code"]
    assert new_code != first.recovery_code
    assert problem(enrol(recovery_code=first.recovery_code)) == (403, "recovery_code_unknown")
    assert phone(recovery_code=new_code).customer == first.customer


def test_a_code_counts_for_its_own_partner_only(phone, enrol, make_partner):
    first = phone()
    other = make_partner()
    assert problem(enrol(owner=other, recovery_code=first.recovery_code)) == (403, "recovery_code_unknown")


def test_the_oldest_device_makes_room_for_the_newest(phone, settings, clock):
    first = phone()
    others = []
    for _ in range(settings.devices_per_customer - 1):
        clock.advance(1)
        others.append(phone(recovery_code=first.recovery_code))
    assert first.me().status_code == 200
    clock.advance(1)
    newest = phone(recovery_code=first.recovery_code)
    assert problem(first.me()) == (401, "device_revoked")
    assert all(each.me().status_code == 200 for each in [*others, newest])
    assert len(newest.me().json()["devices"]) == settings.devices_per_customer


def test_guessing_codes_ends_at_a_limit_that_failures_do_not_roll_back(client, enrol, phone, settings, clock):
    first = phone()
    for _ in range(settings.recovery_tries):
        assert problem(enrol(recovery_code="2222-2222-2222-2222")) == (403, "recovery_code_unknown")
    refused = enrol(recovery_code=first.recovery_code)
    assert problem(refused) == (429, "recovery_limit_reached")
    assert 0 < int(refused.headers["Retry-After"]) <= settings.recovery_window_s
    # Enrolling without a code goes on, and after the wait so does recovery.
    assert enrol().status_code == 201
    clock.advance(int(refused.headers["Retry-After"]))
    assert phone(recovery_code=first.recovery_code).customer == first.customer


def test_recoveries_that_succeed_are_not_counted(phone, settings, app):
    first = phone()
    for _ in range(settings.recovery_tries + 3):
        phone(recovery_code=first.recovery_code)
    with app.state.database.reading() as session:
        assert session.scalars(select(RecoveryAttempts.attempts)).all() == [0]


def test_the_limit_is_of_one_app_and_one_network(database, clock, settings):
    sealer = load_sealer(settings)

    def limit(partner_id="par_1", address="203.0.113.7"):
        return RecoveryLimit(
            sealer, partner_id=partner_id, address=address, now=clock.now(), tries=1, window_s=60
        )

    def allowed(**which):
        try:
            with database.transaction() as session:
                limit(**which).take(session, clock)
        except TooManyRequests:
            return False
        return True

    assert allowed()
    assert not allowed()
    assert allowed(partner_id="par_2")
    assert allowed(address="203.0.113.8")
    assert allowed(address="2001:db8:1:2::1")
    assert not allowed(address="2001:db8:1:2:ffff::9")
    assert allowed(address="2001:db8:1:3::1")
    assert allowed(address="testclient")
    clock.advance(60)
    assert allowed()
    with database.reading() as session:
        assert all("." not in row.bucket for row in session.scalars(select(RecoveryAttempts)))


def test_an_erased_person_is_gone(client, app, phone, enrol):
    first = phone(model="My own phone")
    second = phone(key=new_key(), recovery_code=first.recovery_code)
    answer = client.delete("/v1/me", headers=second.headers)
    assert (answer.status_code, answer.content) == (204, b"")
    for each in (first, second):
        assert problem(each.me()) == (401, "credentials_invalid")
    assert problem(enrol(recovery_code=first.recovery_code)) == (403, "recovery_code_unknown")
    with app.state.database.reading() as session:
        customer = session.get_one(Customer, first.customer)
        assert customer.erased_at is not None
        assert customer.recovery_hash is None
        for device in session.scalars(select(Device)):
            assert device.revoked_at is not None
            left = (device.public_key, device.secret, device.thumbprint, device.token_hash, device.model)
            assert left == (None,) * 5
            with pytest.raises(ValueError, match="no key"):
                verification_key(device, None)


@pytest.mark.parametrize("path", ["/v1/me", "/v1/me/recovery-code"])
def test_without_a_device_token(client, partner, phone, path):
    first = phone()
    for headers, code in [
        ({}, "credentials_missing"),
        ({"Authorization": "Bearer"}, "credentials_missing"),
        ({"Authorization": "Bearer dt_x"}, "credentials_invalid"),
        ({"Authorization": f"Bearer {first.token[:-1]}"}, "credentials_invalid"),
        ({"Authorization": f"Basic {first.token}"}, "credentials_invalid"),
        ({"Authorization": f"Bearer {partner.secret_key}"}, "credentials_invalid"),
        ({"Stamp-Key": partner.publishable_key}, "credentials_missing"),
    ]:
        ask = client.get if path == "/v1/me" else client.post
        assert problem(ask(path, headers=headers)) == (401, code)


def test_a_page_of_a_site_that_the_partner_has_not_listed(client, make_partner):
    """A token alone is not enough there: neither to enrol, nor to read, write or forget."""
    partner = make_partner(origins=["https://cafe.example"])
    make_partner(origins=["https://other.example"])
    here, elsewhere = {"Origin": "https://cafe.example"}, {"Origin": "https://other.example"}
    key = {"Stamp-Key": partner.publishable_key}
    enrolment = {"algorithm": "HS256"}
    assert client.post("/v1/devices", json=enrolment, headers=key | elsewhere).status_code == 403
    answer = client.post("/v1/devices", json=enrolment, headers=key | here)
    assert answer.status_code == 201
    token = {"Authorization": f"Bearer {answer.json()['token']}"}
    for method, path in [
        ("GET", "/v1/me"),
        ("DELETE", "/v1/me"),
        ("POST", "/v1/me/recovery-code"),
        ("GET", "/v1/cards"),
        ("GET", "/v1/coupons"),
        ("GET", "/v1/transactions"),
    ]:
        answer = client.request(method, path, headers=token | elsewhere)
        assert problem(answer) == (403, "origin_not_allowed"), path
    assert client.get("/v1/me", headers=token | here).status_code == 200
    assert client.get("/v1/me", headers=token).status_code == 200


def test_without_a_publishable_key(client, partner):
    for headers in ({}, {"Stamp-Key": partner.secret_key}, partner.headers, {"Stamp-Key": "pk_x"}):
        assert client.post("/v1/devices", json={"algorithm": "HS256"}, headers=headers).status_code == 401


KEY = new_key()
JUNK = [
    {},
    {"algorithm": "none"},
    {"algorithm": "RS256", "public_key": KEY},
    {"algorithm": ["ES256"]},
    {"algorithm": "ES256"},
    {"algorithm": "ES256", "public_key": None},
    {"algorithm": "ES256", "public_key": "x"},
    {"algorithm": "ES256", "public_key": {}},
    {"algorithm": "ES256", "public_key": KEY | {"x": KEY["y"]}},
    {"algorithm": "ES256", "public_key": KEY | {"x": "A" * 42}},
    {"algorithm": "ES256", "public_key": KEY | {"x": 2**62}},
    {"algorithm": "ES256", "public_key": KEY | {"d": KEY["x"]}},
    {"algorithm": "ES256", "public_key": KEY | {"crv": "secp256k1"}},
    {"algorithm": "ES256", "public_key": [KEY]},
    {"algorithm": "HS256", "public_key": KEY},
    {"algorithm": "HS256", "secret": "mine"},
    {"algorithm": "HS256", "model": ""},
    {"algorithm": "HS256", "model": "x" * 101},
    {"algorithm": "HS256", "model": {"a": 1}},
    {"algorithm": "HS256", "recovery_code": ""},
    {"algorithm": "HS256", "recovery_code": "short"},
    {"algorithm": "HS256", "recovery_code": "x" * 101},
    {"algorithm": "HS256", "recovery_code": 7},
    {"algorithm": "HS256", "customer": "cus_1"},
    [],
    None,
    "HS256",
]


def test_junk_enrols_nobody(client, partner, app):
    for body in JUNK:
        answer = client.post("/v1/devices", json=body, headers={"Stamp-Key": partner.publishable_key})
        assert answer.status_code == 422, body
        assert answer.headers["content-type"] == "application/problem+json"
    for text in (b"", b"{", b"\xff", b'{"algorithm": "HS256", "model": "\\u0000"}', b'{"algorithm": NaN}'):
        answer = client.post(
            "/v1/devices",
            content=text,
            headers={"Stamp-Key": partner.publishable_key, "Content-Type": "application/json"},
        )
        assert answer.status_code in {400, 422}, text
    with app.state.database.reading() as session:
        assert session.scalars(select(Device)).all() == []


def test_stable_codes_of_bad_enrolments(enrol):
    assert problem(enrol(KEY | {"x": KEY["y"]})) == (422, "public_key_invalid")
    assert problem(enrol(KEY | {"d": KEY["x"]})) == (422, "public_key_invalid")
    assert problem(enrol(recovery_code="123")) == (422, "recovery_code_malformed")


def test_typing_errors_are_not_counted_as_guesses(enrol, settings, phone):
    first = phone()
    for _ in range(settings.recovery_tries + 1):
        assert enrol(recovery_code="2222-2222-2222-222").status_code == 422
    assert phone(recovery_code=first.recovery_code).customer == first.customer


def test_every_documented_status_is_in_the_document(client):
    paths = client.get("/openapi.json").json()["paths"]
    assert set(paths["/v1/devices"]["post"]["responses"]) >= {"201", "401", "403", "409", "422", "429"}
    for path, method in (("/v1/me", "get"), ("/v1/me", "delete"), ("/v1/me/recovery-code", "post")):
        assert "401" in paths[path][method]["responses"]
    assert "token_hash" not in json.dumps(paths)
