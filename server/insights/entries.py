"""What the feed shows: one entry a press, and one for each booking that no press made."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

from sqlalchemy import Boolean, Select, case, func, or_, select, type_coerce
from sqlalchemy.orm import aliased

from server.insights.facts import how_of
from server.insights.pseudonyms import Pseudonyms
from server.ledger.models import LedgerTransaction
from server.ledger.reversal import REVERSAL
from server.presses.models import Press
from server.presses.owner_texts import owner_text
from server.presses.texts import Text
from server.programs.accounts import COUPON_ISSUED, COUPON_REDEEMED, PRESS, STAMPED
from server.programs.models import Card, Coupon, Program


class FeedKind(StrEnum):
    """What an entry tells of."""

    ACCEPTED = "accepted"
    HELD = "held"
    REFUSED = "refused"
    UNDONE = "undone"
    HAND = "hand"
    CODE = "code"


@dataclass(frozen=True, slots=True)
class FeedEntry:
    """One line of the feed. The same id again replaces the line: a held press was decided.

    Attributes
    ----------
    id
        Of the press, ``prs_…``, or the booking, ``ltx_…``.
    shop_id
        None for a press of the partner's own app at which no shop was recognised.
    purpose
        ``stamp``, ``redeem``, ``verify``; of what was undone, the same; None where the press never said.
    text
        What happened, or why not, in plain words.
    reason
        The stable code of a press that was held or refused.
    said
        Why it was undone or given, in the words of whoever did; `by` is that member.
    customer
        The pseudonym; None where the press did not prove whose it was, or no pseudonyms were asked for.
    stands
        Whether the stamp or the redemption that it tells of still stands: False where it was undone. None
        where nothing was booked, and there is nothing to undo.
    undoes
        Of what was undone: the id of the entry that told of it.
    coupon
        Of a redemption.
    """

    id: str
    at: datetime
    shop_id: str | None
    kind: FeedKind
    purpose: str | None
    text: Text
    reason: str | None
    said: str | None
    by: str | None
    customer: str | None
    stands: bool | None = None
    undoes: str | None = None
    coupon: str | None = None


_ACCEPTED: Final = {
    "stamp": Text("스탬프를 적립했어요.", "A stamp was given."),
    "redeem": Text("쿠폰을 사용했어요.", "A coupon was redeemed."),
    "verify": Text("진짜 스탬프인지 확인했어요.", "A stamp was found genuine."),
}
_UNDONE: Final = {
    "stamp": Text("적립을 취소했어요.", "A stamp was taken back."),
    "redeem": Text("쿠폰 사용을 취소했어요.", "A redemption was taken back."),
    "coupon": Text("쿠폰 발급을 취소했어요.", "The issue of a coupon was taken back."),
}
_GIVEN: Final = {
    FeedKind.HAND: Text("직원이 직접 적립했어요.", "A stamp was given by hand."),
    FeedKind.CODE: Text("직원 코드로 적립했어요.", "A stamp was given by staff code."),
}
_PURPOSES: Final = {COUPON_ISSUED: "coupon", COUPON_REDEEMED: "redeem"}

_undone = aliased(LedgerTransaction)
_undoing = aliased(LedgerTransaction)
_booking = aliased(LedgerTransaction)

_STAMP_STANDS: Final = (
    select(_undoing.id.is_(None))
    .select_from(_booking)
    .outerjoin(_undoing, _undoing.reverses_id == _booking.id)
    .where(_booking.source_type == PRESS, _booking.source_id == Press.id, _booking.kind == STAMPED)
    .correlate(Press)
    .scalar_subquery()
)
_REDEMPTION_STANDS: Final = (
    select(func.coalesce(Coupon.redeemed_press_id, "") == Press.id)
    .where(Coupon.id == Press.coupon_id)
    .correlate(Press)
    .scalar_subquery()
)
_stands = type_coerce(
    case(
        (Press.verdict != "accepted", None),
        (Press.purpose == "stamp", _STAMP_STANDS),
        (Press.purpose == "redeem", _REDEMPTION_STANDS),
    ),
    Boolean,
)
PRESSES: Final[Select[*tuple[Any, ...]]] = select(
    Press.id, Press.at, Press.shop_id, Press.partner_id, Press.verdict, Press.purpose, Press.reason,
    Press.proven, Press.customer_id, Press.coupon_id, _stands.label("stands"),
)  # fmt: skip
"""Rows that `of_press` reads, to be narrowed by an index of the presses. Each looks up its own booking."""

BOOKED_OTHERWISE: Final = or_(
    LedgerTransaction.kind == REVERSAL, LedgerTransaction.source_type.not_in(["press", "coupon"])
)
"""Bookings that no press made: those have their press's entry."""


def bookings() -> Select[*tuple[Any, ...]]:
    """Return the rows that `of_booking` reads, to be narrowed by their ids."""
    return (
        select(
            LedgerTransaction.id,
            LedgerTransaction.occurred_at.label("at"),
            LedgerTransaction.details["shop"].as_string().label("shop_id"),
            Program.partner_id,
            LedgerTransaction.kind,
            LedgerTransaction.source_type,
            LedgerTransaction.reason.label("said"),
            LedgerTransaction.actor,
            _undone.kind.label("undone"),
            _undone.id.label("undone_id"),
            _undone.source_type.label("undone_type"),
            _undone.details["press"].as_string().label("undone_press"),
            _undoing.id.is_(None).label("stands"),
            Card.customer_id,
        )
        .outerjoin(_undone, _undone.id == LedgerTransaction.reverses_id)
        .outerjoin(_undoing, _undoing.reverses_id == LedgerTransaction.id)
        .join(Program, Program.id == LedgerTransaction.details["program"].as_string())
        .join(Card, Card.id == LedgerTransaction.details["card"].as_string())
        .where(BOOKED_OTHERWISE)
    )


def of_press(row: Any, names: Pseudonyms | None) -> FeedEntry:
    """Return the entry of a press."""
    kind = FeedKind(row.verdict)
    text = owner_text(row.reason) or _ACCEPTED.get(row.purpose or "", _ACCEPTED["verify"])
    return FeedEntry(
        id=row.id,
        at=row.at,
        shop_id=row.shop_id,
        kind=kind,
        purpose=row.purpose,
        text=text,
        reason=row.reason,
        said=None,
        by=None,
        customer=names.of(row.partner_id, row.customer_id) if names and row.proven else None,
        stands=row.stands,
        coupon=row.coupon_id,
    )


def of_booking(row: Any, names: Pseudonyms | None) -> FeedEntry:
    """Return the entry of a booking that no press made."""
    stands, undoes = row.stands, None
    if row.kind == REVERSAL:
        kind, purpose = FeedKind.UNDONE, _PURPOSES.get(row.undone, "stamp")
        text, stands = _UNDONE[purpose], None
        if purpose != "coupon":
            by_press = row.undone_type in {PRESS, "coupon"}
            undoes = row.undone_press if by_press else row.undone_id
    else:
        kind = FeedKind.CODE if how_of(row.source_type) == "code" else FeedKind.HAND
        purpose, text = "stamp", _GIVEN[kind]
    return FeedEntry(
        id=row.id,
        at=row.at,
        shop_id=row.shop_id,
        kind=kind,
        purpose=purpose,
        text=text,
        reason=None,
        said=row.said,
        by=row.actor,
        customer=names.of(row.partner_id, row.customer_id) if names else None,
        stands=stands,
        undoes=undoes,
    )


def order(entry_id: str) -> str:
    """Return what entries are sorted by: the part of the identifier that is a time, whatever its prefix."""
    return entry_id.partition("_")[2]
