"""Cafés under simulation: everything is booked by the real services, with a clock that is moved."""

import random
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from sqlalchemy import insert, select

from server.core.identifiers import new_id
from server.customers.models import Customer, Device
from server.insights.rollups import catch_up
from server.ledger import OverdrawnError, Posting, post, reverse
from server.ledger.models import LedgerTransaction
from server.partners import service as partners
from server.presses.models import Challenge, Press
from server.programs import administration
from server.programs.accounts import STAMP, card_account, issued_account
from server.programs.models import Card
from server.programs.schemas import ProgramCreate
from server.programs.service import CouponUnavailable, credit_stamp, redeem_coupon
from server.shops.service import ShopRow, create_many
from server.staff.actor import Actor, Role
from tests.server.conftest import square_fence

_VERDICTS = [("held", "location_denied"), ("refused", "outside_fence"), ("accepted", None)]


def actor_of(partner_id, role=Role.OWNER):
    return Actor("mem_" + "1" * 32, partner_id, role, "Ha-eun")


@dataclass
class World:
    """A partner with shops in some timezones, and what a simulation does there."""

    session: object
    clock: object
    partner_id: str
    shops: list
    customers: list = field(default_factory=list)
    coupons: list = field(default_factory=list)
    presses: int = 0

    @property
    def actor(self):
        return actor_of(self.partner_id)

    def customer(self):
        row = Customer(id=new_id("cus", self.clock), partner_id=self.partner_id, created_at=self.clock.now())
        self.session.add(row)
        self.session.flush()
        device = Device(
            id=new_id("dev", self.clock), customer_id=row.id, partner_id=self.partner_id, algorithm="HS256",
            secret=b"x", created_at=self.clock.now(),
        )  # fmt: skip
        self.session.add(device)
        self.session.flush()
        self.customers.append((row.id, device.id))
        return row.id

    def stamp(self, customer_id, shop_id):
        self.presses += 1
        outcome = credit_stamp(
            self.session, self.clock, customer_id=customer_id, shop_id=shop_id,
            press_id=new_id("prs", self.clock),
        )  # fmt: skip
        self.coupons += [(coupon.id, customer_id) for coupon in outcome.coupons]
        return outcome

    def redeem(self, coupon_id, customer_id, shop_id):
        try:
            with self.session.begin_nested():
                return redeem_coupon(
                    self.session, self.clock, coupon_id=coupon_id, customer_id=customer_id, shop_id=shop_id,
                    press_id=new_id("prs", self.clock),
                )  # fmt: skip
        except (CouponUnavailable, OverdrawnError):  # the latter where the coupon's issue was undone
            return None

    def give(self, customer_id, shop_id, source_type="hand"):
        """Book a stamp by hand or by ``staff_code`` on a card of the customer; None where there is none."""
        card = self.session.scalar(
            select(Card)
            .where(Card.customer_id == customer_id)
            .execution_options(populate_existing=True)
            .limit(1)
        )
        if card is None:
            return None
        details = {"card": card.id, "program": card.program_id, "shop": shop_id}
        return post(
            self.session, self.clock, kind="stamp", source_type=source_type,
            source_id=new_id("hnd", self.clock), reason="the phone was empty", actor="mem_1", details=details,
            postings=[
                Posting(issued_account(card.program_id, STAMP), -1), Posting(card_account(card.id, STAMP), 1)
            ],
        )  # fmt: skip

    def undo(self, transaction_id, reason="pressed by mistake"):
        return reverse(self.session, self.clock, transaction_id=transaction_id, reason=reason, actor="mem_1")

    def undoable(self):
        rows = self.session.execute(
            # Identifiers made in one moment are in no order; a seed has to mean one life.
            select(LedgerTransaction.id, LedgerTransaction.reverses_id).order_by(
                LedgerTransaction.occurred_at, LedgerTransaction.kind
            )
        ).all()
        undone = {row.reverses_id for row in rows}
        return [row.id for row in rows if row.reverses_id is None and row.id not in undone]

    def press(self, shop_id, verdict="accepted", reason=None, customer=None, **members):
        """Write a press's row as the pipeline does, without its effects."""
        customer_id, device_id = customer or self.customers[0]
        now, challenge_id, press_id = self.clock.now(), new_id("chl", self.clock), new_id("prs", self.clock)
        self.session.execute(
            insert(Challenge).values(
                id=challenge_id, device_id=device_id, purpose="stamp", nonce_hash=b"n", issued_at=now,
                expires_at=now, used_at=now,
            )
        )  # fmt: skip
        row = {
            "id": press_id, "partner_id": self.partner_id, "device_id": device_id, "customer_id": customer_id,
            "proven": True, "challenge_id": challenge_id, "envelope_sha256": press_id, "purpose": "stamp",
            "verdict": verdict, "code": "x", "reason": reason, "counts": False, "shop_id": shop_id, "at": now,
            "answer_status": 200, "answer_body": "{}",
        } | members  # fmt: skip
        self.session.execute(insert(Press).values(row))
        return press_id

    def roll_up(self, **options):
        return catch_up(self.session, self.clock, self.partner_id, **options)


def found_world(session, clock, name="Onda", zones=("Asia/Seoul",), *, shared=True, required=3, days=20):
    """Make a partner with a shop in each timezone; one programme for all, or one each."""
    partner = partners.create_partner(session, clock, name=name)
    rows = [ShopRow(f"{name} {zone}", square_fence(), timezone=zone) for zone in zones]
    shops = found_shops(session, clock, partner.id, rows, shared=shared, required=required, days=days)
    return World(session, clock, partner.id, shops)


def found_shops(session, clock, partner_id, rows, *, shared=True, required=3, days=20):
    """Make shops for a partner that is there, with one programme for all, or one each."""
    shops = create_many(session, clock, partner_id=partner_id, rows=rows)
    for some in [shops] * bool(shops) if shared else [[shop] for shop in shops]:
        body = ProgramCreate(
            name={"ko": "커피", "en": "Coffee"}, reward={"ko": "커피", "en": "Coffee"},
            stamps_required=required, coupon_valid_days=days, shops=some,
        )  # fmt: skip
        administration.create(session, clock, partner_id=partner_id, actor="test", body=body)
    return shops


def live(world, *, days, events, seed):
    """Let people come and go for some days; the roll-ups are brought up now and then."""
    rng = random.Random(seed)
    for _ in range(12):
        world.customer()
    start = world.clock.now()
    held = []
    for moment in sorted(rng.uniform(0, days * 86400) for _ in range(events)):
        world.clock.advance((start + timedelta(seconds=moment) - world.clock.now()).total_seconds())
        customer, shop = rng.choice(world.customers), rng.choice(world.shops)
        chance = rng.random()
        if chance < 0.6:
            world.stamp(customer[0], shop)
            world.press(shop, customer=customer)
        elif chance < 0.7 and world.coupons:
            world.redeem(*rng.choice(world.coupons), shop)
        elif chance < 0.76 and world.undoable():
            world.undo(rng.choice(world.undoable()))
        elif chance < 0.82:
            world.give(customer[0], shop, rng.choice(["hand", "staff_code"]))
        elif chance < 0.94:
            verdict, reason = rng.choice(_VERDICTS)
            press = world.press(shop, verdict, reason, customer)
            held += [press] * (verdict == "held")
        elif held:
            decide(world, held.pop(rng.randrange(len(held))), accept=rng.random() < 0.5)
        if rng.random() < 0.05:
            world.roll_up()


def decide(world, press_id, *, accept):
    """Turn a held press into an accepted or a refused one, as a decision does."""
    verdict = {"verdict": "accepted", "reason": None} if accept else {"verdict": "refused"}
    table = Press.__table__
    world.session.execute(table.update().where(table.c.id == press_id).values(**verdict))


def at(text):
    """Return a moment in UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)
