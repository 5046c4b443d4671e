"""Whom a partner knows: by a card in one of its programmes, or by its own app."""

import re
from collections.abc import Collection
from typing import Final

from sqlalchemy import Select, exists, or_, select
from sqlalchemy.orm import Session

from server.core.errors import Conflict, NotFound
from server.customers.models import Customer
from server.programs.models import Card, Program, ProgramShop
from server.shops.models import Shop
from server.staff.actor import Actor

__all__ = ["known_customer", "known_customers"]

_IDENTIFIER: Final = re.compile(r"[a-z0-9_]{1,40}")


def known_customers(session: Session, actor: Actor, customer_ids: Collection[str]) -> set[str]:
    """Return those of some customers, a few hundred at most, whom the actor's partner knows."""
    return set(session.scalars(_known(actor).where(Customer.id.in_(customer_ids))))


def known_customer(
    session: Session, actor: Actor, shop: Shop, *, customer_id: str | None, card_id: str | None
) -> str:
    """Return a customer whom the actor's partner may know; one who was erased is nobody any more.

    Raises
    ------
    NotFound
        ``customer_not_found``, ``card_not_found``.
    Conflict
        ``card_elsewhere`` for a card of another programme than the shop's.
    """
    if (customer_id is None) == (card_id is None):
        raise ValueError("give either customer_id or card_id")
    own_card = (
        select(Card.customer_id, Card.program_id)
        .join(Program, Program.id == Card.program_id)
        .join(Customer, Customer.id == Card.customer_id)
        .where(Program.partner_id == actor.partner_id, Customer.erased_at.is_(None))
    )
    if card_id is not None:
        card = (
            session.execute(own_card.where(Card.id == card_id)).one_or_none()
            if _IDENTIFIER.fullmatch(card_id)
            else None
        )
        if card is None:
            raise NotFound(f"There is no card {card_id[:64]}.", code="card_not_found")
        here = select(ProgramShop.program_id).where(ProgramShop.shop_id == shop.id, ProgramShop.active)
        if session.scalar(here) not in {None, card.program_id}:
            raise Conflict("The card is of another programme than the shop's.", code="card_elsewhere")
        return str(card.customer_id)
    known = _known(actor).where(Customer.id == customer_id)
    found = session.scalar(known) if _IDENTIFIER.fullmatch(customer_id or "") else None
    if found is None:
        raise NotFound(f"There is no customer {str(customer_id)[:64]}.", code="customer_not_found")
    return found


def _known(actor: Actor) -> Select[str]:
    # Of each customer who comes into question: a list of all who have a card would grow with the partner.
    has_card = (
        exists()
        .where(Card.customer_id == Customer.id)
        .where(Program.id == Card.program_id, Program.partner_id == actor.partner_id)
    )
    return select(Customer.id).where(
        Customer.erased_at.is_(None), or_(Customer.partner_id == actor.partner_id, has_card)
    )
