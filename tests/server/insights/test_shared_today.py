"""Today's numbers counted once for many pages: never older than promised, and never another's."""

import random
from dataclasses import replace
from datetime import timedelta

import pytest

from server.core.errors import Forbidden, NotFound
from server.insights.hub import FeedHub
from server.insights.shared_today import SharedToday
from server.insights.today import today
from server.staff.actor import Right
from tests.queries import counted_queries
from tests.server.insights.world import found_world


class Stopwatch:
    """Says that whatever was measured took so many seconds."""

    def __init__(self) -> None:
        self.took_s, self._at = 0.0, 0.0

    def __call__(self) -> float:
        self._at += self.took_s / 2  # read twice for each measurement
        return self._at * 2


class Cafe:
    """A partner with one shop whose bookings are committed, and what its pages share."""

    def __init__(self, database, clock, names, zones) -> None:
        self.database, self.clock = database, clock
        with database.transaction() as session:
            self.world = found_world(session, clock, name="Shared", zones=zones)
            self.customer = self.world.customer()
        self.hub = FeedHub(database, clock, names)
        self.stopwatch = Stopwatch()
        self.shared = SharedToday(clock, self.hub.changed_at, self.stopwatch)
        with database.reading() as session:
            self.page = self.hub.subscribe(session, self.world.actor, None)
        clock.advance(10)  # past what may have happened before somebody looked

    def stamp(self, shop=0):
        with self.database.transaction() as session:
            self.world.session = session
            self.world.stamp(self.customer, self.world.shops[shop])
            self.world.press(self.world.shops[shop])

    def pass_time(self, seconds):
        """Let the hub look every second, as it does."""
        for _ in range(int(seconds)):
            self.clock.advance(1)
            self.hub.poll()
        self.clock.advance(seconds % 1)

    def read(self, shops=None, actor=None):
        with self.database.reading() as session:
            return self.shared.read(session, actor or self.world.actor, shops)

    def count(self):
        with self.database.reading() as session:
            return today(session, self.clock, self.world.actor, None)


@pytest.fixture
def cafe(database, clock, names):
    return Cafe(database, clock, names, ("Asia/Seoul", "Asia/Seoul"))


def test_it_counts_what_today_counts(cafe):
    cafe.stamp()
    assert cafe.read() == cafe.count()
    assert cafe.read().counts.stamps == 1


def test_what_happened_shows_after_five_seconds(cafe):
    cafe.read()
    cafe.stamp()
    cafe.pass_time(4)
    assert cafe.read().counts.stamps == 0
    cafe.pass_time(1)
    assert cafe.read().counts.stamps == 1


def test_where_nothing_happens_it_is_counted_once_a_minute(cafe):
    first = cafe.read()
    cafe.pass_time(59)
    with counted_queries(cafe.database.read_engine) as statements:
        assert cafe.read() is first
    assert len([text for text in statements if text.startswith("SELECT")]) == 1  # the actor's shops
    cafe.pass_time(1)
    assert cafe.read().at == first.at + timedelta(minutes=1)


def test_many_pages_cost_one_count(cafe):
    cafe.read()
    cafe.stamp()
    cafe.pass_time(6)
    with counted_queries(cafe.database.read_engine) as statements:
        seen = {cafe.read().at for _ in range(50)}
    assert len(seen) == 1
    assert len([text for text in statements if text.startswith("SELECT")]) < 50 + 12


def test_what_takes_long_is_counted_less_often(cafe):
    cafe.stopwatch.took_s = 0.2
    first = cafe.read()
    for seconds, is_new in ((19, False), (1, True)):
        cafe.stamp()
        cafe.pass_time(seconds)
        assert (cafe.read().at > first.at) == is_new
    cafe.stopwatch.took_s = 7.0
    cafe.stamp()
    cafe.pass_time(20)
    first = cafe.read()
    cafe.stamp()
    cafe.pass_time(59)
    assert cafe.read() is first
    cafe.pass_time(1)
    assert cafe.read().counts.stamps == 4


def test_while_one_page_counts_the_others_get_what_there_was(cafe):
    first = cafe.read()
    cafe.stamp()
    cafe.pass_time(6)
    meanwhile = []
    calm = cafe.stopwatch

    def another_page_asks():
        if not meanwhile:
            meanwhile.append(None)
            meanwhile[0] = cafe.read()
        return calm()

    cafe.shared._stopwatch = another_page_asks
    counted = cafe.read()
    assert meanwhile == [first]
    assert counted.counts.stamps == 1
    assert cafe.read() is counted


def test_a_count_that_fails_is_tried_again(cafe, monkeypatch):
    monkeypatch.setattr("server.insights.shared_today.today", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        cafe.read()
    monkeypatch.undo()
    assert cafe.read() == cafe.count()


def test_nobody_gets_what_is_not_theirs(cafe, database, clock, names, monkeypatch):
    one, two = cafe.world.shops
    cafe.stamp(0)
    assert [cafe.read([shop]).counts.stamps for shop in (one, two)] == [1, 0]
    with database.transaction() as session:
        stranger = found_world(session, clock, name="Stranger").actor
    assert cafe.read(actor=stranger).counts.stamps == 0
    with pytest.raises(NotFound):
        cafe.read([one], actor=stranger)
    with pytest.raises(NotFound):
        cafe.read([one], actor=replace(cafe.world.actor, partner_id=stranger.partner_id))
    monkeypatch.setattr(
        "server.staff.actor.RIGHTS",
        {role: frozenset(set(Right) - {Right.SEE_TODAY}) for role in ("owner", "manager", "staff")},
    )
    with pytest.raises(Forbidden):
        cafe.read([one])


def test_what_nobody_watched_is_not_taken_for_quiet(cafe):
    cafe.read()
    cafe.page.close()
    cafe.stamp()
    cafe.pass_time(6)
    assert cafe.read().counts.stamps == 1  # known to nobody, so it does not hold
    cafe.stamp()
    with cafe.database.reading() as session:
        cafe.hub.subscribe(session, cafe.world.actor, None)
    cafe.pass_time(6)
    assert cafe.read().counts.stamps == 2


@pytest.mark.parametrize("seed", range(3))
def test_random_days_are_never_further_behind_than_promised(cafe, seed):
    """Whatever happens when: numbers lack nothing that is older than the five seconds and a look."""
    rng = random.Random(seed)
    stamps = [(cafe.clock.now() - timedelta(days=1), 0)]
    cafe.stopwatch.took_s = 0.01
    for _ in range(40):
        if rng.random() < 0.3:
            cafe.stamp()
            stamps.append((cafe.clock.now(), len(stamps)))
        cafe.pass_time(rng.choice([1, 1, 2, 5, 20, 70]))
        if rng.random() < 0.7:
            told, now = cafe.read(), cafe.clock.now()
            settled = max(count for at, count in stamps if at <= now - timedelta(seconds=6))
            assert settled <= told.counts.stamps <= stamps[-1][1]
