"""What is kept of a judged press: its row, its receipt, the audit entry, the message to others."""

from typing import Any, Final

from sqlalchemy import insert

from server.core import audit, outbox
from server.presses.answers import Answer, accepted_code
from server.presses.capture import remember
from server.presses.case import Case, Desk
from server.presses.classes import accuracy_class
from server.presses.codes import PublicCode
from server.presses.models import HeldPress, Press, Verdict
from server.presses.reasons import Reason
from stampsdk.protocol import Receipt

__all__ = ["keep", "receipt_for"]

_FLAGGED: Final = frozenset({Reason.NONCE_USED, Reason.DUPLICATE_CAPTURE, Reason.LOCATION_MOCKED})
_LONGEST_NOTE: Final = 200
#: Built once: with so many columns, building the statement takes longer than running it.
_INSERT_PRESS: Final = insert(Press.metadata.tables[Press.__tablename__])


def receipt_for(desk: Desk, case: Case) -> str:
    """Sign the receipt of an accepted press."""
    shop, card = case.known_shop, case.effects.card
    return desk.receipt_keys.sign(
        Receipt(
            press=case.press_id,
            purpose=case.purpose,
            shop_id=shop.id,
            shop_name=shop.name,
            at=case.now.isoformat(),
            customer=case.device.customer_id,
            device=case.device.id,
            envelope_sha256=case.digest,
            coupon=case.envelope.coupon,
            card=None if card is None else card.id,
            stamps=None if card is None else card.stamps,
        )
    )


def keep(desk: Desk, case: Case, verdict: Verdict, answer: Answer, *, reason: Reason | None) -> None:
    """Write everything that outlives the request. No coordinates, unless the press is held.

    Parameters
    ----------
    desk, case
        The transaction, and what was found.
    verdict, answer
        What became of the press, and what the phone is told.
    reason
        Why it was refused or held.
    """
    desk.session.execute(_INSERT_PRESS, _row(case, verdict, answer, reason))
    if verdict is not Verdict.REFUSED:
        remember(desk, case)
    if verdict is Verdict.HELD:
        desk.session.execute(insert(HeldPress).values(press_id=case.press_id, evidence=_evidence(case)))
    _tell(desk, case, verdict, reason)


def _row(case: Case, verdict: Verdict, answer: Answer, reason: Reason | None) -> dict[str, Any]:
    content, shop, stamp, place = case.content, case.shop, case.stamp, case.place
    return {
        "id": case.press_id,
        "partner_id": case.device.partner_id if shop is None else shop.partner_id,
        "device_id": case.device.id,
        "customer_id": case.device.customer_id,
        "proven": case.proven,
        "challenge_id": case.challenge_id,
        "envelope_sha256": case.digest,
        "purpose": None if content is None else content.purpose.value,
        "verdict": verdict.value,
        "code": _public_code(case, verdict, reason).code,
        "reason": None if reason is None else reason.code,
        "note": None if case.note is None else case.note[:_LONGEST_NOTE],
        "counts": verdict is Verdict.REFUSED and reason is not None and reason.counts,
        "shop_id": None if shop is None else shop.id,
        "stamp_number": None if stamp is None else stamp.number,
        "visit_id": None if case.effects.visit is None else case.effects.visit.id,
        "coupon_id": None if content is None else content.coupon,
        "touches": None if content is None else len(content.press.touches),
        "residual_mm": case.residual_mm,
        "posterior": case.posterior,
        "inside": None if place is None else place.inside,
        "distance": None if place is None else place.distance,
        "accuracy": None if case.fix is None else accuracy_class(case.fix.accuracy_m),
        "source": None if content is None else content.press.source,
        "at": case.now,
        "answer_status": answer.status,
        "answer_body": answer.body,
    }


def _public_code(case: Case, verdict: Verdict, reason: Reason | None) -> PublicCode:
    if verdict is Verdict.ACCEPTED:
        return accepted_code(case.purpose)
    if verdict is Verdict.HELD or reason is None:
        return PublicCode.HELD
    return reason.refusal.public


def _evidence(case: Case) -> dict[str, Any]:
    """Collect what somebody who decides about a held press may want to see. It goes with the decision."""
    envelope = case.envelope
    return {
        "touches": [list(touch) for touch in envelope.press.touches],
        "screen": {
            "width": envelope.screen.width,
            "height": envelope.screen.height,
            "px_per_mm": envelope.screen.px_per_mm,
        },
        "device": {"model": envelope.device.model, "os": envelope.device.os, "app": envelope.device.app},
        "frames": len(envelope.press.frames),
    }


def _tell(desk: Desk, case: Case, verdict: Verdict, reason: Reason | None) -> None:
    effects, shop = case.effects, case.shop
    facts: dict[str, Any] = {
        "purpose": None if case.content is None else case.content.purpose.value,
        "shop": None if shop is None else shop.id,
        "reason": None if reason is None else reason.code,
    }
    audit.record(
        desk.session,
        desk.clock,
        # Whoever cannot prove to be the device is not written down as it.
        actor=case.device.id if case.proven else "unproven",
        action=f"press.{verdict.value}",
        subject=case.press_id,
        detail=facts | {"flagged": reason in _FLAGGED},
    )
    if verdict is Verdict.REFUSED:
        return
    outbox.enqueue(
        desk.session,
        desk.clock,
        topic=f"press.{verdict.value}",
        payload=facts
        | {
            "press": case.press_id,
            "customer": case.device.customer_id,
            "at": case.now.isoformat(),
            "card": None if effects.card is None else effects.card.id,
            "coupons": [coupon.id for coupon in effects.coupons],
        },
    )
