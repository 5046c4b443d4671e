"""Whether these very touches have counted before."""

from sqlalchemy import insert, select

from server.presses.case import Case, Desk
from server.presses.fingerprint import capture_fingerprints
from server.presses.models import CaptureFingerprint
from server.presses.reasons import Reason

__all__ = ["remember", "seen_before"]


def seen_before(desk: Desk, case: Case) -> Reason | None:
    """Refuse a capture that was accepted or held before, from whichever device."""
    fingerprints = capture_fingerprints(case.envelope.press)
    known = desk.session.scalar(
        select(CaptureFingerprint.press_id).where(CaptureFingerprint.fingerprint.in_(fingerprints)).limit(1)
    )
    return None if known is None else Reason.DUPLICATE_CAPTURE


def remember(desk: Desk, case: Case) -> None:
    """Write down the capture of an accepted or held press.

    The fingerprints are unique: of two devices that send one capture at once, the second fails here, is
    judged again, and is then refused.
    """
    fingerprints = capture_fingerprints(case.envelope.press)
    desk.session.execute(
        insert(CaptureFingerprint),
        [{"fingerprint": fingerprint, "press_id": case.press_id} for fingerprint in fingerprints],
    )
