"""Sixteen threads want the last unit: one gets it. A naive rival shows that the test would notice."""

import threading

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from server.ledger import (
    AccountRef,
    AlreadyPostedError,
    OverdrawnError,
    Posting,
    open_accounts,
    post,
    recomputed_balances,
    reverse,
    verify,
)
from server.ledger.errors import AlreadyReversedError
from server.ledger.models import ACCOUNTS
from tests.server.crowds import THREADS, each_at_once

CARD = AccountRef("card", "crd_1", "stamp")
ISSUED = AccountRef("program", "prg_1", "stamp", "issued")
REDEEMED = AccountRef("program", "prg_1", "stamp", "redeemed")


def attempt(engine, act, refusals):
    with Session(engine) as session:
        try:
            act(session)
            session.commit()
        except refusals:
            session.rollback()
            return False
    return True


@pytest.fixture
def one_stamp(database, clock):
    with database.transaction() as session:
        open_accounts(session, clock, [CARD, ISSUED, REDEEMED])
        postings = [Posting(CARD, 1), Posting(ISSUED, -1)]
        return post(session, clock, kind="stamp", source_type="press", source_id="p", postings=postings)


def outcome(database):
    with database.reading() as session:
        report = verify(session)
        balances = recomputed_balances(session)
    return report, balances[CARD.id]


def test_the_last_stamp_is_spent_once(crowd, database, clock, one_stamp):
    def spend(number):
        postings = [Posting(CARD, -1), Posting(REDEEMED, 1)]
        call = {"kind": "spend", "source_type": "press", "source_id": f"p{number}", "postings": postings}
        return attempt(crowd, lambda session: post(session, clock, **call), OverdrawnError)

    assert sum(each_at_once(spend)) == 1
    report, balance = outcome(database)
    assert report.sound
    assert (balance, report.transactions) == (0, 2)


def test_one_press_is_credited_once(crowd, database, clock, one_stamp):
    def credit(_number):
        postings = [Posting(CARD, 1), Posting(ISSUED, -1)]
        call = {"kind": "stamp", "source_type": "press", "source_id": "same", "postings": postings}
        return attempt(crowd, lambda session: post(session, clock, **call), AlreadyPostedError)

    assert sum(each_at_once(credit)) == 1
    report, balance = outcome(database)
    assert report.sound
    assert (balance, report.transactions) == (2, 2)


def test_a_transaction_is_taken_back_once(crowd, database, clock, one_stamp):
    def take_back(_number):
        call = {"transaction_id": one_stamp.id, "reason": "wrong", "actor": "key_1"}
        return attempt(crowd, lambda session: reverse(session, clock, **call), AlreadyReversedError)

    assert sum(each_at_once(take_back)) == 1
    report, balance = outcome(database)
    assert report.sound
    assert (balance, report.transactions) == (0, 2)


def test_every_concurrent_credit_counts(crowd, database, clock, one_stamp):
    def credit(number):
        postings = [Posting(CARD, 1), Posting(ISSUED, -1)]
        call = {"kind": "stamp", "source_type": "press", "source_id": f"p{number}", "postings": postings}
        return attempt(crowd, lambda session: post(session, clock, **call), ())

    assert sum(each_at_once(credit)) == THREADS
    report, balance = outcome(database)
    assert report.sound
    assert balance == THREADS + 1


def test_looking_first_and_spending_then_would_be_noticed(crowd, database, clock, one_stamp):
    """The mutant reads the balance and takes the stamp if there was one: all sixteen get the last stamp."""
    looked = threading.Barrier(THREADS, timeout=60)

    def naive_spend(_number):
        with Session(crowd) as session:
            balance = session.scalar(select(ACCOUNTS.c.balance).where(ACCOUNTS.c.id == CARD.id))
            session.rollback()
            looked.wait()
            if balance < 1:
                return False
            session.execute(update(ACCOUNTS).where(ACCOUNTS.c.id == CARD.id).values(balance=balance - 1))
            session.commit()
            return True

    assert sum(each_at_once(naive_spend)) > 1
    report, _balance = outcome(database)
    assert [breach.invariant for breach in report.breaches] == ["balances_are_sums"]
