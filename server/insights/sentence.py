"""The sentence that tells an owner how things stand; each of its numbers opens a list of customers."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import case, func, select
from sqlalchemy.orm import Session

from server.core.clock import Clock
from server.insights.models import InsightMark, InsightVisit
from server.insights.people import Listing, People
from server.insights.scope import places, today_of
from server.insights.segments import Segment, segments
from server.staff.actor import Actor, Right


@dataclass(frozen=True, slots=True)
class Number:
    """A number of the sentence, and the list of just these customers."""

    count: int
    listing: Listing


@dataclass(frozen=True, slots=True)
class Sentence:
    """Today 130 customers, 250 stamps; 5,000 visitors this month, 300 of them stopped at 8 stamps, 38 unseen.

    Attributes
    ----------
    today_customers, today_stamps
        Who came today, and the stamps they got.
    month_visitors
        Who came since the first of this month.
    stopped, stopped_at
        Which of those have exactly so many stamps on a card; None: two short of full.
    unseen, unseen_days
        Of all customers, those who have not come for so many days.
    segments
        How many customers each segment has.
    as_of
        The last roll-up; None before the first.
    """

    today_customers: Number
    today_stamps: int
    month_visitors: Number
    stopped: Number
    stopped_at: int | None
    unseen: Number
    unseen_days: int
    segments: dict[Segment, Number]
    as_of: datetime | None


def sentence(session: Session, clock: Clock, actor: Actor, shop_ids: Collection[str] | None) -> Sentence:
    """Return the sentence's numbers for some shops of the actor's, None for all.

    They come from the roll-ups, as the lists do that they open, in five queries.

    Raises
    ------
    Forbidden
        ``not_allowed``.
    NotFound
        ``shop_not_found``.
    """
    actor.require(Right.SEE_CUSTOMERS)
    found = places(session, actor, shop_ids)
    today = today_of(found, clock.now())
    people = People(tuple(found), actor.partner_id, today, segments(session, actor))
    table = people.rows()
    # The segments share everybody out, so the one that is dear to ask for is what the others leave.
    counted: list[Listing] = [listing for listing in Listing if listing != Listing.PROSPECTIVE]
    sums = [func.sum(case((people.condition(listing, table), 1), else_=0)) for listing in counted]
    row = session.execute(select(*sums).select_from(table)).one()
    found_in: dict[Listing, int] = {
        listing: int(number or 0) for listing, number in zip(counted, row, strict=True)
    }
    others = sum(found_in[Listing(each.value)] for each in Segment if each != Segment.PROSPECTIVE)
    found_in[Listing.PROSPECTIVE] = found_in[Listing.ALL] - others
    numbers = {listing: Number(number, listing) for listing, number in found_in.items()}
    stamps = session.scalar(
        select(func.coalesce(func.sum(InsightVisit.stamps), 0)).where(
            InsightVisit.shop_id.in_(tuple(found)), InsightVisit.day >= today
        )
    )
    return Sentence(
        today_customers=numbers[Listing.TODAY],
        today_stamps=int(stamps or 0),
        month_visitors=numbers[Listing.MONTH],
        stopped=numbers[Listing.STOPPED],
        stopped_at=people.segments.stopped_at,
        unseen=numbers[Listing.UNSEEN],
        unseen_days=people.segments.unseen_days,
        segments={segment: numbers[Listing(segment.value)] for segment in Segment},
        as_of=session.scalar(select(InsightMark.seen_at).where(InsightMark.partner_id == actor.partner_id)),
    )
