"""The history in the database: booked through the ledger, once, and on from where it stopped."""

import random
from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
from rich.console import Console
from sqlalchemy import func, select

from server.core.clock import FrozenClock
from server.core.sealing import Sealer
from server.demo import keeping
from server.demo.history import Kind, simulate
from server.demo.keeping import keep_history, plan_months
from server.demo.owner import EMAIL, owner_password
from server.demo.world import make_world
from server.ledger import recomputed_balances, reverse, verify
from server.ledger.models import ACCOUNTS, LedgerTransaction
from server.presses.models import HeldPress, Press, Visit
from server.programs.models import Coupon, Program
from server.shops import service as shops
from server.staff.actor import Role
from server.staff.service import sign_in
from server.tables import METADATA

NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
WORLD = make_world(5, seed=1)


@pytest.fixture
def keep(database):
    """Keep the history of a small café up to a moment."""
    sealer = Sealer(bytes(32))

    def keep(now=NOW, months=1, customers=60):
        plan = plan_months(NOW, months, customers)
        return keep_history(database, FrozenClock(now), sealer, WORLD, plan=plan, console=Console(quiet=True))

    return keep


def expected(now=NOW, months=1, customers=60):
    plan = plan_months(NOW, months, customers)
    return plan, simulate(plan, until=now, rng=random.Random(keeping._SEED))


def rows(database):
    """Return every row of every table."""
    with database.reading() as session:
        return {
            name: sorted(map(repr, session.execute(select(table)))) for name, table in METADATA.tables.items()
        }


def test_the_first_run_books_everything(database, keep):
    kept = keep()
    assert kept.presses == kept.added == len(expected()[1]) > 100
    assert_ledger_is_as_simulated(database)
    assert_log_is_as_simulated(database)


def assert_ledger_is_as_simulated(database):
    plan, events = expected()
    kinds = Counter(event.kind for event in events)
    with database.reading() as session:
        report = verify(session)
        assert report.breaches == ()
        booked = Counter(session.scalars(select(LedgerTransaction.kind)))
        assert booked["stamp"] == kinds[Kind.STAMP]
        assert booked["coupon_redeemed"] == kinds[Kind.REDEEM]
        stamps = Counter(e.customer for e in events if e.kind is Kind.STAMP)
        full = sum(count // plan.stamps_required for count in stamps.values())
        assert booked["coupon_issued"] == full == session.scalar(select(func.count()).select_from(Coupon))
        recomputed = recomputed_balances(session)
        balances = dict(session.execute(select(ACCOUNTS.c.id, ACCOUNTS.c.balance)).all())
        assert {k: v for k, v in balances.items() if v is not None} == {
            k: recomputed[k] for k, v in balances.items() if v is not None
        }
        held = Counter(v for k, v in balances.items() if k.startswith("card:") and ":stamp:" in k)
        assert held == Counter(count % plan.stamps_required for count in stamps.values())


def assert_log_is_as_simulated(database):
    _, events = expected()
    with database.reading() as session:
        presses = session.scalars(select(Press).order_by(Press.at, Press.id)).all()
        assert [(p.at, p.reason) for p in presses] == [
            (e.at, None if e.reason is None else e.reason.code) for e in events
        ]
        verdicts = {
            Kind.STAMP: "accepted",
            Kind.REDEEM: "accepted",
            Kind.REFUSED: "refused",
            Kind.HELD: "held",
        }
        assert [p.verdict for p in presses] == [verdicts[e.kind] for e in events]
        assert [p.purpose == "redeem" for p in presses] == [e.kind is Kind.REDEEM for e in events]
        joined = Counter(p.visit_id for p in presses if p.visit_id is not None)
        assert joined == dict(session.execute(select(Visit.id, Visit.presses)).all())
        assert max(joined.values()) <= 3
        times = session.execute(
            select(Press.at, LedgerTransaction.occurred_at).join(
                LedgerTransaction, LedgerTransaction.source_id == Press.id
            )
        ).all()
        assert len(times) == sum(e.kind is Kind.STAMP for e in events)
        assert all(at == occurred_at for at, occurred_at in times)
        assert set(session.scalars(select(HeldPress.press_id))) == {
            p.id for p in presses if p.verdict == "held"
        }


def test_the_owner_signs_in_with_the_password_that_is_printed(database, keep, clock):
    cafe = keep().cafe
    with database.transaction() as session:
        password = owner_password(Sealer(bytes(32)))
        actor, _ = sign_in(session, clock, email=EMAIL, password=password, address="127.0.0.1")
        assert actor.partner_id == cafe.partner_id
        assert actor.role is Role.OWNER
        assert session.scalars(shops.owned(actor.partner_id)).one().id == cafe.shop_id
    assert owner_password(Sealer(bytes([1]) * 32)) != password


def test_a_second_run_changes_nothing(database, keep):
    keep()
    before = rows(database)
    again = keep()
    assert again.added == 0
    assert rows(database) == before


def test_a_stopped_run_goes_on_where_it_stopped(database, keep, monkeypatch):
    monkeypatch.setattr(keeping, "_CHUNK", 60)
    book, calls = keeping.Booker.book, []

    def fail_in_the_third(self, *arguments):
        calls.append(arguments)
        book(self, *arguments)
        if len(calls) == 3:
            raise KeyboardInterrupt

    monkeypatch.setattr(keeping.Booker, "book", fail_in_the_third)
    with pytest.raises(KeyboardInterrupt):
        keep()
    with database.reading() as session:
        assert session.scalar(select(func.count()).select_from(Press)) == 120
        assert verify(session).sound
    monkeypatch.setattr(keeping.Booker, "book", book)
    kept = keep()
    assert kept.added == kept.presses - 120
    assert_ledger_is_as_simulated(database)
    assert_log_is_as_simulated(database)


def test_a_later_run_goes_on_to_its_own_present(database, keep):
    earlier = NOW - timedelta(days=3)
    first = keep(now=earlier)
    second = keep()
    assert second.presses == first.presses + second.added
    assert second.added > 0
    assert_ledger_is_as_simulated(database)
    assert_log_is_as_simulated(database)


def test_what_people_changed_meanwhile_is_respected(database, keep, clock):
    """A stamp taken back and a programme of other numbers: coupons then come later than was simulated."""
    keep(now=NOW - timedelta(days=10))
    with database.transaction() as session:
        stamps = session.scalars(
            select(LedgerTransaction.id)
            .where(LedgerTransaction.kind == "stamp")
            .order_by(LedgerTransaction.id)
        ).all()
        for stamp in stamps[::3]:
            reverse(session, clock, transaction_id=stamp, reason="mistake", actor="mem_1")
        session.scalars(select(Program)).one().stamps_required = 12
    kept = keep()
    assert kept.added > 0
    _, events = expected()
    with database.reading() as session:
        assert session.scalar(select(func.count()).select_from(Press)) == len(events)
        assert verify(session).sound


def test_another_plan_than_the_one_begun_is_told(database, keep):
    keep()
    before = rows(database)
    again = keep(months=2, customers=10)
    assert again.added == 0
    assert "60 customers" in again.remark
    assert rows(database) == before


def test_a_history_of_another_version_is_left_alone(database, keep, monkeypatch):
    keep(now=NOW - timedelta(days=3))
    before = rows(database)
    monkeypatch.setattr(keeping, "_SEED", 7)
    again = keep()
    assert again.added == 0
    assert "another version" in again.remark
    assert rows(database) == before
