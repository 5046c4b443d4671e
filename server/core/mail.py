"""Messages to people by e-mail, and where they go."""

from dataclasses import dataclass
from typing import Final, Literal, Protocol

import structlog

__all__ = ["ConsoleMail", "Mail", "MailBackend", "mail_backend"]

_LOG: Final = structlog.get_logger("server.mail")


@dataclass(frozen=True, slots=True)
class Mail:
    """One message: whom to, the subject, and plain text."""

    to: str
    subject: str
    text: str


class MailBackend(Protocol):
    """Anything that can send mail."""

    def send(self, mail: Mail) -> None:
        """Send it, or raise: it is then tried again later."""
        ...


class ConsoleMail:
    """Writes mail into the server's log instead of sending it: for one machine and for trying things out.

    Whoever reads the log reads the links in it. They are short-lived, and this is what the backend is for.
    """

    def send(self, mail: Mail) -> None:
        """Log the whole message, whatever the log level is short of errors."""
        _LOG.warning("mail", to=mail.to, subject=mail.subject, text=mail.text)


def mail_backend(name: Literal["console"]) -> MailBackend:
    """Return the backend of that name."""
    return {"console": ConsoleMail}[name]()
