"""Random lives of a ledger against a model in memory; its promises are checked after every step.

The model is a dictionary of balances and a list of what was booked. Numbers in
the names of the invariants are those of the list that the design started from.
"""

from datetime import UTC, datetime

import hypothesis.strategies as st
import pytest
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
)
from sqlalchemy import delete, select, update
from sqlalchemy.exc import IntegrityError

from server.core.clock import FrozenClock
from server.ledger import (
    AccountRef,
    AlreadyPostedError,
    AlreadyReversedError,
    NotReversibleError,
    OverdrawnError,
    Posting,
    open_accounts,
    post,
    recomputed_balances,
    reverse,
    verify,
)
from server.ledger.models import ACCOUNTS, POSTINGS, TRANSACTIONS
from tests.server.crowds import live

UNITS = ("stamp", "coupon")
CARDS = [AccountRef("card", f"crd_{i}", unit) for i in range(3) for unit in UNITS]
COUNTERS = [AccountRef("program", "prg_1", unit, kind) for unit in UNITS for kind in ("issued", "redeemed")]
SOURCES = st.integers(0, 12).map("prs_{}".format)
AMOUNTS = st.integers(1, 4)


class LedgerMachine(RuleBasedStateMachine):
    """The ledger in one transaction that is rolled back at the end, beside its model."""

    database = None

    @initialize()
    def open(self):
        self.clock = FrozenClock(datetime(2026, 11, 20, tzinfo=UTC))
        self.context = self.database.transaction()
        self.session = self.context.__enter__()
        open_accounts(self.session, self.clock, CARDS + COUNTERS)
        self.balances = dict.fromkeys(CARDS + COUNTERS, 0)
        self.overdrawn = set()
        self.booked = {}  # id -> postings
        self.sources = set()
        self.reversed = set()
        self.reversals = set()

    def teardown(self):
        if hasattr(self, "session"):
            self.session.rollback()
            self.context.__exit__(None, None, None)

    def book(self, kind, source, postings):
        """Post, expecting what the model says, and let the model follow."""
        short = any(
            posting.account in CARDS
            and posting.amount < 0
            and self.balances[posting.account] < -posting.amount
            for posting in postings
        )
        expected = AlreadyPostedError if (source, kind) in self.sources else OverdrawnError if short else None
        call = {"kind": kind, "source_type": "press", "source_id": source, "postings": postings}
        if expected:
            with pytest.raises(expected):
                post(self.session, self.clock, **call)
            return
        result = post(self.session, self.clock, **call)
        self.sources.add((source, kind))
        self.follow(result, postings)

    def follow(self, result, postings):
        for posting in postings:
            self.balances[posting.account] += posting.amount
        self.booked[result.id] = postings
        assert result.balances == {
            posting.account: self.balances[posting.account]
            for posting in postings
            if posting.account in CARDS
        }

    @rule(card=st.sampled_from(CARDS), amount=AMOUNTS, source=SOURCES)
    def earn(self, card, amount, source):
        issued = AccountRef("program", "prg_1", card.unit, "issued")
        self.book("earn", source, [Posting(card, amount), Posting(issued, -amount)])

    @rule(card=st.sampled_from(CARDS), amount=AMOUNTS, source=SOURCES)
    def spend(self, card, amount, source):
        redeemed = AccountRef("program", "prg_1", card.unit, "redeemed")
        self.book("spend", source, [Posting(card, -amount), Posting(redeemed, amount)])

    @rule(number=st.integers(0, 2), amount=AMOUNTS, source=SOURCES)
    def exchange(self, number, amount, source):
        """Stamps become a coupon: two units in one transaction."""
        self.book(
            "exchange",
            source,
            [
                Posting(AccountRef("card", f"crd_{number}", "stamp"), -amount),
                Posting(AccountRef("program", "prg_1", "stamp", "redeemed"), amount),
                Posting(AccountRef("card", f"crd_{number}", "coupon"), 1),
                Posting(AccountRef("program", "prg_1", "coupon", "issued"), -1),
            ],
        )

    @rule(
        cards=st.permutations([card for card in CARDS if card.unit == "stamp"]),
        amount=AMOUNTS,
        source=SOURCES,
    )
    def move(self, cards, amount, source):
        self.book("move", source, [Posting(cards[0], -amount), Posting(cards[1], amount)])

    @precondition(lambda self: self.booked)
    @rule(data=st.data())
    def take_back(self, data):
        # In the order of booking: ids have random parts, and Hypothesis must be able to repeat itself.
        transaction = data.draw(st.sampled_from(list(self.booked)))
        call = {"transaction_id": transaction, "reason": "wrong", "actor": "key_1"}
        if transaction in self.reversals | self.reversed:
            error = NotReversibleError if transaction in self.reversals else AlreadyReversedError
            with pytest.raises(error):
                reverse(self.session, self.clock, **call)
            return
        before = dict(self.balances)
        result = reverse(self.session, self.clock, **call)
        self.reversed.add(transaction)
        self.reversals.add(result.id)
        opposite = [Posting(posting.account, -posting.amount) for posting in self.booked[transaction]]
        self.follow(result, opposite)
        self.overdrawn |= {card for card in CARDS if before[card] >= 0 > self.balances[card]}

    @precondition(lambda self: self.booked)
    @rule(
        change=st.sampled_from(
            [
                update(POSTINGS).values(amount=99),
                update(TRANSACTIONS).values(kind="other"),
                delete(POSTINGS),
                delete(TRANSACTIONS),
            ]
        )
    )
    def tamper(self, change):
        """Promise 12: booked rows cannot be changed."""
        with pytest.raises(IntegrityError), self.session.begin_nested():
            self.session.execute(change)

    @rule(seconds=st.integers(-100, 100))
    def time_passes(self, seconds):
        self.clock.advance(seconds)

    @invariant()
    def kept_balances_are_the_models(self):
        """Promises 2 and 10: what is kept equals the model, and so does what is summed from zero."""
        if not hasattr(self, "session"):
            return
        model = {account.id: balance for account, balance in self.balances.items()}
        kept = dict(self.session.execute(select(ACCOUNTS.c.id, ACCOUNTS.c.balance)).all())
        assert kept == {
            account.id: model[account.id] if account in CARDS else None for account in self.balances
        }
        assert dict(recomputed_balances(self.session)) == model

    @invariant()
    def units_are_conserved(self):
        """Promise 3: over all accounts each unit sums to zero."""
        if not hasattr(self, "session"):
            return
        sums = recomputed_balances(self.session)
        for unit in UNITS:
            assert sum(sums[account.id] for account in self.balances if account.unit == unit) == 0

    @invariant()
    def below_zero_only_by_clawback(self):
        """Promise 4: only an account that a reversal took there is below zero, and only while it is."""
        if not hasattr(self, "session"):
            return
        self.overdrawn = {card for card in self.overdrawn if self.balances[card] < 0}
        flagged = set(self.session.scalars(select(ACCOUNTS.c.id).where(ACCOUNTS.c.clawback)))
        assert flagged == {card.id for card in self.overdrawn}
        assert {card.id for card in CARDS if self.balances[card] < 0} == flagged

    @invariant()
    def the_report_is_clean(self):
        """Promises 1, 2, 4 and 7 as the ledger itself checks them; no row more or less than in the model."""
        if not hasattr(self, "session"):
            return
        report = verify(self.session)
        assert report.sound, report.breaches
        assert report.transactions == len(self.booked)
        assert report.postings == sum(len(postings) for postings in self.booked.values())


def test_random_lives_keep_every_promise(database):
    live(LedgerMachine, database, sqlite=40, postgresql=15)
