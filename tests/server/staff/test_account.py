"""What members are told of themselves, and signing others out."""

import pytest
from sqlalchemy import select

from server.core.audit import AuditEntry
from server.core.errors import NotFound
from server.core.tokens import new_token
from server.staff import service, sessions
from server.staff.actor import Role
from tests.server.staff.conftest import PASSWORD


@pytest.fixture
def jun(do, sealer, owner):
    """Give a staff member who is signed in at a phone of the counter: the view and the token."""
    view = do(service.add_staff, sealer, owner, name="Jun", pin="2580")
    _, counter = do(service.issue_counter, owner, name="Till")
    _, token = do(
        service.sign_in_with_pin, sealer, counter=counter, member_id=view.id, pin="2580", address=""
    )
    return view, token


@pytest.fixture
def find(database, clock):
    def find(token):
        with database.reading() as session:
            return service.account(session, clock, token=token)

    return find


def test_an_account_tells_by_what_somebody_signed_in(jun, owner, do, find):
    _, token = do(service.sign_in, email="mina@cafe.example", password=PASSWORD, address="")
    mine = find(token)
    assert (mine.actor, mine.email, mine.has_password, mine.at_counter) == (
        owner,
        "mina@cafe.example",
        True,
        False,
    )
    theirs = find(jun[1])
    assert (theirs.actor.member_id, theirs.actor.role) == (jun[0].id, Role.STAFF)
    assert (theirs.email, theirs.has_password, theirs.at_counter) == (None, False, True)


def test_nobody_has_an_account_without_a_live_session(jun, find, do, database, clock):
    for token in ("", "ow_x", new_token("ow"), jun[1][:-1]):
        assert find(token) is None
    do(lambda session, clock: sessions.close(session, clock, jun[1]))
    assert find(jun[1]) is None


def test_owners_sign_a_member_out_who_may_come_back(jun, owner, do, find, sealer, database):
    _, mine = do(service.sign_in, email="mina@cafe.example", password=PASSWORD, address="")
    assert do(service.sign_out_member, owner, member_id=jun[0].id) == 1
    assert find(jun[1]) is None
    assert find(mine).actor == owner
    assert do(service.sign_out_member, owner, member_id=jun[0].id) == 0
    with database.reading() as session:
        noted = session.scalars(
            select(AuditEntry.actor).where(
                AuditEntry.action == "member.signed_out_everywhere", AuditEntry.subject == jun[0].id
            )
        ).all()
    assert noted == [owner.member_id] * 2
    _, counter = do(service.issue_counter, owner, name="Till")
    do(service.sign_in_with_pin, sealer, counter=counter, member_id=jun[0].id, pin="2580", address="")


def test_one_member_is_found_in_ones_own_organisation_alone(jun, owner, sign_up, database):
    other, _ = sign_up(email="other@else.example")
    with database.reading() as session:
        assert service.find_member(session, owner, member_id=jun[0].id) == jun[0]
        for actor, member_id in ((other, jun[0].id), (owner, other.member_id), (owner, "x" * 9999)):
            with pytest.raises(NotFound):
                service.find_member(session, actor, member_id=member_id)
