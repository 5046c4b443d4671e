"""Held presses: released as if accepted now, or refused; once; and what the phone is told from then on."""

import json
from collections import Counter

import pytest
from sqlalchemy import select

from server.core.errors import Problem
from server.core.outbox import OutboxMessage
from server.presses.decisions import refuse_held, release
from server.presses.models import CaptureFingerprint, HeldPress, PressDecision, Visit
from server.staff.actor import Actor
from stampsdk.protocol import verify_receipt
from tests.queries import counted_queries
from tests.server.crowds import at_once
from tests.server.people import count, member
from tests.server.presses.envelopes import press_of

pytestmark = pytest.mark.usefixtures("sound_ledger")


@pytest.fixture
def manager(partner):
    return member(partner.id, "manager")


@pytest.fixture
def hold(cafe, phone):
    """Press without a location; returns the envelope and what the phone was told."""

    def press(seed=0, phone=phone):
        text = phone.envelope(touches=press_of(seed=seed), location_error="denied")
        answer = phone.submit(text)
        assert answer.status_code == 202, answer.text
        return text, answer.json()

    return press


@pytest.fixture
def decide(app, clock, manager):
    """Decide in a transaction of its own, which commits; returns what was decided, or the refusal's code."""

    def act(press_id, *, reason=None, actor=manager):
        with app.state.database.transaction() as session:
            try:
                if reason is None:
                    keys = app.state.receipt_keys
                    return release(session, clock, actor, press_id, receipt_keys=keys)
                return refuse_held(session, clock, actor, press_id, reason=reason)
            except Problem as problem:
                return problem.code

    return act


def read(client, phone, press_id):
    answer = client.get(f"/v1/presses/{press_id}", headers=phone.headers)
    assert answer.status_code == 200
    return answer.json()


def topics(look):
    return look.scalars(select(OutboxMessage.topic).order_by(OutboxMessage.id))


def test_a_released_press_is_an_accepted_one(cafe, phone, client, look, hold, decide, clock, manager):
    text, told = hold()
    clock.advance(3600)
    decided = decide(told["id"])
    assert (decided.verdict, decided.customer, decided.effects.card.stamps) == ("accepted", phone.customer, 1)
    press = look.press(told["id"])
    assert (press.verdict, press.code, press.reason, press.answer_status) == (
        "accepted",
        "stamped",
        None,
        200,
    )
    assert press.visit_id == told["visit"]["id"]
    assert look.credits() == 1
    assert look.count(HeldPress) == 0
    (entry,) = [entry for entry in look.audit(told["id"]) if entry.action == "press.released"]
    assert (entry.actor, entry.detail["held_for"]) == (manager.member_id, "location_denied")
    assert topics(look) == ["press.held", "press.accepted"]

    now = read(client, phone, told["id"])
    assert (now["verdict"], now["code"], now["card"]["stamps"]) == ("accepted", "stamped", 1)
    assert (now["visit"], now["shop"]) == (told["visit"], told["shop"])
    again = phone.submit(text)
    assert (again.status_code, again.headers["Idempotent-Replayed"]) == (200, "true")
    assert {name: now[name] for name in again.json()} == again.json()
    assert phone.submit(text).content == again.content
    assert look.credits() == 1


def test_the_receipt_is_as_good_as_any(cafe, phone, client, hold, decide, clock, look):
    _, told = hold()
    clock.advance(60)
    decide(told["id"])
    keys = client.get("/v1/receipt-keys").json()
    receipt = verify_receipt(read(client, phone, told["id"])["receipt"], keys)
    assert (receipt.press, receipt.customer, receipt.device) == (told["id"], phone.customer, phone.id)
    assert receipt.envelope_sha256 == look.press(told["id"]).envelope_sha256
    assert (receipt.at, receipt.stamps) == (clock.now().isoformat(), 1)


def test_the_press_that_fills_the_card(cafe, phone, client, hold, decide):
    for seed in (1, 2):
        phone.press(touches=press_of(seed=seed))
    _, told = hold()
    assert len(decide(told["id"]).effects.coupons) == 1
    now = read(client, phone, told["id"])
    assert (now["card"]["stamps"], [coupon["status"] for coupon in now["coupons"]]) == (0, ["issued"])


def test_a_refused_press_leaves_nothing_but_its_row(cafe, phone, client, look, hold, decide, clock, manager):
    text, told = hold()
    clock.advance(60)
    decided = decide(told["id"], reason=" nobody was here ")
    assert (decided.verdict, decided.effects.card) == ("refused", None)
    press = look.press(told["id"])
    assert (press.verdict, press.code, press.reason) == ("refused", "place_refused", "held_refused")
    assert (press.counts, press.visit_id) == (False, None)
    assert look.bookings() == look.count(HeldPress) == look.count(Visit) == 0
    # The touches stay known: what a person refused is not sent again with a location.
    assert look.count(CaptureFingerprint) == 1
    (entry,) = [entry for entry in look.audit(told["id"]) if entry.action == "press.refused_by_shop"]
    assert (entry.actor, entry.detail["reason"]) == (manager.member_id, "nobody was here")
    assert topics(look) == ["press.held", "press.refused"]

    now = read(client, phone, told["id"])
    assert (now["verdict"], now["code"], now["receipt"]) == ("refused", "place_refused", None)
    assert "nobody was here" not in json.dumps(now)
    again = phone.submit(text)
    assert (again.status_code, again.headers["content-type"]) == (403, "application/problem+json")
    assert (again.json()["press"], again.json()["text"]) == (told["id"], now["text"])
    assert again.headers["Idempotent-Replayed"] == "true"


def test_what_the_phone_was_told_before_is_kept(cafe, phone, look, hold, decide):
    text = phone.envelope(location_error="denied")
    before = phone.submit(text)
    decide(before.json()["id"])
    (kept,) = look.scalars(select(PressDecision))
    assert kept.held_body.encode() == before.content
    assert (kept.released, kept.held_for, kept.reason) == (True, "location_denied", None)


def test_a_refused_press_leaves_its_visit_to_the_others(cafe, phone, look, hold, decide):
    _, first = hold(seed=1)
    phone.press(touches=press_of(seed=2))
    _, third = hold(seed=3)
    assert third["visit"]["presses"] == 3
    decide(first["id"], reason="no")
    assert look.scalars(select(Visit.presses)) == [2]
    decide(third["id"], reason="no")
    assert look.scalars(select(Visit.presses)) == [1]


def test_a_decision_is_made_once(cafe, hold, decide, look):
    _, first = hold(seed=1)
    _, second = hold(seed=2)
    decide(first["id"])
    decide(second["id"], reason="no")
    before = [look.press(told["id"]).answer_body for told in (first, second)]
    for told in (first, second):
        assert decide(told["id"]) == "press_decided"
        assert decide(told["id"], reason="no") == "press_decided"
    assert [look.press(told["id"]).answer_body for told in (first, second)] == before
    assert look.credits() == look.count(PressDecision, PressDecision.released.is_(True)) == 1


def test_presses_that_never_waited(cafe, phone, decide):
    accepted = phone.press().json()["id"]
    refused = phone.press(touches=press_of()[:2]).json()["press"]
    for press in (accepted, refused):
        assert decide(press) == decide(press, reason="no") == "press_decided"


def test_two_owners_at_once(cafe, hold, decide, look):
    seen = Counter()
    for seed in range(4):
        _, told = hold(seed=seed)
        works = [lambda told=told: decide(told["id"]), lambda told=told: decide(told["id"], reason="no")]
        outcomes = at_once(*works * 3)
        assert outcomes.count("press_decided") == 5
        (decided,) = [outcome for outcome in outcomes if outcome != "press_decided"]
        seen[decided.verdict.value] += 1
        assert look.press(told["id"]).verdict == decided.verdict
        if seed == 2:  # the visit takes three
            break
    assert look.credits() == seen["accepted"]
    assert look.count(HeldPress) == 0


def test_a_release_against_the_phones_next_press(cafe, phone, hold, decide, look):
    """Both count, and the card fills up once."""
    phone.press(touches=press_of(seed=1))
    _, told = hold(seed=2)
    text = phone.envelope(touches=press_of(seed=3))
    decided, answer = at_once(lambda: decide(told["id"]), lambda: phone.submit(text))
    assert len(decided.effects.coupons) + len(answer.json()["coupons"]) == 1
    assert look.credits() == 3


def test_what_another_partner_may_not_decide(cafe, hold, decide, make_partner, look):
    _, told = hold()
    stranger = member(make_partner().id)
    assert decide(told["id"], actor=stranger) == "press_not_found"
    assert decide(told["id"], actor=stranger, reason="no") == "press_not_found"
    for junk in ("", "prs_\x00", "\ud800", "x" * 10_000):
        assert decide(junk) == "press_not_found"
    assert look.press(told["id"]).verdict == "held"


def test_staff_may_not_decide(cafe, hold, decide, partner, look):
    _, told = hold()
    staff = member(partner.id, "staff")
    assert decide(told["id"], actor=staff) == decide(told["id"], actor=staff, reason="no") == "not_allowed"
    assert look.press(told["id"]).verdict == "held"


def test_a_refusal_needs_a_reason(cafe, hold, decide):
    _, told = hold()
    assert decide(told["id"], reason=" ") == "reason_missing"
    assert decide(told["id"], reason="x" * 201) == "reason_too_long"


def test_nobody_is_left_to_give_it_to(cafe, phone, client, hold, decide, look):
    _, told = hold()
    assert client.delete("/v1/me", headers=phone.headers).status_code == 204
    assert decide(told["id"]) == "customer_erased"
    assert (look.press(told["id"]).verdict, look.count(HeldPress)) == ("held", 1)
    assert decide(told["id"], reason="erased").verdict == "refused"
    assert look.count(HeldPress) == 0


def test_a_shop_without_a_programme_by_then(cafe, phone, client, partner, hold, decide):
    _, told = hold()
    path = f"/v1/programs/{cafe.program['id']}"
    client.patch(path, json={"status": "ended"}, headers=partner.headers).raise_for_status()
    assert decide(told["id"]).effects.card is None
    assert read(client, phone, told["id"])["card"] is None


def test_decided_presses_make_room_for_others(cafe, phone, hold, decide, clock):
    held = []
    for seed in range(5):
        held.append(hold(seed=seed)[1]["id"])
        clock.advance(61)
    assert phone.press(touches=press_of(seed=9), location_error="denied").status_code == 429
    decide(held[0])
    assert phone.press(touches=press_of(seed=10), location_error="denied").status_code == 202


def test_how_many_statements_a_decision_takes(engine, cafe, phone, hold, decide):
    phone.press(touches=press_of(seed=8))
    _, first = hold(seed=1)
    _, second = hold(seed=2)
    with counted_queries(engine) as released:
        decide(first["id"])
    with counted_queries(engine) as refused:
        decide(second["id"], reason="no")
    assert count(released) == 16
    assert count(refused) == 11


def test_it_is_the_right_that_counts(cafe, hold, decide, monkeypatch):
    _, told = hold()
    monkeypatch.setattr(Actor, "may", lambda _actor, _right: False)
    assert decide(told["id"]) == "not_allowed"
