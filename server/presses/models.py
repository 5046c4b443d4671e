"""Tables of challenges, presses and visits, of what is kept while a press is held, and of staff codes."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, LargeBinary, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from server.core.database import Base, JsonType, UtcDateTime

__all__ = [
    "CaptureFingerprint",
    "Challenge",
    "HeldPress",
    "Press",
    "PressDecision",
    "StaffCode",
    "Verdict",
    "Visit",
]


class Verdict(StrEnum):
    """What became of a press."""

    ACCEPTED = "accepted"
    HELD = "held"
    REFUSED = "refused"


class Challenge(Base):
    """A nonce that one device may use once, for one purpose, for a short time.

    Only the SHA-256 of the nonce is kept: a copy of the database lets nobody answer an open challenge.
    """

    __tablename__ = "challenge"

    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    device_id: Mapped[str] = mapped_column(ForeignKey("device.id"))
    purpose: Mapped[str] = mapped_column(String(16))
    nonce_hash: Mapped[bytes] = mapped_column(LargeBinary(32))
    issued_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)
    used_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    __table_args__ = (Index("ix_challenge_open", "device_id", "used_at", "expires_at"),)


class Visit(Base):
    """The presses of one customer at one shop within a minute of the first."""

    __tablename__ = "visit"

    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    customer_id: Mapped[str] = mapped_column(ForeignKey("customer.id"))
    shop_id: Mapped[str] = mapped_column(ForeignKey("shop.id"), index=True)
    started_at: Mapped[datetime] = mapped_column(UtcDateTime)
    presses: Mapped[int]

    __table_args__ = (Index("ix_visit_latest", "customer_id", "shop_id", "started_at"),)


class Press(Base):
    """One press of a device on record: what was asked, what became of it, and the answer that was given.

    There are no coordinates in it, neither of the phone nor of the touches.

    Attributes
    ----------
    partner_id
        In whose log it stands: the recognised shop's partner, else the app's.
    proven
        Whether the device's signature held. Without it the press only claims to be the device's.
    challenge_id
        The challenge that this press used up. Null when it had none of its own left to use.
    envelope_sha256
        Hexadecimal; the same envelope finds its answer by it, for ever.
    reason
        The owner's stable code; null when accepted.
    note
        For developers: which field of the envelope was wrong.
    counts
        Whether it is a failed attempt in the sense of the limits.
    residual_mm, posterior
        How well the touches fit the stamp, and how sure the recognition was.
    inside, distance, accuracy
        Whether the phone was at the shop, and coarse classes of how far from it and how well it knew.
    answer_status, answer_body
        What the phone was told, byte for byte; of a held press that was decided, what it is told since.
    """

    __tablename__ = "press"

    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    partner_id: Mapped[str] = mapped_column(ForeignKey("partner.id"))
    device_id: Mapped[str] = mapped_column(ForeignKey("device.id"))
    customer_id: Mapped[str] = mapped_column(ForeignKey("customer.id"))
    proven: Mapped[bool]
    challenge_id: Mapped[str | None] = mapped_column(ForeignKey("challenge.id"), unique=True)
    envelope_sha256: Mapped[str] = mapped_column(String(64), unique=True)
    purpose: Mapped[str | None] = mapped_column(String(16))
    verdict: Mapped[str] = mapped_column(String(16))
    code: Mapped[str] = mapped_column(String(32))
    reason: Mapped[str | None] = mapped_column(String(32))
    note: Mapped[str | None] = mapped_column(String(200))
    counts: Mapped[bool]
    shop_id: Mapped[str | None] = mapped_column(ForeignKey("shop.id"))
    stamp_number: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("stamp.number"))
    visit_id: Mapped[str | None] = mapped_column(ForeignKey("visit.id"), index=True)
    coupon_id: Mapped[str | None] = mapped_column(String(70))
    touches: Mapped[int | None]
    residual_mm: Mapped[float | None]
    posterior: Mapped[float | None]
    inside: Mapped[bool | None]
    distance: Mapped[str | None] = mapped_column(String(16))
    accuracy: Mapped[str | None] = mapped_column(String(16))
    source: Mapped[str | None] = mapped_column(String(16))
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    answer_status: Mapped[int]
    answer_body: Mapped[str] = mapped_column(Text)

    __table_args__ = (
        CheckConstraint("verdict IN ('accepted', 'held', 'refused')", name="verdict"),
        CheckConstraint("(verdict = 'accepted') = (reason IS NULL)", name="reason_unless_accepted"),
        CheckConstraint(
            "verdict = 'refused' OR (proven AND challenge_id IS NOT NULL)",
            name="proven_and_fresh_unless_refused",
        ),
        Index("ix_press_attempts", "device_id", "at"),
        Index("ix_press_log", "partner_id", "id"),
        Index("ix_press_shop", "shop_id", "id"),
        Index("ix_press_held", "customer_id", "verdict"),
        Index(
            "ix_press_waiting",
            "partner_id",
            "id",
            sqlite_where=text("verdict = 'held'"),
            postgresql_where=text("verdict = 'held'"),
        ),
    )


class HeldPress(Base):
    """What a decision about a held press needs; the row goes when the decision is made.

    ``evidence`` has the touches, the screen, the device's own description and why the press was held.
    """

    __tablename__ = "held_press"

    press_id: Mapped[str] = mapped_column(ForeignKey("press.id"), primary_key=True)
    evidence: Mapped[dict[str, Any]] = mapped_column(JsonType)


class PressDecision(Base):
    """What somebody decided about a held press, and what the phone had been told until then.

    Attributes
    ----------
    released
        Whether it was accepted after all.
    held_for
        The owner's code of why it was held.
    reason
        What the member wrote; a refusal always has one.
    held_body
        The answer from before the decision, byte for byte.
    """

    __tablename__ = "press_decision"

    press_id: Mapped[str] = mapped_column(ForeignKey("press.id"), primary_key=True)
    released: Mapped[bool]
    held_for: Mapped[str] = mapped_column(String(32))
    member_id: Mapped[str] = mapped_column(String(40))
    reason: Mapped[str | None] = mapped_column(String(200))
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    held_body: Mapped[str] = mapped_column(Text)

    __table_args__ = (CheckConstraint("released OR reason IS NOT NULL", name="refused_with_a_reason"),)


class StaffCode(Base):
    """Six digits that a member shows to a customer whose phone cannot read the stamp; good for one stamp.

    ``code_hash`` is keyed, for one shop. ``answer_body`` is what the phone was told that used it, so that it
    may ask again. A row that was never used is deleted after a day.
    """

    __tablename__ = "staff_code"

    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    shop_id: Mapped[str] = mapped_column(ForeignKey("shop.id"))
    member_id: Mapped[str] = mapped_column(String(40))
    code_hash: Mapped[bytes] = mapped_column(LargeBinary(32))
    issued_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)
    used_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    device_id: Mapped[str | None] = mapped_column(ForeignKey("device.id"))
    customer_id: Mapped[str | None] = mapped_column(ForeignKey("customer.id"))
    visit_id: Mapped[str | None] = mapped_column(ForeignKey("visit.id"))
    answer_body: Mapped[str | None] = mapped_column(Text)

    __table_args__ = (
        CheckConstraint(
            "(used_at IS NULL) = (device_id IS NULL) AND (used_at IS NULL) = (customer_id IS NULL)",
            name="used_by_a_device",
        ),
        Index("ix_staff_code_open", "shop_id", "code_hash", "expires_at"),
        Index("ix_staff_code_used", "shop_id", "used_at"),
    )


class CaptureFingerprint(Base):
    """A capture that was accepted or held: the same touches never count again, whoever sends them."""

    __tablename__ = "capture_fingerprint"

    fingerprint: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)
    press_id: Mapped[str] = mapped_column(ForeignKey("press.id"), index=True)
