"""Tables of programmes, cards and coupons. How many stamps a card holds is the ledger's matter."""

from datetime import datetime
from typing import Literal

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from server.core.database import Base, JsonType, UtcDateTime

ProgramStatus = Literal["active", "ended"]


class Program(Base):
    """A promise: `stamps_required` stamps become a coupon for the reward.

    ``name`` and ``reward`` are ``{"ko", "en"}``. Coupons last for
    ``coupon_valid_days`` days, or for ever when that is None.
    """

    __tablename__ = "program"

    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    partner_id: Mapped[str] = mapped_column(ForeignKey("partner.id"), index=True)
    name: Mapped[dict[str, str]] = mapped_column(JsonType)
    reward: Mapped[dict[str, str]] = mapped_column(JsonType)
    stamps_required: Mapped[int]
    coupon_valid_days: Mapped[int | None]
    status: Mapped[ProgramStatus] = mapped_column(String(16))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime)

    __table_args__ = (
        CheckConstraint("stamps_required BETWEEN 1 AND 100", name="stamps_required"),
        CheckConstraint("status IN ('active', 'ended')", name="status"),
    )


class ProgramShop(Base):
    """A shop that takes part in a programme; ``active`` repeats whether the programme is, for the index."""

    __tablename__ = "program_shop"

    program_id: Mapped[str] = mapped_column(ForeignKey("program.id"), primary_key=True)
    shop_id: Mapped[str] = mapped_column(ForeignKey("shop.id"), primary_key=True)
    active: Mapped[bool]

    __table_args__ = (
        # A press must not have to choose: a shop takes part in at most one active programme.
        Index(
            "uq_program_shop_active_shop",
            "shop_id",
            unique=True,
            sqlite_where=text("active"),
            postgresql_where=text("active"),
        ),
    )


class Card(Base):
    """A customer's card in a programme.

    ``stamps_required`` is the number that the present round began with;
    ``shop_id`` is the shop of the first stamp.
    """

    __tablename__ = "card"

    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    customer_id: Mapped[str] = mapped_column(ForeignKey("customer.id"))
    program_id: Mapped[str] = mapped_column(ForeignKey("program.id"), index=True)
    shop_id: Mapped[str] = mapped_column(ForeignKey("shop.id"))
    stamps_required: Mapped[int]
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)

    __table_args__ = (
        UniqueConstraint("customer_id", "program_id"),
        Index("ix_card_shop_id", "shop_id"),  # what a shop owes
    )


class Coupon(Base):
    """A reward that was earned, in the words it was promised in. Whether it has expired the clock says.

    Attributes
    ----------
    status
        ``void`` when it was taken back with a stamp that had earned it.
    issued_press_id
        The source of the stamp that filled the card: a press, a hand stamp or a staff code.
    redemptions_undone
        How many redemptions were taken back. It names the next one in the ledger, where one coupon can be
        redeemed once for each number.
    """

    __tablename__ = "coupon"

    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    card_id: Mapped[str] = mapped_column(ForeignKey("card.id"), index=True)
    program_id: Mapped[str] = mapped_column(ForeignKey("program.id"), index=True)
    shop_id: Mapped[str] = mapped_column(ForeignKey("shop.id"))
    reward: Mapped[dict[str, str]] = mapped_column(JsonType)
    status: Mapped[Literal["issued", "redeemed", "void"]] = mapped_column(String(16))
    issued_press_id: Mapped[str] = mapped_column(String(40))
    issued_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    redeemed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    redeemed_shop_id: Mapped[str | None] = mapped_column(ForeignKey("shop.id"))
    redeemed_press_id: Mapped[str | None] = mapped_column(String(40), unique=True)
    redemptions_undone: Mapped[int] = mapped_column(default=0)
    voided_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    __table_args__ = (
        CheckConstraint("status IN ('issued', 'redeemed', 'void')", name="status"),
        CheckConstraint(
            "(status = 'redeemed') = (redeemed_at IS NOT NULL) "
            "AND (redeemed_at IS NULL) = (redeemed_press_id IS NULL)",
            name="redeemed_by_a_press",
        ),
        CheckConstraint("(status = 'void') = (voided_at IS NOT NULL)", name="void_since"),
        Index("ix_coupon_unused", "program_id", "status", "expires_at"),  # what has expired unused
    )


class HandStamp(Base):
    """Stamps that a member gave by hand, beside the ledger's bookings of them.

    ``key`` comes from the page, once for each form: sent twice it gives once. ``second_id`` is the member who
    agreed, where one was asked for.
    """

    __tablename__ = "hand_stamp"

    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    partner_id: Mapped[str] = mapped_column(ForeignKey("partner.id"))
    key: Mapped[str] = mapped_column(String(64))
    member_id: Mapped[str] = mapped_column(String(40))
    second_id: Mapped[str | None] = mapped_column(String(40))
    customer_id: Mapped[str] = mapped_column(ForeignKey("customer.id"))
    shop_id: Mapped[str] = mapped_column(ForeignKey("shop.id"))
    stamps: Mapped[int]
    reason: Mapped[str] = mapped_column(String(200))
    at: Mapped[datetime] = mapped_column(UtcDateTime)

    __table_args__ = (
        UniqueConstraint("partner_id", "key"),
        CheckConstraint("stamps BETWEEN 1 AND 100", name="stamps"),
        CheckConstraint("second_id <> member_id", name="two_people"),
        Index("ix_hand_stamp_shop", "shop_id", "id"),
    )
