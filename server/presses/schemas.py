"""What requests about presses carry, and what they are answered."""

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import Field

from server.core.schemas import ApiModel, Integer, Number
from stampsdk.protocol import MAX_COMPACT_CHARS

VerdictName = Literal["accepted", "held", "refused"]
PurposeName = Literal["stamp", "redeem", "verify", "clock"]


class ChallengeRequest(ApiModel):
    """How many challenges are wanted, and for what."""

    purpose: PurposeName = Field(examples=["stamp"])
    count: Annotated[Integer, Field(ge=1, le=5)] = 1


class ChallengeBody(ApiModel):
    """A challenge, to be answered by one press of this device."""

    id: str = Field(examples=["chl_0192f1c2a5b77d3e8a41c9e0b2d4f6a8"])
    nonce: str = Field(description="32 bytes in base64url; shown this once")
    purpose: PurposeName
    expires_at: datetime


class ChallengeList(ApiModel):
    """The challenges that were issued: as many as wanted, or as many as the device may still hold."""

    challenges: list[ChallengeBody]


class PressSubmission(ApiModel):
    """A signed press envelope."""

    envelope: str = Field(
        max_length=MAX_COMPACT_CHARS,
        description="compact JWS of type stamp-press+jws",
        examples=["eyJhbGci…"],
    )


class StaffCodePlace(ApiModel):
    """Where the phone is; only used to find the shop, and not kept."""

    lat: Annotated[Number, Field(ge=-90, le=90)]
    lon: Annotated[Number, Field(ge=-180, le=180)]
    accuracy_m: Annotated[Number, Field(ge=0, le=1e6)]


class StaffCodeSubmission(ApiModel):
    """A code that the staff shows, and what the phone knows of the shop that it is for."""

    shop: str | None = Field(
        None,
        max_length=64,
        pattern=r"^[a-z0-9_]+$",
        description="from the address of the shop's QR code, /s?shop=…; left out where the phone does not "
        "know it",
        examples=["shp_0192f1c2a5b77d3e8a41c9e0b2d4f6a8"],
    )
    code: str = Field(pattern=r"^[0-9]{6}$", examples=["042917"])
    location: StaffCodePlace | None = None


class BilingualText(ApiModel):
    """A sentence for people, in Korean and English."""

    ko: str
    en: str


class ShopName(ApiModel):
    """A shop, by name."""

    id: str
    name: str


class VisitBody(ApiModel):
    """The visit that a press belongs to, and how many presses it has by now."""

    id: str
    presses: int


class PressAnswer(ApiModel):
    """What became of a press that was not refused."""

    id: str = Field(
        description="the press, prs_…, or the staff code, stc_…",
        examples=["prs_0192f1c2a5b77d3e8a41c9e0b2d4f6a8"],
    )
    verdict: Literal["accepted", "held"]
    code: Literal["stamped", "redeemed", "verified", "held"]
    text: BilingualText
    shop: ShopName
    card: dict[str, Any] | None = Field(description="the card as it stands now, as in /v1/cards")
    coupons: list[dict[str, Any]] = Field(description="issued or redeemed by this press, as in /v1/coupons")
    visit: VisitBody | None
    receipt: str | None = Field(
        description="compact JWS of type stamp-receipt+jws; see /v1/receipt-keys. A staff code has none"
    )


class OwnPress(ApiModel):
    """A press as the device that sent it may see it: nothing beyond what it was told."""

    id: str
    verdict: VerdictName
    code: str
    text: BilingualText
    at: datetime
    shop: ShopName | None
    card: dict[str, Any] | None
    coupons: list[dict[str, Any]]
    visit: VisitBody | None
    receipt: str | None


class PressRecord(ApiModel):
    """A press in the owner's log."""

    id: str
    at: datetime
    verdict: VerdictName
    code: str = Field(description="the coarse code that the phone was told")
    reason: str | None = Field(description="why it was held or refused; null when accepted")
    note: str | None = Field(description="what was wrong with the envelope's form")
    purpose: str | None
    proven: bool = Field(description="whether the device's signature held")
    shop: ShopName | None
    stamp: str | None
    customer: str
    device: str
    visit: str | None
    coupon: str | None
    touches: int | None
    residual_mm: float | None = Field(description="how well the touches fit the best stamp, RMS in mm")
    posterior: float | None = Field(description="probability of that stamp")
    inside: bool | None = Field(description="whether the phone was at the shop; null without a location")
    accuracy: str | None = Field(description="class of the location's accuracy, as in to_25_m")
    source: str | None


class ReceiptKey(ApiModel):
    """A public key that receipts are checked with (RFC 7517)."""

    kty: Literal["EC"]
    crv: Literal["P-256"]
    x: str
    y: str
    kid: str = Field(description="RFC 7638 thumbprint")
    use: Literal["sig"]
    alg: Literal["ES256"]


class ReceiptKeySet(ApiModel):
    """JSON Web Key Set; the first key signs, the others signed before."""

    keys: list[ReceiptKey]
