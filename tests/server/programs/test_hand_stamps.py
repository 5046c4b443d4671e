"""Stamps by hand: with a reason, once for a form, and above a limit with a second person."""

import pytest
from sqlalchemy import select

from server.core.audit import AuditEntry
from server.core.errors import Problem
from server.ledger.models import LedgerTransaction
from server.programs.corrections import give_stamp, undo_stamp
from server.programs.models import HandStamp
from server.staff.actor import Actor
from tests.queries import counted_queries
from tests.server.crowds import at_once
from tests.server.people import count, member

pytestmark = pytest.mark.usefixtures("sound_ledger")


@pytest.fixture
def staff(partner):
    return member(partner.id, "staff")


@pytest.fixture
def boss(partner):
    return member(partner.id, "manager")


@pytest.fixture
def shop(make_shop):
    return make_shop()


@pytest.fixture
def give(app, clock, staff, settings, shop):
    """Give in a transaction of its own, which commits; returns what was given, or the refusal's code."""

    def act(customer=None, *, actor=staff, key="form-0001", count=1, reason="no reader", **which):
        if customer is not None:
            which["customer_id"] = customer.id
        with app.state.database.transaction() as session:
            try:
                return give_stamp(
                    session,
                    clock,
                    actor,
                    key=key,
                    count=count,
                    reason=reason,
                    settings=settings,
                    **{"shop_id": shop["id"]} | which,
                )
            except Problem as problem:
                return problem.code

    return act


@pytest.fixture
def hands(app):
    def read():
        with app.state.database.reading() as session:
            return session.scalars(select(HandStamp).order_by(HandStamp.id)).all()

    return read


def test_stamps_by_hand_stand_on_the_card_and_in_the_books(
    customer, shop, make_program, give, staff, wallet, app
):
    make_program(shop, stamps_required=2)
    given = give(customer, count=3, reason=" phone was off ")
    assert (given.customer, given.stamps, len(given.coupons)) == (customer.id, 1, 1)
    (card,) = wallet(customer, "cards")["data"]
    assert (card["id"], card["stamps"]) == (given.card, 1)
    history = [row for row in wallet(customer, "transactions")["data"] if row["kind"] == "stamp"]
    assert [(row["stamps"], row["press"]) for row in history] == [(1, None)] * 3
    with app.state.database.reading() as session:
        rows = session.scalars(select(LedgerTransaction).where(LedgerTransaction.kind == "stamp")).all()
        (entry,) = session.scalars(select(AuditEntry).where(AuditEntry.action == "stamp.given"))
    assert {(row.source_type, row.actor, row.reason) for row in rows} == {
        ("hand", staff.member_id, "phone was off")
    }
    assert {row.source_id for row in rows} == {f"{given.id}_{nth}" for nth in (1, 2, 3)}
    assert (entry.actor, entry.subject, entry.detail["count"]) == (staff.member_id, given.id, 3)


def test_a_double_tap_gives_one(customer, shop, make_program, give, wallet):
    make_program(shop, stamps_required=3)
    first = give(customer, count=2)
    again = give(customer, count=2)
    assert (again.id, again.stamps, again.repeated, first.repeated) == (first.id, 2, True, False)
    assert give(customer, count=1) == "key_reused"
    assert wallet(customer, "cards")["data"][0]["stamps"] == 2
    assert give(customer, count=1, key="form-0002").coupons != ()


def test_eight_taps_at_once_give_one(customer, shop, make_program, give, wallet):
    make_program(shop)
    outcomes = at_once(*[lambda: give(customer)] * 8)
    assert len({outcome.id for outcome in outcomes}) == 1
    assert sum(not outcome.repeated for outcome in outcomes) == 1
    assert wallet(customer, "cards")["data"][0]["stamps"] == 1


def test_more_than_three_at_once_need_a_second_person(customer, shop, make_program, give, boss, staff, hands):
    make_program(shop, stamps_required=10)
    assert give(customer, count=4) == "second_person_needed"
    assert hands() == []
    assert give(customer, count=4, second=staff) == "second_person_not_allowed"
    assert give(customer, count=4, actor=boss, second=boss) == "second_person_not_allowed"
    assert give(customer, count=4, second=member("par_other", "owner")) == "second_person_not_allowed"
    assert (
        give(customer, count=4, second=member(boss.partner_id, "staff", "b")) == "second_person_not_allowed"
    )
    assert give(customer, count=4, second=boss).stamps == 4
    (row,) = hands()
    assert (row.member_id, row.second_id, row.stamps) == (staff.member_id, boss.member_id, 4)


def test_more_than_twenty_a_day_need_a_second_person(customer, shop, make_program, give, boss, clock, wallet):
    make_program(shop, stamps_required=100)
    for form in range(6):
        assert give(customer, count=3, key=f"form-1{form:03}").stamps == 3 * (form + 1)
    assert give(customer, count=3, key="form-2000") == "second_person_needed"
    assert give(customer, count=2, key="form-2001").stamps == 20
    assert give(customer, count=1, key="form-2002") == "second_person_needed"
    assert give(customer, count=1, key="form-2003", second=boss).stamps == 21
    assert give(customer, count=1, key="form-2004", actor=boss).stamps == 22
    # The day ends at midnight in Seoul; it is 10:00 there.
    clock.advance(14 * 3600 - 1)
    assert give(customer, count=1, key="form-2005") == "second_person_needed"
    clock.advance(1)
    assert give(customer, count=3, key="form-2006").stamps == 25


def test_a_crowd_of_taps_does_not_pass_the_days_limit(enrol, shop, make_program, give):
    make_program(shop, stamps_required=100)
    people = [enrol() for _ in range(9)]
    outcomes = at_once(
        *[
            lambda n=n, person=person: give(person, count=3, key=f"form-3{n:03}")
            for n, person in enumerate(people)
        ]
    )
    assert outcomes.count("second_person_needed") == 3


def test_a_stamp_by_hand_is_taken_back_like_any_other(
    customer, shop, make_program, give, wallet, app, clock, boss
):
    make_program(shop, stamps_required=2)
    given = give(customer, count=2)
    row = next(row for row in wallet(customer, "transactions")["data"] if row["kind"] == "stamp")
    with app.state.database.transaction() as session:
        undone = undo_stamp(session, clock, boss, reason="wrong person", transaction_id=row["id"])
    assert (undone.stamps, undone.coupons) == (1, given.coupons)


def test_by_card(customer, make_shop, shop, make_program, stamp, give, wallet):
    make_program(shop)
    elsewhere = make_shop()
    make_program(elsewhere)
    stamp(customer, shop)
    card = wallet(customer, "cards")["data"][0]["id"]
    assert give(card_id=card).stamps == 2
    assert give(card_id=card, shop_id=elsewhere["id"], key="form-0002") == "card_elsewhere"


def test_who_is_known_here(client, shop, make_program, make_partner, enrol, stamp, give, customer, wallet):
    """The customers of the partner's own app, and whoever has a card of the partner's."""
    make_program(shop)
    other = make_partner()
    answer = client.post(
        "/v1/devices", json={"algorithm": "HS256"}, headers={"Stamp-Key": other.publishable_key}
    )
    guest = type("Guest", (), {"id": answer.json()["customer"]})
    assert give(guest) == "customer_not_found"
    card = stamp(guest, shop).card.id
    assert give(guest).stamps == 2
    stranger = member(other.id)
    assert give(guest, actor=stranger, key="form-0002") == "shop_not_found"
    assert give(card_id=card, actor=stranger, key="form-0002") == "shop_not_found"
    erased = enrol()
    assert client.delete("/v1/me", headers=erased.headers).status_code == 204
    assert give(erased, key="form-0003") == "customer_not_found"


def test_another_partners_customers_cards_and_keys(
    customer, shop, make_shop, make_program, make_partner, stamp, give, settings, wallet
):
    make_program(shop)
    card = stamp(customer, shop).card.id
    other = make_partner()
    theirs = make_shop(other)
    make_program(theirs, owner=other)
    stranger = member(other.id, "staff")
    at_theirs = {"actor": stranger, "shop_id": theirs["id"]}
    assert give(customer, **at_theirs) == "customer_not_found"
    assert give(card_id=card, **at_theirs) == "card_not_found"
    assert give(customer, shop_id=theirs["id"]) == "shop_not_found"
    # A key is the partner's own: another's form with the same key is another form.
    assert give(customer, key="form-same").stamps == 2
    stamp(customer, theirs)
    assert give(customer, key="form-same", **at_theirs).stamps == 2


@pytest.mark.parametrize("count", [0, -1, 101, 10**9])
def test_counts_that_are_none(customer, shop, make_program, give, boss, count):
    make_program(shop)
    assert give(customer, count=count, second=boss) == "count_invalid"


@pytest.mark.parametrize("key", ["", "short", "x" * 65, "form 0001", "form-\x00001", "폼-폼-폼-폼-폼"])
def test_keys_that_are_none(customer, shop, make_program, give, key):
    make_program(shop)
    assert give(customer, key=key) == "key_invalid"


@pytest.mark.parametrize("junk", ["", "cus_\x00", "\ud800", "x" * 10_000, "' OR 1=1 --"])
def test_what_names_nobody(shop, make_program, give, junk):
    make_program(shop)
    assert give(customer_id=junk) == "customer_not_found"
    assert give(card_id=junk) == "card_not_found"


def test_no_programme_no_stamp(client, partner, customer, shop, make_program, give, hands):
    assert give(customer) == "no_program"
    make_program(shop)
    client.patch(
        f"/v1/shops/{shop['id']}", json={"status": "closed"}, headers=partner.headers
    ).raise_for_status()
    assert give(customer) == "shop_closed"
    assert hands() == []


def test_nobody_without_the_right(customer, give, monkeypatch):
    monkeypatch.setattr(Actor, "may", lambda _actor, _right: False)
    assert give(customer) == "not_allowed"


def test_how_many_statements_it_takes(engine, customer, shop, make_program, stamp, give):
    make_program(shop)
    stamp(customer, shop)
    with counted_queries(engine) as statements:
        give(customer)
    assert count(statements) == 14
