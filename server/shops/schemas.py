"""What the API says about shops."""

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import Field, StringConstraints

from server.core.schemas import ApiModel, Integer, Number, ShortText, TimezoneName
from server.shops.models import ShopStatus, WithoutLocation

_FENCE_EXAMPLE = {
    "type": "Polygon",
    "coordinates": [
        [
            [126.9776, 37.5660],
            [126.9782, 37.5660],
            [126.9782, 37.5666],
            [126.9776, 37.5666],
            [126.9776, 37.5660],
        ]
    ],
}

Position = Annotated[list[Number], Field(min_length=2, max_length=3)]
Ring = Annotated[list[Position], Field(min_length=4, max_length=1000)]


class PolygonFence(ApiModel):
    """A GeoJSON Polygon: the outer ring, then holes; longitude first."""

    type: Literal["Polygon"]
    coordinates: list[Ring] = Field(min_length=1, max_length=100, examples=[_FENCE_EXAMPLE["coordinates"]])


class MultiPolygonFence(ApiModel):
    """A GeoJSON MultiPolygon."""

    type: Literal["MultiPolygon"]
    coordinates: list[Annotated[list[Ring], Field(min_length=1, max_length=100)]] = Field(
        min_length=1, max_length=100
    )


class PointFence(ApiModel):
    """A GeoJSON Point, the middle of a circle whose radius is the shop's `radius_m`."""

    type: Literal["Point"]
    coordinates: Position = Field(examples=[[126.978, 37.5663]])


FenceBody = Annotated[PolygonFence | MultiPolygonFence | PointFence, Field(discriminator="type")]
Radius = Annotated[
    Number, Field(gt=0, le=100_000, description="metres around a Point; null for polygons", examples=[40])
]
PressesPerVisit = Annotated[
    Integer,
    Field(ge=1, le=100, description="how many presses in a minute are one customer's several purchases"),
]
Address = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=300),
    Field(description="where people find it, in one line", examples=["서울 중구 세종대로 110"]),
]
Spans = Annotated[
    list[Annotated[list[str], Field(min_length=2, max_length=2)]],
    Field(max_length=4, examples=[["08:00", "22:00"]]),
]
OpeningHours = Annotated[
    dict[Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"], Spans],
    Field(
        description="spans [from, to] of each day by the shop's clock; one that ends at or before its "
        "beginning reaches into the next day; a day left out is closed",
        examples=[{"fri": [["08:00", "22:00"]], "sat": [["10:00", "02:00"]]}],
    ),
]


class ShopCreate(ApiModel):
    """A new shop."""

    name: ShortText = Field(examples=["Café Gwanghwamun"])
    timezone: TimezoneName = "Asia/Seoul"
    fence: FenceBody
    radius_m: Radius | None = None
    without_location: WithoutLocation = Field(
        "hold", description="what happens to a press without a usable location"
    )
    max_presses_per_visit: PressesPerVisit = 3
    address: Address | None = None
    opening_hours: OpeningHours | None = None


class ShopUpdate(ApiModel):
    """Changes to a shop; what is left out stays. A new fence brings its radius along."""

    name: ShortText | None = None
    timezone: TimezoneName | None = None
    fence: FenceBody | None = None
    radius_m: Radius | None = None
    without_location: WithoutLocation | None = None
    max_presses_per_visit: PressesPerVisit | None = None
    address: Address | None = Field(default=None, description="null: none")
    opening_hours: OpeningHours | None = Field(default=None, description="null: nothing is said about them")
    status: ShopStatus | None = None


class ShopBody(ApiModel):
    """A shop."""

    id: str = Field(examples=["shp_0192f1c2a5b77d3e8a41c9e0b2d4f6a8"])
    name: str
    timezone: str
    fence: dict[str, Any] = Field(examples=[_FENCE_EXAMPLE])
    radius_m: float | None
    without_location: WithoutLocation
    max_presses_per_visit: int
    address: str | None
    opening_hours: OpeningHours | None
    status: ShopStatus
    created_at: datetime
