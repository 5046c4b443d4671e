"""A clock that orders the changes of shops and stamps as they are committed.

A sequence gives numbers in the order of asking; commits come in another, and a
reader that follows by number would pass over a change that was asked for early
and committed late. Here each transaction that changes shops or stamps counts
one row up. The row stays locked until the transaction ends, so that the next
one cannot get its reading before (docs/adr/0007).
"""

from sqlalchemy import BigInteger, CheckConstraint, SmallInteger, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from server.core.database import Base
from server.core.portable import insert_absent

_TICKED = "commit clock ticked in"


class StampClock(Base):
    """The one row that is counted up."""

    __tablename__ = "stamp_clock"
    __table_args__ = (CheckConstraint("id = 1", name="one_row"),)

    id: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    version: Mapped[int] = mapped_column(BigInteger)


def tick(session: Session) -> int:
    """Count the clock up and return its reading, for the rows that this transaction changes.

    Other transactions that want to tick wait until this one ends. Whoever sees
    a committed reading sees every change that carries it or a lower one.
    """
    forward = (
        update(StampClock)
        .where(StampClock.id == 1)
        .values(version=StampClock.version + 1)
        .returning(StampClock.version)
    )
    reading = session.scalar(forward)
    if reading is None:  # the very first change
        session.execute(insert_absent(session, StampClock.__table__).values(id=1, version=0))
        reading = session.scalars(forward).one()
    session.info[_TICKED] = session.get_transaction()
    return reading


def has_ticked(session: Session) -> bool:
    """Say whether the session's transaction has counted the clock up and not yet ended."""
    ticked = session.info.get(_TICKED)
    return ticked is not None and ticked is session.get_transaction()


def latest(session: Session) -> int:
    """Return the last committed reading, 0 before the first change."""
    return session.scalar(select(StampClock.version).where(StampClock.id == 1)) or 0
