"""When a coupon stops counting."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from server.programs.expiry import coupon_expiry

ZONES = st.sampled_from(
    ["Asia/Seoul", "UTC", "America/New_York", "Asia/Beirut", "Pacific/Apia", "America/Santiago"]
)
MOMENTS = st.datetimes(datetime(2020, 1, 1), datetime(2040, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 (Hypothesis adds the zone)


def test_without_days_it_never_does():
    assert coupon_expiry(datetime(2026, 1, 1, tzinfo=UTC), None, "Asia/Seoul") is None


def test_by_hand():
    late_evening = datetime(2026, 11, 20, 23, 59, tzinfo=ZoneInfo("Asia/Seoul"))
    assert coupon_expiry(late_evening, 1, "Asia/Seoul") == datetime(2026, 11, 21, 15, 0, tzinfo=UTC)
    # Daylight saving ends on 1 November: the midnight after it is five hours from UTC, not four.
    before = datetime(2026, 10, 31, 12, 0, tzinfo=ZoneInfo("America/New_York"))
    assert coupon_expiry(before, 1, "America/New_York") == datetime(2026, 11, 2, 5, 0, tzinfo=UTC)


@given(MOMENTS, st.integers(1, 3650), ZONES)
def test_it_counts_on_the_whole_last_day_and_not_on_the_next(issued_at, days, zone):
    expires_at = coupon_expiry(issued_at, days, zone)
    assert expires_at.tzinfo is UTC
    last_day = issued_at.astimezone(ZoneInfo(zone)).date() + timedelta(days=days)
    just_before = (expires_at - timedelta(microseconds=1)).astimezone(ZoneInfo(zone)).date()
    # A zone may skip a whole day (Samoa, 2011); none does in these years.
    assert just_before == last_day
    assert expires_at.astimezone(ZoneInfo(zone)).date() == last_day + timedelta(days=1)
