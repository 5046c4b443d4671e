"""What a customer has: cards, coupons, and how they came about."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from server.core.pagination import PageRequest, paginate
from server.core.schemas import Bilingual
from server.ledger import AccountRef, amounts_of, transactions_of
from server.ledger.models import LedgerAccount, LedgerTransaction
from server.programs.accounts import COUPON, STAMP, accounts_of_card, card_account
from server.programs.models import Card, Coupon, Program
from server.programs.redemption import coupon_view
from server.programs.schemas import TransactionBody
from server.programs.views import CardView, CouponView, ProgramView, ShopView
from server.shops.models import Shop


def cards(session: Session, customer_id: str, page: PageRequest) -> tuple[list[CardView], str | None]:
    """Return a page of the customer's cards, newest first, and the next page's cursor."""
    found, cursor = paginate(session, _cards_of(customer_id), Card.id, page)
    programs = {
        program.id: program
        for program in session.scalars(
            select(Program).where(Program.id.in_(card.program_id for card in found))
        )
    }
    shops = _shops(session, (card.shop_id for card in found))
    accounts = {
        account.id: account
        for account in session.scalars(
            select(LedgerAccount).where(
                LedgerAccount.id.in_(card_account(card.id, STAMP).id for card in found)
            )
        )
    }
    views = []
    for card in found:
        program, account = programs[card.program_id], accounts[card_account(card.id, STAMP).id]
        stamps = max(account.balance or 0, 0)
        view = ProgramView(
            id=program.id,
            name=Bilingual.model_validate(program.name),
            reward=Bilingual.model_validate(program.reward),
            stamps_required=card.stamps_required if stamps > 0 else program.stamps_required,
        )
        views.append(CardView(card.id, view, shops[card.shop_id], stamps, account.changed_at))
    return views, cursor


def coupons(
    session: Session, customer_id: str, page: PageRequest, now: datetime
) -> tuple[list[CouponView], str | None]:
    """Return a page of the customer's coupons, newest first, and the next page's cursor."""
    statement = select(Coupon).where(Coupon.card_id.in_(_cards_of(customer_id).with_only_columns(Card.id)))
    found, cursor = paginate(session, statement, Coupon.id, page)
    shops = _shops(session, (coupon.shop_id for coupon in found))
    return [coupon_view(coupon, shops[coupon.shop_id], now) for coupon in found], cursor


def history(
    session: Session, customer_id: str, page: PageRequest
) -> tuple[list[TransactionBody], str | None]:
    """Return a page of what was booked to the customer's cards, newest first, and the next page's cursor."""
    card_ids = session.scalars(_cards_of(customer_id).with_only_columns(Card.id))
    accounts: list[AccountRef] = [account for card_id in card_ids for account in accounts_of_card(card_id)]
    found, cursor = paginate(session, transactions_of(accounts), LedgerTransaction.id, page)
    amounts = amounts_of(session, [row.id for row in found], accounts)
    shops = _shops(session, (row.details["shop"] for row in found))
    return [_transaction(row, amounts[row.id], shops) for row in found], cursor


def _transaction(
    row: LedgerTransaction, amounts: Mapping[str, int], shops: Mapping[str, ShopView]
) -> TransactionBody:
    return TransactionBody.model_validate(
        {
            "id": row.id,
            "kind": row.kind,
            "stamps": amounts.get(STAMP, 0),
            "coupons": amounts.get(COUPON, 0),
            "card": row.details["card"],
            "program": row.details["program"],
            "shop": shops[row.details["shop"]],
            "press": row.details.get("press"),
            "coupon": row.details.get("coupon"),
            "at": row.occurred_at,
        }
    )


def _cards_of(customer_id: str) -> Select[Card]:
    """Return the query for a customer's cards: the one place that says which cards a device may see."""
    return select(Card).where(Card.customer_id == customer_id)


def _shops(session: Session, shop_ids: Iterable[str]) -> Mapping[str, ShopView]:
    rows = session.execute(select(Shop.id, Shop.name).where(Shop.id.in_(set(shop_ids))))
    return {shop_id: ShopView(shop_id, name) for shop_id, name in rows}
