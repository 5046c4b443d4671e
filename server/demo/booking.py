"""Booking simulated events through the services, with a clock that is moved from event to event."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from sqlalchemy import insert
from sqlalchemy.orm import Session

from server.core.identifiers import new_id
from server.core.sealing import Sealer
from server.customers import service as customers
from server.demo.history import Event, Kind
from server.demo.owner import OwnedCafe
from server.demo.press_rows import Pressed, challenge_row, evidence, press_row
from server.presses.models import Challenge, HeldPress, Press
from server.presses.policy import PressPolicy
from server.presses.reasons import Reason
from server.presses.texts import Advice
from server.presses.visits import VisitFullError, join_visit
from server.programs.bulk_stamping import Stamping, credit_stamps
from server.programs.service import CouponUnavailable, redeem_coupon

_TABLES: Final = Press.metadata.tables
_CHALLENGES: Final = insert(_TABLES[Challenge.__tablename__])
_PRESSES: Final = insert(_TABLES[Press.__tablename__])
_HELD: Final = insert(_TABLES[HeldPress.__tablename__])


@dataclass(slots=True)
class EventClock:
    """Stands at the event that is booked."""

    moment: datetime

    def now(self) -> datetime:
        """Return the time of the event, in UTC."""
        return self.moment


@dataclass(slots=True)
class Person:
    """A simulated customer in the database, with the coupons in the order they were earned."""

    customer_id: str
    device_id: str
    coupons: list[str] = field(default_factory=list)


@dataclass(slots=True)
class _Press:
    """A press on its way into the books.

    Services may refuse what the simulation expected, where people have changed the café meanwhile.
    """

    event: Event
    number: int
    id: str
    person: Person
    kind: Kind
    reason: Reason | None
    visit_id: str | None = None
    coupon_id: str | None = None
    advice: Advice = Advice.STAMPED

    def refuse(self, reason: Reason) -> None:
        self.kind, self.reason = Kind.REFUSED, reason


@dataclass(slots=True)
class Booker:
    """Books events at one café.

    Attributes
    ----------
    cafe, shop_name, pattern_mm, presses_per_visit
        Where, and with which stamp.
    policy, sealer
        How long a visit lasts, and what seals the secrets of enrolled devices.
    people
        Customers met so far, by the simulation's number.
    """

    cafe: OwnedCafe
    shop_name: str
    pattern_mm: list[list[float]]
    presses_per_visit: int
    policy: PressPolicy
    sealer: Sealer
    people: dict[int, Person] = field(default_factory=dict)

    def book(self, session: Session, events: Sequence[Event], first_number: int) -> None:
        """Book events in their order.

        Parameters
        ----------
        session
            The transaction, not committed here. After a rollback this object knows too much: make a new one.
        events
            In the order of time.
        first_number
            Number of the first of them in the whole history.
        """
        presses = [self._begin(session, event, number) for number, event in enumerate(events, first_number)]
        self._credit(session, presses)
        # After the stamps: a coupon may be used within hours of the stamp that filled the card.
        for press in presses:
            if press.event.kind is Kind.REDEEM:
                self._redeem(session, press)
        pressed = [self._pressed(press) for press in presses]
        session.flush()
        _insert(session, _CHALLENGES, [challenge_row(press) for press in pressed])
        _insert(session, _PRESSES, [press_row(press) for press in pressed])
        held = [press for press in pressed if press.kind is Kind.HELD]
        _insert(
            session,
            _HELD,
            [{"press_id": press.press_id, "evidence": evidence(press, self.pattern_mm)} for press in held],
        )

    def _begin(self, session: Session, event: Event, number: int) -> _Press:
        """Enrol who is new, give the press its identifier, and let it join its visit."""
        clock = EventClock(event.at)
        person = self.people.get(event.customer)
        if person is None:
            person = self.people[event.customer] = self._enrol(session, clock)
        press = _Press(event, number, new_id("prs", clock), person, event.kind, event.reason)
        if event.kind in {Kind.STAMP, Kind.HELD}:
            self._join_visit(session, clock, press)
        return press

    def _pressed(self, press: _Press) -> Pressed:
        return Pressed(
            number=press.number,
            press_id=press.id,
            challenge_id=new_id("chl", EventClock(press.event.at)),
            partner_id=self.cafe.partner_id,
            shop_id=self.cafe.shop_id,
            shop_name=self.shop_name,
            stamp_number=self.cafe.stamp_number,
            customer_id=press.person.customer_id,
            device_id=press.person.device_id,
            at=press.event.at,
            kind=press.kind,
            reason=press.reason,
            visit_id=press.visit_id,
            coupon_id=press.coupon_id,
            advice=press.advice,
        )

    def _enrol(self, session: Session, clock: EventClock) -> Person:
        enrolled = customers.enrol(
            session, clock, self.sealer, partner_id=self.cafe.partner_id, algorithm="HS256", model="demo"
        )
        return Person(enrolled.customer_id, enrolled.device_id)

    def _join_visit(self, session: Session, clock: EventClock, press: _Press) -> None:
        try:
            visit = join_visit(
                session,
                clock,
                self.policy,
                customer_id=press.person.customer_id,
                shop_id=self.cafe.shop_id,
                most_presses=self.presses_per_visit,
                now=press.event.at,
            )
        except VisitFullError:
            press.refuse(Reason.VISIT_FULL)
        else:
            press.visit_id = visit.id
            press.advice = Advice.HELD

    def _credit(self, session: Session, presses: Sequence[_Press]) -> None:
        stamped = [press for press in presses if press.kind is Kind.STAMP]
        stampings = [Stamping(press.person.customer_id, press.id, press.event.at) for press in stamped]
        credited = credit_stamps(session, shop_id=self.cafe.shop_id, stampings=stampings)
        for press, coupons in zip(stamped, credited, strict=True):
            press.person.coupons += coupons or ()
            press.advice = Advice.COUPON_EARNED if coupons else Advice.STAMPED
            if coupons is None:
                press.advice = Advice.STAMPED_WITHOUT_CARD

    def _redeem(self, session: Session, press: _Press) -> None:
        which, earned = press.event.coupon, press.person.coupons
        if which is None or which >= len(earned):
            # The owner took a stamp back, or changed the programme: this coupon was never earned.
            press.refuse(Reason.COUPON_UNKNOWN)
            return
        press.coupon_id = earned[which]
        try:
            redeem_coupon(
                session,
                EventClock(press.event.at),
                coupon_id=press.coupon_id,
                customer_id=press.person.customer_id,
                shop_id=self.cafe.shop_id,
                press_id=press.id,
            )
        except CouponUnavailable as refusal:
            press.refuse(Reason[refusal.reason.upper()])
        else:
            press.advice = Advice.REDEEMED


def _insert(session: Session, statement: Any, rows: list[dict[str, Any]]) -> None:
    if rows:
        session.execute(statement, rows)
