"""The feed: presses with their reasons, what staff did, and one look a second for all pages."""

from contextlib import contextmanager
from types import SimpleNamespace

import pytest
from sqlalchemy import event
from sqlalchemy.exc import OperationalError

from server.core.errors import Forbidden, NotFound, Unprocessable
from server.insights.feed import feed
from server.insights.hub import FeedHub
from server.presses.owner_texts import OWNER_TEXTS, owner_text
from server.presses.reasons import Reason
from server.staff.actor import Right
from tests.server.insights.world import decide, found_world


def test_every_reason_has_its_own_sentence_in_both_languages():
    assert set(OWNER_TEXTS) >= {reason.code for reason in Reason}
    for language in ("ko", "en"):
        sentences = [getattr(text, language) for text in OWNER_TEXTS.values()]
        assert len(set(sentences)) == len(sentences)
        assert all(sentence.endswith(".") and len(sentence) < 100 for sentence in sentences)
    assert all(any("가" <= letter <= "힣" for letter in text.ko) for text in OWNER_TEXTS.values())
    assert owner_text(None) is None
    assert owner_text("of_tomorrow").en


def test_everything_is_told_newest_first(session, clock, world, names):
    shop, person = world.shops[0], world.customer()
    ids = [world.press(shop)]
    clock.advance(1)
    world.stamp(person, shop)  # its press has the entry
    clock.advance(1)
    ids.append(world.press(shop, "held", "location_denied"))
    clock.advance(1)
    ids.append(world.press(shop, "refused", "outside_fence", proven=False))
    clock.advance(1)
    ids.append(world.give(person, shop).id)
    clock.advance(1)
    ids.append(world.give(person, shop, "staff_code").id)
    clock.advance(1)
    ids.append(world.undo(ids[-1], reason="wrong person").id)
    clock.advance(1)
    ids.append(world.press(None, "refused", "not_recognised"))
    found = feed(session, clock, world.actor, None, names=names)
    assert [entry.id for entry in found] == ids[::-1]
    assert [entry.kind.value for entry in found[::-1]] == [
        "accepted", "held", "refused", "hand", "code", "undone", "refused",
    ]  # fmt: skip
    told = {entry.id: entry for entry in found}
    assert told[ids[1]].text == OWNER_TEXTS[Reason.LOCATION_DENIED.code]
    assert told[ids[2]].customer is None
    assert told[ids[1]].customer == names.of(world.partner_id, person) == told[ids[3]].customer
    assert (told[ids[5]].said, told[ids[5]].purpose) == ("wrong person", "stamp")
    assert told[ids[6]].shop_id is None
    assert person not in repr(found)

    assert [entry.id for entry in feed(session, clock, world.actor, None, after=ids[3])] == ids[:3:-1]
    assert [entry.id for entry in feed(session, clock, world.actor, None, limit=2)] == ids[:-3:-1]
    assert feed(session, clock, world.actor, None, after=ids[-1]) == []
    with pytest.raises(Unprocessable):
        feed(session, clock, world.actor, None, after="prs_'; DROP TABLE")


def test_one_shop_does_not_see_the_others(session, clock, travelling):
    travelling.customer()
    here, there = travelling.shops
    mine, theirs = travelling.press(here), travelling.press(there)
    clock.advance(1)
    unplaced = travelling.press(None, "refused", "not_recognised")
    assert [entry.id for entry in feed(session, clock, travelling.actor, [here])] == [mine]
    assert {entry.id for entry in feed(session, clock, travelling.actor, travelling.shops)} == {
        mine, theirs, unplaced,
    }  # fmt: skip


@pytest.fixture
def open_house(database, clock, names):
    """Give two partners that are committed, a hub, and a way to write."""

    @contextmanager
    def writing(world):
        with database.transaction() as session:
            world.session = session
            yield world

    with database.transaction() as session:
        mine = found_world(session, clock, name="Mine", zones=("Asia/Seoul", "Asia/Tokyo"))
        theirs = found_world(session, clock, name="Theirs")
        mine.customer()
        theirs.customer()
    return SimpleNamespace(
        mine=mine, theirs=theirs, writing=writing, hub=FeedHub(database, clock, names), database=database
    )


def subscribe(house, world, shops=None):
    with house.database.reading() as session:
        return house.hub.subscribe(session, world.actor, shops)


def test_pages_get_what_is_theirs_once(open_house, clock):
    house, (one, two) = open_house, open_house.mine.shops
    everything, first = subscribe(house, house.mine), subscribe(house, house.mine, [one])
    other = subscribe(house, house.theirs)
    with house.writing(house.mine) as world:
        a = world.press(one)
        clock.advance(0.2)
        b = world.press(two)
        clock.advance(0.2)
        c = world.press(None, "refused", "not_recognised")
    with house.writing(house.theirs) as world:
        d = world.press(world.shops[0])
    assert house.hub.poll() == 4
    assert [entry.id for entry in everything.take().entries] == [c, b, a]
    assert [entry.id for entry in first.take().entries] == [a]
    assert [entry.id for entry in other.take().entries] == [d]
    clock.advance(1)
    assert house.hub.poll() == 0
    assert everything.take().entries == ()
    first.close()
    with house.writing(house.mine) as world:
        world.press(one)
    house.hub.poll()
    assert first.take().entries == ()
    assert len(everything.take().entries) == 1


def test_a_slow_transaction_is_not_lost(open_house, clock):
    """Its identifier is older than what was read before."""
    house = open_house
    page = subscribe(house, house.mine)
    with house.writing(house.mine) as world:
        world.press(world.shops[0])
    house.hub.poll()
    page.take()
    clock.advance(-10)
    with house.writing(house.mine) as world:
        late = world.press(world.shops[0])
    clock.advance(11)
    house.hub.poll()
    assert [entry.id for entry in page.take().entries] == [late]


def test_a_held_press_that_is_decided_comes_again(open_house, clock):
    house = open_house
    page = subscribe(house, house.mine)
    with house.writing(house.mine) as world:
        held = world.press(world.shops[0], "held", "location_denied")
    house.hub.poll()
    assert page.take().entries[0].kind == "held"
    clock.advance(100)
    house.hub.poll()
    with house.writing(house.mine) as world:
        decide(world, held, accept=True)
    house.hub.poll()
    again = page.take().entries
    assert [(entry.id, entry.kind.value) for entry in again] == [(held, "accepted")]
    house.hub.poll()
    assert page.take().entries == ()


def test_what_staff_do_reaches_the_pages(open_house, clock):
    house = open_house
    page, other = subscribe(house, house.mine), subscribe(house, house.theirs)
    with house.writing(house.mine) as world:
        person, shop = world.customers[0][0], world.shops[0]
        world.stamp(person, shop)
        clock.advance(1)
        given = world.give(person, shop).id
        clock.advance(1)
        undone = world.undo(given).id
    house.hub.poll()
    assert [entry.id for entry in page.take().entries] == [undone, given]
    assert other.take().entries == ()


def test_a_database_that_is_away_is_told_and_caught_up_with(open_house, clock, monkeypatch):
    house = open_house
    page = subscribe(house, house.mine)
    house.hub.poll()

    def away():
        raise OperationalError("SELECT 1", {}, ConnectionError("gone"))

    with monkeypatch.context() as patch:
        patch.setattr(house.hub._database, "reading", away)
        with house.writing(house.mine) as world:
            pressed = world.press(world.shops[0])
        clock.advance(60)
        house.hub.poll()
        assert not page.take().reachable
    house.hub.poll()
    delivery = page.take()
    assert delivery.reachable
    assert not delivery.missed
    assert [entry.id for entry in delivery.entries] == [pressed]
    clock.advance(3600)
    house.hub.poll()
    assert page.take().missed


def test_a_look_costs_two_queries_for_all_pages(open_house):
    house = open_house
    pages = [subscribe(house, house.mine) for _ in range(20)] + [subscribe(house, house.theirs)]
    with house.writing(house.mine) as world:
        world.press(world.shops[0])
    statements = []
    event.listen(
        house.database.read_engine, "before_cursor_execute", lambda *seen: statements.append(seen[2])
    )
    house.hub.poll()
    assert len([text for text in statements if text.startswith("SELECT")]) == 2
    assert [len(page.take().entries) for page in pages] == [1] * 20 + [0]
    for page in pages:
        page.close()
    statements.clear()
    house.hub.poll()
    assert statements == []


def test_pages_of_others_cannot_be_opened(open_house, monkeypatch):
    house = open_house
    with pytest.raises(NotFound):
        subscribe(house, house.mine, house.theirs.shops)
    monkeypatch.setattr(
        "server.staff.actor.RIGHTS",
        {role: frozenset(set(Right) - {Right.SEE_TODAY}) for role in ("owner", "manager", "staff")},
    )
    with pytest.raises(Forbidden):
        subscribe(house, house.mine)
