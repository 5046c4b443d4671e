"""What a press is judged with, and what becomes known of it on the way."""

from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy.orm import Session

from server.core.clock import Clock
from server.core.sealing import Sealer
from server.customers.models import Device
from server.presses.fix import Fix
from server.presses.policy import PressPolicy
from server.presses.reasons import Reason
from server.presses.receipts import ReceiptKeys
from server.presses.touches import Scale
from server.presses.visits import VisitView
from server.programs.views import CardView, CouponView
from server.shops.models import Shop
from server.stamps.registry import StampRegistry, StampView
from stampsdk.protocol import PressEnvelope, Purpose

__all__ = ["Case", "Desk", "Effects", "PlaceFinding"]


@dataclass(frozen=True, slots=True)
class Desk:
    """Everything that judging a press needs from outside."""

    session: Session
    clock: Clock
    policy: PressPolicy
    registry: StampRegistry
    sealer: Sealer
    receipt_keys: ReceiptKeys


@dataclass(frozen=True, slots=True)
class PlaceFinding:
    """Where the phone was, as coarsely as it is kept.

    Attributes
    ----------
    inside
        Whether the circle that holds the phone with 95 % confidence reaches the fence.
    distance
        Class of the distance from the fence.
    """

    inside: bool
    distance: str


@dataclass(frozen=True, slots=True)
class Effects:
    """What a press changed, for the answer."""

    card: CardView | None = None
    coupons: tuple[CouponView, ...] = ()
    visit: VisitView | None = None


@dataclass(slots=True)
class Case:
    """One envelope whose claimed sender is on record: what is known of it so far.

    The steps of the pipeline fill it in, in their order; a later step relies on what the earlier ones found.

    Attributes
    ----------
    text, digest
        The envelope and its SHA-256 in hexadecimal.
    press_id, now, device
        The identifier it will have, the moment it arrived, and the device it names.
    proven
        Whether the signature held.
    challenge_id
        The challenge that it used up.
    note
        For developers: what was wrong with the content.
    fix, fix_missing
        The phone's location, or why none was sent.
    stamp, shop
        What was recognised, as far as the owner may be told.
    residual_mm, posterior
        Of the best candidate.
    hold
        Why it is held.
    retry_after_s
        When a limit ends.
    """

    text: str
    digest: str
    press_id: str
    now: datetime
    device: Device
    proven: bool = False
    content: PressEnvelope | None = None
    challenge_id: str | None = None
    note: str | None = None
    fix: Fix | None = None
    fix_missing: Reason | None = None
    scale: Scale | None = None
    stamp: StampView | None = None
    shop: Shop | None = None
    place: PlaceFinding | None = None
    residual_mm: float | None = None
    posterior: float | None = None
    hold: Reason | None = None
    retry_after_s: int | None = None
    effects: Effects = field(default_factory=Effects)

    @property
    def envelope(self) -> PressEnvelope:
        """The content; only after it was read."""
        assert self.content is not None  # noqa: S101 (the order of the steps)
        return self.content

    @property
    def known_shop(self) -> Shop:
        """The shop; only after it was recognised."""
        assert self.shop is not None  # noqa: S101 (the order of the steps)
        return self.shop

    @property
    def purpose(self) -> Purpose:
        """What the press is for."""
        return self.envelope.purpose
