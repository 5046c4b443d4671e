"""Booking and reversing, on both databases."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

import server.ledger
from server.ledger import (
    AccountRef,
    AlreadyPostedError,
    AlreadyReversedError,
    InvalidPostingError,
    NotReversibleError,
    OverdrawnError,
    Posting,
    UnbalancedError,
    UnknownAccountError,
    UnknownTransactionError,
    amounts_of,
    open_accounts,
    post,
    rebuild_balances,
    recomputed_balances,
    reverse,
    transactions_of,
    verify,
)
from server.ledger.models import ACCOUNTS, LedgerAccount, LedgerTransaction
from server.ledger.posting import LARGEST_AMOUNT, check_balanced

CARD = AccountRef("card", "crd_1", "stamp")
OTHER_CARD = AccountRef("card", "crd_2", "stamp")
ISSUED = AccountRef("program", "prg_1", "stamp", "issued")
REDEEMED = AccountRef("program", "prg_1", "stamp", "redeemed")
ALL = [CARD, OTHER_CARD, ISSUED, REDEEMED]


@pytest.fixture
def book(session, clock):
    """Book into accounts that are open; the source is a press unless said otherwise."""
    open_accounts(session, clock, ALL)

    def book(source_id, *postings, kind="stamp", **members):
        return post(
            session, clock, kind=kind, source_type="press", source_id=source_id, postings=postings, **members
        )

    return book


def kept(session, account):
    return session.scalar(select(ACCOUNTS.c.balance).where(ACCOUNTS.c.id == account.id))


def earn(amount, card=CARD):
    return Posting(card, amount), Posting(ISSUED, -amount)


def spend(amount, card=CARD):
    return Posting(card, -amount), Posting(REDEEMED, amount)


def test_exports_are_sorted_and_there():
    assert server.ledger.__all__ == sorted(server.ledger.__all__)
    assert all(hasattr(server.ledger, name) for name in server.ledger.__all__)


def test_post_moves_balances_and_tells_them(session, clock, book):
    booked = book("prs_1", *earn(3), reason="why", actor="cus_1", details={"shop": "shp_1"})
    assert booked.balances == {CARD: 3}
    assert booked.occurred_at == clock.now()
    assert kept(session, CARD) == 3
    assert kept(session, ISSUED) is None
    row = session.get_one(LedgerTransaction, booked.id)
    assert (row.kind, row.source_id, row.reason, row.actor, row.details) == (
        "stamp",
        "prs_1",
        "why",
        "cus_1",
        {"shop": "shp_1"},
    )
    account = session.get_one(LedgerAccount, CARD.id)
    assert (account.version, account.changed_at) == (1, clock.now())
    assert recomputed_balances(session) == {CARD.id: 3, OTHER_CARD.id: 0, ISSUED.id: -3, REDEEMED.id: 0}
    assert verify(session).sound


def test_opening_an_account_again_keeps_its_balance(session, clock, book):
    book("prs_1", *earn(2))
    open_accounts(session, clock, ALL)
    assert kept(session, CARD) == 2


@pytest.mark.parametrize(
    ("postings", "error"),
    [
        ([], InvalidPostingError),
        ([Posting(CARD, 1)], UnbalancedError),
        ([Posting(CARD, 2), Posting(ISSUED, -1)], UnbalancedError),
        ([Posting(CARD, 1), Posting(AccountRef("card", "crd_1", "point"), -1)], UnbalancedError),
        ([Posting(CARD, 1), Posting(CARD, -1)], InvalidPostingError),
        ([Posting(CARD, 0), Posting(ISSUED, 0)], InvalidPostingError),
        ([Posting(CARD, 1.0), Posting(ISSUED, -1.0)], InvalidPostingError),
        ([Posting(CARD, amount=True), Posting(ISSUED, -1)], InvalidPostingError),
        ([Posting(CARD, LARGEST_AMOUNT + 1), Posting(ISSUED, -LARGEST_AMOUNT - 1)], InvalidPostingError),
    ],
)
def test_what_is_no_transaction_is_refused_and_nothing_written(session, book, postings, error):
    with pytest.raises(error):
        book("prs_1", *postings)
    report = verify(session)
    assert (report.transactions, report.postings) == (0, 0)


@given(st.lists(st.integers(-5, 5).filter(bool), min_size=1, max_size=6))
def test_balanced_is_exactly_a_zero_sum(amounts):
    postings = [Posting(AccountRef("card", f"crd_{i}", "stamp"), amount) for i, amount in enumerate(amounts)]
    if sum(amounts) == 0:
        check_balanced(postings)
    else:
        with pytest.raises(UnbalancedError):
            check_balanced(postings)


@pytest.mark.parametrize("name", ["", "a:b", "A", "card ", "x" * 41, "a\x00", "é"])
def test_account_names_are_plain(name):
    with pytest.raises(InvalidPostingError):
        AccountRef("card", name, "stamp")


def test_one_source_is_booked_once_for_each_kind(session, book):
    first = book("prs_1", *earn(1))
    with pytest.raises(AlreadyPostedError, match="prs_1"):
        book("prs_1", *earn(1))
    book("prs_1", *earn(1), kind="bonus")
    assert kept(session, CARD) == 2
    assert session.get(LedgerTransaction, first.id) is not None
    assert verify(session).sound


def test_spending_more_than_there_is_leaves_nothing_behind(session, book):
    book("prs_1", *earn(2))
    before = verify(session)
    with pytest.raises(OverdrawnError, match="less than 3"):
        book("prs_2", *spend(3))
    assert verify(session) == before
    assert kept(session, CARD) == 2
    # The refused source is free, and what is there can be spent.
    assert book("prs_2", *spend(2)).balances == {CARD: 0}


def test_a_refusal_of_one_account_takes_the_others_back(session, book):
    book("prs_1", *earn(5))
    with pytest.raises(OverdrawnError):
        book("prs_2", Posting(CARD, -2), Posting(OTHER_CARD, -1), Posting(REDEEMED, 3))
    with pytest.raises(OverdrawnError):
        book("prs_2", Posting(CARD, -6), Posting(OTHER_CARD, 6))
    assert (kept(session, CARD), kept(session, OTHER_CARD)) == (5, 0)
    assert verify(session).sound


def test_an_account_that_was_never_opened(book):
    ghost = AccountRef("card", "crd_404", "stamp")
    with pytest.raises(UnknownAccountError, match="crd_404"):
        book("prs_1", *earn(1, ghost))
    with pytest.raises(UnknownAccountError, match="crd_404"):
        book("prs_2", *spend(1, ghost))


def test_reversal_restores_every_balance(session, clock, book):
    book("prs_1", *earn(5))
    before = recomputed_balances(session)
    spent = book("prs_2", *spend(3), details={"shop": "shp_1"})
    undone = reverse(session, clock, transaction_id=spent.id, reason="pressed twice", actor="key_1")
    assert recomputed_balances(session) == before
    assert undone.balances == {CARD: 5}
    row = session.get_one(LedgerTransaction, undone.id)
    assert (row.kind, row.reverses_id, row.reason, row.actor, row.details) == (
        "reversal",
        spent.id,
        "pressed twice",
        "key_1",
        {"shop": "shp_1"},
    )
    assert verify(session).sound


def test_a_transaction_is_reversed_once_and_a_reversal_never(session, clock, book):
    earned = book("prs_1", *earn(1))
    undone = reverse(session, clock, transaction_id=earned.id, reason="r", actor="a")
    with pytest.raises(AlreadyReversedError):
        reverse(session, clock, transaction_id=earned.id, reason="r", actor="a")
    with pytest.raises(NotReversibleError):
        reverse(session, clock, transaction_id=undone.id, reason="r", actor="a")
    with pytest.raises(UnknownTransactionError):
        reverse(session, clock, transaction_id="ltx_404", reason="r", actor="a")
    assert kept(session, CARD) == 0
    assert verify(session).sound


def test_taking_back_spent_units_goes_below_zero_flagged_until_earned_again(session, clock, book):
    earned = book("prs_1", *earn(2))
    book("prs_2", *spend(2))
    reverse(session, clock, transaction_id=earned.id, reason="stolen stamp", actor="key_1")
    account = session.get_one(LedgerAccount, CARD.id)
    assert (account.balance, account.clawback) == (-2, True)
    assert verify(session).sound
    with pytest.raises(OverdrawnError):
        book("prs_3", *spend(1))
    book("prs_4", *earn(1))
    session.refresh(account)
    assert (account.balance, account.clawback) == (-1, True)
    book("prs_5", *earn(1))
    session.refresh(account)
    assert (account.balance, account.clawback) == (0, False)
    assert verify(session).sound


def test_history_of_accounts(session, book):
    first = book("prs_1", *earn(2))
    book("prs_2", *earn(7, OTHER_CARD))
    moved = book("prs_3", Posting(CARD, -1), Posting(OTHER_CARD, 1))
    found = {row.id for row in session.scalars(transactions_of([CARD, REDEEMED]))}
    assert found == {first.id, moved.id}
    assert amounts_of(session, found, [CARD]) == {first.id: {"stamp": 2}, moved.id: {"stamp": -1}}
    assert amounts_of(session, [moved.id], [CARD, OTHER_CARD]) == {moved.id: {"stamp": 0}}


def test_a_damaged_cache_is_rebuilt_from_the_postings(session, book):
    book("prs_1", *earn(4))
    session.execute(ACCOUNTS.update().where(ACCOUNTS.c.id == CARD.id).values(balance=9))
    assert [breach.invariant for breach in verify(session).breaches] == ["balances_are_sums"]
    assert rebuild_balances(session) == 1
    assert kept(session, CARD) == 4
    assert rebuild_balances(session) == 0
    assert verify(session).sound
