"""How long a coupon lasts."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo


def coupon_expiry(issued_at: datetime, valid_days: int | None, timezone: str) -> datetime | None:
    """Return the moment from which a coupon no longer counts, or None when it lasts for ever.

    Parameters
    ----------
    issued_at
        Aware.
    valid_days
        Whole days after the day of issue, at least 1.
    timezone
        IANA name of the shop's timezone.

    Returns
    -------
    datetime or None
        In UTC: the midnight that ends day `valid_days` after the day of issue by the shop's calendar. What
        people read is a date, and on that date the coupon counts until the shop closes.
    """
    if valid_days is None:
        return None
    zone = ZoneInfo(timezone)
    first_day_after = issued_at.astimezone(zone).date() + timedelta(days=valid_days + 1)
    return datetime.combine(first_day_after, time(), zone).astimezone(UTC)
