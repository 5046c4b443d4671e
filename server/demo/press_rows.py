"""The row in the log that a simulated press leaves, as the server would have written it."""

import hashlib
import json
import random
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from server.demo.history import Kind
from server.presses.answers import accepted_code, refusal
from server.presses.codes import PublicCode
from server.presses.models import Verdict
from server.presses.reasons import Reason
from server.presses.texts import Advice
from stampsdk.protocol import Purpose

_TIPS: Final = 5
_CHALLENGE_AGE: Final = timedelta(seconds=8)
_CHALLENGE_LIFE: Final = timedelta(seconds=90)
#: Steps of the judgement: where a refused press ended tells what is known of it.
_BEFORE_THE_FIX: Final = frozenset({Reason.NONCE_EXPIRED})
_BY_THE_FIX: Final = frozenset({Reason.ACCURACY_COARSE, Reason.FIX_OLD, Reason.LOCATION_MOCKED})
_AT_THE_SHOP: Final = frozenset({Reason.DUPLICATE_CAPTURE, Reason.VISIT_FULL})
_COUNT_OF_TOUCHES: Final = {Reason.TOUCHES_FEW: 3, Reason.TOUCHES_MANY: 7}
_ACCURACY: Final = (("to_10_m", "to_25_m", "to_50_m"), (0.35, 0.5, 0.15))
_SCREEN: Final = {"width": 412.0, "height": 915.0, "px_per_mm": 6.3}
_DEVICE: Final = {"model": "demo", "os": None, "app": None}


@dataclass(frozen=True, slots=True)
class Pressed:
    """A press that was booked: who, where, and what became of it; `number` is the event's."""

    number: int
    press_id: str
    challenge_id: str
    partner_id: str
    shop_id: str
    shop_name: str
    stamp_number: int
    customer_id: str
    device_id: str
    at: datetime
    kind: Kind
    reason: Reason | None
    visit_id: str | None
    coupon_id: str | None
    advice: Advice


def envelope_digest(shop_id: str, number: int) -> str:
    """Return the digest under which an event of a shop's history stands in the log, and can stand once."""
    return hashlib.sha256(f"simulated press {number} at {shop_id}".encode()).hexdigest()


def challenge_row(press: Pressed) -> dict[str, Any]:
    """Return the challenge that the press used up."""
    issued_at = press.at - _CHALLENGE_AGE
    if press.reason is Reason.NONCE_EXPIRED:
        issued_at = press.at - _CHALLENGE_LIFE - _CHALLENGE_AGE
    return {
        "id": press.challenge_id,
        "device_id": press.device_id,
        "purpose": _purpose(press).value,
        "nonce_hash": hashlib.sha256(press.challenge_id.encode()).digest(),
        "issued_at": issued_at,
        "expires_at": issued_at + _CHALLENGE_LIFE,
        "used_at": press.at,
    }


def press_row(press: Pressed) -> dict[str, Any]:
    """Return the press as the log keeps it: no coordinates, and the answer that the phone was given."""
    chance, reason, purpose = random.Random(press.number), press.reason, _purpose(press)
    verdict = _VERDICTS[press.kind]
    code, status, body = _answer(press, purpose, verdict)
    found = verdict is not Verdict.REFUSED or reason in _AT_THE_SHOP or _names_coupon(reason)
    named = found or reason is Reason.OUTSIDE_FENCE
    located = verdict is not Verdict.HELD and reason not in _BY_THE_FIX | _BEFORE_THE_FIX
    return {
        "id": press.press_id,
        "partner_id": press.partner_id,
        "device_id": press.device_id,
        "customer_id": press.customer_id,
        "proven": True,
        "challenge_id": press.challenge_id,
        "envelope_sha256": envelope_digest(press.shop_id, press.number),
        "purpose": purpose.value,
        "verdict": verdict.value,
        "code": code,
        "reason": None if reason is None else reason.code,
        "note": None,
        "counts": verdict is Verdict.REFUSED and reason is not None and reason.counts,
        "shop_id": press.shop_id if named else None,
        "stamp_number": press.stamp_number if named else None,
        "visit_id": press.visit_id,
        "coupon_id": press.coupon_id,
        "touches": _TIPS if reason is None else _COUNT_OF_TOUCHES.get(reason, _TIPS),
        "residual_mm": round(chance.gammavariate(9.0, 0.04), 4) if named else None,
        "posterior": round(1.0 - chance.random() * 1e-4, 6) if named else None,
        "inside": found if named and located else None,
        "distance": ("inside" if found else "to_1000_m") if named and located else None,
        "accuracy": chance.choices(*_ACCURACY)[0] if located else None,
        "source": "touch",
        "at": press.at,
        "answer_status": status,
        "answer_body": body,
    }


def evidence(press: Pressed, pattern_mm: list[list[float]]) -> dict[str, Any]:
    """Return what is kept of a held press until somebody decides: touches of this pattern, a little off."""
    chance, scale = random.Random(press.number), _SCREEN["px_per_mm"]
    x, y = chance.uniform(120.0, 290.0), chance.uniform(300.0, 600.0)
    touches = [
        [
            round(x + scale * (tip[0] + chance.gauss(0.0, 0.3)), 2),
            round(y + scale * (tip[1] + chance.gauss(0.0, 0.3)), 2),
        ]
        for tip in pattern_mm
    ]
    return {"touches": touches, "screen": dict(_SCREEN), "device": dict(_DEVICE), "frames": 0}


_VERDICTS: Final = {
    Kind.STAMP: Verdict.ACCEPTED,
    Kind.REDEEM: Verdict.ACCEPTED,
    Kind.REFUSED: Verdict.REFUSED,
    Kind.HELD: Verdict.HELD,
}


def _purpose(press: Pressed) -> Purpose:
    return Purpose.STAMP if press.coupon_id is None else Purpose.REDEEM


def _names_coupon(reason: Reason | None) -> bool:
    return reason is not None and reason.code.startswith("coupon_")


def _answer(press: Pressed, purpose: Purpose, verdict: Verdict) -> tuple[str, int, str]:
    """Return the coarse code, the HTTP status and the body."""
    if verdict is Verdict.REFUSED and press.reason is not None:
        answer = refusal(press.reason, press_id=press.press_id)
        return press.reason.refusal.public.code, answer.status, answer.body
    public = PublicCode.HELD if verdict is Verdict.HELD else accepted_code(purpose)
    body: dict[str, Any] = {
        "id": press.press_id,
        "verdict": verdict.value,
        "code": public.code,
        "text": press.advice.text.as_json(),
        "shop": {"id": press.shop_id, "name": press.shop_name},
        "card": None,
        "coupons": [],
        "visit": None,
        "receipt": None,
    }
    return public.code, public.status, json.dumps(body, ensure_ascii=False, separators=(",", ":"))
