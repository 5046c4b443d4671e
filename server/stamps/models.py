"""Tables of stamps, of their places, and of the clock that orders their changes."""

from datetime import datetime
from typing import Literal

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    Integer,
    LargeBinary,
    SmallInteger,
    String,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column

from server.core.database import Base, UtcDateTime

StampKind = Literal["fixed", "zone", "courier"]
StampStatus = Literal["active", "suspended", "retired"]


class Stamp(Base):
    """A registered stamp.

    `number` is what the index knows it by, and never given twice. `pattern`
    holds the tips as little-endian 32-bit integers, in micrometres, x and y in
    turn, x to the right and y down as the screen sees them. `version` is the
    reading of the commit clock at the last change.
    """

    __tablename__ = "stamp"
    __table_args__ = (
        UniqueConstraint("partner_id", "serial"),
        CheckConstraint("kind IN ('fixed', 'zone', 'courier')", name="kind"),
        CheckConstraint("status IN ('active', 'suspended', 'retired')", name="status"),
        CheckConstraint("tips BETWEEN 3 AND 10", name="tips"),
        # On SQLite too, a number that was once given is not given again.
        {"sqlite_autoincrement": True},
    )

    number: Mapped[int] = mapped_column(
        BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True
    )
    id: Mapped[str] = mapped_column(String(40), unique=True)
    partner_id: Mapped[str] = mapped_column(ForeignKey("partner.id"))
    serial: Mapped[str] = mapped_column(String(64))
    kind: Mapped[str] = mapped_column(String(8))
    tips: Mapped[int] = mapped_column(SmallInteger)
    pattern: Mapped[bytes] = mapped_column(LargeBinary)
    status: Mapped[str] = mapped_column(String(16))
    version: Mapped[int] = mapped_column(BigInteger, index=True)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)


class StampPlace(Base):
    """A shop where a stamp may be pressed: one for a fixed stamp, several for a zone, none for a courier."""

    __tablename__ = "stamp_place"

    stamp_number: Mapped[int] = mapped_column(ForeignKey("stamp.number"), primary_key=True)
    shop_id: Mapped[str] = mapped_column(ForeignKey("shop.id"), primary_key=True, index=True)


class StampClock(Base):
    """The one row that is counted up in each transaction that changes stamps.

    The transaction holds the row's lock until it ends, so that whoever sees a
    reading sees everything that was given a lower one (docs/adr/0007).
    """

    __tablename__ = "stamp_clock"
    __table_args__ = (CheckConstraint("id = 1", name="one_row"),)

    id: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    version: Mapped[int] = mapped_column(BigInteger)
