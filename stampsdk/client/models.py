"""What the server says about cards, coupons and presses, as frozen values."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Self

from stampsdk.client import _json
from stampsdk.client.errors import AnswerError

__all__ = [
    "Bilingual",
    "Card",
    "Coupon",
    "Customer",
    "CustomerDevice",
    "HistoryEntry",
    "Outcome",
    "ProgramRef",
    "ShopRef",
    "Verdict",
    "Visit",
]


@dataclass(frozen=True, slots=True)
class Bilingual:
    """A text for people in Korean and English."""

    ko: str
    en: str

    def in_language(self, language: str) -> str:
        """Give the Korean text for a language tag such as ``ko`` or ``ko-KR``, else the English one."""
        return self.ko if language.lower().split("-")[0].split("_")[0] == "ko" else self.en

    @classmethod
    def from_json(cls, value: Any) -> Self:
        """Read ``{"ko", "en"}``."""
        body = _json.obj(value, "text")
        return cls(_json.text(body, "ko"), _json.text(body, "en"))


@dataclass(frozen=True, slots=True)
class ShopRef:
    """A shop's id ``shp_…`` and name."""

    id: str
    name: str

    @classmethod
    def from_json(cls, value: Any) -> Self:
        """Read ``{"id", "name"}``."""
        body = _json.obj(value, "shop")
        return cls(_json.text(body, "id"), _json.text(body, "name"))


@dataclass(frozen=True, slots=True)
class ProgramRef:
    """A loyalty programme as a card shows it."""

    id: str
    name: Bilingual
    reward: Bilingual
    stamps_required: int

    @classmethod
    def from_json(cls, value: Any) -> Self:
        """Read the programme of a card."""
        body = _json.obj(value, "program")
        return cls(
            id=_json.text(body, "id"),
            name=Bilingual.from_json(body.get("name")),
            reward=Bilingual.from_json(body.get("reward")),
            stamps_required=_json.integer(body, "stamps_required"),
        )


@dataclass(frozen=True, slots=True)
class Card:
    """A card: ``stamps`` of ``program.stamps_required`` are on it."""

    id: str
    program: ProgramRef
    shop: ShopRef
    stamps: int
    updated_at: datetime

    @classmethod
    def from_json(cls, value: Any) -> Self:
        """Read a card."""
        body = _json.obj(value, "card")
        return cls(
            id=_json.text(body, "id"),
            program=ProgramRef.from_json(body.get("program")),
            shop=ShopRef.from_json(body.get("shop")),
            stamps=_json.integer(body, "stamps"),
            updated_at=_json.time(body, "updated_at"),
        )


@dataclass(frozen=True, slots=True)
class Coupon:
    """A coupon; ``status`` is issued, redeemed or expired."""

    id: str
    card: str
    program: str
    reward: Bilingual
    shop: ShopRef
    status: str
    issued_at: datetime
    expires_at: datetime | None
    redeemed_at: datetime | None

    @classmethod
    def from_json(cls, value: Any) -> Self:
        """Read a coupon."""
        body = _json.obj(value, "coupon")
        return cls(
            id=_json.text(body, "id"),
            card=_json.text(body, "card"),
            program=_json.text(body, "program"),
            reward=Bilingual.from_json(body.get("reward")),
            shop=ShopRef.from_json(body.get("shop")),
            status=_json.text(body, "status"),
            issued_at=_json.time(body, "issued_at"),
            expires_at=_json.maybe_time(body, "expires_at"),
            redeemed_at=_json.maybe_time(body, "redeemed_at"),
        )


@dataclass(frozen=True, slots=True)
class Visit:
    """The presses of one customer at one shop within a minute: this one is number ``presses``."""

    id: str
    presses: int


class Verdict(StrEnum):
    """What became of a press."""

    ACCEPTED = "accepted"
    HELD = "held"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Outcome:
    """The server's answer to a press. A refusal is an outcome, not an error.

    Attributes
    ----------
    verdict
        accepted, held (the shop will look at it) or refused.
    code
        Stable: stamped, redeemed, verified, held, or the coarse reason of a refusal.
    shop
        The shop that the stamp named; None when refused.
    card
        The card with its new count, or None.
    coupons
        Issued or redeemed by this press.
    receipt
        Signed by the server, for `PhoneClient.verify_receipt_offline`; None unless accepted.
    text
        One plain sentence for the person.
    press_id
        ``prs_…``, or None where the server kept no press.
    visit
        The visit this press belongs to, or None.
    replayed
        True when the server gave its stored answer to an envelope that it had before.
    """

    verdict: Verdict
    code: str
    shop: ShopRef | None
    card: Card | None
    coupons: tuple[Coupon, ...]
    receipt: str | None
    text: Bilingual
    press_id: str | None
    visit: Visit | None = None
    replayed: bool = False

    @property
    def accepted(self) -> bool:
        """Whether the press was credited, redeemed or verified."""
        return self.verdict is Verdict.ACCEPTED

    @classmethod
    def from_json(cls, value: Any, *, replayed: bool = False) -> Self:
        """Read an answer of `POST /v1/presses`, a problem included.

        Raises
        ------
        AnswerError
            When it is neither.
        """
        body = _json.obj(value, "press")
        verdict = _json.text(body, "verdict")
        if verdict not in set(Verdict):
            raise AnswerError("verdict: accepted, held or refused is wanted")
        refused = verdict == Verdict.REFUSED
        shop, card, visit = (None if refused else body.get(name) for name in ("shop", "card", "visit"))
        return cls(
            verdict=Verdict(verdict),
            code=_json.text(body, "code"),
            shop=None if shop is None else ShopRef.from_json(shop),
            card=None if card is None else Card.from_json(card),
            coupons=tuple(Coupon.from_json(c) for c in _json.array(body, "coupons"))
            if body.get("coupons") is not None and not refused
            else (),
            receipt=None if refused else _json.maybe_text(body, "receipt"),
            text=Bilingual.from_json(body.get("text")),
            press_id=_json.maybe_text(body, "press" if refused else "id"),
            visit=None if visit is None else _read_visit(visit),
            replayed=replayed,
        )


@dataclass(frozen=True, slots=True)
class CustomerDevice:
    """One of the customer's phones or browsers; ``current`` is the one that asks."""

    id: str
    algorithm: str
    model: str | None
    created_at: datetime
    current: bool

    @classmethod
    def from_json(cls, value: Any) -> Self:
        """Read a device of `GET /v1/me`."""
        body = _json.obj(value, "device")
        return cls(
            id=_json.text(body, "id"),
            algorithm=_json.text(body, "algorithm"),
            model=_json.maybe_text(body, "model"),
            created_at=_json.time(body, "created_at"),
            current=_json.boolean(body, "current"),
        )


@dataclass(frozen=True, slots=True)
class Customer:
    """What the server knows of the person: a pseudonym and the devices in use."""

    id: str
    created_at: datetime
    devices: tuple[CustomerDevice, ...]

    @classmethod
    def from_json(cls, value: Any) -> Self:
        """Read `GET /v1/me`."""
        body = _json.obj(value, "customer")
        return cls(
            id=_json.text(body, "id"),
            created_at=_json.time(body, "created_at"),
            devices=tuple(CustomerDevice.from_json(each) for each in _json.array(body, "devices")),
        )


@dataclass(frozen=True, slots=True)
class HistoryEntry:
    """One booking on the customer's cards.

    Attributes
    ----------
    id, at
        The ledger transaction and its time.
    kind
        stamp, coupon_issued, coupon_redeemed, or a kind that a later server adds.
    shop
        Where, when the server says so.
    stamps, coupons
        What came to the cards (positive) or left them (negative).
    """

    id: str
    kind: str
    at: datetime
    shop: ShopRef | None
    stamps: int
    coupons: int

    @classmethod
    def from_json(cls, value: Any) -> Self:
        """Read an entry of `GET /v1/transactions`."""
        body = _json.obj(value, "transaction")
        shop = body.get("shop")
        return cls(
            id=_json.text(body, "id"),
            kind=_json.text(body, "kind"),
            at=_json.time(body, "at"),
            shop=None if shop is None else ShopRef.from_json(shop),
            stamps=_json.integer({"stamps": 0, **body}, "stamps"),
            coupons=_json.integer({"coupons": 0, **body}, "coupons"),
        )


def _read_visit(value: Any) -> Visit:
    body = _json.obj(value, "visit")
    return Visit(_json.text(body, "id"), _json.integer(body, "presses"))
