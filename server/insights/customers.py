"""The list of customers, by their last visit; pseudonyms only."""

import base64
import binascii
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Final

from sqlalchemy import and_, select
from sqlalchemy.orm import Session

from server.core.clock import Clock
from server.core.errors import NotFound, Unprocessable
from server.insights.batches import batches
from server.insights.models import InsightCustomer, InsightMark
from server.insights.people import Listing, People
from server.insights.pseudonyms import Pseudonyms
from server.insights.scope import of_partner, places, today_of
from server.insights.segments import Segment, segments
from server.ledger.models import CUSTOMER, LedgerAccount
from server.programs.accounts import COUPON, STAMP
from server.programs.models import Card, Program
from server.staff.actor import Actor, Right

_MOST: Final = 1000
_FARTHEST: Final = 10**9


@dataclass(frozen=True, slots=True)
class CardStand:
    """What a customer's card holds; `program` is its name in ``ko`` and ``en``."""

    program: Mapping[str, str]
    stamps: int
    stamps_required: int
    coupons: int


@dataclass(frozen=True, slots=True)
class CustomerRow:
    """A customer of some shops.

    Attributes
    ----------
    name
        The pseudonym at this partner. `customer_of` finds the customer by it.
    segment
        Regular, prospective, lapsed or new.
    first_day, last_day, last_at
        First and last visit by the shop's calendar, and the last moment in UTC.
    visits, recent_visits, stamps
        Days with a stamp or a redemption: all, and those within the segments' ``regular_days``. Stamps ever.
    cards
        In every programme of the partner; coupons that have expired are among ``coupons``.
    """

    name: str
    segment: Segment
    first_day: date
    last_day: date
    last_at: datetime
    visits: int
    recent_visits: int
    stamps: int
    cards: tuple[CardStand, ...]


@dataclass(frozen=True, slots=True)
class CustomerPage:
    """Some customers; `next_cursor` is None on the last page, `as_of` None before the first roll-up."""

    rows: tuple[CustomerRow, ...]
    next_cursor: str | None
    as_of: datetime | None


def customers(
    session: Session,
    clock: Clock,
    actor: Actor,
    shop_ids: Collection[str] | None,
    *,
    names: Pseudonyms,
    listing: Listing = Listing.ALL,
    cursor: str | None = None,
    limit: int = 50,
) -> CustomerPage:
    """Return a page of the customers of some shops, the last seen first.

    Parameters
    ----------
    session, clock
        To read with, and the time.
    actor, shop_ids
        Who asks about which shops; None for all.
    names
        Makes the pseudonyms.
    listing
        Which customers.
    cursor, limit
        ``next_cursor`` of the page before, and how many, 1 to 1000.

    Raises
    ------
    Forbidden
        ``not_allowed``.
    NotFound
        ``shop_not_found``.
    Unprocessable
        ``invalid_cursor``.

    Notes
    -----
    From the roll-ups, as they were at ``as_of``. Six queries, whatever the number of customers; for one
    shop the list is read in the order of an index.
    """
    actor.require(Right.SEE_CUSTOMERS)
    found = places(session, actor, shop_ids)
    people = People(tuple(found), actor.partner_id, today_of(found, clock.now()), segments(session, actor))
    as_of = session.scalar(select(InsightMark.seen_at).where(InsightMark.partner_id == actor.partner_id))
    limit = min(max(limit, 1), _MOST)
    table = people.rows()
    statement = select(table).where(people.condition(listing, table))
    skip = 0
    if cursor is not None:
        last_at, skip = _decode(cursor)
        statement = statement.where(table.c.last_at <= last_at)
    statement = statement.order_by(table.c.last_at.desc(), table.c.customer_id.desc())
    rows = session.execute(statement.offset(skip).limit(limit + 1)).all()
    more, rows = len(rows) > limit, rows[:limit]
    ids = [row.customer_id for row in rows]
    recent: dict[str, int] = {}
    for some in batches(ids):
        recent |= dict(session.execute(people.recent(some)).all())
    cards = _cards(session, actor.partner_id, ids)
    listed = tuple(
        CustomerRow(
            name=names.of(actor.partner_id, row.customer_id),
            segment=people.segments.of(
                absent_days=(people.today - row.last_day) // timedelta(days=1),
                visits=int(row.visits),
                recent=recent.get(row.customer_id, 0),
            ),
            first_day=row.first_day,
            last_day=row.last_day,
            last_at=row.last_at,
            visits=int(row.visits),
            recent_visits=recent.get(row.customer_id, 0),
            stamps=int(row.stamps),
            cards=tuple(cards[row.customer_id]),
        )
        for row in rows
    )
    return CustomerPage(listed, _encode(listed, cursor) if more else None, as_of)


def customer_of(session: Session, actor: Actor, name: str, *, names: Pseudonyms) -> str:
    """Return the id of the customer whom this partner knows by `name`, for other services of the server.

    Raises
    ------
    NotFound
        ``customer_not_found``: nobody who visited the partner's shops has the name, or two have.
    """
    actor.require(Right.SEE_CUSTOMERS)
    fitting: set[str] = set()
    for some in batches(of_partner(session, actor.partner_id)):
        ids = session.scalars(select(InsightCustomer.customer_id).where(InsightCustomer.shop_id.in_(some)))
        fitting |= {each for each in ids if names.of(actor.partner_id, each) == name.strip().upper()}
    if len(fitting) != 1:
        raise NotFound(f"There is no customer {name[:16]}.", code="customer_not_found")
    return fitting.pop()


def _cards(session: Session, partner_id: str, ids: Sequence[str]) -> Mapping[str, list[CardStand]]:
    """Return each customer's cards in the partner's programmes, with what the ledger holds on them."""
    held: dict[str, dict[str, int]] = defaultdict(dict)
    facts = {}
    for some in batches(ids):
        statement = (
            select(
                Card.id, Card.customer_id, Card.stamps_required, Program.name,
                Program.stamps_required.label("program_required"), LedgerAccount.unit, LedgerAccount.balance,
            )
            .join(Program, Program.id == Card.program_id)
            .join(
                LedgerAccount,
                and_(
                    LedgerAccount.owner_id == Card.id,
                    LedgerAccount.owner_type == "card",
                    LedgerAccount.kind == CUSTOMER,
                ),
            )
            .where(Card.customer_id.in_(some), Program.partner_id == partner_id)
            .order_by(Card.id)
        )  # fmt: skip
        for row in session.execute(statement):
            facts[row.id] = row
            held[row.id][row.unit] = max(row.balance or 0, 0)
    cards: dict[str, list[CardStand]] = defaultdict(list)
    for card_id, row in facts.items():
        stamps = held[card_id].get(STAMP, 0)
        required = row.stamps_required if stamps else row.program_required
        cards[row.customer_id].append(CardStand(row.name, stamps, required, held[card_id].get(COUPON, 0)))
    return cards


def _encode(rows: Sequence[CustomerRow], before: str | None) -> str:
    """Name the last row by its moment, and how many rows of just that moment were shown: no identifier."""
    last_at = rows[-1].last_at
    shown = sum(row.last_at == last_at for row in rows)
    if before is not None and _decode(before)[0] == last_at:
        shown += _decode(before)[1]
    text = f"{last_at.astimezone(UTC).isoformat()}|{shown}"
    return base64.urlsafe_b64encode(text.encode()).decode()


def _decode(cursor: str) -> tuple[datetime, int]:
    try:
        text = base64.b64decode(cursor.encode("ascii"), altchars=b"-_", validate=True).decode("ascii")
        at, _, shown = text.partition("|")
        last_at, skip = datetime.fromisoformat(at), int(shown)
    except (UnicodeError, binascii.Error, ValueError):
        last_at, skip = datetime.min, 0  # noqa: DTZ901 (refused below)
    if last_at.tzinfo is None or not 1 <= skip <= _FARTHEST:
        raise Unprocessable("cursor: use next_cursor of the page before, as it is.", code="invalid_cursor")
    return last_at, skip
