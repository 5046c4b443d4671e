"""Taking back what was booked by mistake: a stamp, a redemption. Each once, with a reason, by a reversal.

A card's rounds are counted, not remembered: so many stamps, so many coupons that they pay for. A stamp that
is taken back leaves the card as if it had never been given. Only where the stamps that are left no longer pay
for the coupons is one of these taken back as well (docs/adr/0014).
"""

from dataclasses import dataclass
from typing import Final

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from server.core.clock import Clock
from server.core.errors import Conflict, NotFound
from server.ledger import AlreadyReversedError, reverse
from server.ledger.models import LedgerTransaction
from server.programs.accounts import COUPON_ISSUED, COUPON_REDEEMED, STAMP, STAMPED, card_account
from server.programs.bookings import Booked, already_undone, booked, is_identifier, tell_undone
from server.programs.explanations import checked_reason
from server.programs.handing import GivenStamps, give_stamp
from server.programs.models import Card, Coupon, Program
from server.programs.redemption import redemption_source
from server.staff.actor import Actor, Right

__all__ = [
    "GivenStamps",
    "UndoneRedemption",
    "UndoneStamp",
    "give_stamp",
    "undo_redemption",
    "undo_stamp",
]

_COUPONS: Final = Coupon.metadata.tables[Coupon.__tablename__]
_CARDS: Final = Card.metadata.tables[Card.__tablename__]


@dataclass(frozen=True, slots=True)
class UndoneStamp:
    """A stamp that was taken back.

    Attributes
    ----------
    reversal
        The ledger transaction that took it back.
    card, customer
        Whose it was.
    stamps
        What the card holds now.
    coupons
        Identifiers of the coupons that were taken back with it; mostly none.
    """

    reversal: str
    card: str
    customer: str
    stamps: int
    coupons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class UndoneRedemption:
    """A redemption that was taken back: `coupon` counts again, to its old last day."""

    reversal: str
    coupon: str
    card: str
    customer: str


def undo_stamp(
    session: Session,
    clock: Clock,
    actor: Actor,
    *,
    reason: str,
    transaction_id: str | None = None,
    press_id: str | None = None,
) -> UndoneStamp:
    """Take back one stamp, once.

    Parameters
    ----------
    session, clock, actor
        The transaction, the time, and who does it: needs the right to undo.
    reason
        Why, at most 200 characters; kept in the ledger and in the audit.
    transaction_id, press_id
        The stamp: by its booking, or by the press that it was given for. One of the two.

    Returns
    -------
    UndoneStamp
        The card holds what it would hold without the stamp. Where the stamps that are left no longer pay for
        the card's coupons, the coupon that this stamp completed is void, else the newest
        that nobody redeemed.

    Raises
    ------
    NotFound
        ``booking_not_found``: there is no such stamp, or it is another partner's.
    Conflict
        ``already_undone``, or ``coupon_redeemed`` when the coupon to take back was redeemed: undo the
        redemption first. Nothing was changed, and the caller's transaction may go on.
    """
    actor.require(Right.UNDO)
    reason = checked_reason(reason)
    stamp = booked(session, actor, STAMPED, transaction_id, press_id)
    with session.begin_nested():
        try:
            reversed_ = reverse(session, clock, transaction_id=stamp.id, reason=reason, actor=actor.member_id)
        except AlreadyReversedError:
            raise already_undone("stamp") from None
        stamps = reversed_.balances[card_account(stamp.card_id, STAMP)]
        coupons = []
        while stamps < 0:
            coupon_id, stamps = _take_back_coupon(session, clock, actor, stamp, reason=reason, stamps=stamps)
            coupons.append(coupon_id)
    undone = UndoneStamp(reversed_.id, stamp.card_id, stamp.customer_id, stamps, tuple(coupons))
    tell_undone(
        session, clock, actor, stamp, what="stamp", reason=reason, reversal=reversed_.id, coupons=coupons
    )
    return undone


def undo_redemption(
    session: Session,
    clock: Clock,
    actor: Actor,
    *,
    reason: str,
    transaction_id: str | None = None,
    coupon_id: str | None = None,
    press_id: str | None = None,
) -> UndoneRedemption:
    """Take back a coupon's redemption, once: the coupon counts again, to its old last day.

    Parameters
    ----------
    session, clock, actor
        The transaction, the time, and who does it: needs the right to undo.
    reason
        Why, at most 200 characters; kept in the ledger and in the audit.
    transaction_id, coupon_id
        The redemption: by its booking, or as the present one of a coupon. One of the two.
    press_id
        With `coupon_id`: which redemption is meant. A coupon that was redeemed anew since stays redeemed.

    Raises
    ------
    NotFound
        ``booking_not_found`` or ``coupon_not_found``: there is none, or it is another partner's.
    Conflict
        ``already_undone``, or ``not_redeemed`` for a coupon that never was. Nothing was changed.
    """
    actor.require(Right.UNDO)
    reason = checked_reason(reason)
    if (transaction_id is None) == (coupon_id is None):
        raise ValueError("give either transaction_id or coupon_id")
    if transaction_id is None:
        transaction_id = _present_redemption(session, actor, str(coupon_id), press_id)
    redemption = booked(session, actor, COUPON_REDEEMED, transaction_id, None)
    with session.begin_nested():
        # Of a coupon only the latest redemption can stand. Were this an earlier one, the reversal would fail.
        session.execute(
            update(_COUPONS)
            .where(_COUPONS.c.id == redemption.coupon_id, _COUPONS.c.status == "redeemed")
            .values(
                status="issued",
                redeemed_at=None,
                redeemed_shop_id=None,
                redeemed_press_id=None,
                redemptions_undone=_COUPONS.c.redemptions_undone + 1,
            )
        )
        try:
            reversed_ = reverse(
                session, clock, transaction_id=redemption.id, reason=reason, actor=actor.member_id
            )
        except AlreadyReversedError:
            raise already_undone("redemption") from None
    tell_undone(
        session,
        clock,
        actor,
        redemption,
        what="redemption",
        reason=reason,
        reversal=reversed_.id,
        coupons=[str(redemption.coupon_id)],
    )
    return UndoneRedemption(
        reversed_.id, str(redemption.coupon_id), redemption.card_id, redemption.customer_id
    )


def _take_back_coupon(
    session: Session, clock: Clock, actor: Actor, stamp: Booked, *, reason: str, stamps: int
) -> tuple[str, int]:
    """Void a coupon of the card and put its stamps back; return it and what the card holds then."""
    column = _COUPONS.c
    own = session.execute(
        select(column.id, column.status)
        .where(column.card_id == stamp.card_id, column.issued_press_id == stamp.source_id)
        .limit(1)
    ).one_or_none()
    if own is not None and own.status == "redeemed":
        raise _redeemed(own.id)
    open_coupons = select(column.id).where(column.card_id == stamp.card_id, column.status == "issued")
    newest = open_coupons.order_by(column.issued_at.desc(), column.id.desc()).limit(1)
    coupon_id = own.id if own is not None and own.status == "issued" else session.scalar(newest)
    voided = session.execute(
        update(_COUPONS)
        .where(column.id == coupon_id, column.status == "issued")
        .values(status="void", voided_at=clock.now())
        .returning(column.id)
    ).scalar_one_or_none()
    if voided is None:  # none is left, or it was redeemed since it was looked at
        redeemed = select(column.id).where(column.card_id == stamp.card_id, column.status == "redeemed")
        raise _redeemed(session.scalar(redeemed.order_by(column.redeemed_at.desc()).limit(1)))
    issue = session.execute(
        select(LedgerTransaction.id).where(
            LedgerTransaction.source_type == "coupon",
            LedgerTransaction.source_id == voided,
            LedgerTransaction.kind == COUPON_ISSUED,
        )
    ).scalar_one()
    back = reverse(session, clock, transaction_id=issue, reason=reason, actor=actor.member_id)
    left = back.balances[card_account(stamp.card_id, STAMP)]
    # The round goes on with the number it had: it is as if it had never been full.
    session.execute(update(_CARDS).where(_CARDS.c.id == stamp.card_id).values(stamps_required=left - stamps))
    return voided, left


def _present_redemption(session: Session, actor: Actor, coupon_id: str, press_id: str | None) -> str:
    """Return the booking of a coupon's present redemption."""
    coupon = (
        session.execute(
            select(Coupon.status, Coupon.redeemed_press_id, Coupon.redemptions_undone)
            .join(Program, Program.id == Coupon.program_id)
            .where(Coupon.id == coupon_id, Program.partner_id == actor.partner_id)
        ).one_or_none()
        if is_identifier(coupon_id)
        else None
    )
    if coupon is None:
        raise NotFound(f"There is no coupon {coupon_id[:64]}.", code="coupon_not_found")
    if coupon.status != "redeemed" or press_id not in {None, coupon.redeemed_press_id}:
        if coupon.redemptions_undone:
            raise already_undone("redemption")
        raise Conflict("The coupon was not redeemed by this.", code="not_redeemed")
    return session.execute(
        select(LedgerTransaction.id).where(
            LedgerTransaction.source_type == "coupon",
            LedgerTransaction.source_id == redemption_source(coupon_id, coupon.redemptions_undone),
            LedgerTransaction.kind == COUPON_REDEEMED,
        )
    ).scalar_one()


def _redeemed(coupon_id: str | None) -> Conflict:
    return Conflict(
        "The coupon that this stamp paid for was redeemed. Undo the redemption first.",
        code="coupon_redeemed",
        coupon=coupon_id,
    )
