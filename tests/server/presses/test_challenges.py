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


def test_five_may_be_open_and_the_answer_says_when_the_next_is_free(phone, clock, look):
    assert len(phone.challenges(count=3)) == 3
    clock.advance(30)
    assert len(phone.challenges(count=5)) == 2
    refused = ask(phone, purpose="stamp")
    assert (refused.status_code, refused.json()["code"]) == (429, "too_many_challenges")
    assert refused.headers["Retry-After"] == "60"
    clock.advance(60)
    assert len(phone.challenges(count=5)) == 3


def test_using_one_makes_room(cafe, phone):
    challenge = phone.challenges(count=5)[0]
    assert ask(phone, purpose="verify").status_code == 429
    assert phone.press(challenge=challenge).status_code == 200
    assert ask(phone, purpose="verify").status_code == 201


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
