"""The customers whom staff have just seen in the feed: whom they may give a stamp by hand.

Staff may not see the list of customers. What they see of a customer is a line of the feed with a pseudonym,
and by that they say who stands in front of them.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy.orm import Session

from server.core.clock import Clock
from server.core.errors import NotFound
from server.insights.customers import customer_of
from server.insights.feed import told
from server.insights.pseudonyms import Pseudonyms, read_name
from server.programs.known_customers import known_customers
from server.staff.actor import Actor, Right

__all__ = ["SeenCustomer", "customer_at_counter", "seen_customers"]

_LOOKED_AT: Final = 200


@dataclass(frozen=True, slots=True)
class SeenCustomer:
    """A customer in the feed: the pseudonym, and when they were last in it."""

    name: str
    at: datetime


def seen_customers(
    session: Session, clock: Clock, actor: Actor, shop_id: str, *, names: Pseudonyms, limit: int = 12
) -> tuple[SeenCustomer, ...]:
    """Return the customers in a shop's feed who can be given a stamp by hand, the last seen first.

    Parameters
    ----------
    session, clock, actor
        To read with, the time, and who asks: needs the rights to see today and to give stamps.
    shop_id
        A shop of the actor's partner.
    names
        Makes the pseudonyms.
    limit
        How many at most; they are sought among the newest 200 lines.

    Raises
    ------
    Forbidden, NotFound
        ``not_allowed``, ``shop_not_found``.
    """
    last: dict[str, datetime] = {}
    for customer_id, at in _in_feed(session, clock, actor, shop_id):
        last.setdefault(customer_id, at)
    known = known_customers(session, actor, last)
    seen = [
        SeenCustomer(names.of(actor.partner_id, customer_id), at)
        for customer_id, at in last.items()
        if customer_id in known
    ]
    return tuple(seen[:limit])


def customer_at_counter(
    session: Session, clock: Clock, actor: Actor, shop_id: str, name: str, *, names: Pseudonyms
) -> str:
    """Return the id of the customer whom the actor names, for other services of the server.

    Staff find whoever is in the shop's feed; those who may see the customers find every customer.

    Raises
    ------
    Forbidden
        ``not_allowed``.
    NotFound
        ``shop_not_found``; ``customer_not_found`` when the actor can see nobody of that name, or two.
    """
    actor.require(Right.GIVE_STAMP)
    wanted = read_name(name)
    fitting = {
        customer_id
        for customer_id, _ in _in_feed(session, clock, actor, shop_id)
        if names.of(actor.partner_id, customer_id) == wanted
    }
    if len(fitting) == 1:
        return fitting.pop()
    if not fitting and actor.may(Right.SEE_CUSTOMERS):
        return customer_of(session, actor, wanted, names=names)
    raise NotFound(f"There is no customer {name[:16]} in the feed.", code="customer_not_found")


def _in_feed(session: Session, clock: Clock, actor: Actor, shop_id: str) -> Iterator[tuple[str, datetime]]:
    """Give whose lines they are, newest first; not those of presses that only claimed to be somebody's."""
    actor.require(Right.GIVE_STAMP)
    for row, _ in told(session, clock, actor, (shop_id,), limit=_LOOKED_AT):
        if getattr(row, "proven", True):
            yield row.customer_id, row.at
