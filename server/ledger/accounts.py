"""Accounts: how they are named and opened."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy.orm import Session

from server.core.clock import Clock
from server.core.portable import insert_absent
from server.ledger.errors import InvalidPostingError
from server.ledger.models import ACCOUNTS, CUSTOMER

_NAME_PART: Final = re.compile(r"[a-z0-9_]{1,40}")


@dataclass(frozen=True, slots=True, order=True)
class AccountRef:
    """The name of an account; its id follows from the name, so that no look-up is needed to post.

    Parameters
    ----------
    owner_type, owner_id : str
        Whose account it is, such as ``card`` and ``crd_…``. Lower-case letters, digits and underscores, at
        most 40 of them.
    unit : str
        What is counted, such as ``stamp``. Units never mix: postings balance unit by unit.
    kind : str
        ``customer`` for an account whose balance is kept and guarded against overdraft. Every other kind
        (``issued``, ``redeemed``, …) is a counter-account without a kept balance: a kept one would be a row
        that all credits of a programme wait for.

    Raises
    ------
    InvalidPostingError
        Where a part is not a plain name.
    """

    owner_type: str
    owner_id: str
    unit: str
    kind: str = CUSTOMER

    def __post_init__(self) -> None:
        for part in (self.owner_type, self.owner_id, self.unit, self.kind):
            if not _NAME_PART.fullmatch(part):
                raise InvalidPostingError(f"not a plain name in an account reference: {part!r}")

    @property
    def id(self) -> str:
        """Primary key of the account: the four parts, joined by colons."""
        return f"{self.owner_type}:{self.owner_id}:{self.unit}:{self.kind}"

    @property
    def keeps_balance(self) -> bool:
        """Whether the account's balance is kept, and so guarded against overdraft."""
        return self.kind == CUSTOMER


def open_accounts(session: Session, clock: Clock, references: Iterable[AccountRef]) -> None:
    """Open the accounts that do not exist yet; those that do are left as they are.

    Parameters
    ----------
    session : Session
        Joined, not committed.
    clock : Clock
        Gives the time of opening.
    references : iterable of AccountRef
        Accounts that must exist afterwards. One statement, whatever their number.
    """
    open_accounts_at(session, dict.fromkeys(references, clock.now()))


def open_accounts_at(session: Session, references: Mapping[AccountRef, datetime]) -> None:
    """Open accounts as `open_accounts` does, each at a time of its own."""
    rows = [
        {
            "id": reference.id,
            "owner_type": reference.owner_type,
            "owner_id": reference.owner_id,
            "unit": reference.unit,
            "kind": reference.kind,
            "balance": 0 if reference.keeps_balance else None,
            "clawback": False,
            "version": 0,
            "changed_at": references[reference],
        }
        for reference in sorted(references)
    ]
    if rows:
        session.execute(insert_absent(session, ACCOUNTS).values(rows))
