"""Every right is decided for every role."""

import itertools

import pytest

from server.core.errors import Forbidden
from server.staff.actor import RIGHTS, Actor, Right, Role

# Written out apart from the code's own table.
TABLE = """
see_today       owner manager staff
give_stamp      owner manager staff
staff_code      owner manager staff
undo            owner manager staff
decide_held     owner manager
suspend_stamp   owner manager
see_customers   owner manager
see_month       owner manager
export          owner
set_up          owner
manage_staff    owner
"""
ALLOWED = {
    (role, right) for right, *roles in (line.split() for line in TABLE.strip().splitlines()) for role in roles
}


@pytest.mark.parametrize(("role", "right"), list(itertools.product(Role, Right)), ids=str)
def test_each_role_may_what_the_table_says_and_nothing_else(role, right):
    actor = Actor("mem_1", "par_1", role, "Mina")
    assert actor.may(right) is ((role.value, right.value) in ALLOWED)
    if actor.may(right):
        actor.require(right)
        return
    with pytest.raises(Forbidden) as refused:
        actor.require(right)
    assert (refused.value.status, refused.value.code) == (403, "not_allowed")


def test_the_table_names_every_role_and_right():
    assert set(RIGHTS) == set(Role)
    assert {right for _, right in ALLOWED} == {right.value for right in Right}
    with pytest.raises(TypeError):
        RIGHTS[Role.STAFF] = frozenset(Right)
