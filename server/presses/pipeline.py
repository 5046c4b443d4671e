"""The order in which a press is judged: cheap to dear, and nothing dear for a sender who has proven nothing.

Each step is one function with one question. It fills in the case and names a reason, or lets the press pass.
docs/adr/0009 says why the order is this one, and what is kept when a press is refused.
"""

from collections.abc import Callable
from typing import Final

import structlog
from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError

from server.core.identifiers import new_id
from server.customers.turns import take_turn
from server.presses.answers import Answer, find_answer, held_body, refusal, success_body
from server.presses.capture import seen_before
from server.presses.case import Case, Desk
from server.presses.challenges import use
from server.presses.effects import apply_effects
from server.presses.fix import FixProblem, judge_fix
from server.presses.limits import judge_attempts, unproven_too_many
from server.presses.models import Verdict
from server.presses.place import locate, recognise_stamp
from server.presses.reasons import Reason
from server.presses.records import keep, receipt_for
from server.presses.sender import claimed_device, prove, reason_of
from server.presses.touches import claimed_scale, judge_touches
from server.programs.views import ShopView
from stampsdk.protocol import EnvelopeError, Purpose, envelope_digest, parse_envelope

__all__ = ["STEPS", "answer_press"]

_LOG = structlog.get_logger(__name__)
_ATTEMPTS: Final = 4
#: PostgreSQL's serialization failure and deadlock: the transaction did nothing, and may be tried again.
_RETRYABLE: Final = frozenset({"40001", "40P01"})


def answer_press(desk: Desk, text: str) -> Answer:
    """Judge an envelope and give the answer, all in the session's transaction, which the caller commits.

    Parameters
    ----------
    desk
        The transaction and everything else that judging needs.
    text
        The envelope as it arrived.

    Returns
    -------
    Answer
        Refusals are answers too, so that what must outlive them (the used nonce, the failed attempt, the row
        in the owner's log) is committed. One envelope has one answer for ever, but for a held press that
        somebody decides; one challenge, one envelope.

    Notes
    -----
    When another request wrote the same unique value first, everything is rolled back and judged again: the
    second look finds what the other one committed.
    """
    for attempt in range(1, _ATTEMPTS + 1):
        try:
            answer = _answer(desk, text)
            desk.session.flush()
        except (IntegrityError, OperationalError) as error:
            if attempt == _ATTEMPTS or not _may_retry(error):
                raise
            _LOG.info("press judged again", attempt=attempt, cause=type(error).__name__)
            desk.session.rollback()
        else:
            return answer
    raise AssertionError("the last attempt returns or raises")


def _answer(desk: Desk, text: str) -> Answer:
    digest = envelope_digest(text)
    stored = find_answer(desk.session, digest)
    if stored is not None:
        return stored
    device = claimed_device(desk.session, text)
    if device is None:
        return _unknown_sender(text)
    case = Case(
        text=text,
        digest=digest,
        press_id=new_id("prs", desk.clock),
        now=desk.clock.now(),
        device=device,
    )
    reason = next(filter(None, (step(desk, case) for step in STEPS)), None)
    if reason is Reason.NONCE_USED:
        # The same envelope may have been answered while this one waited for its turn.
        stored = find_answer(desk.session, digest)
        if stored is not None:
            return stored
    return _conclude(desk, case, reason)


def _conclude(desk: Desk, case: Case, reason: Reason | None) -> Answer:
    if reason is not None:
        if not case.proven and unproven_too_many(desk.session, desk.policy, case.device.id, case.now):
            _LOG.info("press refused", reason=reason.code, device=case.device.id)
            return refusal(reason, press_id=None, note=case.note)
        answer = refusal(reason, press_id=case.press_id, note=case.note, retry_after_s=case.retry_after_s)
        keep(desk, case, Verdict.REFUSED, answer, reason=reason)
    elif case.hold is not None:
        answer = Answer(202, held_body(case.press_id, _shop(case), case.effects))
        keep(desk, case, Verdict.HELD, answer, reason=case.hold)
    else:
        receipt = receipt_for(desk, case)
        body = success_body(case.press_id, case.purpose, _shop(case), case.effects, receipt)
        answer = Answer(200, body)
        keep(desk, case, Verdict.ACCEPTED, answer, reason=None)
    return answer


def _shop(case: Case) -> ShopView:
    return ShopView(case.known_shop.id, case.known_shop.name)


def _unknown_sender(text: str) -> Answer:
    """Refuse an envelope under nobody's name: nothing is written, or anyone could fill the database."""
    note = None
    try:
        parse_envelope(text)
    except EnvelopeError as error:
        reason, note = reason_of(error), str(error)
    else:
        reason = Reason.DEVICE_UNKNOWN
    _LOG.info("press refused", reason=reason.code, device=None)
    return refusal(reason, press_id=None, note=note)


def _prove(desk: Desk, case: Case) -> Reason | None:
    reason = prove(case.text, case.device, desk.sealer)
    case.proven = reason is None
    return reason


def _read(_desk: Desk, case: Case) -> Reason | None:
    try:
        case.content = parse_envelope(case.text)
    except EnvelopeError as error:
        case.note = str(error)
        return reason_of(error)
    return None


def _use_challenge(desk: Desk, case: Case) -> Reason | None:
    take_turn(desk.session, case.device.customer_id)
    case.challenge_id, reason = use(desk.session, case.now, case.device, case.envelope)
    return reason


def _check_purpose(_desk: Desk, case: Case) -> Reason | None:
    return Reason.PURPOSE_NOT_SUPPORTED if case.purpose is Purpose.CLOCK else None


def _check_attempts(desk: Desk, case: Case) -> Reason | None:
    reason, case.retry_after_s = judge_attempts(desk.session, desk.policy, case.device.id, case.now)
    return reason


def _check_fix(desk: Desk, case: Case) -> Reason | None:
    verdict = judge_fix(case.envelope.location, case.envelope.location_error, desk.policy)
    if not isinstance(verdict, FixProblem):
        case.fix = verdict
        return None
    # A missing fix is the shop's matter, and the shop is not known yet. Only a stamp can wait for a decision.
    if verdict.missing and case.purpose is Purpose.STAMP:
        case.fix_missing = verdict.reason
        return None
    return verdict.reason


def _check_touches(desk: Desk, case: Case) -> Reason | None:
    case.scale = claimed_scale(case.envelope, desk.policy)
    return judge_touches(case.envelope.press.touches, case.scale, desk.policy)


def _check_status(_desk: Desk, case: Case) -> Reason | None:
    assert case.stamp is not None  # noqa: S101 (the order of the steps)
    if case.stamp.status != "active":
        return Reason.STAMP_SUSPENDED
    return Reason.SHOP_CLOSED if case.known_shop.status != "active" else None


def _may_retry(error: DBAPIError) -> bool:
    return isinstance(error, IntegrityError) or getattr(error.orig, "sqlstate", None) in _RETRYABLE


STEPS: Final[tuple[Callable[[Desk, Case], Reason | None], ...]] = (
    _prove,
    _read,
    _use_challenge,
    _check_purpose,
    _check_attempts,
    _check_fix,
    _check_touches,
    recognise_stamp,
    locate,
    seen_before,
    _check_status,
    apply_effects,
)
"""The steps, in their order. The first that names a reason ends the judgement."""
