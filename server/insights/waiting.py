"""Held presses that wait for a decision, the oldest first."""

from collections.abc import Collection
from typing import Final

from sqlalchemy import literal_column
from sqlalchemy.orm import Session

from server.insights.entries import PRESSES, FeedEntry, of_press
from server.insights.pseudonyms import Pseudonyms
from server.insights.scope import places
from server.presses.models import Press
from server.staff.actor import Actor, Right

__all__ = ["waiting"]

_MOST: Final = 200


def waiting(
    session: Session,
    actor: Actor,
    shop_ids: Collection[str] | None,
    *,
    names: Pseudonyms | None = None,
    limit: int = 50,
) -> list[FeedEntry]:
    """Return the held presses of some shops, the oldest first, as entries of the feed.

    Parameters
    ----------
    session, actor
        To read with, and who asks: whoever may see the feed. Deciding needs another right
        (`server.presses.decisions`).
    shop_ids
        Of which shops; None for all.
    names
        Makes the pseudonyms.
    limit
        1 to 200.

    Raises
    ------
    Forbidden
        ``not_allowed``.
    NotFound
        ``shop_not_found``.

    Notes
    -----
    One query beside the look at the actor's shops, of an index that has nothing but waiting presses.
    """
    actor.require(Right.SEE_TODAY)
    found = places(session, actor, shop_ids)
    # As a literal: SQLite takes the partial index only where it sees the condition before it binds.
    held = literal_column("press.verdict") == literal_column("'held'")
    statement = (
        PRESSES.where(Press.partner_id == actor.partner_id, held, Press.shop_id.in_(found))
        .order_by(Press.id)
        .limit(min(max(limit, 1), _MOST))
    )
    return [of_press(row, names) for row in session.execute(statement)]
