"""Tables of partners and their keys."""

from datetime import datetime
from typing import Literal

from sqlalchemy import CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from server.core.database import Base, UtcDateTime

KeyKind = Literal["secret", "publishable"]


class Partner(Base):
    """An organisation with an API key, or one whose owner signed up on the owner's pages.

    Attributes
    ----------
    name
        The operator's handle, by which ``stamp-server keys`` finds it: unique. One
        that signed up has its identifier here, so that nobody can take a handle.
    organisation
        What the owner calls it; several may bear one name. None for an operator's partner.
    """

    __tablename__ = "partner"

    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    name: Mapped[str] = mapped_column(String(100), unique=True)
    organisation: Mapped[str | None] = mapped_column(String(100))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)

    @property
    def shown_name(self) -> str:
        """What people are shown: the organisation's own name where it has one."""
        return self.organisation or self.name


class ApiKey(Base):
    """A key of a partner.

    Secret keys are kept as a hash. Publishable keys stand in pages and apps
    anyway, and are kept as they are, with the origins of pages that may use them.
    """

    __tablename__ = "api_key"
    __table_args__ = (
        CheckConstraint("kind IN ('secret', 'publishable')", name="kind"),
        CheckConstraint("(kind = 'publishable') = (token IS NOT NULL)", name="token"),
    )

    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    partner_id: Mapped[str] = mapped_column(ForeignKey("partner.id"), index=True)
    kind: Mapped[str] = mapped_column(String(16))
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    token: Mapped[str | None] = mapped_column(String(80))
    token_start: Mapped[str] = mapped_column(String(16))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    revoked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class AllowedOrigin(Base):
    """An origin whose pages may use a publishable key, one row each so that it can be looked up."""

    __tablename__ = "allowed_origin"
    __table_args__ = (Index("ix_allowed_origin_origin", "origin"),)

    key_id: Mapped[str] = mapped_column(ForeignKey("api_key.id"), primary_key=True)
    origin: Mapped[str] = mapped_column(String(255), primary_key=True)
