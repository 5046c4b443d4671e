"""What the ledger and the log of presses say of a span of time, read by their indexes.

Identifiers are in the order of time: the postings of a programme's accounts, and the presses of a shop,
of some days are one range of an index that is there already. Neither table is read beyond it.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal

from sqlalchemy import select, true
from sqlalchemy.orm import Session, aliased

from server.insights.batches import batches
from server.insights.days import SLACK, Span, id_at
from server.ledger.models import LedgerPosting, LedgerTransaction
from server.ledger.reversal import REVERSAL
from server.presses.models import Press
from server.programs.accounts import (
    COUPON,
    COUPON_REDEEMED,
    PRESS,
    STAFF_CODE,
    STAMP,
    STAMPED,
    accounts_of_card,
    issued_account,
    redeemed_account,
)
from server.programs.models import Card

What = Literal["stamp", "coupon_issued", "coupon_redeemed"]
How = Literal["press", "hand", "code"]
_MANY: Final = 500
_FEW: Final = 20
_CHUNK: Final = 10_000


@dataclass(frozen=True, slots=True)
class Fact:
    """One booking of a programme that stands: what was undone is none.

    Attributes
    ----------
    what, count
        Stamps given, coupons issued, coupons redeemed, and how many.
    how
        Of stamps: by a press, by hand, or by a staff code.
    at, shop_id, customer_id
        When, where, whose.
    """

    what: What
    count: int
    how: How
    at: datetime
    shop_id: str
    customer_id: str


@dataclass(frozen=True, slots=True)
class Pressed:
    """A press at a shop."""

    shop_id: str
    verdict: str
    at: datetime


def how_of(source_type: str) -> How:
    """Return how a stamp was given, by the source of its booking."""
    if source_type == PRESS:
        return "press"
    return "code" if source_type == STAFF_CODE else "hand"


def counted_accounts(program_ids: Collection[str]) -> dict[str, What]:
    """Return the accounts that every stamp and coupon of the programmes passes once, and what each counts."""
    found: dict[str, What] = {}
    for program_id in program_ids:
        found[issued_account(program_id, STAMP).id] = "stamp"
        found[issued_account(program_id, COUPON).id] = "coupon_issued"
        found[redeemed_account(program_id, COUPON).id] = "coupon_redeemed"
    return found


def facts(
    session: Session, program_ids: Sequence[str], span: Span, shop_ids: Collection[str]
) -> Iterator[Fact]:
    """Give the bookings within `span` at these shops, in no order.

    A booking that was reversed, at whatever time, is left out: it counts off on its own day.
    One query for up to 500 programmes.
    """
    undoing = aliased(LedgerTransaction)
    shop = LedgerTransaction.details["shop"].as_string()
    # Where it is a few shops of a chain, the others' bookings need not leave the database.
    here = shop.in_(shop_ids) if len(shop_ids) <= _FEW else true()
    for some in batches(program_ids, _MANY):
        accounts = counted_accounts(some)
        statement = (
            select(
                LedgerPosting.account_id,
                LedgerPosting.amount,
                LedgerTransaction.source_type,
                LedgerTransaction.occurred_at,
                shop.label("shop_id"),
                Card.customer_id,
            )
            .join(LedgerTransaction, LedgerTransaction.id == LedgerPosting.transaction_id)
            .join(Card, Card.id == LedgerTransaction.details["card"].as_string())
            .outerjoin(undoing, undoing.reverses_id == LedgerTransaction.id)
            .where(
                LedgerPosting.account_id.in_(accounts),
                LedgerPosting.transaction_id >= id_at("ltx", span.start - SLACK),
                LedgerPosting.transaction_id < id_at("ltx", span.end + SLACK),
                # Not by reverses_id: without statistics SQLite would begin with all that is null there.
                LedgerTransaction.kind != REVERSAL,
                undoing.id.is_(None),
                here,
            )
            .execution_options(yield_per=_CHUNK)
        )
        for account, amount, source, at, shop_id, customer_id in session.execute(statement):
            if at in span and shop_id in shop_ids:
                yield Fact(accounts[account], abs(amount), how_of(source), at, shop_id, customer_id)


@dataclass(frozen=True, slots=True)
class Visit:
    """A booking that brought a customer to a shop: a stamp or a redemption that stands."""

    customer_id: str
    shop_id: str
    at: datetime


def visits_of(
    session: Session,
    program_ids: Collection[str],
    customer_ids: Collection[str],
    span: Span,
    shop_ids: Collection[str],
) -> Iterator[Visit]:
    """Give the visits of some customers within `span` at these shops, in no order.

    Read by the accounts of their cards, so that it costs what these customers did, however long the
    partner's history is. Two queries for up to 250 cards.
    """
    undoing = aliased(LedgerTransaction)
    shop = LedgerTransaction.details["shop"].as_string()
    for some in batches(customer_ids, _MANY):
        rows = session.execute(
            select(Card.id, Card.customer_id, Card.program_id).where(Card.customer_id.in_(some))
        )
        owners = {
            account.id: row.customer_id
            for row in rows
            if row.program_id in program_ids
            for account in accounts_of_card(row.id)
        }
        for accounts in batches(owners, _MANY):
            statement = (
                select(LedgerPosting.account_id, LedgerTransaction.occurred_at, shop.label("shop_id"))
                .join(LedgerTransaction, LedgerTransaction.id == LedgerPosting.transaction_id)
                .outerjoin(undoing, undoing.reverses_id == LedgerTransaction.id)
                .where(
                    LedgerPosting.account_id.in_(accounts),
                    LedgerPosting.transaction_id >= id_at("ltx", span.start - SLACK),
                    LedgerPosting.transaction_id < id_at("ltx", span.end + SLACK),
                    LedgerTransaction.kind.in_((STAMPED, COUPON_REDEEMED)),
                    undoing.id.is_(None),
                )
                .execution_options(yield_per=_CHUNK)
            )
            for account, at, shop_id in session.execute(statement):
                if at in span and shop_id in shop_ids:
                    yield Visit(owners[account], shop_id, at)


def undone_since(session: Session, program_ids: Sequence[str], since: datetime) -> set[str]:
    """Return the customers who had something undone since a moment. One query for up to 500 programmes."""
    found: set[str] = set()
    for some in batches(program_ids, _MANY):
        found |= set(
            session.scalars(
                select(Card.customer_id)
                .select_from(LedgerPosting)
                .join(LedgerTransaction, LedgerTransaction.id == LedgerPosting.transaction_id)
                .join(Card, Card.id == LedgerTransaction.details["card"].as_string())
                .where(
                    LedgerPosting.account_id.in_(counted_accounts(some)),
                    LedgerPosting.transaction_id >= id_at("ltx", since),
                    LedgerTransaction.kind == REVERSAL,
                )
                .distinct()
            )
        )
    return found


def presses(session: Session, span: Span, shop_ids: Collection[str]) -> Iterator[Pressed]:
    """Give the presses within `span` at these shops, in no order. One query for up to 500 shops."""
    for some in batches(shop_ids, _MANY):
        statement = (
            select(Press.shop_id, Press.verdict, Press.at)
            .where(
                Press.shop_id.in_(some),
                Press.id >= id_at("prs", span.start - SLACK),
                Press.id < id_at("prs", span.end + SLACK),
            )
            .execution_options(yield_per=_CHUNK)
        )
        for shop_id, verdict, at in session.execute(statement):
            if at in span and shop_id is not None:
                yield Pressed(shop_id, verdict, at)
