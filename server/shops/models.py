"""The table of shops."""

from datetime import datetime
from typing import Any, Literal, cast

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, String, Table
from sqlalchemy.orm import Mapped, mapped_column

from server.core.database import Base, JsonType, UtcDateTime
from server.core.guards import guard

WithoutLocation = Literal["hold", "refuse"]
ShopStatus = Literal["active", "closed"]


class Shop(Base):
    """A place where stamps are pressed.

    `fence` is GeoJSON in WGS84: a Polygon, a MultiPolygon, or a Point with
    `radius_m`. `lat` and `lon` are a point of the fence's middle, in degrees.
    `opening_hours` is as `server.shops.hours.check_hours` gives it, None when nobody said.
    `version` is the reading of the commit clock at the last change.
    """

    __tablename__ = "shop"
    __table_args__ = (
        CheckConstraint("without_location IN ('hold', 'refuse')", name="without_location"),
        CheckConstraint("status IN ('active', 'closed')", name="status"),
        CheckConstraint("max_presses_per_visit BETWEEN 1 AND 100", name="max_presses_per_visit"),
        CheckConstraint("lat BETWEEN -90 AND 90 AND lon BETWEEN -180 AND 180", name="place"),
    )

    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    partner_id: Mapped[str] = mapped_column(ForeignKey("partner.id"), index=True)
    name: Mapped[str] = mapped_column(String(100))
    timezone: Mapped[str] = mapped_column(String(64))
    fence: Mapped[dict[str, Any]] = mapped_column(JsonType)
    radius_m: Mapped[float | None]
    lat: Mapped[float]
    lon: Mapped[float]
    without_location: Mapped[WithoutLocation] = mapped_column(String(8))
    max_presses_per_visit: Mapped[int]
    status: Mapped[ShopStatus] = mapped_column(String(8))
    address: Mapped[str | None] = mapped_column(String(300))
    opening_hours: Mapped[dict[str, Any] | None] = mapped_column(JsonType)
    version: Mapped[int] = mapped_column(BigInteger, index=True)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)


guard(cast("Table", Shop.__table__))
