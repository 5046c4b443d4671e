"""What the API says about programmes, and about what was booked."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from server.core.schemas import ApiModel, Bilingual, Integer
from server.programs.models import ProgramStatus
from server.programs.views import ShopView

_SHOP = "shp_0192f1c2a5b77d3e8a41c9e0b2d4f6a8"
_ShopId = Annotated[str, StringConstraints(max_length=64)]
ShopIds = Annotated[list[_ShopId], Field(min_length=1, max_length=1000, examples=[[_SHOP]])]
StampsRequired = Annotated[Integer, Field(ge=1, le=100, examples=[10])]
ValidDays = Annotated[
    Integer,
    Field(
        ge=1,
        le=3650,
        description="days after the day of issue on which a coupon counts, by the shop's calendar; "
        "null: for ever",
        examples=[90],
    ),
]


class ProgramCreate(ApiModel):
    """A new programme."""

    name: Bilingual
    reward: Bilingual
    stamps_required: StampsRequired
    coupon_valid_days: ValidDays | None = None
    shops: ShopIds


class ProgramUpdate(ApiModel):
    """Changes to a programme; what is left out stays.

    Stamps and coupons that customers have are never lost by a change: a card
    that has stamps keeps the number its round began with, and an issued coupon
    its reward and its last day.
    """

    name: Bilingual | None = None
    reward: Bilingual | None = None
    stamps_required: StampsRequired | None = None
    coupon_valid_days: ValidDays | None = Field(default=None, description="null: coupons last for ever")
    shops: ShopIds | None = Field(default=None, description="replaces the list")
    status: ProgramStatus | None = Field(
        default=None, description="ended: no more stamps; issued coupons are still honoured"
    )


class ProgramBody(ApiModel):
    """A programme: so many stamps become a coupon."""

    id: str = Field(examples=["prg_0192f1c2a5b77d3e8a41c9e0b2d4f6a8"])
    name: Bilingual
    reward: Bilingual
    stamps_required: int
    coupon_valid_days: int | None
    shops: list[str]
    status: ProgramStatus
    created_at: datetime
    updated_at: datetime


class TransactionBody(ApiModel):
    """Something that was booked to one of the customer's cards."""

    id: str = Field(examples=["ltx_0192f1c2a5b77d3e8a41c9e0b2d4f6a8"])
    kind: Literal["stamp", "coupon_issued", "coupon_redeemed", "reversal"]
    stamps: int = Field(description="how many stamps the card got, or gave (below zero)")
    coupons: int = Field(description="how many coupons the card got, or gave")
    card: str
    program: str
    shop: ShopView
    press: str | None
    coupon: str | None
    at: datetime
