"""Tables of stamps and of their places."""

from datetime import datetime
from typing import Literal, cast

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    Integer,
    LargeBinary,
    SmallInteger,
    String,
    Table,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column

from server.core.database import Base, UtcDateTime
from server.core.guards import guard

StampKind = Literal["fixed", "zone", "courier"]
StampStatus = Literal["active", "suspended", "retired"]


class Stamp(Base):
    """A registered stamp.

    `number` is what the index knows it by, and never given twice. `pattern`
    holds the tips as little-endian 32-bit integers, in micrometres, x and y in
    turn, x to the right and y down as the screen sees them. `version` is the
    reading of the commit clock at the last change of the row or of its places.
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
    kind: Mapped[StampKind] = mapped_column(String(8))
    tips: Mapped[int] = mapped_column(SmallInteger)
    pattern: Mapped[bytes] = mapped_column(LargeBinary)
    status: Mapped[StampStatus] = mapped_column(String(16))
    version: Mapped[int] = mapped_column(BigInteger, index=True)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)


guard(cast("Table", Stamp.__table__), fixed=("number", "tips", "pattern"))


class StampPlace(Base):
    """A shop that a stamp belongs to: one for a fixed stamp; of a courier's, the fences do not count."""

    __tablename__ = "stamp_place"

    stamp_number: Mapped[int] = mapped_column(ForeignKey("stamp.number"), primary_key=True)
    shop_id: Mapped[str] = mapped_column(ForeignKey("shop.id"), primary_key=True, index=True)
