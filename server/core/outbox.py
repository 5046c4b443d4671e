"""Messages for the world outside, written in the transaction whose effect they tell of.

Nothing is sent while a request runs: a rolled-back transaction leaves no
message, a committed one never loses it. They are handed over later (`server.core.delivery`).
"""

from datetime import datetime
from typing import Any

from sqlalchemy import Index, String, text
from sqlalchemy.orm import Mapped, Session, mapped_column

from server.core.clock import Clock
from server.core.database import Base, JsonType, UtcDateTime
from server.core.identifiers import new_id


class OutboxMessage(Base):
    """A message that waits for delivery."""

    __tablename__ = "outbox_message"
    __table_args__ = (
        Index("ix_outbox_message_waiting", "delivered_at", "due_at"),
        # A few letters among a million presses that wait for a worker of theirs are found at once.
        Index(
            "ix_outbox_message_topic_waiting",
            "topic",
            "due_at",
            sqlite_where=text("delivered_at IS NULL"),
            postgresql_where=text("delivered_at IS NULL"),
        ),
    )

    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    topic: Mapped[str] = mapped_column(String(64))
    payload: Mapped[dict[str, Any]] = mapped_column(JsonType)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    due_at: Mapped[datetime] = mapped_column(UtcDateTime)
    delivered_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


def enqueue(session: Session, clock: Clock, *, topic: str, payload: dict[str, Any]) -> OutboxMessage:
    """Add a message to the caller's transaction; it is due at once.

    Parameters
    ----------
    session, clock
        The transaction it belongs to, and the time.
    topic
        Stable name, noun and verb, as ``press.accepted``.
    payload
        JSON.
    """
    now = clock.now()
    message = OutboxMessage(id=new_id("msg", clock), topic=topic, payload=payload, created_at=now, due_at=now)
    session.add(message)
    return message
