"""Random lives of a programme against a model in memory.

Presses, redemptions by the right and the wrong people at the right and the
wrong shops, changes of the number, endings, and time.
"""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import hypothesis.strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from sqlalchemy import select

from server.core.clock import FrozenClock
from server.core.pagination import PageRequest
from server.customers.models import Customer
from server.ledger import recomputed_balances, verify
from server.partners.models import Partner
from server.programs import administration, wallet
from server.programs.accounts import COUPON, STAMP, card_account, issued_account, redeemed_account
from server.programs.models import Card
from server.programs.schemas import ProgramCreate, ProgramUpdate
from server.programs.service import CouponUnavailable, credit_stamp, redeem_coupon
from server.shops.schemas import ShopCreate
from server.shops.service import create as create_shop
from tests.server.crowds import live

TEXT = {"ko": "커피", "en": "Coffee"}
SEOUL = ZoneInfo("Asia/Seoul")
CUSTOMERS = ["cus_a", "cus_b"]
FENCE = {"type": "Point", "coordinates": [126.978, 37.566]}
EVERYTHING = PageRequest(limit=1000, after=None)


class ProgramMachine(RuleBasedStateMachine):
    """A programme in two of three shops, two customers, in a transaction that is rolled back."""

    database = None

    @initialize(required=st.integers(1, 4), days=st.none() | st.integers(1, 3))
    def open(self, required, days):
        self.clock = FrozenClock(datetime(2026, 11, 20, 1, 0, tzinfo=UTC))
        self.context = self.database.transaction()
        self.session = self.context.__enter__()
        self.session.add(Partner(id="par_1", name="P", created_at=self.clock.now()))
        self.session.flush()
        self.session.add_all(
            Customer(id=each, partner_id="par_1", created_at=self.clock.now()) for each in CUSTOMERS
        )
        self.session.flush()
        self.shops = [
            create_shop(
                self.session,
                self.clock,
                partner_id="par_1",
                actor="key_1",
                body=ShopCreate(name=f"Shop {i}", fence=FENCE, radius_m=50),
                largest_fence_m=5000,
            ).id
            for i in range(3)
        ]
        body = ProgramCreate(
            name=TEXT, reward=TEXT, stamps_required=required, coupon_valid_days=days, shops=self.shops[:2]
        )
        self.program = administration.create(
            self.session, self.clock, partner_id="par_1", actor="key_1", body=body
        )
        self.required, self.days, self.active = required, days, True
        self.stamps = {}
        self.round = {}
        self.coupons = {}  # id -> [owner, last day or None, redeemed]
        self.presses = 0

    def teardown(self):
        if hasattr(self, "session"):
            self.session.rollback()
            self.context.__exit__(None, None, None)

    def next_press(self):
        self.presses += 1
        return f"prs_{self.presses}"

    def today(self):
        return self.clock.now().astimezone(SEOUL).date()

    @rule(customer=st.sampled_from(CUSTOMERS), place=st.integers(0, 2))
    def press(self, customer, place):
        outcome = credit_stamp(
            self.session,
            self.clock,
            customer_id=customer,
            shop_id=self.shops[place],
            press_id=self.next_press(),
        )
        if place == 2 or not self.active:
            assert outcome is None
            return
        if self.stamps.get(customer, 0) == 0:
            self.round[customer] = self.required
        self.stamps[customer] = self.stamps.get(customer, 0) + 1
        full = self.stamps[customer] == self.round[customer]
        if full:
            self.stamps[customer] = 0
            (coupon,) = outcome.coupons
            last_day = None if self.days is None else self.today() + timedelta(days=self.days)
            self.coupons[coupon.id] = [customer, last_day, False]
        assert len(outcome.coupons) == full
        assert outcome.card.stamps == self.stamps[customer]

    @rule(data=st.data(), customer=st.sampled_from(CUSTOMERS), place=st.integers(0, 2))
    def redeem(self, data, customer, place):
        unknown = "cpn_" + "0" * 32
        coupon_id = data.draw(st.sampled_from([*self.coupons, unknown]))
        owner, last_day, redeemed = self.coupons.get(coupon_id, (None, None, False))
        if coupon_id == unknown:
            expected = "coupon_unknown"
        elif owner != customer:
            expected = "coupon_foreign"
        elif redeemed:
            expected = "coupon_redeemed"
        elif last_day is not None and self.today() > last_day:
            expected = "coupon_expired"
        elif place == 2:
            expected = "coupon_elsewhere"
        else:
            expected = "redeemed"
            self.coupons[coupon_id][2] = True
        try:
            outcome = redeem_coupon(
                self.session,
                self.clock,
                coupon_id=coupon_id,
                customer_id=customer,
                shop_id=self.shops[place],
                press_id=self.next_press(),
            ).status
        except CouponUnavailable as refusal:
            outcome = refusal.reason
        assert outcome == expected

    @rule(required=st.integers(1, 5))
    def change_the_number(self, required):
        self.change(stamps_required=required)
        self.required = required

    @rule(days=st.none() | st.integers(1, 3))
    def change_the_days(self, days):
        self.change(coupon_valid_days=days)
        self.days = days

    @rule(active=st.booleans())
    def end_or_wake(self, active):
        self.change(status="active" if active else "ended")
        self.active = active

    def change(self, **members):
        administration.change(
            self.session, self.clock, program=self.program, actor="key_1", body=ProgramUpdate(**members)
        )

    @rule(hours=st.integers(0, 60))
    def time_passes(self, hours):
        self.clock.advance(hours * 3600)

    @invariant()
    def cards_and_coupons_are_the_models(self):
        if not hasattr(self, "session"):
            return
        for customer in CUSTOMERS:
            cards, _ = wallet.cards(self.session, customer, EVERYTHING)
            assert [card.stamps for card in cards] == [
                self.stamps[each] for each in [customer] if each in self.stamps
            ]
            for card in cards:
                expected = self.round[customer] if card.stamps else self.required
                assert card.program.stamps_required == expected
            coupons, _ = wallet.coupons(self.session, customer, EVERYTHING, self.clock.now())
            model = {
                coupon_id: "redeemed"
                if redeemed
                else "expired"
                if last_day is not None and self.today() > last_day
                else "issued"
                for coupon_id, (owner, last_day, redeemed) in self.coupons.items()
                if owner == customer
            }
            assert {coupon.id: coupon.status for coupon in coupons} == model

    @invariant()
    def the_ledger_tells_the_same(self):
        """Every stamp ever given is on a card or in a coupon; every coupon is on a card or redeemed."""
        if not hasattr(self, "session"):
            return
        assert verify(self.session).breaches == ()
        sums = recomputed_balances(self.session)
        cards = dict(self.session.execute(select(Card.id, Card.customer_id)).all())
        for card_id, customer in cards.items():
            open_coupons = [c for c in self.coupons.values() if c[0] == customer and not c[2]]
            assert sums[card_account(card_id, STAMP).id] == self.stamps[customer]
            assert sums[card_account(card_id, COUPON).id] == len(open_coupons)
        assert sums[issued_account(self.program.id, COUPON).id] == -len(self.coupons)
        redeemed = [coupon for coupon in self.coupons.values() if coupon[2]]
        assert sums[redeemed_account(self.program.id, COUPON).id] == len(redeemed)


def test_random_lives_of_a_programme(database):
    live(ProgramMachine, database, sqlite=20, postgresql=8)
