"""Who may ask: keys, their revocation, and the walls between partners."""

import pytest
from sqlalchemy import select
from starlette.testclient import TestClient

from server.app import create_app
from server.core.errors import Conflict, NotFound, Unprocessable
from server.core.tokens import hash_token, new_token
from server.partners import service
from server.partners.models import ApiKey, Partner


def shops(client, authorization):
    headers = {} if authorization is None else {"Authorization": authorization}
    return client.get("/v1/shops", headers=headers)


def test_a_live_secret_key_opens(client, partner):
    assert shops(client, f"Bearer {partner.secret_key}").status_code == 200
    assert shops(client, f"bearer  {partner.secret_key} ").status_code == 200


WRONG_CREDENTIALS = {
    "no header": None,
    "empty": "",
    "no token": "Bearer",
    "blank token": "Bearer ",
    "another scheme": "Basic dXNlcg==",
    "no token of ours": "Bearer x",
    "an unknown secret key": f"Bearer {new_token('sk')}",
    "a device's token": f"Bearer {new_token('dt')}",
}


@pytest.mark.parametrize("authorization", WRONG_CREDENTIALS.values(), ids=WRONG_CREDENTIALS.keys())
def test_anything_else_is_401_and_says_how(client, authorization):
    answer = shops(client, authorization)
    assert answer.status_code == 401
    assert answer.json()["code"] in {"credentials_missing", "credentials_invalid"}
    assert answer.headers["www-authenticate"] == "Bearer"


def test_a_publishable_key_is_no_secret_key(client, partner):
    assert shops(client, f"Bearer {partner.publishable_key}").status_code == 401


def test_secret_keys_are_kept_as_hashes_only(app, partner):
    with app.state.database.reading() as session:
        key = session.scalars(select(ApiKey).where(ApiKey.token_hash == hash_token(partner.secret_key))).one()
        everything = [str(value) for row in session.execute(select(ApiKey.__table__)) for value in row]
    assert key.token is None
    assert not any(partner.secret_key in value for value in everything)


def test_a_revoked_key_opens_nothing_and_the_other_still_does(app, client, clock, partner):
    with app.state.database.transaction() as session:
        other = service.create_key(session, clock, partner_id=partner.id, kind="secret")
        key = service.live_key(session, partner.secret_key, "secret")
        service.revoke_key(session, clock, key_id=key.id)
        service.revoke_key(session, clock, key_id=key.id)  # twice is once
    assert shops(client, f"Bearer {partner.secret_key}").status_code == 401
    assert shops(client, f"Bearer {other.token}").status_code == 200


def test_partners_see_only_their_own(client, partner, make_partner, make_shop, make_stamp):
    mine, other = make_shop(), make_partner()
    stamp = make_stamp(mine)
    for path in (f"/v1/shops/{mine['id']}", f"/v1/stamps/{stamp['id']}"):
        assert client.get(path, headers=partner.headers).status_code == 200
        assert client.get(path, headers=other.headers).status_code == 404
        assert client.patch(path, json={"status": "active"}, headers=other.headers).status_code == 404
    assert client.get("/v1/shops", headers=other.headers).json()["data"] == []
    assert client.get("/v1/stamps", headers=other.headers).json()["data"] == []
    body = {
        "serial": "X-1",
        "shops": [mine["id"]],
        "pattern_mm": [[0, 0], [15, 0], [30, 12], [9, 25], [24, 31]],
    }
    answer = client.post("/v1/stamps", json=body, headers=other.headers)
    assert (answer.status_code, answer.json()["code"]) == (422, "unknown_shop")


def test_the_house_and_its_page_key_are_made_once(app, client, settings, clock, engine):
    first = app.state.page_key
    with TestClient(create_app(settings, clock=clock, engine=engine)) as second:
        assert second.app.state.page_key == first
    with app.state.database.reading() as session:
        assert len(session.scalars(select(Partner).where(Partner.id == service.HOUSE_ID)).all()) == 1


def test_what_cannot_be_a_key_is_refused_with_the_reason(session, clock):
    partner = service.create_partner(session, clock, name="Somebody")
    with pytest.raises(Conflict, match="Somebody"):
        service.create_partner(session, clock, name="Somebody")
    for origin in (
        "https://a.example/path",
        "a.example",
        "null",
        "*",
        "https://A.example",
        "https://a.example/",
    ):
        with pytest.raises(Unprocessable, match="without a path"):
            service.create_key(session, clock, partner_id=partner.id, kind="publishable", origins=(origin,))
    with pytest.raises(Unprocessable, match="publishable"):
        service.create_key(
            session, clock, partner_id=partner.id, kind="secret", origins=("https://a.example",)
        )
    with pytest.raises(NotFound):
        service.revoke_key(session, clock, key_id="key_none")
