"""What is owed to customers now, by the ledger."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, case, exists, func, select
from sqlalchemy.orm import Session, aliased

from server.insights.batches import batches
from server.ledger.models import CUSTOMER, LedgerAccount, LedgerTransaction
from server.programs.accounts import COUPON, COUPON_ISSUED, STAMP
from server.programs.models import Card, Coupon, Program
from server.shops.models import Shop


@dataclass(frozen=True, slots=True)
class Liability:
    """Stamps on cards that are not full, and coupons that can still be redeemed."""

    stamps: int
    coupons: int


def liability(session: Session, shop_ids: Collection[str], now: datetime) -> Liability:
    """Return what cards hold whose first stamp was given at these shops.

    Balances of the ledger, less the coupons that have expired. A card below zero, whose stamps were undone
    after it was full, counts as empty: it is the customer who owes.
    """
    stamps = coupons = 0
    for some in batches(shop_ids):
        balance = case((LedgerAccount.balance > 0, LedgerAccount.balance), else_=0)
        held = (
            select(LedgerAccount.unit, func.sum(balance))
            .select_from(Card)
            .join(
                LedgerAccount,
                and_(
                    LedgerAccount.owner_id == Card.id,
                    LedgerAccount.owner_type == "card",
                    LedgerAccount.kind == CUSTOMER,
                ),
            )
            .where(Card.shop_id.in_(some))
            .group_by(LedgerAccount.unit)
        )
        by_unit = {unit: int(total or 0) for unit, total in session.execute(held)}
        stamps += by_unit.get(STAMP, 0)
        coupons += by_unit.get(COUPON, 0) - _expired(session, some, now)
    return Liability(stamps, max(coupons, 0))


def _expired(session: Session, shop_ids: Collection[str], now: datetime) -> int:
    """Count the coupons that expired unused; one whose issue was undone is not on its card any more."""
    issue, undoing = aliased(LedgerTransaction), aliased(LedgerTransaction)
    undone = exists(
        select(issue.id)
        .join(undoing, undoing.reverses_id == issue.id)
        .where(issue.source_type == "coupon", issue.source_id == Coupon.id, issue.kind == COUPON_ISSUED)
    )
    # By the programmes, so that of all coupons only those that expired unused are looked at.
    partners = select(Shop.partner_id).where(Shop.id.in_(shop_ids))
    programs = select(Program.id).where(Program.partner_id.in_(partners))
    statement = (
        select(func.count())
        .select_from(Coupon)
        .join(Card, Card.id == Coupon.card_id)
        .where(
            Coupon.program_id.in_(programs),
            Coupon.status == "issued",
            Coupon.expires_at <= now,
            Card.shop_id.in_(shop_ids),
            ~undone,
        )
    )
    return session.scalar(statement) or 0
