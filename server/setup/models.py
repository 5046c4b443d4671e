"""The table of what the data itself cannot say about the set-up of a shop."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from server.core.database import Base, JsonType, UtcDateTime


class Setup(Base):
    """How far an owner has come with a shop.

    ``draft`` is what was said about the shop (`server.setup.forms.ShopForm`) before it has a fence: a row
    of `shop` has one. Until then ``shop_id`` is NULL, and a partner has one such row at most. ``printed_at``
    is when the owner had done with the counter card. ``version`` counts the changes, so that of two owners
    at it the later one is told.
    """

    __tablename__ = "setup"

    id: Mapped[str] = mapped_column(primary_key=True)
    partner_id: Mapped[str] = mapped_column(ForeignKey("partner.id"))
    draft: Mapped[dict[str, Any] | None] = mapped_column(JsonType)
    shop_id: Mapped[str | None] = mapped_column(ForeignKey("shop.id"), unique=True)
    printed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    version: Mapped[int]
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime)

    __table_args__ = (
        Index(
            "uq_setup_partner_draft",
            "partner_id",
            unique=True,
            sqlite_where=text("shop_id IS NULL"),
            postgresql_where=text("shop_id IS NULL"),
        ),
    )
