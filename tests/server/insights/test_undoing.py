"""Undoing what the feed tells of: whichever line it is, once; and what the feed says afterwards."""

import pytest
from sqlalchemy import func, select

from server.core.errors import Conflict, Forbidden, NotFound
from server.insights.feed import feed
from server.insights.undoing import undo_entry
from server.ledger import verify
from server.ledger.models import LedgerAccount, LedgerPosting
from server.programs.service import credit_stamp, redeem_coupon
from server.staff.actor import RIGHTS, Right, Role
from tests.server.insights.world import actor_of, found_world


@pytest.fixture
def lines(session, clock, world):
    """Read the feed: entries by id."""

    def read():
        return {entry.id: entry for entry in feed(session, clock, world.actor, None)}

    return read


@pytest.fixture
def undo(session, clock, world):
    def act(entry, actor=None, reason="twice"):
        clock.advance(1)
        with session.begin_nested():
            return undo_entry(session, clock, actor or world.actor, entry, reason=reason)

    return act


def pressed(session, clock, world, person, shop):
    """Press for a stamp as the pipeline does: the row, and what it is for."""
    press = world.press(shop, customer=next(each for each in world.customers if each[0] == person))
    outcome = credit_stamp(session, clock, customer_id=person, shop_id=shop, press_id=press)
    clock.advance(1)
    return press, outcome.coupons


def stamps(session):
    return session.scalar(
        select(func.coalesce(func.sum(LedgerPosting.amount), 0))
        .join(LedgerAccount)
        .where(LedgerAccount.owner_type == "card", LedgerAccount.unit == "stamp")
    )


def test_a_press_a_hand_stamp_and_a_code(session, clock, world, lines, undo):
    person, shop = world.customer(), world.shops[0]
    press, _ = pressed(session, clock, world, person, shop)
    ids = [press, world.give(person, shop).id]
    clock.advance(1)
    ids.append(world.give(person, shop, "staff_code").id)
    clock.advance(1)
    assert stamps(session) == 3
    for nth, entry_id in enumerate(ids, 1):
        seen = lines()[entry_id]
        assert seen.stands is True
        reversal = undo(seen).reversal
        assert stamps(session) == 3 - nth
        after = lines()
        assert after[entry_id].stands is False
        assert (after[reversal].undoes, after[reversal].stands) == (entry_id, None)
        with pytest.raises(Conflict) as refusal:
            undo(seen)
        assert refusal.value.code == "already_undone"
    assert verify(session).breaches == ()


def test_a_redemption_then_the_stamp_that_had_paid(session, clock, world, lines, undo):
    person, shop = world.customer(), world.shops[0]
    last = [pressed(session, clock, world, person, shop) for _ in range(3)][-1]
    press, (coupon,) = last
    redeeming = world.press(shop, customer=world.customers[0], purpose="redeem", coupon_id=coupon.id)
    redeem_coupon(session, clock, coupon_id=coupon.id, customer_id=person, shop_id=shop, press_id=redeeming)
    with pytest.raises(Conflict) as refusal:
        undo(lines()[press])
    assert refusal.value.code == "coupon_redeemed"
    seen = lines()[redeeming]
    assert (seen.stands, seen.coupon) == (True, coupon.id)
    reversal = undo(seen).reversal
    assert (lines()[redeeming].stands, lines()[reversal].undoes) == (False, redeeming)
    # Redeemed anew: the old line is of a redemption that was undone, and stays so.
    again = world.press(shop, customer=world.customers[0], purpose="redeem", coupon_id=coupon.id)
    redeem_coupon(session, clock, coupon_id=coupon.id, customer_id=person, shop_id=shop, press_id=again)
    assert (lines()[redeeming].stands, lines()[again].stands) == (False, True)
    with pytest.raises(Conflict) as refusal:
        undo(seen)
    assert refusal.value.code == "already_undone"
    undo(lines()[again])
    assert undo(lines()[press]).coupons == (coupon.id,)
    assert {entry.undoes for entry in lines().values()} == {None, press, redeeming, again}
    assert verify(session).breaches == ()


def test_what_booked_nothing_cannot_be_undone(session, clock, world, lines, undo):
    world.customer()
    shop = world.shops[0]
    for verdict, reason in (("accepted", None), ("held", "location_denied"), ("refused", "outside_fence")):
        clock.advance(1)
        press = world.press(shop, verdict, reason)
        assert lines()[press].stands is None
        with pytest.raises(Conflict) as refusal:
            undo(lines()[press])
        assert refusal.value.code == "nothing_to_undo"


def test_only_who_may_and_only_their_own(session, clock, world, lines, undo, monkeypatch):
    person, shop = world.customer(), world.shops[0]
    press, _ = pressed(session, clock, world, person, shop)
    stranger = found_world(session, clock, name="Others").actor
    with pytest.raises(NotFound):
        undo(lines()[press], actor=stranger)
    without = {role: rights - {Right.UNDO} for role, rights in RIGHTS.items()}
    with monkeypatch.context() as patch:
        patch.setattr("server.staff.actor.RIGHTS", without)
        with pytest.raises(Forbidden):
            undo(lines()[press])
    assert stamps(session) == 1
    undo(lines()[press], actor=actor_of(world.partner_id, Role.STAFF))
    assert stamps(session) == 0
