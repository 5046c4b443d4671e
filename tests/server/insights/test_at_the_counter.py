"""What staff see at the counter: what waits, whom they may give stamps to, and the stamps' use."""

from datetime import timedelta

import numpy as np
import pytest
from sqlalchemy import text

from server.core.errors import Forbidden, NotFound
from server.insights.seen import customer_at_counter, seen_customers
from server.insights.stamps import stamps_of
from server.insights.waiting import waiting
from server.programs.handing import give_stamp
from server.settings import Settings
from server.staff.actor import Role
from server.stamps.service import StampRow, register_many
from stampsdk.codebook import random_patterns
from tests.queries import counted_queries
from tests.server.insights.world import actor_of, decide, found_world


@pytest.fixture
def staff(world):
    return actor_of(world.partner_id, Role.STAFF)


def test_held_presses_wait_oldest_first_until_they_are_decided(session, clock, travelling, names):
    world, (seoul, york) = travelling, travelling.shops
    person, staff = world.customer(), actor_of(world.partner_id, Role.STAFF)
    stranger = found_world(session, clock, name="Others")
    stranger.customer()
    stranger.press(stranger.shops[0], "held", "location_denied")
    ids = []
    for shop in (seoul, york, seoul):
        clock.advance(1)
        world.press(shop)
        world.press(shop, "refused", "outside_fence")
        ids.append(world.press(shop, "held", "location_timeout"))
    found = waiting(session, staff, None, names=names)
    assert [entry.id for entry in found] == ids
    assert {(entry.kind.value, entry.reason) for entry in found} == {("held", "location_timeout")}
    assert {entry.customer for entry in found} == {names.of(world.partner_id, person)}
    assert [entry.id for entry in waiting(session, staff, [york])] == [ids[1]]
    decide(world, ids[0], accept=True)
    decide(world, ids[1], accept=False)
    assert [entry.id for entry in waiting(session, staff, None)] == [ids[2]]
    with pytest.raises(NotFound):
        waiting(session, staff, stranger.shops)


def test_the_index_of_what_waits_is_used(session, world):
    if session.get_bind().dialect.name != "sqlite":
        pytest.skip("PostgreSQL plans by its statistics, which an empty table has not")
    with counted_queries(session.get_bind()) as statements:
        waiting(session, world.actor, None)
    listed = next(one for one in statements if "'held'" in one and "ORDER BY" in one)
    plan = session.connection().exec_driver_sql(f"EXPLAIN QUERY PLAN {listed}", ("x",) * listed.count("?"))
    assert any("ix_press_waiting" in str(row) for row in plan)


def test_staff_find_whom_they_see_and_nobody_else(session, clock, world, staff, names):
    shop = world.shops[0]
    seen, unproven, stranger, carded = (world.customer() for _ in range(4))
    by_id = {each[0]: each for each in world.customers}
    world.press(shop, customer=by_id[seen])
    clock.advance(1)
    world.press(shop, "refused", "signature_wrong", by_id[unproven], proven=False)
    clock.advance(1)
    world.stamp(carded, shop)
    world.press(shop, customer=by_id[carded])
    name = {each: names.of(world.partner_id, each) for each in by_id}
    found = seen_customers(session, clock, staff, shop, names=names)
    assert [one.name for one in found] == [name[carded], name[seen]]
    assert seen_customers(session, clock, staff, shop, names=names, limit=1) == found[:1]
    for typed in (name[seen], name[seen].lower(), f" {name[seen].replace('-', '')} "):
        assert customer_at_counter(session, clock, staff, shop, typed, names=names) == seen
    for nobody in (name[unproven], name[stranger], "", "x" * 10_000, "\u202e☕"):
        with pytest.raises(NotFound) as refusal:
            customer_at_counter(session, clock, staff, shop, nobody, names=names)
        assert refusal.value.code == "customer_not_found"
    # Eight days later nobody is in the feed; who may see the customers still finds them.
    world.roll_up()
    for _ in range(250):
        clock.advance(3600)
        world.press(shop, customer=by_id[seen])
    with pytest.raises(NotFound):
        customer_at_counter(session, clock, staff, shop, name[carded], names=names)
    manager = actor_of(world.partner_id, Role.MANAGER)
    assert customer_at_counter(session, clock, manager, shop, name[carded], names=names) == carded


def test_a_strangers_customer_is_seen_and_cannot_be_given_a_stamp(session, clock, world, staff, names):
    """A customer of another app, without a card here, as long as no press of theirs was accepted."""
    other = found_world(session, clock, name="Others")
    person = other.customer()
    shop = world.shops[0]
    world.press(shop, "held", "location_denied", other.customers[0])
    assert seen_customers(session, clock, staff, shop, names=names) == ()
    name = names.of(world.partner_id, person)
    found = customer_at_counter(session, clock, staff, shop, name, names=names)
    with pytest.raises(NotFound) as refusal:
        give_stamp(
            session, clock, staff, shop_id=shop, customer_id=found, count=1, reason="x", key="form-0001",
            settings=Settings(),
        )  # fmt: skip
    assert refusal.value.code == "customer_not_found"
    with pytest.raises(NotFound):
        seen_customers(session, clock, staff, other.shops[0], names=names)


def test_stamps_and_how_much_they_are_used(session, clock, travelling):
    world, (seoul, york) = travelling, travelling.shops
    world.customer()
    patterns = random_patterns(3, tips=5, rng=np.random.default_rng(5))
    rows = [
        StampRow("A-1", patterns[0], (seoul,)),
        StampRow("A-2", patterns[1], (seoul, york), kind="zone"),
        StampRow("A-3", patterns[2], (york,)),
    ]
    register_many(session, clock, partner_id=world.partner_id, rows=rows)
    stranger = found_world(session, clock, name="Others")
    numbers = dict(session.execute(text("SELECT serial, number FROM stamp")).all())
    world.press(seoul, stamp_number=numbers["A-1"])
    clock.advance(timedelta(days=30, seconds=1).total_seconds())
    last = clock.now()
    world.press(seoul, "held", "location_denied", stamp_number=numbers["A-1"])
    world.press(seoul, "refused", "outside_fence", stamp_number=numbers["A-2"])
    world.press(york, stamp_number=numbers["A-2"])
    world.press(york, "refused", "not_recognised")
    manager = actor_of(world.partner_id, Role.MANAGER)
    found = stamps_of(session, clock, manager, None)
    assert [(one.serial, one.kind, one.status, one.presses, one.last_at) for one in found] == [
        ("A-1", "fixed", "active", 1, last),
        ("A-2", "zone", "active", 2, last),
        ("A-3", "fixed", "active", 0, None),
    ]
    assert [(one.serial, one.presses) for one in stamps_of(session, clock, manager, [york])] == [
        ("A-2", 1),
        ("A-3", 0),
    ]
    with counted_queries(session.get_bind()) as statements:
        stamps_of(session, clock, manager, None)
    assert len([one for one in statements if one.startswith("SELECT")]) == 3
    with pytest.raises(Forbidden):
        stamps_of(session, clock, actor_of(world.partner_id, Role.STAFF), None)
    with pytest.raises(NotFound):
        stamps_of(session, clock, manager, stranger.shops)
