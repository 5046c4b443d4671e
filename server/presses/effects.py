"""What an accepted press does: a stamp on a card, a coupon redeemed, or a receipt alone."""

from collections.abc import Callable
from typing import Final

from server.presses.case import Case, Desk, Effects
from server.presses.limits import held_too_many
from server.presses.reasons import Reason
from server.presses.visits import VisitFullError, VisitView, join_visit
from server.programs.service import CouponUnavailable, credit_stamp, redeem_coupon
from stampsdk.protocol import Purpose

__all__ = ["apply_effects"]


def apply_effects(desk: Desk, case: Case) -> Reason | None:
    """Do what the press is for, or name why it cannot be done; then nothing was changed.

    A press that is held joins its visit and does nothing else.
    """
    return _EFFECTS[case.purpose](desk, case)


def _stamp(desk: Desk, case: Case) -> Reason | None:
    if case.hold is not None and held_too_many(desk.session, desk.policy, case.device.customer_id):
        return Reason.HELD_TOO_MANY
    try:
        visit = _join_visit(desk, case)
    except VisitFullError as full:
        case.retry_after_s = full.retry_after_s
        return Reason.VISIT_FULL
    if case.hold is not None:
        case.effects = Effects(visit=visit)
        return None
    credit = credit_stamp(
        desk.session,
        desk.clock,
        customer_id=case.device.customer_id,
        shop_id=case.known_shop.id,
        press_id=case.press_id,
    )
    if credit is None:
        case.effects = Effects(visit=visit)
    else:
        case.effects = Effects(card=credit.card, coupons=credit.coupons, visit=visit)
    return None


def _redeem(desk: Desk, case: Case) -> Reason | None:
    coupon_id = case.envelope.coupon
    assert coupon_id is not None  # noqa: S101 (the protocol: a press to redeem names a coupon)
    try:
        coupon = redeem_coupon(
            desk.session,
            desk.clock,
            coupon_id=coupon_id,
            customer_id=case.device.customer_id,
            shop_id=case.known_shop.id,
            press_id=case.press_id,
        )
    except CouponUnavailable as refusal:
        return Reason[refusal.reason.upper()]
    case.effects = Effects(coupons=(coupon,))
    return None


def _verify(_desk: Desk, _case: Case) -> Reason | None:
    return None


def _unsupported(_desk: Desk, _case: Case) -> Reason | None:
    return Reason.PURPOSE_NOT_SUPPORTED


def _join_visit(desk: Desk, case: Case) -> VisitView:
    shop = case.known_shop
    return join_visit(
        desk.session,
        desk.clock,
        desk.policy,
        customer_id=case.device.customer_id,
        shop_id=shop.id,
        most_presses=shop.max_presses_per_visit,
        now=case.now,
    )


_EFFECTS: Final[dict[Purpose, Callable[[Desk, Case], Reason | None]]] = {
    Purpose.STAMP: _stamp,
    Purpose.REDEEM: _redeem,
    Purpose.VERIFY: _verify,
    Purpose.CLOCK: _unsupported,
}
