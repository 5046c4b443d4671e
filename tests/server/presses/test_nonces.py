"""Challenges that do not count, and whose use they cost."""

import dataclasses

import pytest
from sqlalchemy import select

from server.presses.models import Challenge
from tests.server.presses.envelopes import NONCE, press_of


def reason_of(look, answer, code, status=409):
    assert (answer.status_code, answer.json()["code"]) == (status, code), answer.text
    return look.press(answer.json()["press"]).reason


def is_used(look, challenge):
    return look.scalars(select(Challenge.used_at).where(Challenge.id == challenge["id"])) != [None]


def test_a_challenge_lasts_ninety_seconds(cafe, phone, look, clock):
    early, late = phone.challenges(count=2)
    clock.advance(89.9)
    assert phone.press(challenge=early).status_code == 200
    clock.advance(0.1)
    answer = phone.press(challenge=late, touches=press_of(seed=2))
    assert reason_of(look, answer, "not_fresh") == "nonce_expired"
    assert is_used(look, late)


def test_an_unknown_challenge(cafe, phone, look):
    answer = phone.press(challenge={"id": "chl_" + "0" * 32, "nonce": NONCE})
    assert reason_of(look, answer, "not_fresh") == "nonce_unknown"
    assert look.bookings() == 0


def test_anothers_challenge_is_refused_and_not_used_up(cafe, phone, make_phone, look):
    mine = phone.challenges()[0]
    answer = make_phone().press(challenge=mine)
    assert reason_of(look, answer, "not_fresh") == "nonce_foreign"
    assert not is_used(look, mine)
    assert phone.press(challenge=mine).status_code == 200


def test_a_wrong_nonce_costs_the_challenge(cafe, phone, look):
    challenge = phone.challenges()[0]
    answer = phone.press(challenge=challenge | {"nonce": NONCE})
    assert reason_of(look, answer, "not_fresh") == "nonce_unknown"
    assert phone.press(challenge=challenge, touches=press_of(seed=2)).json()["code"] == "nonce_used"


def test_a_challenge_for_another_purpose_is_used_up_too(cafe, phone, look):
    challenge = phone.challenges("verify")[0]
    answer = phone.press(challenge=challenge)
    assert reason_of(look, answer, "not_fresh") == "nonce_purpose"
    assert is_used(look, challenge)


@pytest.mark.parametrize(
    ("members", "code"),
    [
        ({"touches": press_of()[:2]}, "press_unclear"),
        ({"location_error": "denied", "purpose": "verify"}, "place_refused"),
        ({"touches": press_of(((0, 0), (18, 1), (35, 5), (3, 30), (20, 20)))}, "not_recognised"),
    ],
)
def test_a_challenge_is_used_up_whatever_the_later_checks_say(cafe, phone, look, members, code):
    challenge = phone.challenges(members.get("purpose", "stamp"))[0]
    assert phone.press(challenge=challenge, **members).json()["code"] == code
    assert is_used(look, challenge)


def test_a_forger_cannot_use_up_a_challenge(cafe, phone, make_phone, look):
    challenge = phone.challenges()[0]
    forger = dataclasses.replace(phone, signer=type(phone.signer).generate(phone.id))
    assert forger.press(challenge=challenge).status_code == 401
    assert not is_used(look, challenge)
    assert phone.press(challenge=challenge).status_code == 200
