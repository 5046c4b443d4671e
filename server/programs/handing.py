"""Giving stamps by hand: for the cup whose press did not work, and never quietly."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from server.core import audit, outbox, tallies
from server.core.clock import Clock
from server.core.errors import Conflict, Forbidden, Unprocessable
from server.core.identifiers import new_id
from server.core.portable import insert_absent
from server.customers.turns import take_turn
from server.ledger.models import LedgerAccount, LedgerTransaction
from server.programs.accounts import HAND, STAMP, STAMPED, Source, card_account
from server.programs.explanations import checked_reason
from server.programs.hand_allowance import HandAllowance, hand_bucket
from server.programs.known_customers import known_customer
from server.programs.models import Coupon, HandStamp
from server.programs.stamping import CreditOutcome, credit
from server.settings import Settings
from server.shops import service as shops
from server.shops.models import Shop
from server.staff.actor import Actor, Right

__all__ = ["MOST_AT_ONCE", "GivenStamps", "give_stamp"]

MOST_AT_ONCE: Final = 100
"""Nobody gives more in one go, however many agree: a card has no more places."""

_KEY: Final = re.compile(r"[A-Za-z0-9_-]{8,64}")
_HANDS: Final = HandStamp.metadata.tables[HandStamp.__tablename__]


@dataclass(frozen=True, slots=True)
class GivenStamps:
    """Stamps that were given by hand.

    Attributes
    ----------
    id
        ``hnd_…``; the ledger's sources are this with ``_1`` to ``_count`` behind.
    customer, card
        Who got them, on which card.
    stamps
        What the card holds now.
    coupons
        Identifiers of the coupons that they completed.
    repeated
        Whether they had been given before: the same key came again and gave nothing more.
    """

    id: str
    customer: str
    card: str
    stamps: int
    coupons: tuple[str, ...]
    repeated: bool = False


def give_stamp(
    session: Session,
    clock: Clock,
    actor: Actor,
    *,
    shop_id: str,
    count: int,
    reason: str,
    key: str,
    settings: Settings,
    customer_id: str | None = None,
    card_id: str | None = None,
    second: Actor | None = None,
) -> GivenStamps:
    """Give a customer stamps by hand, once for a key.

    Parameters
    ----------
    session, clock, actor
        The transaction, the time, and who gives: needs the right to give stamps.
    shop_id
        Where, a shop of the actor's partner.
    count
        How many, 1 to 100.
    reason
        Why, at most 200 characters; kept in the ledger and in the audit.
    key
        From the page, new for each form: 8 to 64 letters, digits, dashes. A double tap sends it twice.
    settings
        How many a member may give alone: at once, and in a day of the shop's calendar.
    customer_id, card_id
        To whom. One of the two. A customer is known here by a card of the partner's, or by the partner's app.
    second
        Another member who may decide about held presses; needed above either limit.

    Raises
    ------
    Forbidden
        ``not_allowed``; ``second_person_needed`` above a limit; ``second_person_not_allowed`` for
        somebody who is the same person, of another organisation, or may not decide.
    NotFound
        ``shop_not_found``, ``customer_not_found``, ``card_not_found``, for another partner's too.
    Unprocessable
        ``count_invalid``, ``key_invalid``, ``reason_…``.
    Conflict
        ``shop_closed``, ``no_program`` where the shop takes part in none that is active, ``card_elsewhere``
        for a card of another programme, ``key_reused`` for a key that came before with another request.
    """
    actor.require(Right.GIVE_STAMP)
    reason = checked_reason(reason)
    _check_form(count, key)
    _check_second(actor, second)
    shop = shops.get_owned(session, actor.partner_id, shop_id)
    customer_id = known_customer(session, actor, shop, customer_id=customer_id, card_id=card_id)
    take_turn(session, customer_id)
    hand_id = new_id("hnd", clock)
    row = {
        "partner_id": actor.partner_id,
        "key": key,
        "member_id": actor.member_id,
        "second_id": None if second is None else second.member_id,
        "customer_id": customer_id,
        "shop_id": shop.id,
        "stamps": count,
        "reason": reason,
    }
    with session.begin_nested():
        claim = insert_absent(session, _HANDS).values(id=hand_id, at=clock.now(), **row)
        if session.execute(claim.returning(_HANDS.c.id)).scalar_one_or_none() is None:
            return _given_before(session, row)
        if shop.status != "active":
            raise Conflict("The shop is closed.", code="shop_closed")
        _check_limits(session, clock, actor, shop=shop, count=count, second=second, settings=settings)
        outcomes = [
            _credit(
                session,
                clock,
                actor,
                customer_id=customer_id,
                shop_id=shop.id,
                source_id=f"{hand_id}_{nth}",
                reason=reason,
            )
            for nth in range(1, count + 1)
        ]
    card = outcomes[-1].card
    coupons = [coupon.id for outcome in outcomes for coupon in outcome.coupons]
    facts = {"shop": shop.id, "customer": customer_id, "card": card.id, "count": count, "coupons": coupons}
    audit.record(
        session,
        clock,
        actor=actor.member_id,
        action="stamp.given",
        subject=hand_id,
        detail=facts | {"second": row["second_id"], "reason": reason},
    )
    outbox.enqueue(
        session,
        clock,
        topic="stamp.given",
        payload=facts | {"hand": hand_id, "at": clock.now().isoformat()},
    )
    return GivenStamps(hand_id, customer_id, card.id, card.stamps, tuple(coupons))


def _check_form(count: int, key: str) -> None:
    if not 1 <= count <= MOST_AT_ONCE:
        raise Unprocessable(f"count: 1 to {MOST_AT_ONCE} stamps, not {count}.", code="count_invalid")
    if not _KEY.fullmatch(key):
        raise Unprocessable("key: 8 to 64 letters, digits and dashes.", code="key_invalid")


def _check_second(actor: Actor, second: Actor | None) -> None:
    if second is not None and (
        second.member_id == actor.member_id
        or second.partner_id != actor.partner_id
        or not second.may(Right.DECIDE_HELD)
    ):
        raise Forbidden(
            "The second person has to be somebody else, a manager or the owner.",
            code="second_person_not_allowed",
        )


def _check_limits(
    session: Session,
    clock: Clock,
    actor: Actor,
    *,
    shop: Shop,
    count: int,
    second: Actor | None,
    settings: Settings,
) -> None:
    """Count what the member gives, and ask for a second person above a limit."""
    # Counted first: the row stays locked, so that two forms sent at once do not both find room.
    given = tallies.add(session, clock, hand_bucket(actor, shop, clock.now()), count) or 0
    if second is None and HandAllowance.after(given - count, settings).needs_second(count):
        raise Forbidden(
            f"More than {settings.hand_stamps_at_once} stamps at once, or {settings.hand_stamps_in_day} in a "
            "day, need a second person: a manager or the owner.",
            code="second_person_needed",
        )


def _credit(
    session: Session,
    clock: Clock,
    actor: Actor,
    *,
    customer_id: str,
    shop_id: str,
    source_id: str,
    reason: str,
) -> CreditOutcome:
    outcome = credit(
        session,
        clock,
        customer_id=customer_id,
        shop_id=shop_id,
        source=Source(HAND, source_id),
        actor=actor.member_id,
        reason=reason,
    )
    if outcome is None:
        raise Conflict("The shop has no stamp card at the moment.", code="no_program")
    return outcome


def _given_before(session: Session, row: Mapping[str, object]) -> GivenStamps:
    """Tell again what the key gave; whoever agreed does not matter."""
    before = session.execute(
        select(_HANDS).where(_HANDS.c.partner_id == row["partner_id"], _HANDS.c.key == row["key"])
    ).one()
    if any(getattr(before, name) != row[name] for name in ("customer_id", "shop_id", "stamps", "member_id")):
        raise Conflict("This form was sent before with other entries. Open a new one.", code="key_reused")
    sources = [f"{before.id}_{nth}" for nth in range(1, before.stamps + 1)]
    booked = select(LedgerTransaction.details).where(
        LedgerTransaction.source_type == HAND,
        LedgerTransaction.source_id == sources[0],
        LedgerTransaction.kind == STAMPED,
    )
    card_id = session.execute(booked).scalar_one()["card"]
    coupons = session.scalars(
        select(Coupon.id)
        .where(Coupon.card_id == card_id, Coupon.issued_press_id.in_(sources))
        .order_by(Coupon.id)
    )
    stamps = session.scalar(
        select(LedgerAccount.balance).where(LedgerAccount.id == card_account(card_id, STAMP).id)
    )
    return GivenStamps(
        before.id, before.customer_id, card_id, max(stamps or 0, 0), tuple(coupons), repeated=True
    )
