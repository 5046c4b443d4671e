"""Random lives of a programme whose every booking may be undone, against a model that only counts.

The model knows no ledger and no reversals: a customer has so many stamps, from which the coupons follow.
"""

from datetime import UTC, datetime

import hypothesis.strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from sqlalchemy import select

from server.core.clock import FrozenClock
from server.core.errors import Conflict
from server.core.pagination import PageRequest
from server.customers.models import Customer
from server.ledger import recomputed_balances, verify
from server.ledger.models import LedgerTransaction
from server.partners.models import Partner
from server.programs import administration, wallet
from server.programs.accounts import COUPON, STAMP, card_account, issued_account, redeemed_account
from server.programs.corrections import give_stamp, undo_redemption, undo_stamp
from server.programs.models import Card
from server.programs.schemas import ProgramCreate
from server.programs.service import CouponUnavailable, credit_stamp, redeem_coupon
from server.settings import Settings
from server.shops.schemas import ShopCreate
from server.shops.service import create as create_shop
from tests.server.crowds import live
from tests.server.people import member

TEXT = {"ko": "커피", "en": "Coffee"}
FENCE = {"type": "Point", "coordinates": [126.978, 37.566]}
EVERYTHING = PageRequest(limit=1000, after=None)
CUSTOMERS = ["cus_a", "cus_b"]


class CorrectionsMachine(RuleBasedStateMachine):
    """Presses, hands, redemptions, and undos of any of them in any order, in a transaction rolled back."""

    database = None

    @initialize(required=st.integers(1, 4))
    def open(self, required):
        self.clock = FrozenClock(datetime(2026, 11, 20, 1, 0, tzinfo=UTC))
        self.settings = Settings(hand_stamps_in_day=10_000)
        self.boss, self.other = member("par_1"), member("par_1", "manager", "b")
        self.context = self.database.transaction()
        self.session = self.context.__enter__()
        self.session.add(Partner(id="par_1", name="P", created_at=self.clock.now()))
        self.session.flush()
        self.session.add_all(
            Customer(id=each, partner_id="par_1", created_at=self.clock.now()) for each in CUSTOMERS
        )
        self.session.flush()
        self.shop = create_shop(
            self.session,
            self.clock,
            partner_id="par_1",
            actor="key_1",
            body=ShopCreate(name="Shop", fence=FENCE, radius_m=50),
            largest_fence_m=5000,
        ).id
        body = ProgramCreate(name=TEXT, reward=TEXT, stamps_required=required, shops=[self.shop])
        self.program = administration.create(
            self.session, self.clock, partner_id="par_1", actor="key_1", body=body
        ).id
        self.required = required
        self.stamps = dict.fromkeys(CUSTOMERS, 0)  # that count: given and not undone
        self.given = {}  # source -> [customer, undone]
        self.redeemed = {}  # coupon -> customer, while redeemed
        self.visited, self.numbers = set(), 0

    def teardown(self):
        if hasattr(self, "session"):
            self.session.rollback()
            self.context.__exit__(None, None, None)

    def number(self):
        self.clock.advance(1)
        self.numbers += 1
        return self.numbers

    def code_of(self, undo, **which):
        """Undo, and return the refusal's code, or None."""
        try:
            undo(self.session, self.clock, self.boss, reason="oops", **which)
        except Conflict as refusal:
            return refusal.code
        return None

    def coupons(self, customer, *statuses):
        found, _ = wallet.coupons(self.session, customer, EVERYTHING, self.clock.now())
        return [coupon.id for coupon in found if coupon.status in statuses]

    @rule(customer=st.sampled_from(CUSTOMERS))
    def press(self, customer):
        press = f"prs_{self.number()}"
        outcome = credit_stamp(
            self.session, self.clock, customer_id=customer, shop_id=self.shop, press_id=press
        )
        self.stamps[customer] += 1
        self.visited.add(customer)
        self.given["press", press] = [customer, False]
        assert outcome.card.stamps == self.stamps[customer] % self.required

    @rule(customer=st.sampled_from(CUSTOMERS), count=st.integers(1, 5))
    def hand(self, customer, count):
        arguments = {
            "customer_id": customer,
            "shop_id": self.shop,
            "count": count,
            "reason": "why not",
            "key": f"form-{self.number():06}",
            "settings": self.settings,
            "second": self.other,
        }
        given = give_stamp(self.session, self.clock, self.boss, **arguments)
        assert give_stamp(self.session, self.clock, self.boss, **arguments).id == given.id
        self.stamps[customer] += count
        self.visited.add(customer)
        for nth in range(1, count + 1):
            self.given["hand", f"{given.id}_{nth}"] = [customer, False]

    @rule(data=st.data(), customer=st.sampled_from(CUSTOMERS))
    def redeem(self, data, customer):
        coupons = self.coupons(customer, "issued", "redeemed", "void")
        if not coupons:
            return
        coupon_id = data.draw(st.sampled_from(sorted(coupons)))
        usable = coupon_id in self.coupons(customer, "issued")
        press = f"prs_{self.number()}"
        try:
            redeem_coupon(
                self.session,
                self.clock,
                coupon_id=coupon_id,
                customer_id=customer,
                shop_id=self.shop,
                press_id=press,
            )
        except CouponUnavailable:
            assert not usable
        else:
            assert usable
            assert coupon_id not in self.redeemed
            self.redeemed[coupon_id] = customer

    @rule(data=st.data())
    def undo_a_stamp(self, data):
        if not self.given:
            return
        kind, source = data.draw(st.sampled_from(sorted(self.given)))
        customer, undone = self.given[kind, source]
        transaction = self.session.scalars(
            select(LedgerTransaction.id).where(
                LedgerTransaction.source_type == kind,
                LedgerTransaction.source_id == source,
                LedgerTransaction.kind == "stamp",
            )
        ).one()
        spent = sum(owner == customer for owner in self.redeemed.values()) * self.required
        self.number()
        code = self.code_of(undo_stamp, transaction_id=transaction)
        assert (code == "already_undone") == undone
        if code == "coupon_redeemed":
            # Refused only where a coupon had to go, and one of the customer's is redeemed.
            assert self.stamps[customer] % self.required == 0
            assert spent
        if code is not None:
            return
        self.given[kind, source][1] = True
        self.stamps[customer] -= 1
        assert self.stamps[customer] >= spent

    @rule(data=st.data(), again=st.booleans())
    def undo_a_redemption(self, data, again):
        if not self.redeemed:
            return
        coupon_id = data.draw(st.sampled_from(sorted(self.redeemed)))
        self.number()
        assert self.code_of(undo_redemption, coupon_id=coupon_id) is None
        del self.redeemed[coupon_id]
        if again:
            assert self.code_of(undo_redemption, coupon_id=coupon_id) == "already_undone"

    @invariant()
    def the_customer_sees_what_the_stamps_that_count_are_worth(self):
        if not hasattr(self, "session"):
            return
        for customer in CUSTOMERS:
            cards, _ = wallet.cards(self.session, customer, EVERYTHING)
            rounds, rest = divmod(self.stamps[customer], self.required)
            assert [card.stamps for card in cards] == ([rest] if customer in self.visited else [])
            redeemed = self.coupons(customer, "redeemed")
            assert sorted(redeemed) == sorted(c for c, owner in self.redeemed.items() if owner == customer)
            assert len(self.coupons(customer, "issued")) + len(redeemed) == rounds

    @invariant()
    def the_ledger_tells_the_same(self):
        if not hasattr(self, "session"):
            return
        assert verify(self.session).breaches == ()
        sums = recomputed_balances(self.session)
        for card_id, customer in self.session.execute(select(Card.id, Card.customer_id)):
            rounds, rest = divmod(self.stamps[customer], self.required)
            spent = sum(owner == customer for owner in self.redeemed.values())
            assert sums[card_account(card_id, STAMP).id] == rest
            assert sums[card_account(card_id, COUPON).id] == rounds - spent
        assert sums[issued_account(self.program, STAMP).id] == -sum(self.stamps.values())
        assert sums[redeemed_account(self.program, COUPON).id] == len(self.redeemed)


def test_random_lives_with_undos_of_anything_in_any_order(database):
    live(CorrectionsMachine, database, sqlite=20, postgresql=6)
