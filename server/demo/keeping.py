"""Bringing the café's history in the database up to the present: once, and on from where it stopped."""

import hashlib
import random
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from rich.console import Console
from sqlalchemy import select
from sqlalchemy.orm import Session

from server.core import audit
from server.core.audit import AuditEntry
from server.core.clock import Clock, FrozenClock
from server.core.database import Database
from server.core.sealing import Sealer
from server.demo.booking import Booker, EventClock, Person
from server.demo.history import Event, Plan, simulate
from server.demo.owner import OwnedCafe, open_cafe
from server.demo.press_rows import envelope_digest
from server.demo.progress import bar
from server.demo.world import World
from server.presses.models import Press
from server.presses.policy import PressPolicy
from server.programs.models import Card, Coupon
from server.shops.models import Shop

_CHUNK: Final = 400
_SEED: Final = 20261126
_DAYS_A_MONTH: Final = 365.25 / 12.0
#: The café opens its books early in the morning of its first day.
_OPENING: Final = time(6)
#: In the audit, which thereby tells where a history stands.
_ACTOR: Final = "demo"
_PLANNED: Final = "demo.history_planned"
_BOOKED: Final = "demo.history_booked"


@dataclass(frozen=True, slots=True)
class Kept:
    """The café, how many presses its history has, how many of them are new, and what is to be said of it."""

    cafe: OwnedCafe
    presses: int
    added: int
    remark: str | None = None


def plan_months(now: datetime, months: int, customers: int) -> Plan:
    """Return the plan of a café that opened `months` ago, by its calendar, and has won so many customers."""
    days = round(months * _DAYS_A_MONTH)
    shape = Plan(first_day=now.date(), days=days, customers=customers)
    today = now.astimezone(ZoneInfo(shape.timezone)).date()
    return Plan(first_day=today - timedelta(days=days), days=days, customers=customers)


def keep_history(
    database: Database, clock: Clock, sealer: Sealer, world: World, *, plan: Plan, console: Console
) -> Kept:
    """Simulate the café up to the clock's present and book what is not booked yet.

    Each chunk is one transaction that also writes down how far it came, so that an interrupted run goes on
    where it stopped, and a later one goes on to its own present.

    Parameters
    ----------
    database, clock, sealer
        Where, until when, and what seals the customers' secrets and gives the owner's password.
    world
        Has the café's place and pattern.
    plan
        For a café that is not there yet; one that is keeps the plan it began with.
    console
        Shows the progress.
    """
    with database.transaction() as session:
        begun = _begun(session)
        if begun is None:
            begun = _begin(session, sealer, world, plan)
        cafe, plan, remark = begun.cafe, begun.plan, begun.remark_on(plan)
        done, trail = _progress(session)
    now = clock.now()
    events = simulate(plan, until=now, rng=random.Random(_SEED))
    path = hashlib.sha256()
    _walk(path, events[:done])
    if done and path.hexdigest() != trail:
        return Kept(cafe, done, 0, "The café's history was made by another version and stays as it is.")
    with database.reading() as session:
        booker = _booker(session, cafe, sealer, world, events[:done])
    with bar(console) as progress:
        task = progress.add_task("Booking the café's months", total=len(events), completed=done)
        for start in range(done, len(events), _CHUNK):
            chunk = events[start : start + _CHUNK]
            with database.transaction() as session:
                booker.book(session, chunk, start)
                booked = start + len(chunk)
                _walk(path, chunk)
                detail = {"events": booked, "trail": path.hexdigest()}
                _write_down(session, EventClock(chunk[-1].at), cafe, _BOOKED, detail)
            progress.update(task, completed=booked)
    return Kept(cafe, len(events), len(events) - done, remark)


def _walk(path: "hashlib._Hash", events: Sequence[Event]) -> None:
    """Add events to the digest by which a history is known again."""
    for event in events:
        reason = "" if event.reason is None else event.reason.code
        path.update(f"{event.at.isoformat()} {event.customer} {event.kind.value} {reason}\n".encode())


def _write_down(session: Session, clock: Clock, cafe: OwnedCafe, action: str, detail: dict[str, Any]) -> None:
    audit.record(session, clock, actor=_ACTOR, action=action, subject=cafe.partner_id, detail=detail)


@dataclass(frozen=True, slots=True)
class _Begun:
    """A café whose history was begun, and the plan that it was begun with."""

    cafe: OwnedCafe
    plan: Plan

    def remark_on(self, wanted: Plan) -> str | None:
        """Return what is to be said where another history is wanted than the one that was begun."""
        begun = self.plan
        if (begun.days, begun.customers) == (wanted.days, wanted.customers):
            return None
        return (
            f"The café's history was begun with {begun.customers:,} customers in {begun.days} days, and goes "
            "on so; another one needs a fresh database."
        )


def _begin(session: Session, sealer: Sealer, world: World, plan: Plan) -> _Begun:
    clock = FrozenClock(datetime.combine(plan.first_day, _OPENING, ZoneInfo(plan.timezone)))
    cafe = open_cafe(session, clock, sealer, world, plan)
    shape = {"first_day": plan.first_day.isoformat(), "days": plan.days, "customers": plan.customers}
    _write_down(session, clock, cafe, _PLANNED, {"cafe": asdict(cafe), "plan": shape})
    return _Begun(cafe, plan)


def _begun(session: Session) -> _Begun | None:
    """Read which café was begun, with which plan."""
    detail = _latest(session, _PLANNED)
    if detail is None:
        return None
    shape = detail["plan"]
    first_day = date.fromisoformat(shape["first_day"])
    plan = Plan(first_day=first_day, days=shape["days"], customers=shape["customers"])
    return _Begun(OwnedCafe(**detail["cafe"]), plan)


def _progress(session: Session) -> tuple[int, str]:
    """Return how many events are booked, and the digest of these."""
    detail = _latest(session, _BOOKED) or {"events": 0, "trail": ""}
    return int(detail["events"]), str(detail["trail"])


def _latest(session: Session, action: str) -> dict[str, Any] | None:
    return session.scalars(
        select(AuditEntry.detail)
        .where(AuditEntry.actor == _ACTOR, AuditEntry.action == action)
        .order_by(AuditEntry.id.desc())
    ).first()


def _booker(
    session: Session, cafe: OwnedCafe, sealer: Sealer, world: World, booked: Sequence[Event]
) -> Booker:
    """Make a booker that knows the people of the events that are booked, and their coupons."""
    shop = session.get_one(Shop, cafe.shop_id)
    return Booker(
        cafe=cafe,
        shop_name=shop.name,
        pattern_mm=world.owned_pattern.tolist(),
        presses_per_visit=shop.max_presses_per_visit,
        policy=PressPolicy(),
        sealer=sealer,
        people=_people(session, cafe, booked),
    )


def _people(session: Session, cafe: OwnedCafe, booked: Sequence[Event]) -> dict[int, Person]:
    found = session.execute(
        select(Press.envelope_sha256, Press.customer_id, Press.device_id).where(
            Press.partner_id == cafe.partner_id
        )
    )
    senders = {digest: (customer_id, device_id) for digest, customer_id, device_id in found}
    people: dict[int, Person] = {}
    for number, event in enumerate(booked):
        if event.customer not in people:
            people[event.customer] = Person(*senders[envelope_digest(cafe.shop_id, number)])
    owners = {person.customer_id: person for person in people.values()}
    earned = session.execute(
        select(Coupon.id, Card.customer_id)
        .join(Card, Card.id == Coupon.card_id)
        .where(Coupon.shop_id == cafe.shop_id)
        .order_by(Coupon.id)
    )
    for coupon_id, customer_id in earned:
        if customer_id in owners:
            owners[customer_id].coupons.append(coupon_id)
    return people
