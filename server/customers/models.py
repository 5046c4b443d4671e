"""Tables of customers and their devices."""

from datetime import datetime
from typing import Any, Literal

from sqlalchemy import CheckConstraint, ForeignKey, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from server.core.database import Base, JsonType, UtcDateTime

Algorithm = Literal["ES256", "HS256"]


class Customer(Base):
    """A person, known only by what the person's devices did.

    There is no name, number or address to lose. ``recovery_hash`` is the keyed
    hash of the code by which the person joins with another device; ``version``
    counts the joinings, and makes concurrent ones follow one another.
    """

    __tablename__ = "customer"

    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    partner_id: Mapped[str] = mapped_column(ForeignKey("partner.id"), index=True)
    recovery_hash: Mapped[str | None] = mapped_column(String(64), unique=True)
    version: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    erased_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class Device(Base):
    """An enrolled phone or browser: what it signs with, and the token it reads with.

    Attributes
    ----------
    algorithm
        The only one that its signatures are checked by, whatever they claim.
    public_key
        The JWK ``{"crv", "kty", "x", "y"}`` of an ES256 device.
    secret
        The sealed secret of an HS256 device.
    thumbprint
        RFC 7638 thumbprint of the public key, base64url.
    token_hash
        SHA-256 of the token; the token itself is nowhere.
    revoked_at
        Since when the device counts for nothing; None while it is in use.
    """

    __tablename__ = "device"

    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    customer_id: Mapped[str] = mapped_column(ForeignKey("customer.id"), index=True)
    partner_id: Mapped[str] = mapped_column(ForeignKey("partner.id"))
    algorithm: Mapped[Algorithm] = mapped_column(String(8))
    public_key: Mapped[dict[str, Any] | None] = mapped_column(JsonType)
    secret: Mapped[bytes | None] = mapped_column(LargeBinary)
    thumbprint: Mapped[str | None] = mapped_column(String(43), unique=True)
    token_hash: Mapped[str | None] = mapped_column(String(64), unique=True)
    model: Mapped[str | None] = mapped_column(String(100))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    revoked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    __table_args__ = (
        CheckConstraint("algorithm IN ('ES256', 'HS256')", name="known_algorithm"),
        CheckConstraint(
            "revoked_at IS NOT NULL OR (algorithm = 'ES256') = (public_key IS NOT NULL)", name="es256_has_key"
        ),
        CheckConstraint(
            "revoked_at IS NOT NULL OR (algorithm = 'HS256') = (secret IS NOT NULL)", name="hs256_has_secret"
        ),
    )


class RecoveryAttempts(Base):
    """How many recovery codes were tried by one app at one address in one span of time."""

    __tablename__ = "recovery_attempts"

    bucket: Mapped[str] = mapped_column(String(64), primary_key=True)
    attempts: Mapped[int]
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
