"""Undoing what a line of the feed tells of."""

from sqlalchemy.orm import Session

from server.core.clock import Clock
from server.core.errors import Conflict
from server.insights.entries import FeedEntry
from server.programs.corrections import UndoneRedemption, UndoneStamp, undo_redemption, undo_stamp
from server.staff.actor import Actor, Right

__all__ = ["undo_entry"]


def undo_entry(
    session: Session, clock: Clock, actor: Actor, entry: FeedEntry, *, reason: str
) -> UndoneStamp | UndoneRedemption:
    """Take back the stamp or the redemption of an entry, once.

    Parameters
    ----------
    session, clock, actor
        The transaction, the time, and who does it: needs the right to undo.
    entry
        As the feed gave it. What it says of the present is not believed: another may have undone it since.
    reason
        Why, at most 200 characters.

    Raises
    ------
    Conflict
        ``nothing_to_undo`` for an entry of which nothing was booked; ``already_undone``;
        ``coupon_redeemed``.
    Forbidden, NotFound, Unprocessable
        As `server.programs.corrections.undo_stamp` and `undo_redemption`.
    """
    actor.require(Right.UNDO)
    if entry.stands is None:
        raise Conflict("This booked nothing that could be undone.", code="nothing_to_undo")
    is_press = entry.id.startswith("prs_")
    if is_press and entry.purpose == "redeem":
        return undo_redemption(
            session, clock, actor, reason=reason, coupon_id=entry.coupon or "", press_id=entry.id
        )
    if is_press:
        return undo_stamp(session, clock, actor, reason=reason, press_id=entry.id)
    return undo_stamp(session, clock, actor, reason=reason, transaction_id=entry.id)
