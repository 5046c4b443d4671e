"""What a member may give alone: what the service says beforehand is what it then allows."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.core.errors import Problem
from server.programs.corrections import give_stamp
from server.programs.hand_allowance import HandAllowance, hand_allowance
from tests.server.people import member


@pytest.fixture
def shop(make_shop, make_program):
    shop = make_shop()
    make_program(shop)
    return shop


def test_what_is_said_beforehand_is_what_is_allowed(app, clock, partner, shop, customer, settings):
    staff, database = member(partner.id, "staff"), app.state.database
    given = []

    def allowed():
        with database.reading() as session:
            return hand_allowance(session, clock, staff, shop_id=shop["id"], settings=settings)

    def give(count):
        with database.transaction() as session:
            try:
                give_stamp(
                    session, clock, staff, shop_id=shop["id"], customer_id=customer.id, count=count,
                    reason="no reader", key=f"form-{len(given):04d}", settings=settings,
                )  # fmt: skip
            except Problem as problem:
                return problem.code
        given.append(count)
        return None

    assert allowed() == HandAllowance(at_once=3, left_today=20)
    for count in (4, 3, 3, 3, 3, 3, 3, 3, 2, 1):
        said = allowed()
        refused = give(count)
        assert refused == ("second_person_needed" if said.needs_second(count) else None)
    assert (sum(given), allowed().left_today) == (20, 0)
    clock.advance(86_400)
    assert allowed().left_today == 20


@given(st.integers(0, 50), st.integers(0, 50), st.integers(1, 100))
def test_either_limit_asks_for_a_second_person(at_once, left, count):
    assert HandAllowance(at_once, left).needs_second(count) == (count > at_once or count > left)


def test_not_another_partners_shop(app, clock, make_partner, shop, settings):
    stranger = member(make_partner().id)
    with app.state.database.reading() as session, pytest.raises(Problem) as refusal:
        hand_allowance(session, clock, stranger, shop_id=shop["id"], settings=settings)
    assert refusal.value.code == "shop_not_found"
