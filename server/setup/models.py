"""The table of what the data itself cannot say about an owner's set-up."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from server.core.database import Base, JsonType, UtcDateTime


class Setup(Base):
    """How far an owner has come with the shop that is being set up.

    ``draft`` is what was said about the shop (`server.setup.service.ShopForm`) before it has a fence: a row
    of `shop` has one. ``printed_at`` is when the owner had done with the counter card. ``version`` counts
    the changes, so that of two owners at it the later one is told.
    """

    __tablename__ = "setup"

    partner_id: Mapped[str] = mapped_column(ForeignKey("partner.id"), primary_key=True)
    draft: Mapped[dict[str, Any] | None] = mapped_column(JsonType)
    shop_id: Mapped[str | None] = mapped_column(ForeignKey("shop.id"))
    printed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    version: Mapped[int]
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime)
