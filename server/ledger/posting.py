"""Booking: postings that balance, exactly once for a source, never an overdraft."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Executable, and_, bindparam, insert, select, update
from sqlalchemy.orm import Session

from server.core.clock import Clock
from server.core.identifiers import new_id
from server.core.portable import prepared_insert_absent
from server.ledger.accounts import AccountRef
from server.ledger.errors import (
    AlreadyPostedError,
    AlreadyReversedError,
    InvalidPostingError,
    OverdrawnError,
    UnbalancedError,
    UnknownAccountError,
)
from server.ledger.models import ACCOUNTS, POSTINGS, TRANSACTIONS

LARGEST_AMOUNT: Final = 10**12
"""Bound of one posting: far above any card, and so far below 2^63 that no balance can overflow."""

# Built once: building these statements takes several times as long as running them.
_INSERT_TRANSACTION: Final = prepared_insert_absent(TRANSACTIONS, TRANSACTIONS.c.id)
_INSERT_POSTINGS: Final = insert(POSTINGS)
_IS_ACCOUNT: Final = ACCOUNTS.c.id == bindparam("account")
_ACCOUNT: Final = select(ACCOUNTS.c.id).where(_IS_ACCOUNT)
_CHANGED: Final = ACCOUNTS.c.balance + bindparam("change", type_=ACCOUNTS.c.balance.type)


def _move_statement(*, guarded: bool, clawback: bool) -> Executable:
    """Build the conditional UPDATE of a kept balance."""
    account = ACCOUNTS.c
    return (
        update(ACCOUNTS)
        .where(and_(_IS_ACCOUNT, _CHANGED >= 0) if guarded else _IS_ACCOUNT)
        .values(
            balance=_CHANGED,
            # Elsewhere the flag may only fall: the table's CHECK then refuses an overdraft by any other path.
            clawback=_CHANGED < 0 if clawback else and_(account.clawback, _CHANGED < 0),
            version=account.version + 1,
            changed_at=bindparam("moment", type_=account.changed_at.type),
        )
        .returning(account.balance)
    )


_CREDIT: Final = _move_statement(guarded=False, clawback=False)
_DEBIT: Final = _move_statement(guarded=True, clawback=False)
_TAKE_BACK: Final = _move_statement(guarded=False, clawback=True)


@dataclass(frozen=True, slots=True)
class Posting:
    """An amount that enters (> 0) or leaves (< 0) an account."""

    account: AccountRef
    amount: int


@dataclass(frozen=True, slots=True)
class Posted:
    """What was booked.

    Attributes
    ----------
    id : str
        Id of the transaction, ``ltx_…``.
    kind : str
        Kind of the transaction.
    occurred_at : datetime
        Time of booking, aware UTC.
    balances : mapping of AccountRef to int
        Balances after the booking, of those accounts that keep one.
    """

    id: str
    kind: str
    occurred_at: datetime
    balances: Mapping[AccountRef, int]


@dataclass(frozen=True, slots=True)
class Booking:
    """A transaction about to be written; :func:`post` and :func:`server.ledger.reverse` make them."""

    kind: str
    source_type: str
    source_id: str
    postings: tuple[Posting, ...]
    reason: str | None
    actor: str | None
    details: Mapping[str, Any]
    reverses_id: str | None = None


def post(
    session: Session,
    clock: Clock,
    *,
    kind: str,
    source_type: str,
    source_id: str,
    postings: Sequence[Posting],
    reason: str | None = None,
    actor: str | None = None,
    details: Mapping[str, Any] | None = None,
) -> Posted:
    """Book one fact: all of its postings, once, or nothing.

    Parameters
    ----------
    session : Session
        Joined, not committed.
    clock : Clock
        Gives the time of booking.
    kind : str
        What happened, such as ``stamp``.
    source_type, source_id : str
        The fact behind the transaction, such as ``press`` and ``prs_…``. For one source there is at most one
        transaction of each kind, whatever the number of calls, threads and processes.
    postings : sequence of Posting
        At least two, each account at most once; the amounts sum to zero in every unit.
    reason, actor : str or None
        Why, and by whom.
    details : mapping or None
        Further facts in JSON, kept beside the transaction; the ledger does not read them.

    Returns
    -------
    Posted

    Raises
    ------
    UnbalancedError, InvalidPostingError
        The postings are not a transaction.
    AlreadyPostedError
        The source has a transaction of this kind.
    OverdrawnError
        A customer account holds less than is taken from it. Holds under concurrency: the check and the change
        are one conditional UPDATE, with no reliance on row locks taken before.
    UnknownAccountError
        A customer account was never opened. A mistake of the program, not of the people: roll back.
    """
    check_balanced(postings)
    booking = Booking(kind, source_type, source_id, tuple(postings), reason, actor, details or {})
    return write(session, clock, booking)


def check_balanced(postings: Sequence[Posting]) -> None:
    """Raise unless `postings` are a transaction: distinct accounts, non-zero, zero sum in every unit."""
    if len({posting.account for posting in postings}) != len(postings):
        raise InvalidPostingError("an account takes part at most once in a transaction; add its amounts up")
    sums: defaultdict[str, int] = defaultdict(int)
    for posting in postings:
        amount = posting.amount
        if type(amount) is not int or amount == 0 or abs(amount) > LARGEST_AMOUNT:
            raise InvalidPostingError(
                f"an amount is a non-zero integer of at most {LARGEST_AMOUNT}, got {amount!r} "
                f"for {posting.account.id}"
            )
        sums[posting.account.unit] += amount
    if not sums:
        raise InvalidPostingError("a transaction needs postings")
    for unit, total in sums.items():
        if total:
            raise UnbalancedError(f"the postings in {unit!r} sum to {total}, not to 0")


def write(session: Session, clock: Clock, booking: Booking) -> Posted:
    """Write a checked booking. A reversal may take a balance below zero, anything else may not."""
    clawback = booking.reverses_id is not None
    can_fail_late = any(p.account.keeps_balance and p.amount < 0 for p in booking.postings)
    now = clock.now()
    # Only a debit can fail after rows were written: the savepoint takes those back. Credits save its trips.
    with session.begin_nested() if can_fail_late else nullcontext():
        transaction_id = _insert(session, clock, booking, now)
        balances = {
            posting.account: _move(session, posting, now, clawback=clawback)
            # One order for everybody, so that two transactions over the same accounts cannot deadlock.
            for posting in sorted(booking.postings, key=lambda posting: posting.account)
            if posting.account.keeps_balance
        }
        _insert_postings(session, transaction_id, booking.postings)
    return Posted(transaction_id, booking.kind, now, balances)


def _insert(session: Session, clock: Clock, booking: Booking, now: datetime) -> str:
    """Insert the transaction row unless its source (or what it reverses) was booked before."""
    values = {
        "id": new_id("ltx", clock),
        "kind": booking.kind,
        "source_type": booking.source_type,
        "source_id": booking.source_id,
        "reverses_id": booking.reverses_id,
        "reason": booking.reason,
        "actor": booking.actor,
        "details": dict(booking.details),
        "occurred_at": now,
    }
    statement = _INSERT_TRANSACTION[session.get_bind().dialect.name]
    transaction_id: str | None = session.execute(statement, values).scalar_one_or_none()
    if transaction_id is None:
        if booking.reverses_id is not None:
            raise AlreadyReversedError(f"transaction {booking.reverses_id} was reversed before")
        raise AlreadyPostedError(
            f"{booking.source_type} {booking.source_id} was booked before as {booking.kind!r}"
        )
    return transaction_id


def _insert_postings(session: Session, transaction_id: str, postings: Sequence[Posting]) -> None:
    rows = [
        {
            "transaction_id": transaction_id,
            "account_id": posting.account.id,
            "unit": posting.account.unit,
            "amount": posting.amount,
        }
        for posting in postings
    ]
    session.execute(_INSERT_POSTINGS, rows)


def _move(session: Session, posting: Posting, now: datetime, *, clawback: bool) -> int:
    """Add to a kept balance in one conditional statement and return the new balance."""
    guarded = _DEBIT if posting.amount < 0 else _CREDIT
    statement = _TAKE_BACK if clawback else guarded
    change = {"account": posting.account.id, "change": posting.amount, "moment": now}
    balance: int | None = session.execute(statement, change).scalar_one_or_none()
    if balance is not None:
        return balance
    if session.execute(_ACCOUNT, {"account": posting.account.id}).first() is None:
        raise UnknownAccountError(f"account {posting.account.id} was never opened")
    raise OverdrawnError(f"account {posting.account.id} holds less than {-posting.amount}")
