"""Adding bookings and presses up."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

from server.insights.days import HOURS
from server.insights.facts import Fact, Pressed
from server.insights.scope import Places

VISITS: Final = frozenset({"stamp", "coupon_redeemed"})
"""What makes a person a visitor. A coupon that comes with the last stamp makes no second one."""


@dataclass(frozen=True, slots=True)
class Counts:
    """What happened at some shops in some time, without what was undone since.

    Attributes
    ----------
    stamps
        All stamps; ``stamps_by_hand`` and ``stamps_by_code`` of them were given without a press.
    visitors
        Different customers who got a stamp or redeemed a coupon: the new ones never did before at any of the
        shops, the returning ones did.
    accepted, held, refused
        Presses at the shops by what became of them, as it stands now.
    """

    stamps: int = 0
    stamps_by_hand: int = 0
    stamps_by_code: int = 0
    coupons_issued: int = 0
    coupons_redeemed: int = 0
    visitors: int = 0
    new_visitors: int = 0
    returning_visitors: int = 0
    accepted: int = 0
    held: int = 0
    refused: int = 0


@dataclass(frozen=True, slots=True)
class Hour:
    """One hour of the wall clock, 0 to 23; an hour that a day has twice is one, a skipped one is empty."""

    hour: int
    stamps: int
    visitors: int
    coupons_redeemed: int


@dataclass(slots=True)
class Tally:
    """Counts in the making."""

    places: Places
    totals: dict[str, int] = field(default_factory=dict)
    visitors: set[str] = field(default_factory=set)
    hour_stamps: list[int] = field(default_factory=lambda: [0] * HOURS)
    hour_redeemed: list[int] = field(default_factory=lambda: [0] * HOURS)
    hour_visitors: list[set[str]] = field(default_factory=lambda: [set() for _ in range(HOURS)])

    def add(self, facts: Iterable[Fact]) -> None:
        """Count bookings."""
        for fact in facts:
            hour = self.places[fact.shop_id].local(fact.at).hour
            if fact.what == "stamp":
                self._count("stamps", fact.count)
                self._count(f"stamps_by_{fact.how}", fact.count)
                self.hour_stamps[hour] += fact.count
            elif fact.what == "coupon_issued":
                self._count("coupons_issued", fact.count)
            else:
                self._count("coupons_redeemed", fact.count)
                self.hour_redeemed[hour] += fact.count
            if fact.what in VISITS:
                self.visitors.add(fact.customer_id)
                self.hour_visitors[hour].add(fact.customer_id)

    def add_presses(self, presses: Iterable[Pressed]) -> None:
        """Count presses by their verdicts."""
        for press in presses:
            self._count(press.verdict, 1)

    def of(self, name: str) -> int:
        """Return one total."""
        return self.totals.get(name, 0)

    def counts(self, known: set[str]) -> Counts:
        """Return the totals; `known` are the visitors who came before."""
        returning = len(self.visitors & known)
        return Counts(
            stamps=self.of("stamps"),
            stamps_by_hand=self.of("stamps_by_hand"),
            stamps_by_code=self.of("stamps_by_code"),
            coupons_issued=self.of("coupons_issued"),
            coupons_redeemed=self.of("coupons_redeemed"),
            visitors=len(self.visitors),
            new_visitors=len(self.visitors) - returning,
            returning_visitors=returning,
            accepted=self.of("accepted"),
            held=self.of("held"),
            refused=self.of("refused"),
        )

    def hours(self) -> tuple[Hour, ...]:
        """Return the 24 hours."""
        return tuple(
            Hour(hour, self.hour_stamps[hour], len(self.hour_visitors[hour]), self.hour_redeemed[hour])
            for hour in range(HOURS)
        )

    def _count(self, name: str, number: int) -> None:
        self.totals[name] = self.totals.get(name, 0) + number
