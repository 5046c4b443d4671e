"""Issuing challenges."""

import hashlib

from sqlalchemy import select

from server.presses.models import Challenge
from stampsdk.protocol import base64url


def ask(phone, **body):
    return phone.client.post("/v1/challenges", json=body, headers=phone.headers)


def test_challenges_are_32_random_bytes_kept_as_their_hash(phone, look):
    challenges = phone.challenges(count=5)
    nonces = [base64url.decode(challenge["nonce"]) for challenge in challenges]
    assert {len(nonce) for nonce in nonces} == {32}
    assert len(set(nonces)) == 5
    assert dict(look_rows(look)) == {
        challenge["id"]: hashlib.sha256(nonce).digest()
        for challenge, nonce in zip(challenges, nonces, strict=True)
    }
    assert {challenge["expires_at"] for challenge in challenges} == {"2026-11-20T01:01:30Z"}


def look_rows(look):
    ids = look.scalars(select(Challenge.id).order_by(Challenge.id))
    return zip(ids, look.scalars(select(Challenge.nonce_hash).order_by(Challenge.id)), strict=True)


def test_five_may_be_open_and_the_oldest_give_way(cafe, phone, clock, look):
    oldest = phone.challenges()[0]
    clock.advance(10)
    older = phone.challenges()[0]
    clock.advance(10)
    newest = phone.challenges(count=4)
    assert set(look.scalars(select(Challenge.id))) == {c["id"] for c in [older, *newest]}
    assert phone.press(challenge=oldest).json()["code"] == "not_fresh"
    assert phone.press(challenge=older).status_code == 200


def test_a_flood_of_requests_leaves_five(phone, look):
    for _ in range(20):
        assert ask(phone, purpose="stamp", count=3).status_code == 201
    assert look.count(Challenge) == 5


def test_unused_ones_are_swept_a_day_later_used_ones_stay(cafe, phone, clock, look):
    used = phone.challenges(count=5)[0]
    phone.press(challenge=used)
    clock.advance(86_400 + 91)
    phone.challenges()
    assert used["id"] in look.scalars(select(Challenge.id))
    assert look.count(Challenge) == 2


def test_a_wrong_request_is_refused(phone):
    wrong = [{}, {"purpose": "coffee"}, {"purpose": "stamp", "count": 0}, {"purpose": "stamp", "count": 6}]
    for body in [*wrong, {"purpose": "stamp", "count": "2"}, {"purpose": "stamp", "more": 1}]:
        assert ask(phone, **body).status_code == 422, body


def test_a_device_token_is_needed(client, partner):
    body = {"purpose": "stamp"}
    for headers in ({}, partner.headers, {"Authorization": "Bearer dt_nonsense"}):
        assert client.post("/v1/challenges", json=body, headers=headers).status_code == 401
