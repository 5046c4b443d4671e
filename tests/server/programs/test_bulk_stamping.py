"""Many stamps at once are credited exactly as one after the other."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select, update

from server.core.clock import FrozenClock
from server.customers.models import Customer
from server.ledger import AlreadyPostedError, reverse, verify
from server.ledger.models import LedgerAccount, LedgerTransaction
from server.partners import service as partners
from server.programs import administration as programs
from server.programs import bulk_stamping
from server.programs.bulk_stamping import Stamping, credit_stamps
from server.programs.models import Card, Coupon, Program
from server.programs.schemas import ProgramCreate
from server.programs.service import credit_stamp
from server.shops import service as shops

START = datetime(2026, 5, 1, 3, tzinfo=UTC)
CUSTOMERS = [f"cus_{n}" for n in range(4)]
LENIENT = settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


def begin(session, earlier, stamps_required=3, changed_to=None):
    """Make a café with some stamps given before, one of them taken back; return the shop."""
    clock = FrozenClock(START - timedelta(days=2))
    partner = partners.create_partner(session, clock, name="Café")
    fence = {"type": "Point", "coordinates": [127.0, 37.5]}
    shop_id = shops.create_many(
        session, clock, partner_id=partner.id, rows=[shops.ShopRow("Café", fence, 40.0)]
    )[0]
    words = {"ko": "커피", "en": "Coffee"}
    body = ProgramCreate(
        name=words, reward=words, stamps_required=stamps_required, coupon_valid_days=30, shops=[shop_id]
    )
    program = programs.create(session, clock, partner_id=partner.id, actor="test", body=body)
    session.add_all(Customer(id=name, partner_id=partner.id, created_at=clock.now()) for name in CUSTOMERS)
    session.flush()
    for n, customer in enumerate(earlier):
        clock.advance(60)
        credit_stamp(session, clock, customer_id=customer, shop_id=shop_id, press_id=f"prs_before_{n}")
    if earlier:
        taken_back = session.scalars(
            select(LedgerTransaction.id).where(LedgerTransaction.source_id == "prs_before_0")
        ).one()
        reverse(session, clock, transaction_id=taken_back, reason="mistake", actor="mem_1")
    if changed_to is not None:
        session.execute(update(Program).where(Program.id == program.id).values(stamps_required=changed_to))
    return shop_id


def one_by_one(session, *, shop_id, stampings):
    return [
        tuple(
            coupon.id
            for coupon in credit_stamp(
                session,
                FrozenClock(each.at),
                customer_id=each.customer_id,
                shop_id=shop_id,
                press_id=each.press_id,
            ).coupons
        )
        for each in stampings
    ]


def everything(session, result):
    """Return all that was written, with ids replaced by what they name."""
    cards = {
        card.id: (card.customer_id, card.stamps_required, card.shop_id, card.created_at)
        for card in session.scalars(select(Card))
    }
    coupons = {
        coupon.id: (
            cards[coupon.card_id][0],
            coupon.reward,
            coupon.status,
            coupon.issued_press_id,
            coupon.issued_at,
            coupon.expires_at,
        )
        for coupon in session.scalars(select(Coupon).order_by(Coupon.issued_at))
    }
    accounts = sorted(
        (
            cards[account.owner_id][0] if account.owner_type == "card" else "",
            account.unit,
            account.kind,
            -1 if account.balance is None else account.balance,
            account.clawback,
            account.version,
            account.changed_at,
        )
        for account in session.scalars(select(LedgerAccount))
    )
    transactions = sorted(
        (
            booked.kind,
            booked.details["press"],
            booked.occurred_at,
            booked.actor or "",
            cards[booked.details["card"]][0],
            sorted(booked.details),
        )
        for booked in session.scalars(select(LedgerTransaction))
    )
    session.expunge_all()
    issued = [[coupons[coupon_id] for coupon_id in each] for each in result]
    return sorted(cards.values()), list(coupons.values()), accounts, transactions, issued


def outcome(session, credit, shop_id, stampings):
    savepoint = session.begin_nested()
    written = everything(session, credit(session, shop_id=shop_id, stampings=stampings))
    assert verify(session).sound
    savepoint.rollback()
    return written


@LENIENT
@given(
    earlier=st.lists(st.sampled_from(CUSTOMERS), max_size=6),
    pressed=st.lists(st.sampled_from(CUSTOMERS), max_size=20),
    changed_to=st.sampled_from([None, 1, 2, 5]),
)
def test_many_at_once_are_as_one_by_one(database, earlier, pressed, changed_to):
    stampings = [
        Stamping(customer, f"prs_{n}", START + timedelta(hours=n)) for n, customer in enumerate(pressed)
    ]
    with database.transaction() as session:
        shop_id = begin(session, earlier, changed_to=changed_to)
        together = outcome(session, credit_stamps, shop_id, stampings)
        assert together == outcome(session, one_by_one, shop_id, stampings)
        session.rollback()


def test_a_press_that_was_credited_before_leaves_nothing_of_the_others(session):
    shop_id = begin(session, ["cus_0"])
    before = everything(session, [])
    presses = [Stamping("cus_1", "prs_1", START), Stamping("cus_0", "prs_before_0", START)]
    with pytest.raises(AlreadyPostedError):
        credit_stamps(session, shop_id=shop_id, stampings=presses)
    assert everything(session, []) == before


def test_stamps_are_credited_together_and_not_one_by_one(session, monkeypatch):
    """The quick path is taken: otherwise the comparison would be of the slow one with itself."""
    monkeypatch.setattr(bulk_stamping, "credit_stamp", None)
    shop_id = begin(session, [])
    presses = [Stamping("cus_1", f"prs_{n}", START + timedelta(minutes=n)) for n in range(7)]
    coupons = credit_stamps(session, shop_id=shop_id, stampings=presses)
    assert [len(each) for each in coupons] == [0, 0, 1, 0, 0, 1, 0]


def test_a_card_that_another_changed_meanwhile_is_looked_at_again(session, monkeypatch):
    """The stamps that were read may be outdated: here one less than the card's two of three."""
    shop_id = begin(session, ["cus_0", "cus_1", "cus_1"])
    read = bulk_stamping._Round._cards

    def outdated(self):
        cards = read(self)
        for card in cards.values():
            card.stamps -= 1
        return cards

    monkeypatch.setattr(bulk_stamping._Round, "_cards", outdated)
    coupons = credit_stamps(session, shop_id=shop_id, stampings=[Stamping("cus_1", "prs_1", START)])
    assert [len(each) for each in coupons] == [1]
    assert verify(session).sound


def test_without_a_programme_nothing_is_credited(session):
    shop_id = begin(session, [])
    session.execute(update(programs.ProgramShop).values(active=False))
    assert credit_stamps(session, shop_id=shop_id, stampings=[Stamping("cus_1", "prs_1", START)]) == [None]
    assert session.scalars(select(Card)).all() == []
