"""How many staff codes a day has left, and what became of one."""

import pytest

from server.core.errors import Problem
from server.presses import code_counts, staff_codes
from server.presses.code_counts import CodeState
from server.settings import Settings
from tests.server.people import member


@pytest.fixture
def staff(partner):
    return member(partner.id, "staff")


@pytest.fixture
def do(app, clock, staff, settings, cafe):
    """Call a service in a transaction of its own; returns its value, or the refusal's code."""

    def act(work, *, actor=staff, **members):
        if work is not code_counts.code_state:
            members = {"shop_id": cafe.shop["id"], "settings": settings} | members
        if work is staff_codes.issue:
            members["sealer"] = app.state.sealer
        with app.state.database.transaction() as session:
            try:
                return work(session, clock, actor, **members)
            except Problem as problem:
                return problem.code

    return act


def test_what_is_left_is_the_least_of_ones_own_and_the_shops(cafe, do, partner, settings, clock):
    few = Settings(**settings.model_dump() | {"staff_codes_per_member": 3, "staff_codes_per_shop": 4})
    colleague = member(partner.id, "staff", "b")

    def left(actor=colleague):
        return do(code_counts.codes_left, actor=actor, settings=few)

    assert left() == 3
    for expected in (3, 2, 1):
        do(staff_codes.issue, settings=few)
        assert left() == expected
    assert do(code_counts.codes_left, settings=few) == 0
    assert do(staff_codes.issue, settings=few) == "staff_codes_used_up"
    do(staff_codes.issue, actor=colleague, settings=few)
    assert left() == 0
    clock.advance(86_400)
    assert left() == 3


def test_a_code_is_open_then_used_or_over(cafe, phone, do, client, clock, partner):
    def state(code, **members):
        return do(code_counts.code_state, code_id=code.id, **members)

    first = do(staff_codes.issue)
    assert state(first) is CodeState.OPEN
    second = do(staff_codes.issue)
    assert (state(first), state(second)) == (CodeState.OVER, CodeState.OPEN)
    body = {"shop": cafe.shop["id"], "code": second.code}
    assert client.post("/v1/staff-codes", json=body, headers=phone.headers).status_code == 200
    assert state(second) is CodeState.USED
    third = do(staff_codes.issue)
    clock.advance(121)
    assert state(third) is CodeState.OVER
    assert state(third, actor=member(partner.id, "owner")) == "staff_code_not_found"


def test_not_another_partners_shop(cafe, do, make_partner):
    stranger = member(make_partner().id)
    assert do(code_counts.codes_left, actor=stranger) == "shop_not_found"
