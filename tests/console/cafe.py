"""A café that is open already: shop, stamp, programme and a customer, without a way through the set-up."""

import zlib
from dataclasses import dataclass

import numpy as np

from server.core.identifiers import new_id
from server.customers.models import Customer
from server.programs import administration as programs
from server.programs.corrections import give_stamp
from server.programs.schemas import ProgramCreate
from server.shops import service as shops
from server.staff import passwords, sessions, signing_in
from server.staff.actor import Actor
from server.staff.models import Member
from server.stamps import service as stamps
from stampsdk.codebook import random_patterns
from tests.console.house import PASSWORD, sign_up


@dataclass(frozen=True)
class Cafe:
    """Its owner's session and actor, and what it has; `pattern` (5, 2) float64, mm."""

    token: str
    actor: Actor
    shop_id: str
    customer_id: str
    serial: str
    pattern: np.ndarray


def open_cafe(app, email):
    token = sign_up(app, email)
    state = app.state
    with state.database.transaction() as session:
        actor = sessions.find(session, state.clock, token)
        shop_id = add_shop(session, state.clock, actor, "온도 커피 성수")
        # Of its own: the cafés of a module stand in one place, and their stamps must not be mistaken.
        rng = np.random.default_rng(zlib.crc32(email.encode()))
        pattern = random_patterns(1, tips=5, rng=rng)[0]
        serial = f"T-{actor.partner_id[-6:]}"
        stamp = stamps.StampRow(serial=serial, pattern_mm=pattern, shop_ids=(shop_id,))
        stamps.register_many(session, state.clock, partner_id=actor.partner_id, rows=[stamp])
        body = ProgramCreate.model_validate(
            {
                "name": {"ko": "카드", "en": "Card"},
                "reward": {"ko": "아메리카노", "en": "an americano"},
                "stamps_required": 10,
                "shops": [shop_id],
            }
        )
        programs.create(session, state.clock, partner_id=actor.partner_id, actor="test", body=body)
        customer = Customer(
            id=new_id("cus", state.clock), partner_id=actor.partner_id, created_at=state.clock.now()
        )
        session.add(customer)
    return Cafe(token, actor, shop_id, customer.id, serial, pattern)


def add_shop(session, clock, actor, name):
    fence = {"type": "Point", "coordinates": [127.0559, 37.5445]}
    (shop_id,) = shops.create_many(
        session,
        clock,
        partner_id=actor.partner_id,
        rows=[shops.ShopRow(name=name, fence=fence, radius_m=60.0)],
    )
    return shop_id


def give(app, cafe, key, count=1):
    """Give the café's customer stamps by hand, as a page would."""
    with app.state.database.transaction() as session:
        return give_stamp(
            session,
            app.state.clock,
            cafe.actor,
            shop_id=cafe.shop_id,
            customer_id=cafe.customer_id,
            count=count,
            reason="단말 고장",
            key=key,
            settings=app.state.settings,
        )


def join(app, cafe, role, name):
    """Let somebody else join the café, with the password of these tests; gives the token of a session."""
    email = f"{name}-{cafe.actor.member_id[-6:]}@example.com"
    with app.state.database.transaction() as session:
        member = signing_in.add_member(
            session,
            app.state.clock,
            partner_id=cafe.actor.partner_id,
            name=name,
            role=role,
            email=(email, email),
            password_hash=passwords.hash_password(PASSWORD),
        )
        return sessions.open_session(session, app.state.clock, member, address="127.0.0.1")


def change_role(app, cafe, role):
    """Give the café's owner another role, while pages are open."""
    with app.state.database.transaction() as session:
        session.get_one(Member, cafe.actor.member_id).role = role.value
