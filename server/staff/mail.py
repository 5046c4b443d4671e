"""The letters of this room: from the outbox to the mail backend."""

from collections.abc import Callable
from typing import Final

from sqlalchemy.orm import Session

from server.core.clock import Clock
from server.core.delivery import deliver_one
from server.core.mail import Mail, MailBackend
from server.core.outbox import OutboxMessage
from server.core.sealing import Sealer
from server.staff.models import Member
from server.staff.resets import INVITATION_TOPIC, RESET_TOPIC, open_token

RESET_PATH: Final = "/owner/reset"
_TEXTS: Final = {
    RESET_TOPIC: (
        "비밀번호 재설정 · Reset your password",
        (
            "30분 안에 이 주소를 열어 새 비밀번호를 정하세요. 요청하지 않으셨다면 무시하시면 됩니다.\n"
            "Open this address within 30 minutes to choose a new password. Not you who asked? Ignore it."
        ),
    ),
    INVITATION_TOPIC: (
        "초대 · Invitation",
        (
            "7일 안에 이 주소를 열어 비밀번호를 정하면 매장 페이지에 로그인할 수 있습니다.\n"
            "Open this address within 7 days to choose a password and sign in to the shop's pages."
        ),
    ),
}


def deliver_mail(
    session: Session, clock: Clock, sealer: Sealer, backend: MailBackend, *, public_origin: str | None
) -> bool:
    """Send the letter that has waited longest, in a transaction of its own; False when none waits.

    Parameters
    ----------
    session, clock, sealer
        The transaction, which the caller commits; the time; what opens the sealed token.
    backend
        Sends it.
    public_origin
        What the link begins with. Never what a request named: whoever asks for
        another's link could choose where it leads. Without one only the path is sent.
    """
    return deliver_one(
        session, clock, topics=tuple(_TEXTS), send=_sender(sealer, backend, (public_origin or "").rstrip("/"))
    )


def _sender(sealer: Sealer, backend: MailBackend, origin: str) -> Callable[[Session, OutboxMessage], None]:
    def send(session: Session, message: OutboxMessage) -> None:
        member = session.get_one(Member, message.payload["member"])
        if member.email is None or member.status != "active":
            return  # nobody to write to any more; the link would be refused as well
        token = open_token(sealer, reset_id=message.payload["reset"], sealed=message.payload["token"])
        subject, text = _TEXTS[message.topic]
        backend.send(Mail(member.email, subject, f"{text}\n\n{origin}{RESET_PATH}?token={token}"))

    return send
