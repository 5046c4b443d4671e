"""Crediting a stamp, and the coupon that a full card becomes."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import and_, bindparam, insert, select, update
from sqlalchemy.orm import Session

from server.core.clock import Clock
from server.core.identifiers import new_id
from server.core.portable import prepared_insert_absent
from server.core.schemas import Bilingual
from server.ledger import Posting, open_accounts, post
from server.programs.accounts import (
    COUPON,
    COUPON_ISSUED,
    PRESS,
    STAMP,
    STAMPED,
    Source,
    accounts_of_card,
    card_account,
    issued_account,
    redeemed_account,
)
from server.programs.expiry import coupon_expiry
from server.programs.models import Card, Coupon, Program, ProgramShop
from server.programs.views import CardView, CouponView, ProgramView, ShopView
from server.shops.models import Shop

_TABLES: Final = Card.metadata.tables
_CARDS: Final = _TABLES[Card.__tablename__]
_COUPONS: Final = _TABLES[Coupon.__tablename__]
_PROGRAMS: Final = _TABLES[Program.__tablename__]
_PLACES: Final = _TABLES[ProgramShop.__tablename__]
_SHOPS: Final = _TABLES[Shop.__tablename__]
_HOMES: Final = _SHOPS.alias("home")
# Statements of every stamp are built once, from tables and not from classes: to build this one takes five
# times as long as to run it, and rows of mapped columns take twice as long as plain ones.
_STANDING: Final = (
    select(
        _PROGRAMS.c.id.label("program_id"),
        _PROGRAMS.c.name,
        _PROGRAMS.c.reward,
        _PROGRAMS.c.stamps_required,
        _PROGRAMS.c.coupon_valid_days,
        _SHOPS.c.name.label("shop_name"),
        _SHOPS.c.timezone,
        _CARDS.c.id.label("card_id"),
        _CARDS.c.stamps_required.label("card_required"),
        _HOMES.c.id.label("home_id"),
        _HOMES.c.name.label("home_name"),
    )
    .select_from(_PLACES)
    .join(_PROGRAMS, _PROGRAMS.c.id == _PLACES.c.program_id)
    .join(_SHOPS, _SHOPS.c.id == _PLACES.c.shop_id)
    .outerjoin(
        _CARDS, and_(_CARDS.c.program_id == _PROGRAMS.c.id, _CARDS.c.customer_id == bindparam("customer"))
    )
    .outerjoin(_HOMES, _HOMES.c.id == _CARDS.c.shop_id)
    .where(_PLACES.c.shop_id == bindparam("shop"), _PLACES.c.active)
)
_OPEN_CARD: Final = prepared_insert_absent(_CARDS, _CARDS.c.id)
_ISSUE: Final = insert(_COUPONS)


@dataclass(frozen=True, slots=True)
class CreditOutcome:
    """What a stamp led to: the card as it stands now, and the coupons it was exchanged for."""

    card: CardView
    coupons: tuple[CouponView, ...]


def credit_stamp(
    session: Session, clock: Clock, *, customer_id: str, shop_id: str, press_id: str
) -> CreditOutcome | None:
    """Credit one stamp for one press, by `credit`; at most once for a press, ever."""
    return credit(
        session,
        clock,
        customer_id=customer_id,
        shop_id=shop_id,
        source=Source(PRESS, press_id),
        actor=customer_id,
    )


def credit(
    session: Session,
    clock: Clock,
    *,
    customer_id: str,
    shop_id: str,
    source: Source,
    actor: str,
    reason: str | None = None,
) -> CreditOutcome | None:
    """Credit one stamp, and issue the coupon when the card is full.

    Parameters
    ----------
    session, clock
        The transaction it belongs to, and the time.
    customer_id, shop_id
        Who gets it, and where. The card is made by the first stamp.
    source
        What it is given for, which is credited at most once, ever.
    actor, reason
        Who gives it, and why where somebody has to say so.

    Returns
    -------
    CreditOutcome or None
        None where the shop takes part in no active programme.

    Raises
    ------
    AlreadyPostedError
        The source was credited before; nothing was changed.

    Notes
    -----
    A round of stamps takes the number it began with: when the programme's
    number changes, a card that has stamps keeps its own until it is full.

    Four statements when the card exists and does not fill up.
    """
    standing = standing_at(session, customer_id, shop_id)
    if standing is None:
        return None
    card_id = standing.card_id or _open_card(session, clock, standing, customer_id)
    if card_id is None:
        # Another press of the customer made the card after the look at it; it is committed by now.
        return credit(
            session,
            clock,
            customer_id=customer_id,
            shop_id=shop_id,
            source=source,
            actor=actor,
            reason=reason,
        )
    card = card_account(card_id, STAMP)
    facts = {"card": card_id, "program": standing.program_id, "shop": shop_id, source.type: source.id}
    booked = post(
        session,
        clock,
        kind=STAMPED,
        source_type=source.type,
        source_id=source.id,
        postings=[Posting(issued_account(standing.program_id, STAMP), -1), Posting(card, 1)],
        reason=reason,
        actor=actor,
        details=facts,
    )
    stamps, required = booked.balances[card], standing.card_required
    if stamps <= 1 and required != standing.stamps_required:
        required = standing.stamps_required
        session.execute(update(_CARDS).where(_CARDS.c.id == card_id).values(stamps_required=required))
    coupons = []
    while stamps >= required:
        coupon, stamps = _issue_coupon(
            session, clock, standing, required=required, facts=facts, source=source
        )
        coupons.append(coupon)
    view = _card_view(standing, card_id, stamps=stamps, required=required, updated_at=booked.occurred_at)
    return CreditOutcome(view, tuple(coupons))


@dataclass(frozen=True, slots=True)
class Standing:
    """A shop's active programme, and where the customer stands in it; no card before the first stamp."""

    program_id: str
    name: dict[str, str]
    reward: dict[str, str]
    stamps_required: int
    coupon_valid_days: int | None
    shop: ShopView
    timezone: str
    card_id: str | None
    card_required: int
    home: ShopView


def standing_at(session: Session, customer_id: str, shop_id: str) -> Standing | None:
    """Find the shop's active programme, and the customer's card in it, in one query."""
    row = session.execute(_STANDING, {"customer": customer_id, "shop": shop_id}).one_or_none()
    if row is None:
        return None
    shop = ShopView(shop_id, row.shop_name)
    return Standing(
        program_id=row.program_id,
        name=row.name,
        reward=row.reward,
        stamps_required=row.stamps_required,
        coupon_valid_days=row.coupon_valid_days,
        shop=shop,
        timezone=row.timezone,
        card_id=row.card_id,
        card_required=row.stamps_required if row.card_required is None else row.card_required,
        home=shop if row.home_id is None else ShopView(row.home_id, row.home_name),
    )


def _open_card(session: Session, clock: Clock, standing: Standing, customer_id: str) -> str | None:
    """Make the card and its accounts; None when another request has just made it."""
    card_id: str | None = session.execute(
        _OPEN_CARD[session.get_bind().dialect.name],
        {
            "id": new_id("crd", clock),
            "customer_id": customer_id,
            "program_id": standing.program_id,
            "shop_id": standing.shop.id,
            "stamps_required": standing.stamps_required,
            "created_at": clock.now(),
        },
    ).scalar_one_or_none()
    if card_id is not None:
        open_accounts(session, clock, accounts_of_card(card_id))
    return card_id


def _issue_coupon(
    session: Session,
    clock: Clock,
    standing: Standing,
    *,
    required: int,
    facts: dict[str, str],
    source: Source,
) -> tuple[CouponView, int]:
    """Exchange `required` stamps of the card for a coupon; return it and the stamps that are left."""
    coupon_id, now = new_id("cpn", clock), clock.now()
    expires_at = coupon_expiry(now, standing.coupon_valid_days, standing.timezone)
    card_id, program_id = facts["card"], standing.program_id
    card = card_account(card_id, STAMP)
    booked = post(
        session,
        clock,
        kind=COUPON_ISSUED,
        source_type="coupon",
        source_id=coupon_id,
        postings=[
            Posting(card, -required),
            Posting(redeemed_account(program_id, STAMP), required),
            Posting(issued_account(program_id, COUPON), -1),
            Posting(card_account(card_id, COUPON), 1),
        ],
        details=facts | {"coupon": coupon_id},
    )
    session.execute(
        _ISSUE,
        {
            "id": coupon_id,
            "card_id": card_id,
            "program_id": program_id,
            "shop_id": standing.shop.id,
            "reward": standing.reward,
            "status": "issued",
            "issued_press_id": source.id,
            "issued_at": now,
            "expires_at": expires_at,
            "redemptions_undone": 0,
        },
    )
    view = CouponView(
        id=coupon_id,
        card=card_id,
        program=program_id,
        reward=Bilingual.model_validate(standing.reward),
        shop=standing.shop,
        status="issued",
        issued_at=now,
        expires_at=expires_at,
        redeemed_at=None,
    )
    return view, booked.balances[card]


def _card_view(
    standing: Standing, card_id: str, *, stamps: int, required: int, updated_at: datetime
) -> CardView:
    program = ProgramView(
        id=standing.program_id,
        name=Bilingual.model_validate(standing.name),
        reward=Bilingual.model_validate(standing.reward),
        stamps_required=required if stamps > 0 else standing.stamps_required,
    )
    return CardView(card_id, program, standing.home, max(stamps, 0), updated_at)
