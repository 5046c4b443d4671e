"""Many facts at once are booked, or refused, exactly as one after the other."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from server.core.clock import FrozenClock
from server.ledger import (
    AccountRef,
    AlreadyPostedError,
    Entry,
    LedgerError,
    OverdrawnError,
    Posting,
    UnbalancedError,
    UnknownAccountError,
    bulk,
    open_accounts,
    post,
    post_many,
    reverse,
    verify,
)
from server.ledger.models import ACCOUNTS, POSTINGS, TRANSACTIONS

START = datetime(2026, 5, 1, tzinfo=UTC)
FIRST, SECOND, OWING, NEVER_OPENED = (
    AccountRef("card", f"crd_{name}", "stamp") for name in ("1", "2", "owing", "unknown")
)
ISSUED = AccountRef("program", "prg_1", "stamp", "issued")
REDEEMED = AccountRef("program", "prg_1", "stamp", "redeemed")


def entry(at, source, *postings, kind="stamp"):
    return Entry(at, kind, "press", source, postings, reason="why", actor="cus_1", details={"press": source})


def earn(card, amount):
    return Posting(ISSUED, -amount), Posting(card, amount)


def spend(card, amount):
    return Posting(card, -amount), Posting(REDEEMED, amount)


MOVES = st.one_of(
    st.builds(earn, st.sampled_from([FIRST, SECOND, OWING]), st.integers(1, 3)),
    st.builds(spend, st.sampled_from([FIRST, SECOND, OWING]), st.integers(1, 3)),
    # Two kept accounts in one transaction.
    st.just((Posting(FIRST, -1), Posting(SECOND, 1))),
)
WRONG = st.one_of(
    st.just(earn(NEVER_OPENED, 1)),
    st.just(spend(NEVER_OPENED, 1)),
    st.just((Posting(ISSUED, -1), Posting(FIRST, 2))),
    st.just(()),
)
#: Mostly new sources, now and then one for the second time.
ENTRIES = st.lists(
    st.tuples(st.one_of(MOVES, MOVES, MOVES, MOVES, WRONG), st.integers(0, 40), st.integers(0, 9)),
    max_size=14,
).map(
    lambda drawn: [
        entry(START + timedelta(minutes=n), f"prs_{n if rare else source}", *moves)
        for n, (moves, source, rare) in enumerate(drawn, start=100)
    ]
)


def begin(session):
    """Open the accounts; one of them owes two stamps to a reversal."""
    clock = FrozenClock(START - timedelta(days=1))
    open_accounts(session, clock, [FIRST, SECOND, OWING, ISSUED, REDEEMED])
    call = {"source_type": "press", "kind": "stamp"}
    given_away = post(session, clock, source_id="prs_a", postings=earn(OWING, 2), **call)
    post(session, clock, source_id="prs_b", postings=spend(OWING, 2), **call)
    reverse(session, clock, transaction_id=given_away.id, reason="mistake", actor="mem_1")
    post(session, clock, source_id="prs_3", postings=earn(FIRST, 2), **call)


def one_by_one(session, entries):
    return [
        post(
            session,
            FrozenClock(each.at),
            kind=each.kind,
            source_type=each.source_type,
            source_id=each.source_id,
            postings=each.postings,
            reason=each.reason,
            actor=each.actor,
            details=each.details,
        )
        for each in entries
    ]


def everything(session):
    """Return all rows, with transactions named by their sources."""
    rows = session.execute(select(TRANSACTIONS)).mappings().all()
    names = {row["id"]: (row["source_id"], row["kind"]) for row in rows}
    transactions = {names[row["id"]]: {**row, "id": None} for row in rows}
    postings = {
        (names[row.transaction_id], row.account_id, row.unit, row.amount)
        for row in session.execute(select(POSTINGS))
    }
    return session.execute(select(ACCOUNTS).order_by(ACCOUNTS.c.id)).all(), transactions, postings


def outcome(session, book, entries):
    """Book in a savepoint; return what came of it and what the rows were then, and take it back."""
    savepoint = session.begin_nested()
    try:
        booked = [(each.kind, each.occurred_at, dict(each.balances)) for each in book(session, entries)]
    except LedgerError as error:
        booked = (type(error), str(error))
    # Refused calls one by one leave what went before; all at once leave nothing.
    rows = everything(session) if isinstance(booked, list) else None
    savepoint.rollback()
    return booked, rows


@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(entries=ENTRIES)
def test_many_at_once_are_as_one_by_one(database, entries):
    with database.transaction() as session:
        begin(session)
        assert outcome(session, post_many, entries) == outcome(session, one_by_one, entries)
        session.rollback()


@pytest.mark.parametrize(
    ("wrong", "error"),
    [
        (entry(START, "prs_3", *earn(FIRST, 1)), AlreadyPostedError),
        (entry(START, "prs_9", *spend(SECOND, 1)), OverdrawnError),
        (entry(START, "prs_9", *spend(OWING, 1)), OverdrawnError),
        (entry(START, "prs_9", *earn(NEVER_OPENED, 1)), UnknownAccountError),
        (entry(START, "prs_9", Posting(ISSUED, -1), Posting(FIRST, 2)), UnbalancedError),
    ],
)
def test_one_refusal_leaves_nothing_of_the_others(session, wrong, error):
    begin(session)
    before = everything(session)
    good = entry(START, "prs_8", *earn(OWING, 1))
    with pytest.raises(error):
        post_many(session, [good, wrong])
    assert everything(session) == before
    assert post_many(session, [good])[0].balances == {OWING: -1}
    assert verify(session).sound


def test_good_entries_are_booked_together_and_not_one_by_one(session, monkeypatch):
    """The quick path is taken: otherwise every other test would pass by the slow one."""
    monkeypatch.setattr(bulk, "post", None)
    begin(session)
    posted = post_many(
        session,
        [
            entry(START, "prs_8", *earn(SECOND, 3)),
            entry(START + timedelta(hours=1), "prs_9", *spend(SECOND, 3)),
            entry(START + timedelta(hours=2), "prs_10", *earn(OWING, 2)),
        ],
    )
    assert [dict(each.balances) for each in posted] == [{SECOND: 3}, {SECOND: 0}, {OWING: 0}]
    assert verify(session).sound


def test_nothing_is_booked_for_nothing(session):
    assert post_many(session, []) == []
