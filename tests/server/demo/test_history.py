"""The simulated café by itself: deterministic, plausible, and true to the rules of visits and coupons."""

import random
from collections import Counter, defaultdict
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from server.demo.habits import Saving
from server.demo.history import Kind, Plan, simulate
from server.demo.mishaps import HELD, REFUSED
from server.programs.expiry import coupon_expiry

SEOUL = ZoneInfo("Asia/Seoul")
PLAN = Plan(first_day=date(2026, 5, 27), days=183, customers=1500)
NOW = datetime(2026, 11, 26, 7, 5, tzinfo=UTC)
VISIT = timedelta(seconds=60)


@pytest.fixture(scope="module")
def events():
    return simulate(PLAN, until=NOW, rng=random.Random(4))


def by_customer(events):
    lives = defaultdict(list)
    for event in events:
        lives[event.customer].append(event)
    return lives


def test_equal_chances_give_equal_histories_and_others_others(events):
    assert simulate(PLAN, until=NOW, rng=random.Random(4)) == events
    assert simulate(PLAN, until=NOW, rng=random.Random(5)) != events


@pytest.mark.parametrize("earlier", [timedelta(hours=1), timedelta(days=3, hours=5), timedelta(days=170)])
def test_what_happened_does_not_depend_on_what_happens_later(events, earlier):
    until = NOW - earlier
    assert simulate(PLAN, until=until, rng=random.Random(4)) == [e for e in events if e.at <= until]


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 2**32), hours=st.floats(0, 24 * 40))
def test_a_history_until_any_moment_is_the_beginning_of_a_longer_one(seed, hours):
    plan = Plan(first_day=date(2026, 2, 20), days=40, customers=40)
    begin, end = datetime(2026, 2, 19, 15, tzinfo=UTC), timedelta(days=40)
    whole = simulate(plan, until=begin + end, rng=random.Random(seed))
    until = begin + timedelta(hours=hours)
    assert simulate(plan, until=until, rng=random.Random(seed)) == [e for e in whole if e.at <= until]


def test_events_follow_one_another_and_none_is_in_the_future(events):
    assert [e.at for e in events] == sorted(e.at for e in events)
    assert events[-1].at <= NOW
    assert events[0].at.astimezone(SEOUL).date() >= PLAN.first_day
    assert {e.at.tzinfo for e in events} == {UTC}


def test_nobody_presses_while_the_cafe_is_closed(events):
    hours = {0: (8, 21), 1: (8, 21), 2: (8, 21), 3: (8, 21), 4: (8, 21), 5: (9, 21), 6: (10, 20)}
    for event in events:
        at = event.at.astimezone(SEOUL)
        opens, closes = hours[at.weekday()]
        assert opens <= at.hour < closes


def test_hours_are_the_shops_and_not_the_computers():
    plan = replace(PLAN, timezone="America/New_York", customers=100)
    for event in simulate(plan, until=NOW, rng=random.Random(1)):
        assert 8 <= event.at.astimezone(ZoneInfo("America/New_York")).hour < 21


def test_about_as_many_customers_as_asked(events):
    # Newcomers are Poisson, and of the last day some have not come yet: five standard deviations.
    assert len(by_customer(events)) == pytest.approx(1500, abs=5 * 1500**0.5)


def test_newcomers_come_all_the_time_and_most_in_the_beginning(events):
    firsts = Counter(
        (life[0].at.astimezone(SEOUL).date() - PLAN.first_day).days // 30
        for life in by_customer(events).values()
    )
    assert firsts[0] > 2 * firsts[1]
    assert all(firsts[month] > 20 for month in range(6))


def test_a_visit_has_at_most_as_many_presses_as_the_shop_allows(events):
    for life in by_customer(events).values():
        begun, presses = None, 0
        for event in life:
            if event.kind in {Kind.STAMP, Kind.HELD}:
                if begun is None or event.at - begun >= VISIT:
                    begun, presses = event.at, 0
                presses += 1
                assert presses <= PLAN.presses_per_visit


def test_coupons_are_redeemed_once_after_they_were_earned_and_before_they_expire(events):
    earned_all = redeemed_all = 0
    for life in by_customer(events).values():
        stamps, earned, used = 0, [], set()
        for event in life:
            if event.kind is Kind.STAMP:
                stamps += 1
                if stamps % PLAN.stamps_required == 0:
                    earned.append(event.at)
            elif event.kind is Kind.REDEEM:
                assert event.coupon < len(earned)
                assert event.coupon not in used
                used.add(event.coupon)
                issued = earned[event.coupon]
                assert issued < event.at < coupon_expiry(issued, PLAN.coupon_valid_days, PLAN.timezone)
        earned_all += len(earned)
        redeemed_all += len(used)
    # Some are never used, and some are still to be.
    assert 0.3 < redeemed_all / earned_all < 1 - Saving.NEVER.share + 0.05


def test_some_stop_at_eight_stamps_and_some_are_not_seen_for_a_month(events):
    month_ago, at_eight, unseen = NOW - timedelta(days=30), 0, 0
    lives = by_customer(events)
    for life in lives.values():
        gone = life[-1].at < month_ago
        stamps = sum(e.kind is Kind.STAMP for e in life) % PLAN.stamps_required
        at_eight += gone and stamps == 8
        unseen += gone
    assert 0.03 < at_eight / len(lives) < 0.12
    assert 0.2 < unseen / len(lives) < 0.7


def test_refused_and_held_presses_have_the_shares_that_were_asked_for(events):
    presses = Counter(e.kind for e in events)
    assert 0.02 < presses[Kind.REFUSED] / len(events) < 0.06
    assert 0.0003 < presses[Kind.HELD] / len(events) < 0.003
    refused = Counter(e.reason for e in events if e.kind is Kind.REFUSED)
    assert set(refused) <= set(REFUSED)
    for reason, share in REFUSED.items():
        deviation = (share * (1 - share) / refused.total()) ** 0.5
        assert refused[reason] / refused.total() == pytest.approx(share, abs=5 * deviation)
    assert {e.reason for e in events if e.kind is Kind.HELD} <= set(HELD)
    assert {e.reason for e in events if e.kind in {Kind.STAMP, Kind.REDEEM}} == {None}


def test_the_shares_of_reasons_are_shares():
    assert sum(REFUSED.values()) == pytest.approx(1)
    assert sum(HELD.values()) == pytest.approx(1)


def test_customers_have_hours_of_their_own(events):
    """A customer's visits lie closer together within the day than all visits do."""
    hours = [
        [e.at.hour + e.at.minute / 60 for e in life]
        for life in by_customer(events).values()
        if len(life) > 20
    ]
    everybody = [hour for life in hours for hour in life]

    def spread(values):
        mean = sum(values) / len(values)
        return (sum((value - mean) ** 2 for value in values) / len(values)) ** 0.5

    own = sorted(spread(life) for life in hours)
    assert own[len(own) // 2] < 0.5 * spread(everybody)
