"""What the steps of the set-up ask for, as it was filled in."""

from dataclasses import dataclass, field

from server.core.schemas import Bilingual
from server.shops.schemas import PointFence, PolygonFence, ShopUpdate

__all__ = ["FenceForm", "ProgramForm", "ShopForm"]


@dataclass(frozen=True)
class ShopForm:
    """What the first step asks for; the members are those of `server.shops.schemas.ShopCreate`."""

    name: str
    timezone: str = "Asia/Seoul"
    address: str | None = None
    opening_hours: dict[str, list[list[str]]] = field(default_factory=dict)

    def body(self) -> ShopUpdate:
        """Return the form, checked; pydantic's ValidationError names the member that is wrong."""
        return ShopUpdate.model_validate(
            {
                "name": self.name,
                "timezone": self.timezone,
                "address": self.address or None,
                "opening_hours": self.opening_hours,
            }
        )


@dataclass(frozen=True)
class FenceForm:
    """What the second step asks for: a middle and a radius (m), or corners (latitude, longitude) in order."""

    lat: float = 0.0
    lon: float = 0.0
    radius_m: float = 60.0
    corners: tuple[tuple[float, float], ...] = ()

    def fence(self) -> tuple[PointFence | PolygonFence, float | None]:
        """Return the GeoJSON of the fence and its radius."""
        if not self.corners:
            return PointFence(type="Point", coordinates=[self.lon, self.lat]), self.radius_m
        ring = [[lon, lat] for lat, lon in self.corners]
        return PolygonFence(type="Polygon", coordinates=[[*ring, ring[0]]]), None


@dataclass(frozen=True)
class ProgramForm:
    """What the fourth step asks for; `coupon_valid_days` None is for ever.

    A reward that is written in one language stands for both: many owners write one only.
    """

    stamps_required: int
    reward_ko: str
    reward_en: str
    stamps_per_visit: int = 3
    coupon_valid_days: int | None = None

    def reward(self) -> Bilingual:
        """Return the reward, checked; pydantic's ValidationError when it is in neither language."""
        ko, en = self.reward_ko.strip(), self.reward_en.strip()
        return Bilingual(ko=ko or en, en=en or ko)
