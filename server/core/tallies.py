"""Counts of what may happen only so often: so many a day, so many wrong guesses in an hour."""

from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import String, delete, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from server.core.clock import Clock
from server.core.database import Base, UtcDateTime
from server.core.portable import insert_absent

__all__ = ["Tally", "add", "counted", "forget_old", "give_back"]

_KEPT: Final = timedelta(days=2)


class Tally(Base):
    """How often something happened in one span of time; the bucket names both."""

    __tablename__ = "tally"

    bucket: Mapped[str] = mapped_column(String(200), primary_key=True)
    count: Mapped[int]
    begun_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)


_TALLIES = Tally.metadata.tables[Tally.__tablename__]


def add(
    session: Session, clock: Clock, bucket: str, amount: int = 1, *, most: int | None = None
) -> int | None:
    """Count `amount` more, unless that makes more than `most`.

    Parameters
    ----------
    session, clock
        The transaction it belongs to, and the time.
    bucket
        What is counted and in which span, as ``staff_code|mem_…|2026-11-26``.
    amount
        How much to add.
    most
        The limit; None counts without one.

    Returns
    -------
    int or None
        The count with `amount`, or None where it would pass `most`; then nothing was counted. True under
        concurrency: the bucket's row stays locked until the transaction ends.
    """
    column = _TALLIES.c
    session.execute(insert_absent(session, _TALLIES).values(bucket=bucket, count=0, begun_at=clock.now()))
    statement = update(_TALLIES).where(column.bucket == bucket)
    if most is not None:
        statement = statement.where(column.count + amount <= most)
    total: int | None = session.execute(
        statement.values(count=column.count + amount).returning(column.count)
    ).scalar_one_or_none()
    return total


def counted(session: Session, bucket: str) -> int:
    """Return the count as it is now; others may be adding to it."""
    return session.scalar(select(_TALLIES.c.count).where(_TALLIES.c.bucket == bucket)) or 0


def give_back(session: Session, bucket: str, amount: int = 1) -> None:
    """Take back what was counted and turned out not to count."""
    session.execute(
        update(_TALLIES)
        .where(_TALLIES.c.bucket == bucket, _TALLIES.c.count >= amount)
        .values(count=_TALLIES.c.count - amount)
    )


def forget_old(session: Session, clock: Clock) -> None:
    """Delete the counts of spans that are long over; none lasts longer than a day."""
    session.execute(delete(Tally).where(Tally.begun_at < clock.now() - _KEPT))
