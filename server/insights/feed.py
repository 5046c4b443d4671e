"""The feed of presses and of what staff did, newest first."""

import re
from collections.abc import Callable, Collection
from datetime import timedelta
from typing import Any, Final

from sqlalchemy import Select, select, union_all
from sqlalchemy.orm import Session

from server.core.clock import Clock
from server.core.errors import Unprocessable
from server.insights.days import id_at
from server.insights.entries import (
    BOOKED_OTHERWISE,
    PRESSES,
    FeedEntry,
    bookings,
    of_booking,
    of_press,
    order,
)
from server.insights.facts import counted_accounts
from server.insights.pseudonyms import Pseudonyms
from server.insights.scope import of_partner, places, programs_of
from server.ledger.models import LedgerPosting, LedgerTransaction
from server.presses.models import Press
from server.staff.actor import Actor, Right

Maker = Callable[[Any, Pseudonyms | None], FeedEntry]

_MOST: Final = 200
_FAR_BACK: Final = timedelta(days=7)
_IDENTIFIER: Final = re.compile(r"(?:prs|ltx)_([0-9a-f]{32})")


def feed(  # noqa: PLR0917 (the order that the pages know)
    session: Session,
    clock: Clock,
    actor: Actor,
    shop_ids: Collection[str] | None,
    after: str | None = None,
    limit: int = 50,
    *,
    names: Pseudonyms | None = None,
) -> list[FeedEntry]:
    """Return the newest entries of some shops, newest first.

    Parameters
    ----------
    session, clock
        To read with, and the time.
    actor, shop_ids
        Who asks about which shops. None for all, and then with the presses of the partner's own apps at
        which no shop was recognised.
    after
        Only entries newer than the one of this id. The newest ones win where there are more than `limit`.
    limit
        1 to 200.
    names
        Makes the pseudonyms; without it the entries say nothing of the customers.

    Raises
    ------
    Forbidden
        ``not_allowed``.
    NotFound
        ``shop_not_found``.
    Unprocessable
        ``invalid_after``: no identifier of an entry.

    Notes
    -----
    Where nothing is newer it costs the look at the actor's shops and one query of two short ranges of
    indexes. An entry whose transaction is committed after that of a newer one can be missed by whoever asks
    only for what is newer; pages use `server.insights.hub`, which looks back. Bookings without a press are
    shown of the last seven days.
    """
    return [make(row, names) for row, make in told(session, clock, actor, shop_ids, after, limit=limit)]


def told(
    session: Session,
    clock: Clock,
    actor: Actor,
    shop_ids: Collection[str] | None,
    after: str | None = None,
    *,
    limit: int,
) -> list[tuple[Any, Maker]]:
    """Return the rows behind the newest entries, newest first, each with what makes its entry.

    For services that need the customers themselves, whom an entry does not name. Arguments and errors as for
    `feed`.
    """
    actor.require(Right.SEE_TODAY)
    found = places(session, actor, shop_ids)
    limit = min(max(limit, 1), _MOST)
    since = None if after is None else _time_part(after)
    if since is not None and not _anything(session, actor.partner_id, since):
        return []
    everywhere = shop_ids is None or len(found) == len(of_partner(session, actor.partner_id))
    rows: list[tuple[Any, Maker]] = [
        (row, of_press) for row in _presses(session, actor, found, since, limit=limit, everywhere=everywhere)
    ]
    rows.sort(key=_order, reverse=True)
    oldest = id_at("ltx", clock.now() - _FAR_BACK)[4:]
    if since is None and len(rows) >= limit:
        oldest = max(oldest, _order(rows[limit - 1]))
    programs = programs_of(session, actor.partner_id)
    touching = select(LedgerPosting.transaction_id).where(
        LedgerPosting.account_id.in_(counted_accounts(programs)),
        LedgerPosting.transaction_id > f"ltx_{since or oldest}",
    )
    statement = bookings().where(LedgerTransaction.id.in_(touching))
    rows += [(row, of_booking) for row in session.execute(statement) if row.shop_id in found]
    return sorted(rows, key=_order, reverse=True)[:limit]


def _order(row: tuple[Any, Maker]) -> str:
    return order(row[0].id)


def _time_part(after: str) -> str:
    match = _IDENTIFIER.fullmatch(after)
    if match is None:
        raise Unprocessable("after: give the id of an entry of the feed.", code="invalid_after")
    return match[1]


def _anything(session: Session, partner_id: str, since: str) -> bool:
    probe = union_all(
        select(Press.id).where(Press.partner_id == partner_id, Press.id > f"prs_{since}"),
        select(LedgerTransaction.id).where(LedgerTransaction.id > f"ltx_{since}", BOOKED_OTHERWISE),
    ).limit(1)
    return session.execute(probe).first() is not None


def _presses(
    session: Session,
    actor: Actor,
    shop_ids: Collection[str],
    since: str | None,
    *,
    limit: int,
    everywhere: bool,
) -> list[Any]:
    """Return the newest presses: by the index of the partner's log, or by that of each shop."""

    def newest(statement: Select[*tuple[Any, ...]]) -> list[Any]:
        if since is not None:
            statement = statement.where(Press.id > f"prs_{since}")
        return list(session.execute(statement.order_by(Press.id.desc()).limit(limit)).all())

    if everywhere:
        return newest(PRESSES.where(Press.partner_id == actor.partner_id))
    return [row for shop_id in shop_ids for row in newest(PRESSES.where(Press.shop_id == shop_id))]
