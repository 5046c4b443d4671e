"""Stamps on cards, full cards into coupons."""

import pytest
from sqlalchemy import event, select

from server.ledger import AlreadyPostedError, reverse
from server.programs.models import Card
from server.programs.service import card_json, coupon_json

pytestmark = pytest.mark.usefixtures("sound_ledger")


def test_stamps_fill_a_card_and_the_full_card_becomes_one_coupon(
    customer, make_shop, make_program, stamp, wallet, clock
):
    shop = make_shop()
    program = make_program(shop, stamps_required=3)
    seen = []
    for _ in range(7):
        outcome = stamp(customer, shop)
        seen.append((outcome.card.stamps, len(outcome.coupons)))
        clock.advance(60)
    assert seen == [(1, 0), (2, 0), (0, 1), (1, 0), (2, 0), (0, 1), (1, 0)]

    cards = wallet(customer, "cards")
    assert cards["next_cursor"] is None
    assert cards["data"] == [card_json(outcome.card)]
    assert cards["data"][0]["program"] == {
        "id": program["id"],
        "name": program["name"],
        "reward": program["reward"],
        "stamps_required": 3,
    }
    assert cards["data"][0]["shop"] == {"id": shop["id"], "name": shop["name"]}
    assert cards["data"][0]["updated_at"] == "2026-11-20T01:06:00Z"
    coupons = wallet(customer, "coupons")["data"]
    assert [coupon["status"] for coupon in coupons] == ["issued", "issued"]
    assert len({coupon["id"] for coupon in coupons}) == 2


def test_one_stamp_programmes_give_a_coupon_each_time(customer, make_shop, make_program, stamp):
    shop = make_shop()
    make_program(shop, stamps_required=1)
    first, second = stamp(customer, shop), stamp(customer, shop)
    assert [first.card.stamps, second.card.stamps] == [0, 0]
    assert first.coupons[0].id != second.coupons[0].id


def test_no_programme_no_stamp(customer, make_shop, stamp, wallet):
    assert stamp(customer, make_shop()) is None
    assert wallet(customer, "cards")["data"] == []


def test_a_press_is_credited_once(customer, make_shop, make_program, stamp, wallet):
    shop = make_shop()
    make_program(shop)
    stamp(customer, shop, press_id="prs_once")
    with pytest.raises(AlreadyPostedError):
        stamp(customer, shop, press_id="prs_once")
    assert wallet(customer, "cards")["data"][0]["stamps"] == 1
    assert len(wallet(customer, "transactions")["data"]) == 1


def test_shops_of_one_programme_share_the_card_of_the_first_stamp(
    customer, make_shop, make_program, stamp, wallet
):
    here, there = make_shop(), make_shop()
    make_program(shops=[here["id"], there["id"]], stamps_required=2)
    stamp(customer, here)
    outcome = stamp(customer, there)
    assert outcome.card.shop.id == here["id"]
    assert outcome.coupons[0].shop.id == there["id"]
    assert len(wallet(customer, "cards")["data"]) == 1


def test_customers_do_not_share_cards(customer, enrol, make_shop, make_program, stamp, wallet):
    other = enrol()
    shop = make_shop()
    make_program(shop, stamps_required=2)
    stamp(customer, shop)
    assert stamp(other, shop).coupons == ()
    assert wallet(customer, "cards")["data"][0]["id"] != wallet(other, "cards")["data"][0]["id"]
    assert wallet(enrol(), "cards") == {"data": [], "next_cursor": None}


def test_an_ended_programme_gives_no_stamps_and_keeps_the_old_ones(
    client, partner, customer, make_shop, make_program, stamp, wallet
):
    shop = make_shop()
    program = make_program(shop, stamps_required=2)
    stamp(customer, shop)

    def set_status(status):
        path = f"/v1/programs/{program['id']}"
        assert client.patch(path, json={"status": status}, headers=partner.headers).json()["status"] == status

    set_status("ended")
    assert stamp(customer, shop) is None
    assert wallet(customer, "cards")["data"][0]["stamps"] == 1
    set_status("active")
    assert len(stamp(customer, shop).coupons) == 1


@pytest.mark.parametrize(("before", "after"), [(3, 2), (3, 5), (2, 1)])
def test_a_round_keeps_the_number_it_began_with(
    client, partner, customer, make_shop, make_program, stamp, wallet, before, after
):
    shop = make_shop()
    program = make_program(shop, stamps_required=before)

    def presses_until_coupon():
        for count in range(1, 10):
            if stamp(customer, shop).coupons:
                return count
        return None

    stamp(customer, shop)
    client.patch(
        f"/v1/programs/{program['id']}", json={"stamps_required": after}, headers=partner.headers
    ).raise_for_status()
    assert wallet(customer, "cards")["data"][0]["program"]["stamps_required"] == before
    assert presses_until_coupon() == before - 1
    # The next round follows the programme, on the empty card already.
    assert wallet(customer, "cards")["data"][0]["program"]["stamps_required"] == after
    assert presses_until_coupon() == after
    assert presses_until_coupon() == after


def test_a_coupon_keeps_the_words_it_was_promised_in(
    client, partner, customer, make_shop, make_program, stamp, wallet
):
    shop = make_shop()
    program = make_program(shop, stamps_required=1, coupon_valid_days=10)
    coupon = stamp(customer, shop).coupons[0]
    change = {"reward": {"ko": "물 한 잔", "en": "Water"}, "coupon_valid_days": None}
    client.patch(f"/v1/programs/{program['id']}", json=change, headers=partner.headers).raise_for_status()
    assert wallet(customer, "coupons")["data"] == [coupon_json(coupon)]
    assert stamp(customer, shop).coupons[0].expires_at is None


def test_the_history_tells_every_step(customer, make_shop, make_program, stamp, redeem, wallet, clock):
    shop = make_shop()
    program = make_program(shop, stamps_required=2)
    stamp(customer, shop, press_id="prs_a")
    clock.advance(1)
    coupon = stamp(customer, shop, press_id="prs_b").coupons[0]
    clock.advance(1)
    redeem(customer, coupon.id, shop)
    rows = []
    cursor = None
    while True:
        page = wallet(customer, "transactions", limit=1, **({"cursor": cursor} if cursor else {}))
        rows += page["data"]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    rows.reverse()
    kinds = [(row["kind"], row["stamps"], row["coupons"]) for row in rows]
    assert sorted(kinds[1:3]) == [("coupon_issued", -2, 1), ("stamp", 1, 0)]  # one moment, either order
    assert (kinds[0], kinds[3]) == (("stamp", 1, 0), ("coupon_redeemed", 0, -1))
    assert len({row["id"] for row in rows}) == 4
    assert {row["program"] for row in rows} == {program["id"]}
    assert {row["shop"]["id"] for row in rows} == {shop["id"]}
    assert rows[0]["press"] == "prs_a"
    assert rows[0]["coupon"] is None
    assert rows[3]["coupon"] == coupon.id


def test_a_stamp_that_is_taken_back_is_owed(app, customer, make_shop, make_program, stamp, wallet, clock):
    """The coupon stays with the customer; the card shows no stamps until the debt is paid."""
    shop = make_shop()
    make_program(shop, stamps_required=2)
    stamp(customer, shop)
    stamp(customer, shop)
    taken = next(row for row in wallet(customer, "transactions")["data"] if row["kind"] == "stamp")
    with app.state.database.transaction() as session:
        reverse(session, clock, transaction_id=taken["id"], reason="pressed by mistake", actor="key_1")
    assert wallet(customer, "cards")["data"][0]["stamps"] == 0
    kinds = [row["kind"] for row in wallet(customer, "transactions")["data"]]
    assert sorted(kinds) == ["coupon_issued", "reversal", "stamp", "stamp"]
    seen = [
        (stamp(customer, shop).card.stamps, wallet(customer, "cards")["data"][0]["stamps"]) for _ in range(3)
    ]
    assert seen == [(0, 0), (1, 1), (0, 0)]
    assert len(wallet(customer, "coupons")["data"]) == 2


def test_lists_are_cut_into_pages_without_loss(customer, make_shop, make_program, stamp, wallet, clock):
    shop = make_shop()
    make_program(shop, stamps_required=1)
    for _ in range(5):
        stamp(customer, shop)
        clock.advance(1)
    whole = wallet(customer, "coupons")["data"]
    first = wallet(customer, "coupons", limit=3)
    rest = wallet(customer, "coupons", limit=3, cursor=first["next_cursor"])
    assert first["data"] + rest["data"] == whole
    assert rest["next_cursor"] is None
    assert [coupon["issued_at"] for coupon in whole] == sorted(
        (coupon["issued_at"] for coupon in whole), reverse=True
    )


def statements(engine, work):
    """Count the statements that reach the database during `work`."""
    counted = []

    def count(_connection, _cursor, statement, *_rest):
        counted.append(statement)

    event.listen(engine, "before_cursor_execute", count)
    try:
        work()
    finally:
        event.remove(engine, "before_cursor_execute", count)
    return [s for s in counted if not s.startswith("BEGIN")]


def test_the_hot_path_takes_four_statements(app, engine, customer, make_shop, make_program, stamp):
    shop = make_shop()
    make_program(shop, stamps_required=3)
    assert len(statements(engine, lambda: stamp(customer, shop))) == 6  # and makes the card with its accounts
    assert len(statements(engine, lambda: stamp(customer, shop))) == 4
    assert len(statements(engine, lambda: stamp(customer, shop))) == 4 + 7  # and exchanges it for a coupon
    with app.state.database.reading() as session:
        assert len(session.scalars(select(Card)).all()) == 1
