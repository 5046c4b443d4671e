"""Today: who may ask, what an empty shop has, times of day, and what it costs."""

from dataclasses import asdict
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.core.clock import FrozenClock
from server.core.errors import Forbidden, NotFound
from server.core.identifiers import new_id
from server.insights.counts import Counts
from server.insights.customers import customer_of, customers
from server.insights.days import day_span, id_at
from server.insights.exports import export_customers, export_month
from server.insights.feed import feed
from server.insights.month import month
from server.insights.segments import Segments, change_segments, segments
from server.insights.sentence import sentence
from server.insights.today import today
from server.staff.actor import Role
from tests.server.insights.world import actor_of, at, found_world
from tests.server.presses.test_queries import counted as counted_statements

ZONES = (
    "Asia/Seoul",
    "America/New_York",
    "Australia/Lord_Howe",
    "Africa/Cairo",
    "America/Havana",
    "Pacific/Apia",
)


def test_an_empty_shop_has_zeros(session, clock, world, names):
    found = today(session, clock, world.actor, world.shops)
    assert set(asdict(found.counts).values()) == {0}
    assert found.counts == found.last_week == found.last_week_so_far == Counts()
    assert len(found.by_hour) == 24
    counted = month(session, clock, world.actor, None)
    assert len(counted.days) == 30
    assert counted.total.stamps == counted.total.visitors == 0
    assert counted.visits == ()
    assert (counted.liability.stamps, counted.liability.coupons) == (0, 0)
    assert counted.as_of is None
    assert customers(session, clock, world.actor, None, names=names).rows == ()
    told = sentence(session, clock, world.actor, None)
    assert (told.today_stamps, told.month_visitors.count, told.unseen.count) == (0, 0, 0)
    assert feed(session, clock, world.actor, None) == []
    assert world.roll_up() == 0


def test_a_partner_without_shops_has_zeros(session, clock, names):
    world = found_world(session, clock, name="Nobody", zones=())
    actor = actor_of(world.partner_id)
    assert today(session, clock, actor, None).counts == Counts()
    assert month(session, clock, actor, None).total.stamps == 0
    assert customers(session, clock, actor, None, names=names).rows == ()
    assert feed(session, clock, actor, None) == []
    assert world.roll_up() == 0


def test_shops_of_others_are_refused(session, clock, world, names):
    other = found_world(session, clock, name="Other")
    ask = [
        lambda: today(session, clock, world.actor, other.shops),
        lambda: feed(session, clock, world.actor, [*world.shops, *other.shops]),
        lambda: feed(session, clock, world.actor, other.shops, id_at("prs", clock.now())),
        lambda: month(session, clock, world.actor, other.shops),
        lambda: customers(session, clock, world.actor, other.shops, names=names),
        lambda: sentence(session, clock, world.actor, other.shops),
        lambda: export_month(session, clock, world.actor, other.shops),
        lambda: export_customers(session, clock, world.actor, other.shops, names=names),
    ]
    for question in ask:
        with pytest.raises(NotFound) as refusal:
            question()
        assert refusal.value.code == "shop_not_found"


def test_roles_hold_here(session, clock, world, names):
    staff, manager = actor_of(world.partner_id, Role.STAFF), actor_of(world.partner_id, Role.MANAGER)
    today(session, clock, staff, None)
    feed(session, clock, staff, None)
    month(session, clock, manager, None)
    sentence(session, clock, manager, None)
    for question in (
        lambda: month(session, clock, staff, None),
        lambda: customers(session, clock, staff, None, names=names),
        lambda: customer_of(session, staff, "7KQ4-M2XD", names=names),
        lambda: sentence(session, clock, staff, None),
        lambda: segments(session, staff),
        lambda: export_month(session, clock, staff, None),
        lambda: export_month(session, clock, manager, None),
        lambda: export_customers(session, clock, manager, None, names=names),
        lambda: change_segments(session, clock, manager, Segments()),
    ):
        with pytest.raises(Forbidden) as refusal:
            question()
        assert refusal.value.code == "not_allowed"


def test_last_week_is_counted_up_to_the_same_time(session, clock, world):
    """Also across the night in which New York changes its clocks: the wall decides."""
    shop = found_world(session, clock, name="NY", zones=("America/New_York",))
    clock.advance((at("2026-10-29T12:30:00") - clock.now()).total_seconds())  # 08:30 in summer
    ada, ben = shop.customer(), shop.customer()
    shop.stamp(ada, shop.shops[0])
    clock.advance(3600)  # 09:30
    shop.stamp(ben, shop.shops[0])
    clock.advance((at("2026-11-05T14:00:00") - clock.now()).total_seconds())  # 09:00 in winter
    shop.stamp(ada, shop.shops[0])
    found = today(session, clock, shop.actor, None)
    assert found.day == date(2026, 11, 5)
    assert (found.counts.stamps, found.counts.returning_visitors) == (1, 1)
    assert (found.last_week.stamps, found.last_week_so_far.stamps) == (2, 1)
    assert (found.last_week.new_visitors, found.last_week_so_far.new_visitors) == (2, 1)
    assert [hour.hour for hour in found.last_week_by_hour if hour.stamps] == [8, 9]
    over = today(session, clock, shop.actor, None, date(2026, 10, 29))
    assert over.counts.stamps == 2
    clock.advance(86400)
    assert today(session, clock, shop.actor, None, date(2026, 11, 5)).last_week_so_far.stamps == 2
    assert today(session, clock, shop.actor, None).counts.stamps == 0


def test_each_shop_has_its_own_today(session, clock, travelling):
    seoul, york = travelling.shops
    clock.advance((at("2026-10-10T16:00:00") - clock.now()).total_seconds())  # 11th in Seoul, 10th in NY
    person = travelling.customer()
    travelling.stamp(person, seoul)
    travelling.stamp(person, york)
    found = today(session, clock, travelling.actor, None)
    assert (found.counts.stamps, found.counts.visitors) == (2, 1)
    assert today(session, clock, travelling.actor, [seoul]).day == date(2026, 10, 11)
    assert today(session, clock, travelling.actor, [york]).day == date(2026, 10, 10)


@pytest.mark.parametrize("comes_again", [False, True])
def test_whose_first_visit_was_undone_after_it_was_rolled_up_is_new(session, clock, world, comes_again):
    """The roll-ups still know that visit; another one that stands makes the person a returning one."""
    person, (shop,) = world.customer(), world.shops
    world.stamp(person, shop)
    (pressed,) = world.undoable()
    clock.advance(86400)
    if comes_again:
        world.stamp(person, shop)
        clock.advance(86400)
    world.roll_up()
    clock.advance(30)
    world.undo(pressed)
    world.stamp(person, shop)
    counts = today(session, clock, world.actor, None).counts
    assert (counts.new_visitors, counts.returning_visitors) == (int(not comes_again), int(comes_again))


@pytest.mark.parametrize("source", ["hand", "staff_code"])
@pytest.mark.parametrize("rolled_up", [False, True])
def test_who_only_ever_got_a_stamp_without_a_press_has_come_before(session, clock, world, source, rolled_up):
    person, (shop,) = world.customer(), world.shops
    world.stamp(person, shop)  # makes the card
    (pressed,) = world.undoable()
    world.give(person, shop, source)
    world.undo(pressed)
    clock.advance(86400)
    if rolled_up:
        world.roll_up()
    world.stamp(person, shop)
    counts = today(session, clock, world.actor, None).counts
    assert (counts.visitors, counts.new_visitors, counts.returning_visitors) == (1, 0, 1)


def test_what_is_undone_counts_off_on_its_own_day(session, clock, world):
    shop, person = world.shops[0], world.customer()
    world.stamp(person, shop)
    world.roll_up()
    first = world.undoable()[0]
    clock.advance(3 * 86400)
    world.stamp(person, shop)
    world.undo(first)
    past = clock.now().date() - timedelta(days=3)
    assert today(session, clock, world.actor, None, past).counts == Counts()
    world.roll_up()
    counts = today(session, clock, world.actor, None).counts
    assert (counts.stamps, counts.new_visitors) == (1, 1)
    days = {row.day: row.stamps for row in month(session, clock, world.actor, None).days}
    assert (days[past], days[clock.now().date()]) == (0, 1)


def test_a_timezone_that_was_changed_moves_the_past(session, clock, world):
    shop, person = world.shops[0], world.customer()
    clock.advance((at("2026-11-21T15:30:00") - clock.now()).total_seconds())  # the 22nd in Seoul
    world.stamp(person, shop)
    world.roll_up()
    from server.shops.models import Shop  # noqa: PLC0415

    session.get(Shop, shop).timezone = "Europe/Paris"
    session.flush()
    world.roll_up()
    days = [row.day for row in month(session, clock, world.actor, None).days if row.stamps]
    assert days == [date(2026, 11, 21)]


def test_the_cost_in_statements(session, engine, clock, world, names):
    """However many customers there are."""
    costs = []
    for customers_there in (2, 40):
        for _ in range(customers_there):
            person = world.customer()
            world.stamp(person, world.shops[0])
        world.roll_up()
        last = world.press(world.shops[0])
        questions = {
            "today": lambda: today(session, clock, world.actor, None),
            "month": lambda: month(session, clock, world.actor, None),
            "customers": lambda: customers(session, clock, world.actor, None, names=names),
            "sentence": lambda: sentence(session, clock, world.actor, None),
            "idle feed": lambda last=last: feed(session, clock, world.actor, None, last),
        }
        cost = {}
        for name, question in questions.items():
            with counted_statements(engine) as statements:
                question()
            cost[name] = len(statements)
        costs.append(cost)
        clock.advance(60)
    assert costs[0] == costs[1] == {"today": 9, "month": 7, "customers": 6, "sentence": 5, "idle feed": 2}


@given(
    zone=st.sampled_from(ZONES).map(ZoneInfo),
    at=st.datetimes(datetime(2005, 1, 1), datetime(2030, 1, 1), timezones=st.just(ZoneInfo("UTC"))),  # noqa: DTZ001
)
def test_a_moment_lies_in_its_local_day_and_no_other(zone, at):
    day = at.astimezone(zone).date()
    assert at in day_span(day, zone)
    assert at not in day_span(day + timedelta(days=1), zone)
    assert at not in day_span(day - timedelta(days=1), zone)


def test_days_of_23_and_25_hours():
    zone = ZoneInfo("America/New_York")
    lengths = {
        day: (day_span(day, zone).end - day_span(day, zone).start) / timedelta(hours=1)
        for day in (date(2026, 3, 8), date(2026, 6, 1), date(2026, 11, 1))
    }
    assert list(lengths.values()) == [23, 24, 25]


@given(at=st.datetimes(datetime(2000, 1, 1), datetime(2200, 1, 1), timezones=st.just(ZoneInfo("UTC"))))  # noqa: DTZ001
def test_identifiers_are_not_before_the_least_of_their_time(at):
    made = new_id("prs", FrozenClock(at))
    assert id_at("prs", at) <= made < id_at("prs", at + timedelta(milliseconds=1))
