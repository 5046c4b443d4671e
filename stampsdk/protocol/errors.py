"""What the protocol says when it refuses something."""

__all__ = ["EnvelopeError", "KeyFormatError", "ProtocolError", "ReceiptError", "SignatureError"]


class ProtocolError(ValueError):
    """A message, key or signature that this protocol does not accept.

    Parameters
    ----------
    code
        Stable, in snake_case; programs may act on it.
    field
        Where it was found, as a path such as ``press.touches[2][0]``; empty for the whole.
    message
        For a developer: what was wrong and what would be right. It never repeats the input.
    """

    def __init__(self, code: str, field: str, message: str) -> None:
        super().__init__(f"{field}: {message}" if field else message)
        self.code = code
        self.field = field
        self.message = message


class EnvelopeError(ProtocolError):
    """An envelope that cannot be built or read."""


class SignatureError(EnvelopeError):
    """A signature that is missing, malformed, by another algorithm, or wrong."""


class ReceiptError(ProtocolError):
    """A receipt that cannot be signed, read or trusted."""


class KeyFormatError(ProtocolError):
    """A key that is not a P-256 key, or not an HMAC secret of at least 32 bytes."""
