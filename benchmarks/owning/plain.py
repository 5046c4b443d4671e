"""The same questions, asked of the ledger and the presses as they are: no roll-ups, none of their indexes.

What a first version would do: scan, look into the details, group. Constraints of the ledger (which
transaction reverses which) are used, since nobody would be without them.
"""
# ruff: noqa: S608 (the statements are put together from words of this file alone)

import sqlite3
from datetime import datetime, timedelta
from typing import Any

from benchmarks.owning.data import stored

_SEOUL = "'+9 hours'"
_BOOKED = """
    FROM ledger_transaction t NOT INDEXED
    JOIN card c ON c.id = json_extract(t.details, '$.card')
    WHERE t.reverses_id IS NULL
      AND NOT EXISTS (SELECT 1 FROM ledger_transaction r WHERE r.reverses_id = t.id)
      AND json_extract(t.details, '$.shop') = :shop
"""
_VISIT = "t.kind IN ('stamp', 'coupon_redeemed')"


def today(line: sqlite3.Connection, shop: str, start: datetime) -> dict[str, Any]:
    """Return a day and the same weekday before it: stamps, visitors, new ones, coupons, presses, hours."""
    return {
        name: _day(line, shop, begin)
        for name, begin in (("day", start), ("last week", start - timedelta(days=7)))
    }


def _day(line: sqlite3.Connection, shop: str, start: datetime) -> dict[str, Any]:
    values = {"shop": shop, "start": stored(start), "end": stored(start + timedelta(days=1))}
    within = "AND t.occurred_at >= :start AND t.occurred_at < :end"
    kinds = dict(line.execute(f"SELECT t.kind, count(*) {_BOOKED} {within} GROUP BY t.kind", values))
    hours = dict(
        line.execute(
            f"SELECT CAST(strftime('%H', t.occurred_at, {_SEOUL}) AS INTEGER), count(*) {_BOOKED} {within} "
            "AND t.kind = 'stamp' GROUP BY 1",
            values,
        )
    )
    firsts = line.execute(
        f"SELECT min(t.occurred_at) >= :start {_BOOKED} AND t.occurred_at < :end AND {_VISIT} "
        "GROUP BY c.customer_id HAVING max(t.occurred_at) >= :start",
        values,
    ).fetchall()
    verdicts = dict(
        line.execute(
            "SELECT verdict, count(*) FROM press NOT INDEXED "
            "WHERE shop_id = :shop AND at >= :start AND at < :end GROUP BY verdict",
            values,
        )
    )
    return {
        "stamps": kinds.get("stamp", 0),
        "coupons_issued": kinds.get("coupon_issued", 0),
        "coupons_redeemed": kinds.get("coupon_redeemed", 0),
        "visitors": len(firsts),
        "new_visitors": sum(new for (new,) in firsts),
        "accepted": verdicts.get("accepted", 0),
        "held": verdicts.get("held", 0),
        "refused": verdicts.get("refused", 0),
        "hours": [hours.get(hour, 0) for hour in range(24)],
    }


def month(line: sqlite3.Connection, shop: str, start: datetime, end: datetime) -> dict[str, Any]:
    """Return stamps, visitors and presses of each day, first visits, and the distribution of visits."""
    values = {"shop": shop, "start": stored(start), "end": stored(end)}
    within = "AND t.occurred_at >= :start AND t.occurred_at < :end"
    day = f"date(t.occurred_at, {_SEOUL})"
    stamps = dict(
        line.execute(f"SELECT {day}, count(*) {_BOOKED} {within} AND t.kind = 'stamp' GROUP BY 1", values)
    )
    visitors = dict(
        line.execute(
            f"SELECT {day}, count(DISTINCT c.customer_id) {_BOOKED} {within} AND {_VISIT} GROUP BY 1", values
        )
    )
    visits = dict(
        line.execute(
            f"SELECT visits, count(*) FROM (SELECT count(DISTINCT {day}) AS visits {_BOOKED} {within} "
            f"AND {_VISIT} GROUP BY c.customer_id) GROUP BY 1",
            values,
        )
    )
    (new,) = line.execute(
        f"SELECT count(*) FROM (SELECT min(t.occurred_at) AS began {_BOOKED} AND {_VISIT} "
        "GROUP BY c.customer_id) WHERE began >= :start AND began < :end",
        values,
    ).fetchone()
    presses = dict(
        line.execute(
            "SELECT verdict, count(*) FROM press NOT INDEXED WHERE shop_id = :shop "
            "AND at >= :start AND at < :end GROUP BY verdict",
            values,
        )
    )
    owed = line.execute(
        "SELECT sum(max(a.balance, 0)) FROM ledger_account a NOT INDEXED JOIN card c ON c.id = a.owner_id "
        "WHERE c.shop_id = :shop AND a.unit = 'stamp' AND a.kind = 'customer'",
        values,
    ).fetchone()[0]
    return {
        "stamps": stamps, "visitors": visitors, "visits": visits, "new": new, "presses": presses,
        "owed": owed,
    }  # fmt: skip


def customers(line: sqlite3.Connection, shop: str, limit: int) -> list[tuple[str, int, int]]:
    """Return the customers seen last: the last moment, visits, stamps."""
    return line.execute(
        f"SELECT max(t.occurred_at), count(DISTINCT date(t.occurred_at, {_SEOUL})), sum(t.kind = 'stamp') "
        f"{_BOOKED} AND {_VISIT} GROUP BY c.customer_id ORDER BY 1 DESC, c.customer_id DESC LIMIT :limit",
        {"shop": shop, "limit": limit},
    ).fetchall()
