"""Staff codes: six digits for one stamp, for two minutes, at one shop; and nobody guesses them."""

from collections import Counter

import pytest
from sqlalchemy import select

from server.core.audit import AuditEntry
from server.core.errors import Problem
from server.core.outbox import OutboxMessage
from server.ledger.models import LedgerTransaction
from server.presses import staff_codes
from server.presses.models import StaffCode, Visit
from server.settings import Settings
from server.staff.actor import Actor
from tests.queries import counted_queries
from tests.server.crowds import at_once
from tests.server.people import count, member

pytestmark = pytest.mark.usefixtures("sound_ledger")


@pytest.fixture
def staff(partner):
    return member(partner.id, "staff")


@pytest.fixture
def issue(app, clock, staff, settings, cafe):
    """Issue a code in a transaction of its own; returns it, or the refusal's code."""

    def act(*, shop_id=cafe.shop["id"], actor=staff, **limits):
        own = Settings(**settings.model_dump() | limits)
        with app.state.database.transaction() as session:
            try:
                return staff_codes.issue(
                    session, clock, actor, shop_id=shop_id, sealer=app.state.sealer, settings=own
                )
            except Problem as problem:
                return problem.code

    return act


@pytest.fixture
def send(client, cafe):
    def act(phone, code, shop_id=cafe.shop["id"]):
        return client.post("/v1/staff-codes", json={"shop": shop_id, "code": code}, headers=phone.headers)

    return act


def wrong(code, offset=1):
    """Return another code."""
    return f"{(int(code) + offset) % 10**6:06d}"


def test_a_code_is_a_stamp(cafe, phone, issue, send, client, look, staff, clock):
    issued = issue()
    assert (len(issued.code), issued.code.isdigit()) == (6, True)
    assert (issued.expires_at - clock.now()).total_seconds() == 120
    answer = send(phone, issued.code)
    body = answer.json()
    assert (answer.status_code, body["id"], body["verdict"]) == (200, issued.id, "accepted")
    assert (body["code"], body["card"]["stamps"], body["receipt"]) == ("stamped", 1, None)
    assert (body["shop"]["id"], body["visit"]["presses"]) == (cafe.shop["id"], 1)
    (booked,) = look.scalars(select(LedgerTransaction))
    assert (booked.source_type, booked.source_id, booked.actor) == ("staff_code", issued.id, staff.member_id)
    (row,) = look.scalars(select(StaffCode))
    assert (row.customer_id, row.device_id, row.used_at) == (phone.customer, phone.id, clock.now())
    assert (row.visit_id, row.member_id) == (body["visit"]["id"], staff.member_id)
    assert [entry.action for entry in look.audit(issued.id)] == ["staff_code.issued", "staff_code.used"]
    assert look.scalars(select(OutboxMessage.topic)) == ["staff_code.used"]
    card = client.get("/v1/cards", headers=phone.headers).json()["data"][0]
    assert card == body["card"]


def test_three_codes_fill_the_card(cafe, phone, issue, send):
    for _ in range(2):
        send(phone, issue().code)
    body = send(phone, issue().code).json()
    assert (body["card"]["stamps"], len(body["coupons"])) == (0, 1)


def test_a_lost_answer_is_given_again_to_the_device_that_used_the_code(
    cafe, phone, make_phone, issue, send, clock, look
):
    code = issue().code
    first = send(phone, code)
    again = send(phone, code)
    assert (again.status_code, again.content) == (200, first.content)
    assert again.headers["Idempotent-Replayed"] == "true"
    assert send(make_phone(), code).json()["code"] == "staff_code_refused"
    clock.advance(601)
    assert send(phone, code).json()["code"] == "staff_code_refused"
    assert look.bookings() == 1


def test_what_is_refused_is_refused_alike(cafe, phone, make_phone, make_shop, issue, send, clock, look):
    other_shop = make_shop()
    old = issue().code
    clock.advance(120)
    used = issue().code
    send(make_phone(), used)
    replaced = issue().code
    live = issue().code
    answers = [
        send(phone, old),
        send(phone, used),
        send(phone, replaced),
        send(phone, live, other_shop["id"]),
        send(phone, live, "shp_none"),
    ]
    assert {answer.status_code for answer in answers} == {422}
    assert len({answer.content for answer in answers}) == 1
    assert answers[0].json()["code"] == "staff_code_refused"
    assert set(answers[0].json()["text"]) == {"ko", "en"}
    assert look.bookings() == 1


def test_one_second_before_the_end_it_counts(cafe, phone, issue, send, clock):
    code = issue().code
    clock.advance(119)
    assert send(phone, code).status_code == 200


def test_five_wrong_tries_of_a_device_and_it_waits(cafe, phone, make_phone, issue, send, clock):
    issued = issue()
    for nth in range(5):
        assert send(phone, wrong(issued.code, nth + 1)).status_code == 422
    refused = send(phone, issued.code)
    assert (refused.status_code, refused.json()["code"]) == (429, "limit_reached")
    assert int(refused.headers["Retry-After"]) == 3600
    assert send(make_phone(), issued.code).status_code == 200
    clock.advance(3600)
    assert send(phone, issue().code).status_code == 200


def test_right_codes_are_no_tries(cafe, phone, issue, send, clock):
    for _ in range(8):
        clock.advance(61)
        assert send(phone, issue().code).status_code == 200


def test_thirty_wrong_tries_at_a_shop_whoever_sends_them(
    cafe, make_phone, issue, send, look, make_shop, clock
):
    issued = issue()
    phones = [make_phone(algorithm="HS256") for _ in range(7)]
    seen = Counter()
    for nth in range(31):
        seen[send(phones[nth // 5], wrong(issued.code, nth + 1)).status_code] += 1
    assert seen == {422: 30, 429: 1}
    assert send(make_phone(), issued.code).status_code == 429
    (entry,) = look.scalars(select(AuditEntry).where(AuditEntry.action == "staff_code.guessing_stopped"))
    assert entry.subject == cafe.shop["id"]
    # Another shop is not concerned, nor is this one an hour later.
    elsewhere = make_shop()["id"]
    assert send(make_phone(), issue(shop_id=elsewhere).code, elsewhere).status_code == 200
    clock.advance(3600)
    assert send(make_phone(), issue().code).status_code == 200


def test_a_crowd_that_guesses_at_once_has_no_more_tries(cafe, make_phone, issue, send):
    issued = issue()
    phones = [make_phone(algorithm="HS256") for _ in range(8)]
    answers = at_once(
        *[
            lambda p=p, k=k: [send(p, wrong(issued.code, 5 * k + n + 1)).status_code for n in range(5)]
            for k, p in enumerate(phones)
        ]
    )
    assert Counter(status for statuses in answers for status in statuses) == {422: 30, 429: 10}


def test_eight_phones_with_one_code(cafe, make_phone, issue, send, look):
    code = issue().code
    phones = [make_phone(algorithm="HS256") for _ in range(8)]
    answers = at_once(*[lambda p=p: send(p, code) for p in phones])
    assert Counter(answer.status_code for answer in answers) == {200: 1, 422: 7}
    assert look.bookings() == 1


def test_one_phone_eight_times_at_once(cafe, phone, issue, send, look):
    code = issue().code
    answers = at_once(*[lambda: send(phone, code)] * 8)
    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.content for answer in answers}) == 1
    assert look.bookings() == 1


def test_a_visit_takes_no_more_codes_than_presses(cafe, phone, issue, send, clock, look):
    for _ in range(3):
        assert send(phone, issue().code).status_code == 200
    code = issue().code
    full = send(phone, code)
    assert (full.status_code, full.json()["code"]) == (429, "limit_reached")
    assert look.scalars(select(Visit.presses)) == [3]
    clock.advance(60)
    assert send(phone, code).status_code == 200


def test_how_many_codes_a_day(cafe, issue, partner, make_shop, clock):
    other = member(partner.id, "staff", "b")
    assert [isinstance(issue(staff_codes_per_member=2), str) for _ in range(3)] == [False, False, True]
    assert issue(staff_codes_per_member=2) == "staff_codes_used_up"
    assert issue(actor=other, staff_codes_per_shop=3).code
    assert issue(actor=other, staff_codes_per_shop=3) == "staff_codes_used_up"
    assert issue(actor=other, staff_codes_per_shop=3, shop_id=make_shop()["id"]).code
    clock.advance(14 * 3600 - 1)  # until midnight in Seoul
    assert issue(actor=other, staff_codes_per_shop=3) == "staff_codes_used_up"
    clock.advance(1)
    assert issue(actor=other, staff_codes_per_shop=3).code


def test_a_crowd_of_taps_gets_no_more_codes(cafe, issue):
    outcomes = at_once(*[lambda: issue(staff_codes_per_member=3)] * 8)
    assert outcomes.count("staff_codes_used_up") == 5


def test_no_two_open_codes_are_the_same(cafe, issue, partner, monkeypatch):
    draws = iter([7, 7, 7, 8])
    monkeypatch.setattr(staff_codes.secrets, "randbelow", lambda _bound: next(draws))
    first = issue()
    second = issue(actor=member(partner.id, "staff", "b"))
    assert (first.code, second.code) == ("000007", "000008")


def test_codes_are_kept_as_keyed_hashes_and_unused_ones_not_for_long(cafe, issue, look, clock):
    first = issue()
    (row,) = look.scalars(select(StaffCode))
    assert first.code.encode() not in row.code_hash
    clock.advance(2 * 86_400)
    second = issue()
    assert look.scalars(select(StaffCode.id)) == [second.id]


def test_who_may_issue(cafe, issue, make_partner, client, partner, make_shop, monkeypatch):
    stranger = member(make_partner().id)
    assert issue(actor=stranger) == "shop_not_found"
    closed = make_shop()["id"]
    client.patch(f"/v1/shops/{closed}", json={"status": "closed"}, headers=partner.headers).raise_for_status()
    assert issue(shop_id=closed) == "shop_closed"
    monkeypatch.setattr(Actor, "may", lambda _actor, _right: False)
    assert issue() == "not_allowed"


def test_a_shop_that_closed_takes_no_code(cafe, issue, send, phone, client, partner):
    code = issue().code
    path = f"/v1/shops/{cafe.shop['id']}"
    client.patch(path, json={"status": "closed"}, headers=partner.headers).raise_for_status()
    assert send(phone, code).json()["code"] == "staff_code_refused"


def test_a_shop_without_a_programme_notes_the_visit(make_shop, issue, send, phone, look):
    shop = make_shop()["id"]
    body = send(phone, issue(shop_id=shop).code, shop).json()
    assert (body["verdict"], body["card"]) == ("accepted", None)
    assert look.count(Visit) == 1


@pytest.mark.parametrize(
    "code", ["", "12345", "1234567", "12345a", "１２３４５６", " 12345", "-12345", 123456, None]
)
def test_what_is_no_code_is_no_try(cafe, phone, issue, send, code):
    issued = issue()
    for _ in range(6):
        answer = send(phone, code)
        assert (answer.status_code, answer.json()["code"]) == (422, "invalid_request")
    assert send(phone, issued.code).status_code == 200


def test_a_device_has_to_show_its_token(cafe, client, issue, partner, phone):
    body = {"shop": cafe.shop["id"], "code": issue().code}
    assert client.post("/v1/staff-codes", json=body).status_code == 401
    assert client.post("/v1/staff-codes", json=body, headers=partner.headers).status_code == 401
    headers = phone.headers | {"Origin": "https://elsewhere.example"}
    assert client.post("/v1/staff-codes", json=body, headers=headers).status_code == 403


def test_how_many_statements_a_code_takes(engine, cafe, phone, issue, send):
    send(phone, issue().code)
    with counted_queries(engine) as issued:
        code = issue().code
    with counted_queries(engine) as used:
        send(phone, code)
    with counted_queries(engine) as refused:
        send(phone, wrong(code))
    assert count(issued) == 12
    assert count(used) == 22
    assert count(refused) == 11
