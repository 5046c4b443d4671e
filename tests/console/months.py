"""A café with some simulated months behind it: booked through the ledger, rolled up, its clock at rest."""

import contextlib
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from server.core.clock import FrozenClock
from server.insights.pseudonyms import Pseudonyms
from server.insights.rollups import catch_up
from server.shops.service import ShopRow
from server.staff import members, sessions
from server.staff.actor import Actor, Role
from tests.console.house import sign_up
from tests.server.conftest import square_fence
from tests.server.insights.world import World, found_shops, live

NOW = datetime(2026, 11, 26, 6, 0, tzinfo=UTC)
"""A Thursday, 15:00 in Seoul."""
DAYS = 75


@dataclass(frozen=True)
class Lived:
    """The owner's session and actor, the shops, and the names that the owner knows customers by."""

    token: str
    actor: Actor
    shops: list
    names: Pseudonyms

    def name(self, customer_id):
        return self.names.of(self.actor.partner_id, customer_id)


def live_months(app, email, *, seed=3, people=60, events=420, names=("온도 커피 성수",)):
    """Found a partner and let people come and go until this morning; the app's clock stands at `NOW`."""
    token = sign_up(app, email)
    clock = FrozenClock(NOW - timedelta(days=DAYS))
    with app.state.database.transaction() as session:
        actor = sessions.find(session, app.state.clock, token)
        shops = found_shops(
            session, clock, actor.partner_id, [ShopRow(name, square_fence()) for name in names]
        )
        world = World(session, clock, actor.partner_id, shops)
        for _ in range(4):  # come once and never again, so that some are lapsed whatever is undone
            world.stamp(world.customer(), shops[0])
        world.customers.clear()
        for _ in range(people):
            world.customer()
        live(world, days=DAYS - 1, events=events, seed=seed)
        clock.advance((NOW - timedelta(hours=5) - clock.now()).total_seconds())
        world.customer()  # comes for the first time
        for customer, _ in world.customers[-8:]:
            clock.advance(600)
            world.stamp(customer, shops[0])
        catch_up(session, app.state.clock, actor.partner_id)
    return Lived(token, actor, shops, Pseudonyms(app.state.sealer))


@contextlib.contextmanager
def acting_as(app, lived, role):
    """Let the owner be somebody else for a while."""

    def be(what):
        with app.state.database.transaction() as session:
            session.get(members.Member, lived.actor.member_id).role = what.value

    be(role)
    yield
    be(Role.OWNER)
