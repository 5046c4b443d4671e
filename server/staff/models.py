"""Tables of members, their sessions, phones at the counter, links by mail, and tries."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from server.core.database import Base, UtcDateTime


class Member(Base):
    """Somebody who may sign in for an organisation.

    Attributes
    ----------
    email, email_key
        As typed, where mail goes; and as compared, unique over the service.
        None for staff who sign in by PIN only.
    password_hash, pin_hash
        PHC texts of Argon2id. An invited member has neither yet. Only staff have
        a PIN: four digits are too few for more rights.
    version
        Counts the changes of name, role, status and PIN.
    """

    __tablename__ = "member"
    __table_args__ = (
        CheckConstraint("role IN ('owner', 'manager', 'staff')", name="role"),
        CheckConstraint("status IN ('active', 'suspended')", name="status"),
        CheckConstraint("(email IS NULL) = (email_key IS NULL)", name="email"),
        CheckConstraint("password_hash IS NULL OR email IS NOT NULL", name="password"),
        CheckConstraint("pin_hash IS NULL OR role = 'staff'", name="pin"),
        CheckConstraint("email IS NOT NULL OR role = 'staff'", name="way_in"),
    )

    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    partner_id: Mapped[str] = mapped_column(ForeignKey("partner.id"), index=True)
    email: Mapped[str | None] = mapped_column(String(254))
    email_key: Mapped[str | None] = mapped_column(String(254), unique=True)
    name: Mapped[str] = mapped_column(String(100))
    role: Mapped[str] = mapped_column(String(16))
    password_hash: Mapped[str | None] = mapped_column(String(200))
    pin_hash: Mapped[str | None] = mapped_column(String(200))
    status: Mapped[str] = mapped_column(String(16))
    version: Mapped[int]
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)


class CounterPhone(Base):
    """A phone or browser behind the counter, on which staff may sign in by PIN. Its token is in a cookie."""

    __tablename__ = "counter_phone"

    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    partner_id: Mapped[str] = mapped_column(ForeignKey("partner.id"), index=True)
    name: Mapped[str] = mapped_column(String(100))
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    issued_by: Mapped[str] = mapped_column(ForeignKey("member.id"))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    revoked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class MemberSession(Base):
    """A browser that is signed in. Signing out deletes the row, and with it the session.

    Attributes
    ----------
    token_hash
        SHA-256 of the cookie's token; the token itself is nowhere.
    counter_id
        The phone at the counter, of a session by PIN.
    idle_s
        How long it may rest before it ends.
    address_class
        ``loopback``, ``private``, ``ipv4``, ``ipv6`` or ``unknown``: nothing more is kept of the address.
    """

    __tablename__ = "member_session"

    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    member_id: Mapped[str] = mapped_column(ForeignKey("member.id"), index=True)
    counter_id: Mapped[str | None] = mapped_column(ForeignKey("counter_phone.id"), index=True)
    idle_s: Mapped[int]
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    seen_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    address_class: Mapped[str] = mapped_column(String(16))


class PasswordReset(Base):
    """A link that was mailed, good for setting a password once."""

    __tablename__ = "password_reset"

    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    member_id: Mapped[str] = mapped_column(ForeignKey("member.id"), index=True)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)
    used_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class SignInAttempts(Base):
    """How many tries were counted under one name, a keyed hash of what is counted, since it last rested."""

    __tablename__ = "sign_in_attempts"

    bucket: Mapped[str] = mapped_column(String(64), primary_key=True)
    attempts: Mapped[int]
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
