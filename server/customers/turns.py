"""One thing after another for one customer."""

from typing import Final

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from server.customers.models import Customer

__all__ = ["take_turn"]

_TURN: Final = select(Customer.id).where(Customer.id == bindparam("customer")).with_for_update(key_share=True)


def take_turn(session: Session, customer_id: str) -> None:
    """Let presses, challenges and corrections of one customer follow one another until the transaction ends.

    On PostgreSQL by a lock on the customer's row, which others may still refer to; on SQLite every writing
    transaction has the whole database to itself. What is counted after this call stays true until the commit.
    """
    session.execute(_TURN, {"customer": customer_id})
