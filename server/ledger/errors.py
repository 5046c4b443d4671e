"""What the ledger refuses, each with a stable code."""


class LedgerError(Exception):
    """Base of the ledger's refusals.

    Attributes
    ----------
    code : str
        Stable snake_case code of the refusal.

    Notes
    -----
    A refused posting leaves nothing behind: the session's transaction stands exactly as before the call and
    may go on.
    """

    code = "ledger_error"


class InvalidPostingError(LedgerError, ValueError):
    """The postings are not well-formed: empty, zero, doubled account, not an integer, out of bounds."""

    code = "posting_invalid"


class UnbalancedError(InvalidPostingError):
    """The postings of some unit do not sum to zero."""

    code = "posting_unbalanced"


class AlreadyPostedError(LedgerError):
    """A transaction of this kind exists for this source: the same fact is never booked twice."""

    code = "already_posted"


class OverdrawnError(LedgerError):
    """The account holds less than the posting takes."""

    code = "overdrawn"


class UnknownAccountError(LedgerError, LookupError):
    """The account was never opened."""

    code = "account_unknown"


class UnknownTransactionError(LedgerError, LookupError):
    """There is no such transaction."""

    code = "transaction_unknown"


class AlreadyReversedError(LedgerError):
    """The transaction was reversed before."""

    code = "already_reversed"


class NotReversibleError(LedgerError):
    """A reversal cannot be reversed; book the original fact again."""

    code = "not_reversible"
