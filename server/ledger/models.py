"""Tables of the ledger: accounts, transactions, postings.

Transactions and postings are append-only; triggers hold that
(:mod:`server.ledger.immutability`). Of an account only the kept balance and
its companions change.
"""

from datetime import datetime
from typing import Any, Final

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, String, Table, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from server.core.database import Base, JsonType, UtcDateTime

CUSTOMER: Final = "customer"
"""The kind of account whose balance is kept in its row."""


class LedgerAccount(Base):
    """Something that holds units: a customer's card, or a programme's counter-account.

    ``balance`` is a cache of the sum of the account's postings, kept on customer accounts only. ``clawback``
    marks an account that a reversal took below zero; nothing else may.
    """

    __tablename__ = "ledger_account"

    id: Mapped[str] = mapped_column(String(170), primary_key=True)
    owner_type: Mapped[str] = mapped_column(String(40))
    owner_id: Mapped[str] = mapped_column(String(40))
    unit: Mapped[str] = mapped_column(String(40))
    kind: Mapped[str] = mapped_column(String(40))
    balance: Mapped[int | None] = mapped_column(BigInteger)
    clawback: Mapped[bool] = mapped_column(default=False)
    version: Mapped[int] = mapped_column(BigInteger, default=0)
    changed_at: Mapped[datetime] = mapped_column(UtcDateTime)

    __table_args__ = (
        UniqueConstraint("owner_id", "owner_type", "unit", "kind"),
        CheckConstraint("(kind = 'customer') = (balance IS NOT NULL)", name="balance_on_customer_accounts"),
        CheckConstraint("balance >= 0 OR clawback", name="overdrawn_only_by_clawback"),
    )


class LedgerTransaction(Base):
    """One booked fact. The unique source makes booking the same fact twice impossible."""

    __tablename__ = "ledger_transaction"

    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    kind: Mapped[str] = mapped_column(String(40))
    source_type: Mapped[str] = mapped_column(String(40))
    source_id: Mapped[str] = mapped_column(String(64))
    reverses_id: Mapped[str | None] = mapped_column(ForeignKey("ledger_transaction.id"), unique=True)
    reason: Mapped[str | None] = mapped_column(String(500))
    actor: Mapped[str | None] = mapped_column(String(64))
    details: Mapped[dict[str, Any]] = mapped_column(JsonType)
    occurred_at: Mapped[datetime] = mapped_column(UtcDateTime)

    __table_args__ = (UniqueConstraint("source_type", "source_id", "kind"),)


class LedgerPosting(Base):
    """One account's part in a transaction; an account takes part at most once."""

    __tablename__ = "ledger_posting"

    transaction_id: Mapped[str] = mapped_column(ForeignKey("ledger_transaction.id"), primary_key=True)
    account_id: Mapped[str] = mapped_column(ForeignKey("ledger_account.id"), primary_key=True)
    unit: Mapped[str] = mapped_column(String(40))
    amount: Mapped[int] = mapped_column(BigInteger)

    __table_args__ = (
        CheckConstraint("amount <> 0", name="amount_not_zero"),
        # History of one account, newest first: transaction ids are in the order of time.
        Index(None, "account_id", "transaction_id"),
    )


def _table(model: type[Base]) -> Table:
    return model.metadata.tables[model.__tablename__]


ACCOUNTS: Final = _table(LedgerAccount)
TRANSACTIONS: Final = _table(LedgerTransaction)
POSTINGS: Final = _table(LedgerPosting)
