"""Booking many facts at once, with the checks of one: for what happened elsewhere and is taken over."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from sqlalchemy import and_, bindparam, insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from server.core.clock import FrozenClock
from server.core.identifiers import new_id
from server.ledger.accounts import AccountRef
from server.ledger.errors import LedgerError
from server.ledger.models import ACCOUNTS, POSTINGS, TRANSACTIONS
from server.ledger.posting import Posted, Posting, check_balanced, post

#: Below every balance: an account that nothing is taken from needs not hold anything.
_NO_NEED: Final = -(10**18)
_INSERT_TRANSACTIONS: Final = insert(TRANSACTIONS)
_INSERT_POSTINGS: Final = insert(POSTINGS)
_CHANGED: Final = ACCOUNTS.c.balance + bindparam("change", type_=ACCOUNTS.c.balance.type)
_MOVE: Final = (
    update(ACCOUNTS)
    .where(
        ACCOUNTS.c.id == bindparam("account"),
        ACCOUNTS.c.balance >= bindparam("need", type_=ACCOUNTS.c.balance.type),
    )
    .values(
        balance=_CHANGED,
        # As in `post` the flag may only fall. Credits alone rise towards zero, and after a debit, which
        # succeeds from enough alone, no balance is below it: the end tells what each step would have.
        clawback=and_(ACCOUNTS.c.clawback, _CHANGED < 0),
        version=ACCOUNTS.c.version + bindparam("times", type_=ACCOUNTS.c.version.type),
        changed_at=bindparam("moment", type_=ACCOUNTS.c.changed_at.type),
    )
)
_BALANCES: Final = select(ACCOUNTS.c.id, ACCOUNTS.c.balance).where(
    ACCOUNTS.c.id.in_(bindparam("accounts", expanding=True))
)


@dataclass(frozen=True, slots=True)
class Entry:
    """A fact for `post_many`: what `post` takes, and the aware moment at which it happened."""

    at: datetime
    kind: str
    source_type: str
    source_id: str
    postings: tuple[Posting, ...]
    reason: str | None = None
    actor: str | None = None
    details: Mapping[str, Any] = field(default_factory=dict)


class _NotTogetherError(LedgerError):
    """Some entry would be refused; to say which, they are booked one by one."""


def post_many(session: Session, entries: Sequence[Entry]) -> list[Posted]:
    """Book facts as `post` would one after the other, each at its own time: all of them, or none.

    Parameters
    ----------
    session : Session
        Joined, not committed.
    entries : sequence of Entry
        In the order in which they are booked.

    Returns
    -------
    list of Posted
        One for each entry, with the balances after it.

    Raises
    ------
    InvalidPostingError, UnbalancedError, AlreadyPostedError, OverdrawnError, UnknownAccountError
        What `post` raises for the first entry that it refuses. Nothing was booked.

    Notes
    -----
    Four statements, whatever the number of entries. Each account moves by one conditional UPDATE, which asks
    for as much as the deepest debit needs, with no reliance on row locks taken before. Where that fails, or a
    source was booked before, the entries are booked by `post` itself, which then says what is wrong.
    """
    try:
        with session.begin_nested():
            return _post_together(session, entries)
    except (LedgerError, IntegrityError):
        with session.begin_nested():
            return [_post_one(session, entry) for entry in entries]


def _post_one(session: Session, entry: Entry) -> Posted:
    return post(
        session,
        FrozenClock(entry.at),
        kind=entry.kind,
        source_type=entry.source_type,
        source_id=entry.source_id,
        postings=entry.postings,
        reason=entry.reason,
        actor=entry.actor,
        details=entry.details,
    )


def _post_together(session: Session, entries: Sequence[Entry]) -> list[Posted]:
    for entry in entries:
        check_balanced(entry.postings)
    if not entries:
        return []
    ids = [new_id("ltx", FrozenClock(entry.at)) for entry in entries]
    session.execute(
        _INSERT_TRANSACTIONS,
        [_transaction_row(entry, row_id) for row_id, entry in zip(ids, entries, strict=True)],
    )
    balances = _move(session, entries)
    session.execute(
        _INSERT_POSTINGS,
        [
            {
                "transaction_id": row_id,
                "account_id": posting.account.id,
                "unit": posting.account.unit,
                "amount": posting.amount,
            }
            for row_id, entry in zip(ids, entries, strict=True)
            for posting in entry.postings
        ],
    )
    posted = []
    for row_id, entry in zip(ids, entries, strict=True):
        after = {}
        for posting in _kept(entry.postings):
            balances[posting.account] += posting.amount
            after[posting.account] = balances[posting.account]
        posted.append(Posted(row_id, entry.kind, entry.at, after))
    return posted


def _transaction_row(entry: Entry, row_id: str) -> dict[str, Any]:
    return {
        "id": row_id,
        "kind": entry.kind,
        "source_type": entry.source_type,
        "source_id": entry.source_id,
        "reverses_id": None,
        "reason": entry.reason,
        "actor": entry.actor,
        "details": dict(entry.details),
        "occurred_at": entry.at,
    }


@dataclass(slots=True)
class _Movement:
    """What happens to one account: the sum, what it must hold for that, how often, and when last."""

    moment: datetime
    change: int = 0
    need: int = _NO_NEED
    times: int = 0

    def add(self, amount: int, moment: datetime) -> None:
        self.change += amount
        self.times += 1
        self.moment = moment
        if amount < 0:
            self.need = max(self.need, -self.change)


def _move(session: Session, entries: Sequence[Entry]) -> dict[AccountRef, int]:
    """Move every kept balance, and return the balances before."""
    movements: dict[AccountRef, _Movement] = {}
    for entry in entries:
        for posting in _kept(entry.postings):
            movements.setdefault(posting.account, _Movement(entry.at)).add(posting.amount, entry.at)
    if not movements:
        return {}
    rows = [
        {
            "account": account.id,
            "change": movement.change,
            "need": movement.need,
            "times": movement.times,
            "moment": movement.moment,
        }
        # One order for everybody, as in `post`, so that two transactions cannot deadlock.
        for account, movement in sorted(movements.items(), key=lambda item: item[0])
    ]
    if session.connection().execute(_MOVE, rows).rowcount != len(rows):
        raise _NotTogetherError("an account is unknown or holds too little")
    after = dict(session.execute(_BALANCES, {"accounts": [row["account"] for row in rows]}).all())
    return {account: after[account.id] - movement.change for account, movement in movements.items()}


def _kept(postings: Iterable[Posting]) -> list[Posting]:
    return [posting for posting in postings if posting.account.keeps_balance]
