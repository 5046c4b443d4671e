"""What can go wrong between a phone and the server, apart from a refused press, which is an `Outcome`."""

__all__ = ["AnswerError", "ClientError", "RefusedError", "StoreError", "TransportError"]


class ClientError(Exception):
    """A call that did not give an answer.

    Parameters
    ----------
    code
        Stable, in snake_case.
    message
        For a developer: what happened and what to do.
    retryable
        Whether the same call may succeed later without any change.
    """

    def __init__(self, code: str, message: str, *, retryable: bool) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.retryable = retryable


class TransportError(ClientError):
    """The server could not be reached, was busy or failed; nothing is known to be wrong with the call.

    Parameters
    ----------
    code, message
        As in `ClientError`.
    retry_after_s
        How long the server asked to wait, where it said so.
    """

    def __init__(self, code: str, message: str, *, retry_after_s: float | None = None) -> None:
        super().__init__(code, message, retryable=True)
        self.retry_after_s = retry_after_s


class RefusedError(ClientError):
    """The server understood the call and said no (a revoked device, a foreign key, an unknown coupon).

    Parameters
    ----------
    code, message
        The server's own.
    status
        The HTTP status.
    """

    def __init__(self, code: str, message: str, *, status: int) -> None:
        super().__init__(code, message, retryable=False)
        self.status = status


class AnswerError(ClientError):
    """The server's answer is not of this protocol; the two programs do not fit together."""

    def __init__(self, message: str) -> None:
        super().__init__("answer_unreadable", message, retryable=False)


class StoreError(ClientError):
    """The device's store cannot be read or written."""

    def __init__(self, message: str) -> None:
        super().__init__("store_failed", message, retryable=False)
