"""Finding what was booked, and telling that it was taken back."""

import re
from dataclasses import dataclass
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from server.core import audit, outbox
from server.core.clock import Clock
from server.core.errors import Conflict, NotFound
from server.customers.turns import take_turn
from server.ledger.models import LedgerTransaction
from server.programs.accounts import PRESS
from server.programs.models import Card, Program
from server.staff.actor import Actor

__all__ = ["Booked", "already_undone", "booked", "is_identifier", "tell_undone"]

_IDENTIFIER: Final = re.compile(r"[a-z0-9_]{1,64}")


@dataclass(frozen=True, slots=True)
class Booked:
    """A booking of the actor's partner, and the customer whose turn it is now."""

    id: str
    source_id: str
    card_id: str
    customer_id: str
    shop_id: str
    coupon_id: str | None


def is_identifier(text: str) -> bool:
    """Say whether a text can be one. Others are not shown to the database, which may not even take them."""
    return _IDENTIFIER.fullmatch(text) is not None


def booked(
    session: Session, actor: Actor, kind: str, transaction_id: str | None, press_id: str | None
) -> Booked:
    """Find a booking of the actor's partner, and wait for its customer's turn.

    Raises
    ------
    NotFound
        ``booking_not_found``.
    """
    if (transaction_id is None) == (press_id is None):
        raise ValueError("give either transaction_id or press_id")
    name = transaction_id or press_id or ""
    column = LedgerTransaction
    which = (
        (column.id == name,) if press_id is None else (column.source_type == PRESS, column.source_id == name)
    )
    row = (
        session.execute(
            select(column.id, column.source_id, column.details).where(column.kind == kind, *which)
        ).one_or_none()
        if is_identifier(name)
        else None
    )
    customer_id = None if row is None else _customer_of(session, actor, row.details["card"])
    if row is None or customer_id is None:
        raise NotFound(f"There is no such booking: {name[:64]}.", code="booking_not_found")
    take_turn(session, customer_id)
    details = row.details
    return Booked(row.id, row.source_id, details["card"], customer_id, details["shop"], details.get("coupon"))


def _customer_of(session: Session, actor: Actor, card_id: str) -> str | None:
    """Return whose card it is; None for a card of another partner's programme."""
    return session.scalar(
        select(Card.customer_id)
        .join(Program, Program.id == Card.program_id)
        .where(Card.id == card_id, Program.partner_id == actor.partner_id)
    )


def already_undone(what: str) -> Conflict:
    """Return the refusal of a second undo."""
    return Conflict(f"This {what} was taken back before.", code="already_undone")


def tell_undone(
    session: Session,
    clock: Clock,
    actor: Actor,
    booking: Booked,
    *,
    what: str,
    reason: str,
    reversal: str,
    coupons: list[str],
) -> None:
    """Write an undo into the audit, and a message for others; `what` is ``stamp`` or ``redemption``."""
    facts = {"shop": booking.shop_id, "card": booking.card_id, "coupons": coupons, "reversal": reversal}
    audit.record(
        session,
        clock,
        actor=actor.member_id,
        action=f"{what}.undone",
        subject=booking.id,
        detail=facts | {"reason": reason},
    )
    outbox.enqueue(
        session,
        clock,
        topic=f"{what}.undone",
        payload=facts
        | {"transaction": booking.id, "customer": booking.customer_id, "at": clock.now().isoformat()},
    )
