"""Undoing what a line of the feed tells of: asked for a reason, once."""

from collections.abc import Callable
from typing import Any, Final

from sqlalchemy.orm import Session

from server.console.asking import Asking, Question
from server.console.frame import Opened
from server.insights.entries import FeedEntry
from server.insights.undoing import undo_entry
from server.programs.corrections import UndoneRedemption, UndoneStamp
from server.staff.actor import Actor

_STAMP: Final = ("undo.stamp.title", "undo.stamp.what", "undo.stamp.confirm")
_STAMP_REASONS: Final = ("undo.why.twice", "undo.why.other_customer", "undo.why.order_cancelled")
_REDEMPTION: Final = ("undo.redemption.title", "undo.redemption.what", "undo.redemption.confirm")
_REDEMPTION_REASONS: Final = ("undo.why.not_served", "undo.why.later", "undo.why.wrong_coupon")


def ask_to_undo(
    page: Opened[Any], asking: Asking, entry: FeedEntry, then: Callable[[FeedEntry], None]
) -> None:
    """Ask why, undo it, say what became of it, and do `then`."""
    words = page.words
    is_redemption = entry.purpose == "redeem"
    title, what, confirm = _REDEMPTION if is_redemption else _STAMP
    place = page.chosen.places.get(entry.shop_id or "")
    when = "" if place is None else f"{place.local(entry.at):%m-%d %H:%M:%S}"
    about = " · ".join(part for part in (when, entry.customer, place and place.name) if part)
    keys = _REDEMPTION_REASONS if is_redemption else _STAMP_REASONS
    question = Question(
        title=words(title),
        about=(about, words(what)),
        confirm=words(confirm),
        reasons=[words(key) for key in keys],
    )

    def undo(session: Session, actor: Actor, reason: str) -> UndoneStamp | UndoneRedemption:
        return undo_entry(session, page.around.clock, actor, entry, reason=reason)

    def undone(done: UndoneStamp | UndoneRedemption) -> None:
        if isinstance(done, UndoneRedemption):
            message = words("undo.redemption.done")
        elif done.coupons:
            message = words("undo.stamp.done_coupon", count=done.stamps)
        else:
            message = words("undo.stamp.done", count=done.stamps)
        page.tell(message, good=True)
        then(entry)

    asking.ask(question, undo, undone)
