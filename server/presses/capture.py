"""Whether these very touches have counted before."""

from typing import Final

from sqlalchemy import bindparam, insert, select

from server.presses.case import Case, Desk
from server.presses.fingerprint import capture_fingerprints
from server.presses.models import CaptureFingerprint
from server.presses.reasons import Reason

__all__ = ["remember", "seen_before"]

_CAPTURES: Final = CaptureFingerprint.metadata.tables[CaptureFingerprint.__tablename__]
_REMEMBER: Final = insert(_CAPTURES)
_KNOWN: Final = (
    select(_CAPTURES.c.press_id)
    .where(_CAPTURES.c.fingerprint.in_(bindparam("fingerprints", expanding=True)))
    .limit(1)
)


def seen_before(desk: Desk, case: Case) -> Reason | None:
    """Refuse a capture that was accepted or held before, from whichever device."""
    fingerprints = capture_fingerprints(case.envelope.press)
    known = desk.session.scalar(_KNOWN, {"fingerprints": fingerprints})
    return None if known is None else Reason.DUPLICATE_CAPTURE


def remember(desk: Desk, case: Case) -> None:
    """Write down the capture of an accepted or held press.

    The fingerprints are unique: of two devices that send one capture at once, the second fails here, is
    judged again, and is then refused.
    """
    fingerprints = capture_fingerprints(case.envelope.press)
    desk.session.execute(
        _REMEMBER,
        [{"fingerprint": fingerprint, "press_id": case.press_id} for fingerprint in fingerprints],
    )
