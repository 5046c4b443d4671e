"""Taking back: a stamp leaves as if it had never been, a redemption gives the coupon back; each once."""

from collections import Counter

import pytest
from sqlalchemy import select

from server.core.audit import AuditEntry
from server.core.errors import Conflict, Problem, Unprocessable
from server.core.outbox import OutboxMessage
from server.ledger import recomputed_balances
from server.ledger.models import LedgerTransaction
from server.programs.corrections import undo_redemption, undo_stamp
from server.programs.models import Coupon
from server.programs.service import CouponRefusal, redeem_coupon
from server.staff.actor import Actor
from tests.queries import counted_queries
from tests.server.crowds import at_once
from tests.server.people import count, member

pytestmark = pytest.mark.usefixtures("sound_ledger")


@pytest.fixture
def boss(partner):
    return member(partner.id)


@pytest.fixture
def shop(make_shop):
    return make_shop()


@pytest.fixture
def undo(app, clock, boss):
    """Undo in a transaction of its own, which commits; returns what was undone, or the refusal's code."""

    def act(work=undo_stamp, actor=boss, reason="mispressed", **which):
        with app.state.database.transaction() as session:
            try:
                return work(session, clock, actor, reason=reason, **which)
            except Problem as problem:
                # Committed all the same: a refusal must have changed nothing.
                return problem.code

    return act


@pytest.fixture
def standing(wallet):
    """Read what the customer sees: stamps on the card, and the coupons' statuses, sorted."""

    def read(customer):
        (card,) = wallet(customer, "cards")["data"]
        return card["stamps"], sorted(coupon["status"] for coupon in wallet(customer, "coupons")["data"])

    return read


def test_a_stamp_is_taken_back_once(customer, shop, make_program, stamp, undo, standing, wallet, app, boss):
    make_program(shop, stamps_required=3)
    stamp(customer, shop, press_id="prs_a")
    stamp(customer, shop, press_id="prs_b")
    done = undo(press_id="prs_a")
    assert (done.customer, done.stamps, done.coupons) == (customer.id, 1, ())
    assert standing(customer) == (1, [])
    assert undo(press_id="prs_a") == "already_undone"
    newest = wallet(customer, "transactions")["data"]
    taken = [row for row in newest if row["kind"] == "reversal"]
    assert [(row["id"], row["stamps"]) for row in taken] == [(done.reversal, -1)]
    with app.state.database.reading() as session:
        row = session.get_one(LedgerTransaction, done.reversal)
        assert (row.reason, row.actor, row.reverses_id is not None) == ("mispressed", boss.member_id, True)
        (entry,) = session.scalars(select(AuditEntry).where(AuditEntry.action == "stamp.undone"))
        assert (entry.actor, entry.subject, entry.detail["reason"]) == (
            boss.member_id,
            row.reverses_id,
            "mispressed",
        )
        assert session.scalars(select(OutboxMessage.topic)).all() == ["stamp.undone"]


def test_by_its_booking(customer, shop, make_program, stamp, undo, wallet, standing):
    make_program(shop)
    stamp(customer, shop)
    (row,) = wallet(customer, "transactions")["data"]
    assert undo(transaction_id=row["id"]).stamps == 0
    assert undo(transaction_id=row["id"]) == "already_undone"
    reversal = next(r["id"] for r in wallet(customer, "transactions")["data"] if r["kind"] == "reversal")
    assert undo(transaction_id=reversal) == "booking_not_found"
    assert standing(customer) == (0, [])


def test_the_stamp_that_filled_a_card_takes_its_coupon_with_it(
    customer, shop, make_program, stamp, undo, redeem, standing
):
    make_program(shop, stamps_required=2)
    stamp(customer, shop, press_id="prs_a")
    coupon = stamp(customer, shop, press_id="prs_b").coupons[0]
    assert standing(customer) == (0, ["issued"])
    assert undo(press_id="prs_b").coupons == (coupon.id,)
    assert standing(customer) == (1, ["void"])
    assert redeem(customer, coupon.id, shop) is CouponRefusal.VOID
    again = stamp(customer, shop).coupons[0]
    assert again.id != coupon.id
    assert standing(customer) == (0, ["issued", "void"])


def test_any_stamp_of_a_full_card_takes_a_coupon_and_later_stamps_pay_for_it(
    customer, shop, make_program, stamp, undo, standing
):
    """Of a, b, c with a coupon for two, c stands alone: without a, the coupon is paid by b and c."""
    make_program(shop, stamps_required=2)
    for press in ("prs_a", "prs_b", "prs_c"):
        stamp(customer, shop, press_id=press)
    assert undo(press_id="prs_a").coupons == ()
    assert standing(customer) == (0, ["issued"])
    assert len(undo(press_id="prs_c").coupons) == 1
    assert standing(customer) == (1, ["void"])
    assert undo(press_id="prs_b").coupons == ()
    assert standing(customer) == (0, ["void"])


def test_a_redeemed_coupon_is_in_the_way(customer, shop, make_program, stamp, undo, redeem, standing):
    make_program(shop, stamps_required=2)
    stamp(customer, shop, press_id="prs_a")
    coupon = stamp(customer, shop, press_id="prs_b").coupons[0]
    redeem(customer, coupon.id, shop)
    for press in ("prs_a", "prs_b"):
        assert undo(press_id=press) == "coupon_redeemed"
    assert standing(customer) == (0, ["redeemed"])
    assert undo(undo_redemption, coupon_id=coupon.id).coupon == coupon.id
    assert standing(customer) == (0, ["issued"])
    assert undo(press_id="prs_b").coupons == (coupon.id,)
    assert standing(customer) == (1, ["void"])
    assert undo(undo_redemption, coupon_id=coupon.id) == "already_undone"


def test_a_coupon_comes_back_with_its_old_last_day_and_is_redeemed_again(
    customer, shop, make_program, stamp, undo, redeem, wallet, clock, app
):
    make_program(shop, stamps_required=1, coupon_valid_days=2)
    coupon = stamp(customer, shop).coupons[0]
    clock.advance(3600)
    redeem(customer, coupon.id, shop)
    assert undo(undo_redemption, coupon_id=coupon.id).customer == customer.id
    (seen,) = wallet(customer, "coupons")["data"]
    assert (seen["status"], seen["redeemed_at"]) == ("issued", None)
    assert seen["expires_at"] == coupon.expires_at.isoformat().replace("+00:00", "Z")
    assert redeem(customer, coupon.id, shop).status == "redeemed"
    assert redeem(customer, coupon.id, shop) is CouponRefusal.REDEEMED
    assert undo(undo_redemption, coupon_id=coupon.id).coupon == coupon.id
    clock.advance(3 * 86_400)
    assert redeem(customer, coupon.id, shop) is CouponRefusal.EXPIRED
    with app.state.database.reading() as session:
        sources = session.scalars(
            select(LedgerTransaction.source_id).where(LedgerTransaction.kind == "coupon_redeemed")
        )
        assert sorted(sources) == [coupon.id, f"{coupon.id}.1"]


def test_an_undo_means_the_redemption_that_was_seen(customer, shop, make_program, stamp, undo, redeem, app):
    make_program(shop, stamps_required=1)
    coupon = stamp(customer, shop).coupons[0]
    assert undo(undo_redemption, coupon_id=coupon.id) == "not_redeemed"
    redeem(customer, coupon.id, shop)
    with app.state.database.reading() as session:
        first = session.get_one(Coupon, coupon.id).redeemed_press_id
        (booking,) = session.scalars(
            select(LedgerTransaction.id).where(LedgerTransaction.kind == "coupon_redeemed")
        )
    assert undo(undo_redemption, coupon_id=coupon.id, press_id="prs_other") == "not_redeemed"
    assert undo(undo_redemption, coupon_id=coupon.id, press_id=first).coupon == coupon.id
    redeem(customer, coupon.id, shop)
    # Two pages that are left open, each with the first redemption on it.
    assert undo(undo_redemption, coupon_id=coupon.id, press_id=first) == "already_undone"
    assert undo(undo_redemption, transaction_id=booking) == "already_undone"
    assert redeem(customer, coupon.id, shop) is CouponRefusal.REDEEMED


def test_the_round_goes_on_with_the_number_it_had(
    client, partner, customer, shop, make_program, stamp, undo, wallet
):
    program = make_program(shop, stamps_required=3)
    for press in ("prs_a", "prs_b", "prs_c"):
        stamp(customer, shop, press_id=press)
    change = {"stamps_required": 5}
    client.patch(f"/v1/programs/{program['id']}", json=change, headers=partner.headers).raise_for_status()
    assert undo(press_id="prs_c").stamps == 2
    (card,) = wallet(customer, "cards")["data"]
    assert (card["stamps"], card["program"]["stamps_required"]) == (2, 3)
    assert len(stamp(customer, shop).coupons) == 1
    assert stamp(customer, shop).card.program.stamps_required == 5


@pytest.mark.parametrize(
    ("reason", "code"),
    [
        ("", "reason_missing"),
        (" \n ", "reason_missing"),
        ("x" * 201, "reason_too_long"),
        ("a\x00b", "reason_invalid"),
        ("\ud800", "reason_invalid"),
    ],
)
def test_a_reason_is_needed(customer, shop, make_program, stamp, undo, standing, reason, code):
    make_program(shop)
    stamp(customer, shop, press_id="prs_a")
    assert undo(press_id="prs_a", reason=reason) == code
    assert standing(customer) == (1, [])


def test_reasons_may_be_long_and_in_any_script(customer, shop, make_program, stamp, undo, app):
    make_program(shop)
    stamp(customer, shop, press_id="prs_a")
    reason = "잘못 눌렀어요 ☕️ =SUM(A1) \u202eשלום" + "x" * 160
    done = undo(press_id="prs_a", reason=f" {reason} ")
    with app.state.database.reading() as session:
        assert session.get_one(LedgerTransaction, done.reversal).reason == reason


@pytest.mark.parametrize("junk", ["", "ltx_", "prs_\x00", "\ud800", "x" * 10_000, "' OR 1=1 --"])
def test_what_names_nothing(undo, junk):
    assert undo(press_id=junk) == "booking_not_found"
    assert undo(transaction_id=junk) == "booking_not_found"
    assert undo(undo_redemption, transaction_id=junk) == "booking_not_found"
    assert undo(undo_redemption, coupon_id=junk) == "coupon_not_found"


def test_another_partners_bookings_are_not_found(
    customer, shop, make_program, make_partner, stamp, undo, redeem, wallet, standing
):
    make_program(shop, stamps_required=1)
    coupon = stamp(customer, shop, press_id="prs_a").coupons[0]
    redeem(customer, coupon.id, shop)
    stranger = member(make_partner().id)
    for row in wallet(customer, "transactions")["data"]:
        for work in (undo_stamp, undo_redemption):
            assert undo(work, stranger, transaction_id=row["id"]) == "booking_not_found"
    assert undo(actor=stranger, press_id="prs_a") == "booking_not_found"
    assert undo(undo_redemption, stranger, coupon_id=coupon.id) == "coupon_not_found"
    assert standing(customer) == (0, ["redeemed"])


def test_staff_may_undo_and_nobody_without_the_right(undo, partner, monkeypatch):
    staff = member(partner.id, "staff")
    for work in (undo_stamp, undo_redemption):
        assert undo(work, staff, transaction_id="ltx_0") == "booking_not_found"
    monkeypatch.setattr(Actor, "may", lambda _actor, _right: False)
    for work in (undo_stamp, undo_redemption):
        assert undo(work, staff, transaction_id="ltx_0") == "not_allowed"


def test_a_refusal_inside_a_session_that_goes_on(app, clock, boss, customer, shop, make_program, stamp):
    make_program(shop, stamps_required=1)
    coupon = stamp(customer, shop, press_id="prs_a").coupons[0]
    with app.state.database.transaction() as session:
        redeem_coupon(
            session, clock, coupon_id=coupon.id, customer_id=customer.id, shop_id=shop["id"], press_id="prs_b"
        )
        with pytest.raises(Conflict, match="Undo the redemption first"):
            undo_stamp(session, clock, boss, reason="x", press_id="prs_a")
        with pytest.raises(Unprocessable):
            undo_stamp(session, clock, boss, reason="", press_id="prs_a")
    with app.state.database.reading() as session:
        kinds = Counter(session.scalars(select(LedgerTransaction.kind)))
    assert kinds == {"stamp": 1, "coupon_issued": 1, "coupon_redeemed": 1}


def test_eight_undos_at_once_are_one(customer, shop, make_program, stamp, undo, standing):
    make_program(shop, stamps_required=2)
    stamp(customer, shop)
    stamp(customer, shop, press_id="prs_b")
    outcomes = at_once(*[lambda: undo(press_id="prs_b")] * 8)
    assert outcomes.count("already_undone") == 7
    assert standing(customer) == (1, ["void"])


def test_eight_undone_redemptions_at_once_are_one(
    customer, shop, make_program, stamp, undo, redeem, standing, app
):
    make_program(shop, stamps_required=1)
    coupon = stamp(customer, shop).coupons[0]
    redeem(customer, coupon.id, shop)
    outcomes = at_once(*[lambda: undo(undo_redemption, coupon_id=coupon.id)] * 8)
    assert outcomes.count("already_undone") == 7
    assert standing(customer) == (0, ["issued"])


def test_a_redemption_against_an_undo_is_one_or_the_other(
    customer, shop, make_program, stamp, undo, redeem, standing, app
):
    """Whoever is first: the coffee is handed over and the stamp stays, or the coupon is void."""
    make_program(shop, stamps_required=1)
    seen = Counter()
    for turn in range(6):
        coupon = stamp(customer, shop, press_id=f"prs_turn{turn}").coupons[0]
        works = [
            lambda turn=turn: undo(press_id=f"prs_turn{turn}"),
            lambda coupon=coupon: redeem(customer, coupon.id, shop),
        ]
        undone, redeemed = at_once(*works[:: 1 if turn % 2 else -1])[:: 1 if turn % 2 else -1]
        if undone == "coupon_redeemed":
            assert redeemed.status == "redeemed"
            seen["redeemed"] += 1
        else:
            assert undone.coupons == (coupon.id,)
            assert redeemed is CouponRefusal.VOID
            seen["void"] += 1
    assert standing(customer) == (0, ["redeemed"] * seen["redeemed"] + ["void"] * seen["void"])
    with app.state.database.reading() as session:
        balances = recomputed_balances(session)
        rows = session.scalars(select(Coupon.status)).all()
    assert Counter(rows) == seen
    assert min(balances[account] for account in balances if account.endswith(":customer")) == 0


def test_two_undone_stamps_against_each_other(customer, shop, make_program, stamp, undo, standing):
    make_program(shop, stamps_required=2)
    for number in range(4):
        stamp(customer, shop, press_id=f"prs_{number}x")
    outcomes = at_once(*[lambda n=n: undo(press_id=f"prs_{n}x") for n in range(4)])
    assert sum(len(outcome.coupons) for outcome in outcomes) == 2
    assert standing(customer) == (0, ["void", "void"])


def test_how_many_statements_an_undo_takes(engine, customer, shop, make_program, stamp, undo):
    make_program(shop, stamps_required=2)
    for press in ("prs_a", "prs_b", "prs_c"):
        stamp(customer, shop, press_id=press)
    with counted_queries(engine) as plain:
        undo(press_id="prs_c")
    with counted_queries(engine) as full:
        undo(press_id="prs_b")
    assert count(plain) == 14
    assert count(full) == 26


def test_a_call_that_names_nothing_or_two_things_is_a_mistake_of_the_program(undo):
    with pytest.raises(ValueError, match="either"):
        undo()
    with pytest.raises(ValueError, match="either"):
        undo(undo_redemption, transaction_id="ltx_0", coupon_id="cpn_0")
