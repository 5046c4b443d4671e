"""Taking a booked transaction back, by an equal and opposite one."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from server.core.clock import Clock
from server.ledger.accounts import AccountRef
from server.ledger.errors import NotReversibleError, UnknownTransactionError
from server.ledger.models import LedgerAccount, LedgerPosting, LedgerTransaction
from server.ledger.posting import Booking, Posted, Posting, write

REVERSAL = "reversal"
"""Kind of the transactions that take another one back."""


def reverse(session: Session, clock: Clock, *, transaction_id: str, reason: str, actor: str) -> Posted:
    """Book the opposite of a transaction, once.

    Parameters
    ----------
    session : Session
        Joined, not committed.
    clock : Clock
        Gives the time of booking.
    transaction_id : str
        What to take back.
    reason, actor : str
        Why and by whom; kept with the reversal.

    Returns
    -------
    Posted
        Every account stands as if the transaction had not been. An account that has spent the units meanwhile
        goes below zero and is flagged ``clawback`` until later credits bring it back.

    Raises
    ------
    UnknownTransactionError, NotReversibleError, AlreadyReversedError
    """
    original = session.execute(
        select(LedgerTransaction.reverses_id, LedgerTransaction.details).where(
            LedgerTransaction.id == transaction_id
        )
    ).one_or_none()
    if original is None:
        raise UnknownTransactionError(f"there is no transaction {transaction_id!r}")
    if original.reverses_id is not None:
        raise NotReversibleError(
            f"transaction {transaction_id} is a reversal itself; book the fact again instead"
        )
    rows = session.execute(
        select(
            LedgerAccount.owner_type,
            LedgerAccount.owner_id,
            LedgerAccount.unit,
            LedgerAccount.kind,
            LedgerPosting.amount,
        )
        .join(LedgerPosting, LedgerPosting.account_id == LedgerAccount.id)
        .where(LedgerPosting.transaction_id == transaction_id)
    )
    postings = tuple(Posting(AccountRef(*name), -amount) for *name, amount in rows)
    booking = Booking(
        kind=REVERSAL,
        source_type="ledger_transaction",
        source_id=transaction_id,
        postings=postings,
        reason=reason,
        actor=actor,
        details=original.details,
        reverses_id=transaction_id,
    )
    return write(session, clock, booking)
