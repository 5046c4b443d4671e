"""Deciding about held presses: released as if accepted now, or refused. Once, by a person.

A decision is the one thing that changes a stored answer: "held" announces it. Afterwards the answer is as
fixed as any other (docs/adr/0014).
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import delete, insert, select, update
from sqlalchemy.orm import Session

from server.core import audit, outbox
from server.core.clock import Clock
from server.core.errors import Conflict, NotFound
from server.customers.models import Customer
from server.customers.turns import take_turn
from server.presses.answers import refusal, success_body
from server.presses.case import Effects
from server.presses.codes import PublicCode
from server.presses.models import HeldPress, Press, PressDecision, Verdict, Visit
from server.presses.reasons import Reason
from server.presses.receipts import ReceiptKeys
from server.presses.visits import VisitView
from server.programs.explanations import checked_reason
from server.programs.service import credit_stamp
from server.programs.views import ShopView
from server.shops.models import Shop
from server.staff.actor import Actor, Right
from stampsdk.protocol import Purpose, Receipt

__all__ = ["Decided", "refuse_held", "release"]

_PRESSES: Final = Press.metadata.tables[Press.__tablename__]
_VISITS: Final = Visit.metadata.tables[Visit.__tablename__]
_LONGEST_ID: Final = 40


@dataclass(frozen=True, slots=True)
class Decided:
    """A held press that was decided.

    Attributes
    ----------
    press, customer, shop
        Which, whose, where.
    verdict
        ``accepted`` or ``refused``.
    effects
        What it changed: nothing when refused.
    """

    press: str
    customer: str
    shop: ShopView
    verdict: Verdict
    effects: Effects


@dataclass(frozen=True, slots=True)
class _Held:
    """A held press, claimed for this decision: no other transaction can decide it any more."""

    id: str
    customer_id: str
    device_id: str
    digest: str
    shop: ShopView
    visit_id: str | None
    held_for: str
    held_body: str
    now: datetime


def release(
    session: Session, clock: Clock, actor: Actor, press_id: str, *, receipt_keys: ReceiptKeys
) -> Decided:
    """Accept a held press as if it had been accepted now: stamp, coupon when the card is full, receipt.

    Parameters
    ----------
    session, clock, actor
        The transaction, the time, and who decides: needs the right to.
    press_id
        A press in the log of the actor's partner.
    receipt_keys
        Signs the receipt, as for any accepted press.

    Returns
    -------
    Decided
        The phone reads the new state from now on, by the press's id and by sending the envelope again. The
        visit is the one that the press joined when it came.

    Raises
    ------
    NotFound
        ``press_not_found``: there is none, or it is another partner's.
    Conflict
        ``press_decided``: it does not wait (any more); of two who decide at once, one gets this.
        ``customer_erased``: there is nobody left to give a stamp to; it can be refused.
    """
    actor.require(Right.DECIDE_HELD)
    with session.begin_nested():
        held = _claim(session, clock, actor, press_id, Verdict.ACCEPTED)
        if session.scalar(select(Customer.erased_at).where(Customer.id == held.customer_id)) is not None:
            raise Conflict("The customer was erased. Refuse the press.", code="customer_erased")
        effects = _credit(session, clock, held)
        receipt = _receipt(held, effects, receipt_keys)
        body = success_body(held.id, Purpose.STAMP, held.shop, effects, receipt)
        code = PublicCode.STAMPED
        _conclude(session, held, {"code": code.code, "answer_status": code.status, "answer_body": body})
        _keep(session, clock, actor, held, effects, reason=None, released=True)
    return Decided(held.id, held.customer_id, held.shop, Verdict.ACCEPTED, effects)


def refuse_held(session: Session, clock: Clock, actor: Actor, press_id: str, *, reason: str) -> Decided:
    """Refuse a held press: it leaves its visit, and nothing is booked.

    Parameters
    ----------
    session, clock, actor
        The transaction, the time, and who decides: needs the right to.
    press_id
        A press in the log of the actor's partner.
    reason
        Why, at most 200 characters; the phone is told only that the shop refused.

    Raises
    ------
    NotFound, Conflict
        As for `release`.
    Unprocessable
        ``reason_…``.
    """
    actor.require(Right.DECIDE_HELD)
    reason = checked_reason(reason)
    with session.begin_nested():
        held = _claim(session, clock, actor, press_id, Verdict.REFUSED)
        answer = refusal(Reason.HELD_REFUSED, press_id=held.id)
        _conclude(
            session,
            held,
            {
                "code": Reason.HELD_REFUSED.refusal.public.code,
                "answer_status": answer.status,
                "answer_body": answer.body,
                "visit_id": None,
            },
        )
        _leave_visit(session, held)
        _keep(session, clock, actor, held, Effects(), reason=reason, released=False)
    return Decided(held.id, held.customer_id, held.shop, Verdict.REFUSED, Effects())


def _claim(session: Session, clock: Clock, actor: Actor, press_id: str, verdict: Verdict) -> _Held:
    """Give the press its verdict, unless it has one: one conditional UPDATE, in the customer's turn."""
    column = _PRESSES.c
    own = select(
        column.customer_id,
        column.device_id,
        column.envelope_sha256,
        column.visit_id,
        column.reason,
        column.answer_body,
        Shop.id.label("shop_id"),
        Shop.name,
    ).outerjoin(Shop, Shop.id == column.shop_id)
    own = own.where(column.id == press_id, column.partner_id == actor.partner_id)
    # Text that cannot be an identifier is not shown to the database, which may not even take it.
    plain = press_id.isascii() and press_id.isprintable() and len(press_id) <= _LONGEST_ID
    found = session.execute(own).one_or_none() if plain else None
    if found is None:
        raise NotFound(f"There is no press {press_id[:64]}.", code="press_not_found")
    take_turn(session, found.customer_id)
    reason = None if verdict is Verdict.ACCEPTED else Reason.HELD_REFUSED.code
    claimed = session.execute(
        update(_PRESSES)
        .where(column.id == press_id, column.verdict == Verdict.HELD.value)
        .values(verdict=verdict.value, reason=reason)
        .returning(column.id)
    ).scalar_one_or_none()
    if claimed is None:
        raise Conflict("This press does not wait for a decision.", code="press_decided")
    return _Held(
        id=claimed,
        customer_id=found.customer_id,
        device_id=found.device_id,
        digest=found.envelope_sha256,
        shop=ShopView(found.shop_id, found.name),
        visit_id=found.visit_id,
        held_for=found.reason,
        held_body=found.answer_body,
        now=clock.now(),
    )


def _credit(session: Session, clock: Clock, held: _Held) -> Effects:
    presses = session.scalar(select(_VISITS.c.presses).where(_VISITS.c.id == held.visit_id))
    visit = None if held.visit_id is None else VisitView(held.visit_id, presses or 0)
    credit = credit_stamp(
        session, clock, customer_id=held.customer_id, shop_id=held.shop.id, press_id=held.id
    )
    if credit is None:
        return Effects(visit=visit)
    return Effects(card=credit.card, coupons=credit.coupons, visit=visit)


def _receipt(held: _Held, effects: Effects, keys: ReceiptKeys) -> str:
    card = effects.card
    return keys.sign(
        Receipt(
            press=held.id,
            purpose=Purpose.STAMP,
            shop_id=held.shop.id,
            shop_name=held.shop.name,
            at=held.now.isoformat(),
            customer=held.customer_id,
            device=held.device_id,
            envelope_sha256=held.digest,
            coupon=None,
            card=None if card is None else card.id,
            stamps=None if card is None else card.stamps,
        )
    )


def _conclude(session: Session, held: _Held, values: dict[str, Any]) -> None:
    session.execute(update(_PRESSES).where(_PRESSES.c.id == held.id).values(**values))
    session.execute(delete(HeldPress).where(HeldPress.press_id == held.id))


def _leave_visit(session: Session, held: _Held) -> None:
    """Count the press out of its visit; a visit without presses never was one."""
    column = _VISITS.c
    left = session.execute(
        update(_VISITS)
        .where(column.id == held.visit_id)
        .values(presses=column.presses - 1)
        .returning(column.presses)
    ).scalar_one_or_none()
    if left == 0:
        session.execute(delete(_VISITS).where(column.id == held.visit_id))


def _keep(
    session: Session,
    clock: Clock,
    actor: Actor,
    held: _Held,
    effects: Effects,
    *,
    reason: str | None,
    released: bool,
) -> None:
    session.execute(
        insert(PressDecision).values(
            press_id=held.id,
            released=released,
            held_for=held.held_for,
            member_id=actor.member_id,
            reason=reason,
            at=held.now,
            held_body=held.held_body,
        )
    )
    facts = {"purpose": Purpose.STAMP.value, "shop": held.shop.id}
    audit.record(
        session,
        clock,
        actor=actor.member_id,
        action="press.released" if released else "press.refused_by_shop",
        subject=held.id,
        detail=facts | {"held_for": held.held_for, "reason": reason},
    )
    outbox.enqueue(
        session,
        clock,
        topic="press.accepted" if released else "press.refused",
        payload=facts
        | {
            "reason": None if released else Reason.HELD_REFUSED.code,
            "press": held.id,
            "customer": held.customer_id,
            "at": held.now.isoformat(),
            "card": None if effects.card is None else effects.card.id,
            "coupons": [coupon.id for coupon in effects.coupons],
        },
    )
