"""Customers: pseudonyms, segments and who may change them, cursors."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from server.core.audit import AuditEntry
from server.core.errors import NotFound, Unprocessable
from server.core.sealing import Sealer
from server.insights.customers import customer_of, customers
from server.insights.models import InsightMark
from server.insights.people import Listing
from server.insights.pseudonyms import Pseudonyms
from server.insights.segments import Segments, change_segments, segments
from server.insights.sentence import sentence
from server.insights.upkeep import Upkeep
from tests.server.insights.world import actor_of, found_world


@given(partner=st.text(), customer=st.text(), other=st.text())
def test_pseudonyms_are_stable_and_unlike_elsewhere(partner, customer, other):
    names = Pseudonyms(Sealer(b"a" * 32))
    name = names.of(partner, customer)
    assert name == Pseudonyms(Sealer(b"a" * 32)).of(partner, customer)
    assert len(name) == 9
    assert set(name) <= set("0123456789ABCDEFGHJKMNPQRSTVWXYZ-")
    assert name != Pseudonyms(Sealer(b"b" * 32)).of(partner, customer)
    if other != partner:
        assert name != names.of(other, customer)


def test_a_shared_customer_has_other_names_and_no_id_leaves(session, clock, world, names):
    other = found_world(session, clock, name="Other")
    person = world.customer()
    for cafe in (world, other):
        cafe.stamp(person, cafe.shops[0])
        cafe.roll_up()
    pages = [
        customers(session, clock, actor_of(cafe.partner_id), None, names=names, limit=1)
        for cafe in (world, other)
    ]
    mine, theirs = (page.rows[0] for page in pages)
    assert mine.name != theirs.name
    assert person not in repr(pages)
    assert [(card.stamps, card.stamps_required) for card in mine.cards] == [(1, 3)]
    assert customer_of(session, world.actor, mine.name.lower(), names=names) == person
    with pytest.raises(NotFound):
        customer_of(session, world.actor, theirs.name, names=names)


def test_customers_of_one_moment_are_listed_once(session, clock, world, names):
    """The cursor has no identifier in it, and still loses nobody."""
    for _ in range(7):
        world.stamp(world.customer(), world.shops[0])
    clock.advance(5)
    for _ in range(4):
        world.stamp(world.customer(), world.shops[0])
    world.roll_up()
    for limit in (1, 2, 3, 4, 11):
        seen, cursor = [], None
        for _ in range(20):
            page = customers(session, clock, world.actor, None, names=names, cursor=cursor, limit=limit)
            seen += [row.name for row in page.rows]
            cursor = page.next_cursor
            if cursor is None:
                break
        assert len(seen) == len(set(seen)) == 11


@pytest.mark.parametrize(
    "cursor", ["", "x", "é", "MjAyNi0xMS0yMHwx", "MjAyNi0xMS0yMFQwMTowMDowMCswMDowMHwtMQ=="]
)
def test_a_foreign_cursor_is_refused(session, clock, world, names, cursor):
    with pytest.raises(Unprocessable) as refusal:
        customers(session, clock, world.actor, None, names=names, cursor=cursor)
    assert refusal.value.code == "invalid_cursor"


def test_segments_follow_the_partners_numbers(session, clock, world, names):
    """Somebody who comes often, somebody who came twice, somebody new, and somebody who was lost."""
    shop = world.shops[0]
    lost, twice, often, new = (world.customer() for _ in range(4))
    world.stamp(lost, shop)
    for day in range(50):
        if day >= 43:
            world.stamp(often, shop)
        if day in {10, 49}:
            world.stamp(twice, shop)
        clock.advance(86_400)
    world.stamp(new, shop)
    world.roll_up()

    def who(listing):
        return [
            row.name
            for row in customers(session, clock, world.actor, None, names=names, listing=listing).rows
        ]

    def name(customer):
        return names.of(world.partner_id, customer)

    assert who(Listing.LAPSED) == [name(lost)]
    assert who(Listing.REGULAR) == [name(often)]
    assert who(Listing.PROSPECTIVE) == [name(twice)]
    assert who(Listing.NEW) == [name(new)]
    assert who(Listing.UNSEEN) == [name(lost)]

    before = segments(session, world.actor)
    assert before == Segments()
    wanted = replace(before, regular_visits=2, lapsed_days=365, unseen_days=60, stopped_at=1)
    change_segments(session, clock, world.actor, wanted)
    assert segments(session, world.actor) == wanted
    assert who(Listing.LAPSED) == who(Listing.UNSEEN) == []
    assert set(who(Listing.REGULAR)) == {name(often), name(twice)}
    told = sentence(session, clock, world.actor, None)
    assert (told.stopped_at, told.stopped.count) == (1, 2)  # seven stamps of three, and one
    assert segments(session, found_world(session, clock, name="Other").actor) == Segments()
    entry = session.scalars(select(AuditEntry).where(AuditEntry.action == "segments.changed")).one()
    assert entry.actor == world.actor.member_id


@pytest.mark.parametrize(
    "numbers",
    [
        {"regular_visits": 0},
        {"lapsed_days": 4000},
        {"stopped_at": -1},
        {"regular_days": True},
        {"regular_visits": 1, "prospective_visits": 2},
    ],
)
def test_numbers_that_make_no_sense_are_refused(session, clock, world, numbers):
    with pytest.raises(Unprocessable) as refusal:
        change_segments(session, clock, world.actor, replace(Segments(), **numbers))
    assert refusal.value.code == "segments_invalid"
    assert segments(session, world.actor) == Segments()


def test_upkeep_rolls_up_whoever_stirred(database, clock):
    with database.transaction() as session:
        cafes = [found_world(session, clock, name=name) for name in ("One", "Two")]
        for cafe in cafes:
            cafe.stamp(cafe.customer(), cafe.shops[0])

    def seen():
        with database.reading() as session:
            rows = session.execute(select(InsightMark.partner_id, InsightMark.seen_at)).all()
        return dict(rows)

    upkeep = Upkeep(database, clock, every_s=60)
    first = clock.now()
    assert upkeep.round() == 2
    assert seen() == {cafe.partner_id: first for cafe in cafes}
    clock.advance(timedelta(hours=1).total_seconds())
    assert upkeep.round() in {0, 2}  # what was booked just before the last round is looked at again
    clock.advance(timedelta(hours=1).total_seconds())
    with database.transaction() as session:
        cafes[1].session = session
        cafes[1].stamp(cafes[1].customers[0][0], cafes[1].shops[0])
    assert upkeep.round() == 1
    assert seen()[cafes[1].partner_id] == clock.now()
    assert seen()[cafes[0].partner_id] < clock.now()
