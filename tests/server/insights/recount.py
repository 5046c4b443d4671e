"""What the numbers should be, counted plainly from all rows of the ledger and of the presses."""

from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import select

from server.ledger.models import LedgerPosting, LedgerTransaction
from server.presses.models import Press
from server.programs.models import Card, Coupon
from server.shops.models import Shop


@dataclass
class Line:
    """A booking that stands."""

    what: str
    at: object
    local: object
    shop: str
    customer: str
    how: str = "press"


@dataclass
class Recount:
    """All of it, in memory."""

    lines: list
    presses: list
    zones: dict

    def on(self, day, shops, until=None):
        """Count a day at some shops; `until` a local time of the day."""
        lines = [
            line
            for line in self.lines
            if line.shop in shops
            and line.local.date() == day
            and (until is None or line.local.replace(tzinfo=None).time() < until)
        ]
        here = [line for line in lines if line.what != "issued"]
        visitors = {line.customer for line in here}
        before = {
            line.customer
            for line in self.lines
            if line.what != "issued" and line.shop in shops and line.local.date() < day
        }
        stamps = [line for line in lines if line.what == "stamp"]
        verdicts = Counter(
            verdict
            for shop, local, verdict in self.presses
            if shop in shops
            and local.date() == day
            and (until is None or local.replace(tzinfo=None).time() < until)
        )
        return {
            "stamps": len(stamps),
            "stamps_by_hand": sum(line.how == "hand" for line in stamps),
            "stamps_by_code": sum(line.how == "code" for line in stamps),
            "coupons_issued": sum(line.what == "issued" for line in lines),
            "coupons_redeemed": sum(line.what == "redeemed" for line in lines),
            "visitors": len(visitors),
            "new_visitors": len(visitors - before),
            "returning_visitors": len(visitors & before),
            "accepted": verdicts["accepted"],
            "held": verdicts["held"],
            "refused": verdicts["refused"],
        }

    def hours(self, day, shops):
        """Return stamps, visitors and redemptions by hour."""
        stamps, redeemed, visitors = Counter(), Counter(), defaultdict(set)
        for line in self.lines:
            if line.shop in shops and line.local.date() == day:
                hour = line.local.hour
                stamps[hour] += line.what == "stamp"
                redeemed[hour] += line.what == "redeemed"
                if line.what != "issued":
                    visitors[hour].add(line.customer)
        return [(hour, stamps[hour], len(visitors[hour]), redeemed[hour]) for hour in range(24)]

    def visits(self, shops, first=None, last=None):
        """Return each customer's days at shops, as a set of pairs."""
        found = defaultdict(set)
        for line in self.lines:
            day = line.local.date()
            if line.what != "issued" and line.shop in shops and (first is None or first <= day <= last):
                found[line.customer].add((line.shop, day))
        return found

    def people(self, shops, today, *, days=90):
        """Return for each customer: last moment, last day, visits, recent visits, stamps."""
        recent = self.visits(shops, today - timedelta(days=days - 1), today + timedelta(days=2))
        people = {}
        for customer, visits in self.visits(shops).items():
            theirs = [
                line
                for line in self.lines
                if line.customer == customer and line.shop in shops and line.what != "issued"
            ]
            people[customer] = (
                max(line.at for line in theirs),
                max(line.local.date() for line in theirs),
                len(visits),
                len(recent[customer]),
                sum(line.what == "stamp" for line in theirs),
            )
        return people


def recount(session):
    """Read every row there is."""
    zones = dict(session.execute(select(Shop.id, Shop.timezone)).all())
    owners = dict(session.execute(select(Card.id, Card.customer_id)).all())
    rows = session.execute(select(LedgerTransaction.__table__)).all()
    undone = {row.reverses_id for row in rows}
    kinds = {"stamp": "stamp", "coupon_issued": "issued", "coupon_redeemed": "redeemed"}
    ways = {"hand": "hand", "staff_code": "code"}
    lines = []
    for row in rows:
        if row.kind != "reversal" and row.id not in undone:
            what, how = kinds[row.kind], ways.get(row.source_type, "press")
            shop = row.details["shop"]
            local = row.occurred_at.astimezone(ZoneInfo(zones[shop]))
            lines.append(Line(what, row.occurred_at, local, shop, owners[row.details["card"]], how))
    presses = [
        (shop, at.astimezone(ZoneInfo(zones[shop])), verdict)
        for shop, at, verdict in session.execute(select(Press.shop_id, Press.at, Press.verdict))
        if shop is not None
    ]
    return Recount(lines, presses, {shop: ZoneInfo(zone) for shop, zone in zones.items()})


def owed(session, shops, now):
    """Return stamps and coupons outstanding on cards of these shops, summed from postings."""
    homes = dict(session.execute(select(Card.id, Card.shop_id)).all())
    held = Counter()
    for account, amount in session.execute(select(LedgerPosting.account_id, LedgerPosting.amount)):
        owner, owner_id, unit, _ = account.split(":")
        if owner == "card" and homes[owner_id] in shops:
            held[owner_id, unit] += amount
    expired = 0
    transactions = session.execute(select(LedgerTransaction.__table__)).all()
    undone = {row.reverses_id for row in transactions}
    issues = {row.source_id for row in transactions if row.kind == "coupon_issued" and row.id not in undone}
    coupons = select(Coupon.id, Coupon.card_id, Coupon.status, Coupon.expires_at)
    for coupon_id, card, status, expires_at in session.execute(coupons):
        gone = expires_at is not None and expires_at <= now
        expired += homes[card] in shops and status == "issued" and gone and coupon_id in issues
    stamps = sum(max(amount, 0) for (_, unit), amount in held.items() if unit == "stamp")
    return stamps, sum(max(n, 0) for (_, unit), n in held.items() if unit == "coupon") - expired
