"""The registry follows the table exactly: several processes, late commits, rollbacks, every change."""

import threading

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.orm import Session

from server.core import commit_clock
from server.core.database import Database, make_engine
from server.shops.models import Shop
from server.shops.schemas import ShopUpdate
from server.shops.service import change as change_shop
from server.stamps.models import Stamp
from server.stamps.registry import StampRegistry
from server.stamps.schemas import StampUpdate
from server.stamps.service import change as change_stamp
from tests.queries import counted_queries
from tests.server.conftest import square_fence
from tests.server.stamps.worlds import add_world, assert_agrees

PROBES = [(37.5, 127.0), (37.51, 126.99), (37.485, 127.015)]


@pytest.fixture
def other(settings):
    """Give the same database as another process has it: an engine and connections of its own."""
    engine = make_engine(settings.database_url, settings)
    database = Database(engine, settings)
    yield database
    database.dispose()


@pytest.fixture
def registry():
    """Give an empty registry."""
    return StampRegistry()


def refresh(registry, database):
    with database.reading() as session:
        return registry.refresh(session)


def agree(registry, database):
    refresh(registry, database)
    with database.reading() as session:
        assert_agrees(registry, session, PROBES)


def stamps(session):
    return list(session.scalars(select(Stamp).order_by(Stamp.number)))


def change(session, clock, stamp, **members):
    change_stamp(session, clock, stamp=stamp, actor="test", body=StampUpdate(**members))


def test_an_empty_table_is_an_empty_registry(database, registry):
    assert not registry.is_loaded
    assert refresh(registry, database) == 0
    assert registry.is_loaded
    assert (len(registry), registry.index(5), registry.couriers().tolist()) == (0, None, [])
    assert registry.near(37.5, 127.0, 1000)[0].tolist() == []
    with pytest.raises(KeyError):
        registry.stamp(1)


def test_what_one_process_registers_the_others_know_at_their_next_look(database, other, registry, clock):
    rng = np.random.default_rng(1)
    with database.transaction() as session:
        add_world(session, clock, rng, 12, tips=(3, 5, 7), kinds=("fixed", "zone", "courier"))
    assert refresh(registry, other) == 12
    agree(registry, other)
    with database.transaction() as session:
        add_world(session, clock, rng, 3, prefix="T")
    assert refresh(registry, other) == 3
    agree(registry, other)


def test_when_nothing_changed_it_is_one_cheap_query(database, registry, clock):
    with database.transaction() as session:
        add_world(session, clock, np.random.default_rng(2), 5)
    refresh(registry, database)
    with counted_queries(database.engine, database.read_engine) as statements, database.reading() as session:
        assert registry.refresh(session) == 0
    assert len([each for each in statements if "BEGIN" not in each]) == 1
    assert "FROM stamp_clock" in statements[-1]


def test_suspended_stays_searchable_and_retired_leaves(database, registry, clock):
    with database.transaction() as session:
        add_world(session, clock, np.random.default_rng(3), 4)
    refresh(registry, database)
    with database.transaction() as session:
        first, second, *_ = stamps(session)
        change(session, clock, first, status="suspended")
        change(session, clock, second, status="retired")
    agree(registry, database)
    assert registry.stamp(first.number).status == "suspended"
    assert registry.stamp(second.number).status == "retired"
    assert len(registry) == 3
    with database.transaction() as session:
        change(session, clock, stamps(session)[0], status="active")
    agree(registry, database)
    fresh = StampRegistry()
    agree(fresh, database)
    with pytest.raises(KeyError):
        fresh.stamp(second.number)


def test_a_moved_fence_moves_its_stamps(database, registry, clock):
    with database.transaction() as session:
        add_world(session, clock, np.random.default_rng(4), 6, kinds=("fixed", "zone"))
    refresh(registry, database)
    with database.transaction() as session:
        shop = session.scalars(select(Shop).order_by(Shop.id)).first()
        body = ShopUpdate(fence=square_fence(37.501, 127.001))
        change_shop(session, clock, shop=shop, actor="test", body=body, largest_fence_m=5000)
    refresh(registry, database)
    agree(registry, database)


def test_a_stamp_that_changes_shop_or_kind(database, registry, clock):
    with database.transaction() as session:
        add_world(session, clock, np.random.default_rng(5), 5)
    refresh(registry, database)
    with database.transaction() as session:
        shops = [shop.id for shop in session.scalars(select(Shop))]
        one, two, three, *_ = stamps(session)
        change(session, clock, one, shops=[shops[4]])
        change(session, clock, two, kind="zone", shops=shops[:3])
        change(session, clock, three, kind="courier")
    agree(registry, database)
    with database.transaction() as session:
        change(session, clock, stamps(session)[2], kind="fixed")
    agree(registry, database)


def test_what_is_rolled_back_never_shows(database, other, registry, clock):
    rng = np.random.default_rng(6)
    with database.transaction() as session:
        add_world(session, clock, rng, 3)
    with Session(database.engine) as session:
        add_world(session, clock, rng, 2, prefix="lost")
        session.flush()
        agree(registry, other)
        session.rollback()
    agree(registry, other)
    with database.transaction() as session:
        add_world(session, clock, rng, 2, prefix="kept")
    agree(registry, other)
    assert len(registry) == 5


def test_a_session_that_has_changes_of_its_own_may_not_refresh(database, registry, clock):
    with Session(database.engine) as session:
        add_world(session, clock, np.random.default_rng(7), 2)
        with pytest.raises(RuntimeError, match="another"):
            registry.refresh(session)
        session.commit()
        assert registry.refresh(session) == 2


def test_a_change_asked_for_first_and_committed_last_is_not_passed_over(database, other, registry, clock):
    """The trap of a cursor by number: while A holds a lower one uncommitted, B must not commit a higher."""
    rng, order = np.random.default_rng(8), []
    with database.transaction() as session:
        add_world(session, clock, rng, 1)
    slow = Session(database.engine)
    add_world(slow, clock, rng, 1, prefix="A")  # has its reading of the clock, and keeps the row locked

    def register_b():
        with other.transaction() as session:
            add_world(session, clock, np.random.default_rng(9), 1, prefix="B")
            order.append("B has its reading")

    rival = threading.Thread(target=register_b)
    rival.start()
    rival.join(0.5)  # as long as B likes: it cannot get past A
    assert order == []
    agree(registry, database)
    assert len(registry) == 1
    order.append("A commits")
    slow.commit()
    slow.close()
    rival.join(30)
    assert order == ["A commits", "B has its reading"]
    agree(registry, database)
    assert len(registry) == 3


def test_writers_and_followers_at_once(database, other, settings, clock):
    """Three writers, two followers; a look may see any state in between, but misses nothing committed."""
    rounds, seen = 8, []

    def write(seed):
        mine = Database(make_engine(settings.database_url, settings), settings)
        rng = np.random.default_rng(seed)
        for number in range(rounds):
            session = Session(mine.engine)
            add_world(session, clock, rng, 1, prefix=f"w{seed}-{number}-")
            session.rollback() if number % 4 == 3 else session.commit()
            session.close()
        mine.dispose()

    def follow(registry):
        while any(writer.is_alive() for writer in writers):
            with other.reading() as session:
                before = session.scalars(select(Stamp.number)).all()
            refresh(registry, other)
            seen.append(all(registry.stamp(number).number == number for number in before))

    writers = [threading.Thread(target=write, args=(seed,)) for seed in range(3)]
    registries = [StampRegistry(), StampRegistry()]
    followers = [threading.Thread(target=follow, args=(registry,)) for registry in registries]
    for thread in writers + followers:
        thread.start()
    for thread in writers + followers:
        thread.join(120)
    assert seen
    assert all(seen)
    for registry in registries:
        agree(registry, database)
        assert len(registry) == 3 * 6


def test_one_registry_refreshed_from_many_threads(database, clock):
    registry = StampRegistry()
    with database.transaction() as session:
        add_world(session, clock, np.random.default_rng(10), 40)
    counts = []
    threads = [threading.Thread(target=lambda: counts.append(refresh(registry, database))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert sorted(counts) == [0, 0, 0, 40]
    agree(registry, database)


def test_a_refresh_that_fails_half_way_starts_over(database, registry, clock, monkeypatch):
    rng = np.random.default_rng(11)
    with database.transaction() as session:
        add_world(session, clock, rng, 3)
    refresh(registry, database)
    with database.transaction() as session:
        add_world(session, clock, rng, 3, prefix="T")

    def fail(*_arguments):
        raise MemoryError

    with monkeypatch.context() as patch:
        patch.setattr(StampRegistry, "_add_to_index", fail)
        with pytest.raises(MemoryError):
            refresh(registry, database)
    assert not registry.is_loaded
    agree(registry, database)


def test_the_clock_counts_every_transaction_that_ticks(database, other):
    with database.reading() as session:
        before = commit_clock.latest(session)
    for expected in (1, 2):
        with database.transaction() as session:
            assert commit_clock.tick(session) - before == expected
            with other.reading() as outside:
                assert commit_clock.latest(outside) - before == expected - 1
    with Session(database.engine) as session:
        commit_clock.tick(session)
        session.rollback()
    with database.reading() as session:
        assert commit_clock.latest(session) - before == 2


STEPS = st.lists(
    st.tuples(
        st.sampled_from(
            ["register", "suspend", "resume", "retire", "move", "zone", "courier", "fence", "undo"]
        ),
        st.integers(0, 10**6),
    ),
    min_size=1,
    max_size=12,
)


@pytest.mark.parametrize("keep", [True, False], ids=["refreshing each step", "refreshing at the end"])
def test_any_sequence_of_changes(database, other, clock, keep):
    rng = np.random.default_rng(12)

    @settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
    @given(steps=STEPS)
    def run(steps):
        registry = StampRegistry()
        refresh(registry, other)
        for number, (step, draw) in enumerate(steps):
            with database.transaction() as session:
                apply(session, clock, rng, step, draw, f"{rng.integers(10**9)}-{number}")
            if keep:
                agree(registry, other)
        agree(registry, other)

    run()


def apply(session, clock, rng, step, draw, name):
    living = [stamp for stamp in stamps(session) if stamp.status != "retired"]
    if step == "register" or not living:
        add_world(
            session, clock, rng, 1 + draw % 3, prefix=name, tips=(3, 5), kinds=("fixed", "zone", "courier")
        )
        return
    if step == "undo":
        add_world(session, clock, rng, 1, prefix=name)
        session.rollback()
        return
    stamp = living[draw % len(living)]
    shops = list(session.scalars(select(Shop)))
    shop = shops[draw % len(shops)]
    if step == "fence":
        body = ShopUpdate(
            fence=square_fence(*(37.5 + rng.uniform(-0.02, 0.02), 127.0 + rng.uniform(-0.02, 0.02)))
        )
        change_shop(session, clock, shop=shop, actor="test", body=body, largest_fence_m=5000)
        return
    members = {
        "suspend": {"status": "suspended"},
        "resume": {"status": "active"},
        "retire": {"status": "retired"},
        "move": {"kind": "fixed", "shops": [shop.id]},
        "zone": {"kind": "zone", "shops": [shop.id, shops[0].id]},
        "courier": {"kind": "courier"},
    }
    change(session, clock, stamp, **members[step])
