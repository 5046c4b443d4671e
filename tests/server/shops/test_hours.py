"""Opening hours, against a clock that walks the week minute by minute."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.shops.hours import WEEKDAYS, HoursError, check_hours

WEEK = 7 * 24 * 60
times = st.builds("{:02d}:{:02d}".format, st.integers(0, 23), st.sampled_from([0, 15, 30, 45]))
spans = st.lists(st.lists(times, min_size=2, max_size=2), max_size=2)


def minutes(hours):
    """Return every minute of the week that a span covers, as often as it does."""
    covered = []
    for at, day in enumerate(WEEKDAYS):
        for start, end in hours.get(day, []):
            first, last = (int(time[:2]) * 60 + int(time[3:]) for time in (start, end))
            length = (last - first) % 1440 or 1440
            covered += [(at * 1440 + first + minute) % WEEK for minute in range(0, length, 15)]
    return covered


@given(st.dictionaries(st.sampled_from(WEEKDAYS), spans))
def test_spans_overlap_exactly_when_a_minute_is_covered_twice(hours):
    covered = minutes(hours)
    if any(start == end for day in hours.values() for start, end in day):
        with pytest.raises(HoursError):
            check_hours(hours)
    elif len(covered) != len(set(covered)):
        with pytest.raises(HoursError) as told:
            check_hours(hours)
        assert told.value.code == "hours_overlap"
    else:
        read = check_hours(hours)
        assert sorted(minutes(read)) == sorted(covered)
        assert tuple(read) == WEEKDAYS


@pytest.mark.parametrize(
    ("hours", "code"),
    [
        ({"someday": []}, "hours_day"),
        ({"mon": [["8:00", "22:00"]]}, "hours_time"),
        ({"mon": [["08:00", "25:00"]]}, "hours_time"),
        ({"mon": [["08:00", "٢٢:00"]]}, "hours_time"),
        ({"mon": [["08:00"]]}, "hours_span"),
        ({"mon": [["24:00", "08:00"]]}, "hours_span"),
        ({"mon": [["01:00", "02:00"]] * 5}, "hours_too_many"),
        ({"sun": [["18:00", "02:00"]], "mon": [["01:00", "05:00"]]}, "hours_overlap"),
    ],
)
def test_hours_that_cannot_be(hours, code):
    with pytest.raises(HoursError) as told:
        check_hours(hours)
    assert told.value.code == code


def test_a_shop_that_never_closes():
    always = {day: [["00:00", "24:00"]] for day in WEEKDAYS}
    assert check_hours(always) == always


def test_the_api_keeps_address_and_hours(client, partner, make_shop):
    hours = {"fri": [["18:00", "02:00"]]}
    shop = make_shop(address=" 세종대로 110 ", opening_hours=hours)
    assert shop["address"] == "세종대로 110"
    assert shop["opening_hours"]["fri"] == [["18:00", "02:00"]]
    path = f"/v1/shops/{shop['id']}"
    emptied = client.patch(path, json={"address": None, "opening_hours": None}, headers=partner.headers)
    assert (emptied.json()["address"], emptied.json()["opening_hours"]) == (None, None)
    refused = client.patch(
        path, json={"opening_hours": {"mon": [["08:00", "08:00"]]}}, headers=partner.headers
    )
    assert (refused.status_code, refused.json()["code"]) == (422, "hours_span")
