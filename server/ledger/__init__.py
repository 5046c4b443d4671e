"""The ledger: an append-only double entry of whatever is counted. It knows no other domain."""

from server.ledger.accounts import AccountRef, open_accounts, open_accounts_at
from server.ledger.bulk import Entry, post_many
from server.ledger.errors import (
    AlreadyPostedError,
    AlreadyReversedError,
    InvalidPostingError,
    LedgerError,
    NotReversibleError,
    OverdrawnError,
    UnbalancedError,
    UnknownAccountError,
    UnknownTransactionError,
)
from server.ledger.history import amounts_of, transactions_of
from server.ledger.immutability import immutability_ddl
from server.ledger.posting import Posted, Posting, post
from server.ledger.reversal import reverse
from server.ledger.verification import (
    Breach,
    LedgerReport,
    rebuild_balances,
    recomputed_balances,
    verify,
)

__all__ = [
    "AccountRef",
    "AlreadyPostedError",
    "AlreadyReversedError",
    "Breach",
    "Entry",
    "InvalidPostingError",
    "LedgerError",
    "LedgerReport",
    "NotReversibleError",
    "OverdrawnError",
    "Posted",
    "Posting",
    "UnbalancedError",
    "UnknownAccountError",
    "UnknownTransactionError",
    "amounts_of",
    "immutability_ddl",
    "open_accounts",
    "open_accounts_at",
    "post",
    "post_many",
    "rebuild_balances",
    "recomputed_balances",
    "reverse",
    "transactions_of",
    "verify",
]
