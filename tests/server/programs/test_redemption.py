"""Redeeming: the owner of the coupon, at a shop of the programme, in time, once."""

import threading
from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from server.ledger import recomputed_balances
from server.programs.accounts import COUPON, card_account, redeemed_account
from server.programs.models import Coupon
from server.programs.service import CouponRefusal, CouponUnavailable, coupon_json, credit_stamp, redeem_coupon
from tests.server.crowds import THREADS, each_at_once

pytestmark = pytest.mark.usefixtures("sound_ledger")


@pytest.fixture
def shop(make_shop):
    return make_shop()


@pytest.fixture
def coupon(customer, shop, make_program, stamp):
    make_program(shop, stamps_required=1, coupon_valid_days=30)
    return stamp(customer, shop).coupons[0]


def test_a_coupon_is_redeemed_once(customer, shop, coupon, redeem, wallet, clock, app):
    clock.advance(3600)
    redeemed = redeem(customer, coupon.id, shop)
    assert (redeemed.status, redeemed.redeemed_at) == ("redeemed", clock.now())
    assert wallet(customer, "coupons")["data"] == [coupon_json(redeemed)]
    assert redeem(customer, coupon.id, shop) is CouponRefusal.REDEEMED
    clock.advance(1e8)
    assert redeem(customer, coupon.id, shop) is CouponRefusal.REDEEMED
    assert wallet(customer, "coupons")["data"][0]["status"] == "redeemed"
    with app.state.database.reading() as session:
        balances = recomputed_balances(session)
    assert balances[card_account(coupon.card, COUPON).id] == 0
    assert balances[redeemed_account(coupon.program, COUPON).id] == 1


def test_a_coupon_lasts_to_the_end_of_its_last_day_by_the_shops_calendar(
    customer, shop, coupon, redeem, wallet, clock
):
    # Issued on 20 November, 10:00 in Seoul; 30 days later is 20 December, whose midnight is 15:00 UTC.
    assert coupon.expires_at.isoformat() == "2026-12-20T15:00:00+00:00"
    clock.advance((coupon.expires_at - clock.now()) / timedelta(seconds=1) - 0.000001)
    assert wallet(customer, "coupons")["data"][0]["status"] == "issued"
    clock.advance(0.000001)
    assert wallet(customer, "coupons")["data"][0]["status"] == "expired"
    assert redeem(customer, coupon.id, shop) is CouponRefusal.EXPIRED
    clock.advance(-0.000001)
    assert redeem(customer, coupon.id, shop).status == "redeemed"


def test_a_coupon_without_last_day_lasts(customer, shop, make_program, stamp, redeem, clock):
    make_program(shop, stamps_required=1, coupon_valid_days=None)
    coupon = stamp(customer, shop).coupons[0]
    assert coupon.expires_at is None
    clock.advance(50 * 365 * 86400)
    assert redeem(customer, coupon.id, shop).status == "redeemed"


def test_nobody_else_can_redeem_it(customer, enrol, shop, coupon, redeem):
    assert redeem(enrol(), coupon.id, shop) is CouponRefusal.FOREIGN
    assert redeem(customer, coupon.id, shop).status == "redeemed"


def test_coupons_of_an_erased_person_are_void(client, customer, shop, coupon, redeem):
    assert client.delete("/v1/me", headers=customer.headers).status_code == 204
    assert redeem(customer, coupon.id, shop) is CouponRefusal.FOREIGN


def test_nor_can_it_be_redeemed_outside_the_programme(customer, make_shop, make_program, coupon, redeem):
    elsewhere = make_shop()
    assert redeem(customer, coupon.id, elsewhere) is CouponRefusal.ELSEWHERE
    make_program(elsewhere)
    assert redeem(customer, coupon.id, elsewhere) is CouponRefusal.ELSEWHERE


def test_any_shop_of_the_programme_takes_it_even_when_the_programme_has_ended(
    client, partner, customer, make_shop, make_program, stamp, redeem
):
    here, there = make_shop(), make_shop()
    program = make_program(shops=[here["id"], there["id"]], stamps_required=1)
    coupon = stamp(customer, here).coupons[0]
    client.patch(f"/v1/programs/{program['id']}", json={"status": "ended"}, headers=partner.headers)
    redeemed = redeem(customer, coupon.id, there)
    assert redeemed.status == "redeemed"
    assert redeemed.shop.id == here["id"]


@pytest.mark.parametrize(
    "junk",
    ["", "cpn_", "cpn_" + "0" * 32, "x" * 10_000, "cpn_\x00", "\ud800", "cpn_" + "０" * 32, "' OR 1=1 --"],
)
def test_what_names_no_coupon(customer, shop, coupon, redeem, junk):
    assert redeem(customer, junk, shop) is CouponRefusal.UNKNOWN


def test_a_refusal_inside_a_session_that_goes_on(app, clock, customer, shop, coupon):
    """One session: redeemed, then refused, then a stamp; what was written stays, the refusal is absent."""
    call = {"coupon_id": coupon.id, "customer_id": customer.id, "shop_id": shop["id"]}
    with app.state.database.transaction() as session:
        redeem_coupon(session, clock, **call, press_id="prs_a")
        with pytest.raises(CouponUnavailable, match="before"):
            redeem_coupon(session, clock, **call, press_id="prs_b")
        credit_stamp(session, clock, customer_id=customer.id, shop_id=shop["id"], press_id="prs_c")
    with app.state.database.reading() as session:
        rows = {row.id: row.redeemed_press_id for row in session.scalars(select(Coupon))}
    assert len(rows) == 2
    assert rows.pop(coupon.id) == "prs_a"
    assert list(rows.values()) == [None]


def test_sixteen_phones_redeem_one_coupon_and_one_succeeds(app, clock, crowd, customer, shop, coupon):
    def act(number):
        with Session(crowd) as session:
            try:
                redeem_coupon(
                    session,
                    clock,
                    coupon_id=coupon.id,
                    customer_id=customer.id,
                    shop_id=shop["id"],
                    press_id=f"prs_{number}",
                )
            except CouponUnavailable as refusal:
                return refusal.reason
            session.commit()
            return "redeemed"

    outcomes = each_at_once(act)
    assert sorted(outcomes) == sorted(["redeemed"] + [CouponRefusal.REDEEMED] * (THREADS - 1))
    with app.state.database.reading() as session:
        assert recomputed_balances(session)[redeemed_account(coupon.program, COUPON).id] == 1


def test_a_redemption_that_looks_first_would_be_noticed(clock, crowd, coupon):
    """The mutant: it looks whether the coupon is there, and then takes it. Every thread gets the coffee."""
    looked = threading.Barrier(THREADS, timeout=60)

    def naive(number):
        with Session(crowd) as session:
            row = session.get_one(Coupon, coupon.id)
            there = row.status == "issued"
            session.rollback()
            looked.wait()
            if there:
                row.status, row.redeemed_at, row.redeemed_press_id = "redeemed", clock.now(), f"prs_{number}"
                session.commit()
            return there

    assert sum(each_at_once(naive)) > 1


def test_sixteen_presses_of_one_customer_make_one_card_and_the_right_coupons(
    app, clock, crowd, customer, shop, make_program, wallet
):
    make_program(shop, stamps_required=3)

    def act(number):
        with Session(crowd) as session:
            call = {"customer_id": customer.id, "shop_id": shop["id"], "press_id": f"prs_{number}"}
            outcome = credit_stamp(session, clock, **call)
            session.commit()
            return len(outcome.coupons)

    assert sum(each_at_once(act)) == THREADS // 3
    cards = wallet(customer, "cards")["data"]
    assert [card["stamps"] for card in cards] == [THREADS % 3]
    assert len(wallet(customer, "coupons")["data"]) == THREADS // 3
