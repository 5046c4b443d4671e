"""Checking the ledger's promises against its rows, and recomputing what is derived from them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Executable,
    String,
    cast,
    func,
    literal,
    or_,
    select,
    text,
    update,
)
from sqlalchemy.orm import InstrumentedAttribute, Session, aliased

from server.ledger.immutability import trigger_names
from server.ledger.models import ACCOUNTS, CUSTOMER, LedgerAccount, LedgerPosting, LedgerTransaction


@dataclass(frozen=True, slots=True)
class Breach:
    """A broken promise: which one, where, and the values that show it."""

    invariant: str
    subject: str
    detail: str


@dataclass(frozen=True, slots=True)
class LedgerReport:
    """What :func:`verify` found.

    Attributes
    ----------
    accounts, transactions, postings : int
        Rows looked at.
    breaches : tuple of Breach
        Every broken promise; empty for a sound ledger.
    """

    accounts: int
    transactions: int
    postings: int
    breaches: tuple[Breach, ...]

    @property
    def sound(self) -> bool:
        """Whether every promise holds."""
        return not self.breaches


def verify(session: Session) -> LedgerReport:
    """Check every promise of the ledger against the rows as they are.

    Parameters
    ----------
    session : Session
        Reads only. On PostgreSQL use a REPEATABLE READ transaction where others write at the same time, else
        two statements may see two moments.

    Returns
    -------
    LedgerReport
        With a breach for each transaction that does not balance or has fewer than two postings, each
        posting in another unit than its account's, each kept balance that differs from its postings' sum,
        each balance below zero without the clawback flag (or flagged and not below zero), each reversal
        that is not the opposite of what it reverses, and each missing trigger that guards booked rows.
    """
    breaches = [
        Breach(invariant, str(subject), str(detail))
        for invariant, statement in _checks()
        for subject, detail in session.execute(statement)
    ]
    breaches += [
        Breach("booked_rows_guarded", name, "the trigger is missing or disabled")
        for name in sorted(trigger_names(session.get_bind().dialect.name) - _live_triggers(session))
    ]
    counts = [
        session.scalar(select(func.count()).select_from(table)) or 0
        for table in (LedgerAccount, LedgerTransaction, LedgerPosting)
    ]
    return LedgerReport(counts[0], counts[1], counts[2], tuple(breaches))


def recomputed_balances(session: Session) -> Mapping[str, int]:
    """Return the balance of every account, by account id, summed afresh from the postings."""
    total = func.coalesce(func.sum(LedgerPosting.amount), 0)
    statement = (
        select(LedgerAccount.id, cast(total, BigInteger))
        .outerjoin(LedgerPosting, LedgerPosting.account_id == LedgerAccount.id)
        .group_by(LedgerAccount.id)
    )
    return {account_id: int(balance) for account_id, balance in session.execute(statement)}


def rebuild_balances(session: Session) -> int:
    """Set every kept balance to the sum of its postings; return how many were wrong.

    The postings are the truth, so this repairs a damaged cache and nothing else. Run it while nobody writes.
    """
    accounts, total = ACCOUNTS, _sum_of_account()
    statement = (
        update(accounts)
        .where(
            accounts.c.kind == CUSTOMER, or_(accounts.c.balance != total, accounts.c.clawback != (total < 0))
        )
        .values(balance=total, clawback=total < 0, version=accounts.c.version + 1)
        .returning(accounts.c.id)
    )
    return len(session.execute(statement).all())


def _sum_of_account() -> ColumnElement[int]:
    return (
        select(cast(func.coalesce(func.sum(LedgerPosting.amount), 0), BigInteger))
        .where(LedgerPosting.account_id == LedgerAccount.id)
        .correlate(LedgerAccount)
        .scalar_subquery()
    )


def _checks() -> Iterator[tuple[str, Executable]]:
    """Yield each promise's name with a query whose rows (subject, detail) break it."""
    yield "transactions_balance", _unbalanced()
    yield "transactions_have_two_postings", _too_few_postings()
    yield "units_do_not_mix", _foreign_units()
    yield "balances_are_sums", _wrong_balances()
    yield "negative_only_by_clawback", _wrong_flags()
    yield "reversals_are_opposite", _wrong_reversals()


def _unbalanced() -> Executable:
    total = cast(func.sum(LedgerPosting.amount), BigInteger)
    return (
        select(LedgerPosting.transaction_id, LedgerPosting.unit + literal(" sums to ") + _text(total))
        .group_by(LedgerPosting.transaction_id, LedgerPosting.unit)
        .having(func.sum(LedgerPosting.amount) != 0)
    )


def _too_few_postings() -> Executable:
    count = func.count(LedgerPosting.account_id)
    return (
        select(LedgerTransaction.id, _text(count) + literal(" postings"))
        .outerjoin(LedgerPosting, LedgerPosting.transaction_id == LedgerTransaction.id)
        .group_by(LedgerTransaction.id)
        .having(count < 2)  # noqa: PLR2004 (what leaves one account enters another)
    )


def _foreign_units() -> Executable:
    return (
        select(
            LedgerPosting.transaction_id,
            LedgerPosting.unit + literal(" posted to ") + LedgerPosting.account_id,
        )
        .join(LedgerAccount, LedgerAccount.id == LedgerPosting.account_id)
        .where(LedgerAccount.unit != LedgerPosting.unit)
    )


def _wrong_balances() -> Executable:
    total = _sum_of_account()
    kept = LedgerAccount.balance
    return select(
        LedgerAccount.id, literal("kept ") + _text(kept) + literal(", postings sum to ") + _text(total)
    ).where(LedgerAccount.kind == CUSTOMER, kept != total)


def _wrong_flags() -> Executable:
    return select(LedgerAccount.id, literal("balance ") + _text(LedgerAccount.balance)).where(
        LedgerAccount.kind == CUSTOMER, LedgerAccount.clawback != (LedgerAccount.balance < 0)
    )


def _wrong_reversals() -> Executable:
    """Find reversals where some account's part in both transactions does not cancel out."""
    original = aliased(LedgerTransaction)
    return (
        select(LedgerTransaction.id, LedgerPosting.account_id)
        .join(original, original.id == LedgerTransaction.reverses_id)
        .join(LedgerPosting, LedgerPosting.transaction_id.in_([LedgerTransaction.id, original.id]))
        .group_by(LedgerTransaction.id, LedgerPosting.account_id)
        .having(func.sum(LedgerPosting.amount) != 0)
    )


def _text(value: ColumnElement[int] | InstrumentedAttribute[int | None]) -> ColumnElement[str]:
    return cast(value, String)


def _live_triggers(session: Session) -> frozenset[str]:
    if session.get_bind().dialect.name == "postgresql":
        query = "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal AND tgenabled <> 'D'"
    else:
        query = "SELECT name FROM sqlite_master WHERE type = 'trigger'"
    return frozenset(session.scalars(text(query)))
