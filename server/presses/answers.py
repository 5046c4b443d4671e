"""What a phone is told, made once and stored: asking again never changes it.

Deciding about a held press does, once (`server.presses.decisions`).
"""

import json
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from server.core.errors import Problem
from server.presses.case import Effects
from server.presses.codes import PublicCode
from server.presses.models import Press, Verdict
from server.presses.reasons import Reason
from server.presses.texts import Advice
from server.programs.service import card_json, coupon_json
from server.programs.views import ShopView
from stampsdk.protocol import Purpose

__all__ = [
    "Answer",
    "accepted_code",
    "find_answer",
    "held_body",
    "refusal",
    "refused",
    "success_body",
]

_CODES: Final = {
    Purpose.STAMP: PublicCode.STAMPED,
    Purpose.REDEEM: PublicCode.REDEEMED,
    Purpose.VERIFY: PublicCode.VERIFIED,
}
_FIRST_ERROR: Final = 400
_STORED: Final = select(Press.answer_status, Press.answer_body).where(
    Press.envelope_sha256 == bindparam("digest")
)


@dataclass(frozen=True, slots=True)
class Answer:
    """An HTTP answer: status and exact body.

    Attributes
    ----------
    status, body
        As sent and as stored.
    replayed
        True when it was given before.
    retry_after_s
        For limits, in the first answer only.
    """

    status: int
    body: str
    replayed: bool = False
    retry_after_s: int | None = None

    @property
    def is_problem(self) -> bool:
        """Whether the body is a problem document."""
        return self.status >= _FIRST_ERROR


def find_answer(session: Session, digest: str) -> Answer | None:
    """Return the answer that an envelope got, by its SHA-256, however long ago."""
    found = session.execute(_STORED, {"digest": digest}).one_or_none()
    return None if found is None else Answer(found.answer_status, found.answer_body, replayed=True)


def accepted_code(purpose: Purpose) -> PublicCode:
    """Return the code of an accepted press of this purpose."""
    return _CODES[purpose]


def success_body(
    press_id: str, purpose: Purpose, shop: ShopView, effects: Effects, receipt: str | None
) -> str:
    """Write the answer to an accepted press, or to a code that counts as one and has no receipt."""
    code, advice = accepted_code(purpose), _advice(purpose, effects)
    return _write(press_id, Verdict.ACCEPTED, code, advice, shop=shop, effects=effects, receipt=receipt)


def held_body(press_id: str, shop: ShopView, effects: Effects) -> str:
    """Write the answer to a held press."""
    return _write(
        press_id, Verdict.HELD, PublicCode.HELD, Advice.HELD, shop=shop, effects=effects, receipt=None
    )


def refusal(
    reason: Reason, *, press_id: str | None, note: str | None = None, retry_after_s: int | None = None
) -> Answer:
    """Give the answer to a refused press: a problem document with the coarse code and the sentence.

    Parameters
    ----------
    reason
        Only its public half is told.
    press_id
        The press, when it is on record.
    note
        What is wrong with the envelope's form, for the developer who wrote it.
    retry_after_s
        When a limit ends.
    """
    public, advice = reason.refusal.public, reason.refusal.advice
    return refused(public, advice, press_id=press_id, note=note, retry_after_s=retry_after_s)


def refused(
    public: PublicCode,
    advice: Advice,
    *,
    press_id: str | None = None,
    note: str | None = None,
    retry_after_s: int | None = None,
) -> Answer:
    """Write a problem document with a coarse code and a sentence."""
    text = advice.text
    problem = Problem(
        public.status,
        public.code,
        public.title,
        note or text.en,
        verdict=Verdict.REFUSED.value,
        press=press_id,
        text=text.as_json(),
    )
    return Answer(public.status, _json(problem.body()), retry_after_s=retry_after_s)


def _write(
    press_id: str,
    verdict: Verdict,
    code: PublicCode,
    advice: Advice,
    *,
    shop: ShopView,
    effects: Effects,
    receipt: str | None,
) -> str:
    return _json(
        {
            "id": press_id,
            "verdict": verdict.value,
            "code": code.code,
            "text": advice.text.as_json(),
            "shop": {"id": shop.id, "name": shop.name},
            "card": None if effects.card is None else card_json(effects.card),
            "coupons": [coupon_json(coupon) for coupon in effects.coupons],
            "visit": None
            if effects.visit is None
            else {"id": effects.visit.id, "presses": effects.visit.presses},
            "receipt": receipt,
        }
    )


def _advice(purpose: Purpose, effects: Effects) -> Advice:
    if purpose is Purpose.REDEEM:
        return Advice.REDEEMED
    if purpose is Purpose.VERIFY:
        return Advice.VERIFIED
    if effects.card is None:
        return Advice.STAMPED_WITHOUT_CARD
    return Advice.COUPON_EARNED if effects.coupons else Advice.STAMPED


def _json(value: dict[str, Any]) -> str:
    return json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
