"""The record of who did what. Rows are only ever added."""

from datetime import datetime
from typing import Any

from sqlalchemy import String
from sqlalchemy.orm import Mapped, Session, mapped_column

from server.core.clock import Clock
from server.core.database import Base, JsonType, UtcDateTime
from server.core.identifiers import new_id


class AuditEntry(Base):
    """One thing that somebody did."""

    __tablename__ = "audit_entry"

    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    actor: Mapped[str] = mapped_column(String(64), index=True)
    action: Mapped[str] = mapped_column(String(64))
    subject: Mapped[str] = mapped_column(String(64), index=True)
    detail: Mapped[dict[str, Any]] = mapped_column(JsonType)


def record(
    session: Session,
    clock: Clock,
    *,
    actor: str,
    action: str,
    subject: str,
    detail: dict[str, Any] | None = None,
) -> AuditEntry:
    """Write down that `actor` did `action` to `subject`, in the caller's transaction.

    Parameters
    ----------
    session, clock
        The transaction it belongs to, and the time.
    actor
        Identifier of who did it: a key, a device, ``system``.
    action
        Stable name, noun and verb, as ``stamp.suspended``.
    subject
        Identifier of what it was done to.
    detail
        Further facts, JSON. Never secrets, never coordinates of a person.
    """
    entry = AuditEntry(
        id=new_id("aud", clock),
        at=clock.now(),
        actor=actor,
        action=action,
        subject=subject,
        detail=detail or {},
    )
    session.add(entry)
    return entry
