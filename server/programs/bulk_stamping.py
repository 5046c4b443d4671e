"""Crediting many stamps at once, each at its own time: for a history that is taken over."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import bindparam, insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from server.core.clock import FrozenClock
from server.core.identifiers import new_id
from server.ledger import Entry, LedgerError, Posting, open_accounts_at, post_many
from server.ledger.models import ACCOUNTS
from server.programs.accounts import (
    COUPON,
    COUPON_ISSUED,
    STAMP,
    STAMPED,
    accounts_of_card,
    card_account,
    issued_account,
    redeemed_account,
)
from server.programs.expiry import coupon_expiry
from server.programs.models import Card, Coupon
from server.programs.stamping import Standing, credit_stamp, standing_at

_CARDS: Final = Card.metadata.tables[Card.__tablename__]
_COUPONS: Final = Card.metadata.tables[Coupon.__tablename__]
_FIND: Final = select(_CARDS.c.customer_id, _CARDS.c.id, _CARDS.c.stamps_required).where(
    _CARDS.c.program_id == bindparam("program"),
    _CARDS.c.customer_id.in_(bindparam("customers", expanding=True)),
)
_BALANCES: Final = select(ACCOUNTS.c.id, ACCOUNTS.c.balance).where(
    ACCOUNTS.c.id.in_(bindparam("accounts", expanding=True))
)
_REQUIRE: Final = (
    update(_CARDS).where(_CARDS.c.id == bindparam("card")).values(stamps_required=bindparam("required"))
)


@dataclass(frozen=True, slots=True)
class Stamping:
    """One press to stamp: whose, which, and when."""

    customer_id: str
    press_id: str
    at: datetime


@dataclass(slots=True)
class _Card:
    id: str
    required: int
    stamps: int


class _MovedError(LedgerError):
    """Another transaction changed a card meanwhile."""


def credit_stamps(
    session: Session, *, shop_id: str, stampings: Sequence[Stamping]
) -> list[tuple[str, ...] | None]:
    """Credit stamps at one shop as `credit_stamp` would one after the other: all of them, or none.

    Parameters
    ----------
    session
        The transaction, not committed.
    shop_id
        Where all of them were given.
    stampings
        In the order of time.

    Returns
    -------
    list of tuple of str or None
        The coupons that each stamp was exchanged for, by id; None where the shop takes part in no active
        programme.

    Raises
    ------
    AlreadyPostedError
        A press was credited before. Nothing was changed.

    Notes
    -----
    Reads the cards once and books through `post_many`. Its balances tell whether a card was changed by others
    since it was read; if so, or if a press was credited before, the stamps are credited one by one.
    """
    standing = standing_at(session, "", shop_id)
    if standing is None:
        return [None] * len(stampings)
    try:
        with session.begin_nested():
            return _Round(session, standing, stampings).credit()
    except (LedgerError, IntegrityError):
        with session.begin_nested():
            return [_credit_one(session, shop_id, stamping) for stamping in stampings]


def _credit_one(session: Session, shop_id: str, stamping: Stamping) -> tuple[str, ...] | None:
    credit = credit_stamp(
        session,
        FrozenClock(stamping.at),
        customer_id=stamping.customer_id,
        shop_id=shop_id,
        press_id=stamping.press_id,
    )
    return None if credit is None else tuple(coupon.id for coupon in credit.coupons)


class _Round:
    """Stamps that are credited together."""

    def __init__(self, session: Session, standing: Standing, stampings: Sequence[Stamping]) -> None:
        self._session = session
        self._standing = standing
        self._stampings = stampings
        self._entries: list[Entry] = []
        self._expected: list[tuple[_Card, int]] = []
        self._coupons: list[dict[str, Any]] = []
        self._required: dict[str, int] = {}

    def credit(self) -> list[tuple[str, ...] | None]:
        """Book everything and return the coupons of each stamp."""
        cards = self._cards()
        issued: list[tuple[str, ...] | None] = [
            self._stamp(cards[stamping.customer_id], stamping) for stamping in self._stampings
        ]
        posted = post_many(self._session, self._entries)
        for booked, (card, stamps) in zip(posted, self._expected, strict=True):
            if booked.balances[card_account(card.id, STAMP)] != stamps:
                raise _MovedError(f"card {card.id} was changed meanwhile")
        if self._required:
            self._session.connection().execute(
                _REQUIRE, [{"card": card, "required": required} for card, required in self._required.items()]
            )
        if self._coupons:
            self._session.execute(insert(_COUPONS), self._coupons)
        return issued

    def _cards(self) -> dict[str, _Card]:
        """Return the customers' cards, made where there are none, each at its first stamp's time."""
        session, program_id = self._session, self._standing.program_id
        firsts: dict[str, datetime] = {}
        for stamping in self._stampings:
            firsts.setdefault(stamping.customer_id, stamping.at)
        found = session.execute(_FIND, {"program": program_id, "customers": list(firsts)})
        cards = {customer: _Card(card, required, 0) for customer, card, required in found}
        accounts = {card_account(card.id, STAMP).id: card for card in cards.values()}
        for account_id, balance in session.execute(_BALANCES, {"accounts": list(accounts)}):
            accounts[account_id].stamps = balance
        made = [(customer, at) for customer, at in firsts.items() if customer not in cards]
        for customer, at in made:
            cards[customer] = _Card(new_id("crd", FrozenClock(at)), self._standing.stamps_required, 0)
        if made:
            session.execute(
                insert(_CARDS), [self._card_row(cards[customer], customer, at) for customer, at in made]
            )
            open_accounts_at(
                session,
                {account: at for customer, at in made for account in accounts_of_card(cards[customer].id)},
            )
        return cards

    def _card_row(self, card: _Card, customer_id: str, at: datetime) -> dict[str, Any]:
        return {
            "id": card.id,
            "customer_id": customer_id,
            "program_id": self._standing.program_id,
            "shop_id": self._standing.shop.id,
            "stamps_required": card.required,
            "created_at": at,
        }

    def _stamp(self, card: _Card, stamping: Stamping) -> tuple[str, ...]:
        standing, account = self._standing, card_account(card.id, STAMP)
        facts = {
            "card": card.id,
            "program": standing.program_id,
            "shop": standing.shop.id,
            "press": stamping.press_id,
        }
        card.stamps += 1
        self._book(
            card,
            Entry(
                stamping.at,
                STAMPED,
                "press",
                stamping.press_id,
                (Posting(issued_account(standing.program_id, STAMP), -1), Posting(account, 1)),
                actor=stamping.customer_id,
                details=facts,
            ),
        )
        if card.stamps <= 1 and card.required != standing.stamps_required:
            card.required = self._required[card.id] = standing.stamps_required
        coupons = []
        while card.stamps >= card.required:
            coupons.append(self._issue(card, stamping.at, facts))
        return tuple(coupons)

    def _issue(self, card: _Card, at: datetime, facts: dict[str, str]) -> str:
        """Exchange a full card for a coupon and return its id."""
        standing, coupon_id = self._standing, new_id("cpn", FrozenClock(at))
        program_id = standing.program_id
        card.stamps -= card.required
        self._book(
            card,
            Entry(
                at,
                COUPON_ISSUED,
                "coupon",
                coupon_id,
                (
                    Posting(card_account(card.id, STAMP), -card.required),
                    Posting(redeemed_account(program_id, STAMP), card.required),
                    Posting(issued_account(program_id, COUPON), -1),
                    Posting(card_account(card.id, COUPON), 1),
                ),
                details=facts | {"coupon": coupon_id},
            ),
        )
        self._coupons.append(
            {
                "id": coupon_id,
                "card_id": card.id,
                "program_id": program_id,
                "shop_id": standing.shop.id,
                "reward": standing.reward,
                "status": "issued",
                "issued_press_id": facts["press"],
                "issued_at": at,
                "expires_at": coupon_expiry(at, standing.coupon_valid_days, standing.timezone),
            }
        )
        return coupon_id

    def _book(self, card: _Card, entry: Entry) -> None:
        self._entries.append(entry)
        self._expected.append((card, card.stamps))
