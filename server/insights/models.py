"""Tables of the roll-ups. Every row can be made again from the ledger and the presses.

What an owner changes is in `SegmentDefaults` alone.
"""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, Date, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from server.core.database import Base, JsonType, UtcDateTime


class InsightDay(Base):
    """What happened at a shop on a day of its calendar; what was undone is left out.

    ``hours`` has the stamps of each of the 24 hours of the wall clock.
    """

    __tablename__ = "insight_day"

    shop_id: Mapped[str] = mapped_column(ForeignKey("shop.id"), primary_key=True)
    day: Mapped[date] = mapped_column(Date, primary_key=True)
    stamps: Mapped[int]
    stamps_by_hand: Mapped[int]
    stamps_by_code: Mapped[int]
    coupons_issued: Mapped[int]
    coupons_redeemed: Mapped[int]
    visitors: Mapped[int]
    accepted: Mapped[int]
    held: Mapped[int]
    refused: Mapped[int]
    hours: Mapped[list[int]] = mapped_column(JsonType)

    __table_args__ = (
        # A day with held presses changes when they are decided, however late.
        Index(
            "ix_insight_day_held", "shop_id", sqlite_where=text("held > 0"), postgresql_where=text("held > 0")
        ),
    )


class InsightVisit(Base):
    """A customer's day at a shop: stamps got, coupons redeemed, the last moment."""

    __tablename__ = "insight_visit"

    shop_id: Mapped[str] = mapped_column(ForeignKey("shop.id"), primary_key=True)
    day: Mapped[date] = mapped_column(Date, primary_key=True)
    customer_id: Mapped[str] = mapped_column(ForeignKey("customer.id"), primary_key=True)
    stamps: Mapped[int]
    redeemed: Mapped[int]
    last_at: Mapped[datetime] = mapped_column(UtcDateTime)

    __table_args__ = (Index("ix_insight_visit_customer", "customer_id", "shop_id", "day"),)


class InsightCustomer(Base):
    """All visits of a customer to a shop in one row."""

    __tablename__ = "insight_customer"

    shop_id: Mapped[str] = mapped_column(ForeignKey("shop.id"), primary_key=True)
    customer_id: Mapped[str] = mapped_column(ForeignKey("customer.id"), primary_key=True)
    first_day: Mapped[date] = mapped_column(Date)
    last_day: Mapped[date] = mapped_column(Date)
    last_at: Mapped[datetime] = mapped_column(UtcDateTime)
    visits: Mapped[int]
    stamps: Mapped[int]

    __table_args__ = (
        Index("ix_insight_customer_last", "shop_id", "last_at", "customer_id"),
        Index("ix_insight_customer_first", "shop_id", "first_day"),
    )


class InsightMark(Base):
    """How far a partner's roll-ups have read."""

    __tablename__ = "insight_mark"

    partner_id: Mapped[str] = mapped_column(ForeignKey("partner.id"), primary_key=True)
    seen_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class InsightShop(Base):
    """The timezone by which a shop's days were counted; another one means counting them anew."""

    __tablename__ = "insight_shop"

    shop_id: Mapped[str] = mapped_column(ForeignKey("shop.id"), primary_key=True)
    timezone: Mapped[str] = mapped_column(String(64))


class SegmentDefaults(Base):
    """When a partner calls a customer regular, prospective or lapsed; no row means the usual numbers."""

    __tablename__ = "segment_defaults"

    partner_id: Mapped[str] = mapped_column(ForeignKey("partner.id"), primary_key=True)
    regular_visits: Mapped[int]
    regular_days: Mapped[int]
    prospective_visits: Mapped[int]
    lapsed_days: Mapped[int]
    unseen_days: Mapped[int]
    stopped_at: Mapped[int | None]

    __table_args__ = (
        CheckConstraint(
            "regular_visits >= 1 AND regular_days >= 1 AND prospective_visits >= 1 AND lapsed_days >= 1 "
            "AND unseen_days >= 1 AND (stopped_at IS NULL OR stopped_at >= 1)",
            name="positive",
        ),
    )
