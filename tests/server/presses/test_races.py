"""Many at once, on both databases: exactly one counts."""

from collections import Counter

import pytest
from sqlalchemy import select

from server.presses.models import CaptureFingerprint, Challenge, Visit
from tests.server.crowds import THREADS, each_at_once
from tests.server.presses.envelopes import press_of


def test_one_envelope_sixteen_times_is_one_credit_and_one_answer(cafe, phone, look):
    text = phone.envelope()
    answers = each_at_once(phone.submit, [text] * THREADS)
    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.content for answer in answers}) == 1
    assert sum("Idempotent-Replayed" not in answer.headers for answer in answers) == 1
    assert look.credits() == 1
    assert len(look.presses()) == 1


def test_one_forged_envelope_sixteen_times_is_one_row(phone, look):
    text = phone.envelope()
    forged = text[:-8] + ("AAAAAAAA" if not text.endswith("AAAAAAAA") else "BBBBBBBB")
    answers = each_at_once(phone.submit, [forged] * THREADS)
    assert {answer.status_code for answer in answers} == {401}
    assert len({answer.content for answer in answers}) == 1
    assert len(look.presses()) == 1


def test_one_challenge_with_sixteen_bodies_is_accepted_once(cafe, phone, look):
    challenge = phone.challenges()[0]
    texts = [phone.envelope(challenge=challenge, touches=press_of(seed=k)) for k in range(THREADS)]
    answers = each_at_once(phone.submit, texts)
    assert Counter(answer.json()["code"] for answer in answers) == {"stamped": 1, "nonce_used": THREADS - 1}
    assert look.credits() == 1


def test_one_capture_from_sixteen_devices_counts_once(cafe, make_phone, look):
    touches = press_of(seed=3, sigma_mm=0.3)
    phones = [make_phone(algorithm="HS256") for _ in range(THREADS)]
    texts = [phone.envelope(touches=touches) for phone in phones]
    answers = each_at_once(phones[0].submit, texts)
    assert Counter(answer.json()["code"] for answer in answers) == {"stamped": 1, "not_fresh": THREADS - 1}
    assert look.credits() == 1
    assert look.count(CaptureFingerprint) == 1


def test_a_visit_never_has_more_presses_than_the_shop_allows(cafe, make_phone, look):
    # Two phones of one person, five challenges each.
    first = make_phone(algorithm="HS256")
    second = make_phone(algorithm="HS256", recovery_code=first.recovery_code)
    assert second.customer == first.customer
    texts = [
        phone.envelope(challenge=challenge, touches=press_of(seed=10 * k + n))
        for k, phone in enumerate((first, second))
        for n, challenge in enumerate(phone.challenges(count=5))
    ]
    answers = each_at_once(first.submit, texts)
    assert Counter(answer.json()["code"] for answer in answers) == {"stamped": 3, "limit_reached": 7}
    assert look.credits() == 3
    assert look.scalars(Visit.__table__.select().with_only_columns(Visit.presses)) == [3]


def test_a_coupon_is_redeemed_once(cafe, phone, look):
    for seed in range(3):
        last = phone.press(touches=press_of(seed=seed)).json()
    coupon = last["coupons"][0]["id"]
    texts = [
        phone.envelope(challenge=challenge, purpose="redeem", coupon=coupon, touches=press_of(seed=50 + k))
        for k, challenge in enumerate(phone.challenges("redeem", count=5))
    ]
    before = look.bookings()
    answers = each_at_once(phone.submit, texts)
    assert Counter(answer.json()["code"] for answer in answers) == {"redeemed": 1, "coupon_unavailable": 4}
    assert look.bookings() == before + 1


@pytest.mark.parametrize("wanted", [1, 2])
def test_a_device_never_holds_more_than_five_challenges(phone, look, wanted):
    def ask(_):
        body = {"purpose": "stamp", "count": wanted}
        return phone.client.post("/v1/challenges", json=body, headers=phone.headers)

    answers = each_at_once(ask, range(THREADS))
    assert {answer.status_code for answer in answers} == {201}
    issued = {challenge["id"] for answer in answers for challenge in answer.json()["challenges"]}
    assert len(issued) == THREADS * wanted
    left = set(look.scalars(select(Challenge.id)))
    assert len(left) == 5
    assert left < issued
