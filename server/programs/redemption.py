"""Redeeming a coupon: once, unless the redemption is taken back."""

import re
from datetime import datetime
from typing import Final, Literal

from sqlalchemy import and_, bindparam, or_, select, update
from sqlalchemy.orm import Session

from server.core.clock import Clock
from server.core.schemas import Bilingual
from server.customers.models import Customer
from server.ledger import Posting, post
from server.programs.accounts import COUPON, COUPON_REDEEMED, card_account, redeemed_account
from server.programs.errors import CouponRefusal, CouponUnavailable
from server.programs.models import Card, Coupon, ProgramShop
from server.programs.views import CouponView, ShopView
from server.shops.models import Shop

_IDENTIFIER = re.compile(r"cpn_[0-9a-f]{32}")
_COUPONS: Final = Coupon.metadata.tables[Coupon.__tablename__]
# Built once: building these statements takes several times as long as running them.
_FIND: Final = (
    select(Coupon, Shop.name, Card.customer_id, Customer.erased_at, ProgramShop.shop_id.label("here"))
    .join(Card, Card.id == Coupon.card_id)
    .join(Customer, Customer.id == Card.customer_id)
    .join(Shop, Shop.id == Coupon.shop_id)
    .outerjoin(
        ProgramShop,
        and_(ProgramShop.program_id == Coupon.program_id, ProgramShop.shop_id == bindparam("shop")),
    )
    .where(Coupon.id == bindparam("coupon"))
)
_NOW: Final = bindparam("now", type_=_COUPONS.c.redeemed_at.type)
_REDEEM: Final = (
    update(_COUPONS)
    .where(
        _COUPONS.c.id == bindparam("coupon"),
        _COUPONS.c.status == "issued",
        or_(_COUPONS.c.expires_at.is_(None), _COUPONS.c.expires_at > _NOW),
    )
    .values(
        status="redeemed",
        redeemed_at=_NOW,
        redeemed_shop_id=bindparam("shop"),
        redeemed_press_id=bindparam("press"),
    )
    .returning(_COUPONS.c.redemptions_undone)
)
_REFUSALS: Final = {
    "redeemed": CouponRefusal.REDEEMED,
    "expired": CouponRefusal.EXPIRED,
    "void": CouponRefusal.VOID,
}


def redeem_coupon(
    session: Session, clock: Clock, *, coupon_id: str, customer_id: str, shop_id: str, press_id: str
) -> CouponView:
    """Redeem a coupon of the customer at a shop of its programme.

    Parameters
    ----------
    session, clock
        The press's transaction, and the time.
    coupon_id, customer_id, shop_id, press_id
        What is redeemed, by whom, where, and by which press.

    Returns
    -------
    CouponView
        The coupon, redeemed. Of any number of concurrent calls at most one
        comes here: the change is a conditional UPDATE.

    Raises
    ------
    CouponUnavailable
        With the reason. A programme that has ended still honours its coupons.
    """
    # Text that cannot be an identifier is not shown to the database, which may not even take it.
    if not _IDENTIFIER.fullmatch(coupon_id):
        raise CouponUnavailable(CouponRefusal.UNKNOWN)
    found = session.execute(_FIND, {"coupon": coupon_id, "shop": shop_id}).one_or_none()
    if found is None:
        raise CouponUnavailable(CouponRefusal.UNKNOWN)
    coupon, shop_name, owner_id, erased_at, here = found
    if owner_id != customer_id or erased_at is not None:
        raise CouponUnavailable(CouponRefusal.FOREIGN)
    now = clock.now()
    status = coupon_status(coupon, now)
    if status != "issued":
        raise CouponUnavailable(_REFUSALS[status])
    if here is None:
        raise CouponUnavailable(CouponRefusal.ELSEWHERE)
    undone = _mark_redeemed(session, coupon_id, shop_id=shop_id, press_id=press_id, now=now)
    post(
        session,
        clock,
        kind=COUPON_REDEEMED,
        source_type="coupon",
        source_id=redemption_source(coupon_id, undone),
        postings=[
            Posting(card_account(coupon.card_id, COUPON), -1),
            Posting(redeemed_account(coupon.program_id, COUPON), 1),
        ],
        actor=customer_id,
        details={
            "card": coupon.card_id,
            "program": coupon.program_id,
            "shop": shop_id,
            "press": press_id,
            "coupon": coupon_id,
        },
    )
    return coupon_view(coupon, ShopView(coupon.shop_id, shop_name), now, redeemed_at=now)


def redemption_source(coupon_id: str, undone: int) -> str:
    """Return the ledger's name for a coupon's redemption after `undone` of them were taken back."""
    return f"{coupon_id}.{undone}" if undone else coupon_id


def coupon_status(coupon: Coupon, now: datetime) -> Literal["issued", "redeemed", "expired", "void"]:
    """Return what the coupon is at `now`; nothing has to run for it to expire."""
    if coupon.status != "issued":
        return coupon.status
    return "expired" if coupon.expires_at is not None and coupon.expires_at <= now else "issued"


def coupon_view(
    coupon: Coupon, shop: ShopView, now: datetime, *, redeemed_at: datetime | None = None
) -> CouponView:
    """Return the coupon as people see it at `now`; `redeemed_at` where that is newer than the row."""
    redeemed_at = redeemed_at or coupon.redeemed_at
    return CouponView(
        id=coupon.id,
        card=coupon.card_id,
        program=coupon.program_id,
        reward=Bilingual.model_validate(coupon.reward),
        shop=shop,
        status=coupon_status(coupon, now) if redeemed_at is None else "redeemed",
        issued_at=coupon.issued_at,
        expires_at=coupon.expires_at,
        redeemed_at=redeemed_at,
    )


def _mark_redeemed(session: Session, coupon_id: str, *, shop_id: str, press_id: str, now: datetime) -> int:
    """Mark it and return how many redemptions of it were taken back before."""
    redeemed = {"coupon": coupon_id, "now": now, "shop": shop_id, "press": press_id}
    undone: int | None = session.execute(_REDEEM, redeemed).scalar_one_or_none()
    if undone is None:  # somebody was first: with a redemption, or by taking the coupon back
        status = session.scalar(select(_COUPONS.c.status).where(_COUPONS.c.id == coupon_id))
        raise CouponUnavailable(CouponRefusal.VOID if status == "void" else CouponRefusal.REDEEMED)
    return undone
