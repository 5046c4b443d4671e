"""Reading what was booked to some accounts."""

from collections.abc import Collection, Mapping

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from server.ledger.accounts import AccountRef
from server.ledger.models import LedgerPosting, LedgerTransaction


def transactions_of(accounts: Collection[AccountRef]) -> Select[LedgerTransaction]:
    """Return the query for the transactions that touch any of `accounts`, each once, in no order."""
    touching = select(LedgerPosting.transaction_id).where(
        LedgerPosting.account_id.in_(account.id for account in accounts)
    )
    return select(LedgerTransaction).where(LedgerTransaction.id.in_(touching))


def amounts_of(
    session: Session, transaction_ids: Collection[str], accounts: Collection[AccountRef]
) -> Mapping[str, Mapping[str, int]]:
    """Return what each transaction moved into (> 0) or out of (< 0) the accounts together.

    Returns
    -------
    mapping
        From transaction id to unit to amount; units that were not moved are absent.
    """
    moved: dict[str, dict[str, int]] = {}
    rows = session.execute(
        select(LedgerPosting.transaction_id, LedgerPosting.unit, LedgerPosting.amount).where(
            LedgerPosting.transaction_id.in_(transaction_ids),
            LedgerPosting.account_id.in_(account.id for account in accounts),
        )
    )
    for transaction_id, unit, amount in rows:
        units = moved.setdefault(transaction_id, {})
        units[unit] = units.get(unit, 0) + amount
    return moved
