"""Members are added, changed and suspended by owners of their organisation alone."""

from dataclasses import replace

import pytest

from server.core.errors import Conflict, Forbidden, NotFound, Unauthorised, Unprocessable
from server.staff import passwords, service, sessions
from server.staff.actor import Role
from server.staff.models import Member
from tests.server.staff.conftest import PASSWORD


@pytest.fixture
def hire(do, sealer, owner, database):
    """Add a member with a password."""

    def hire(email, role):
        view = do(service.invite, sealer, owner, email=email, name=email.partition("@")[0], role=role)
        with database.transaction() as session:
            session.get_one(Member, view.id).password_hash = passwords.hash_password(PASSWORD)
        return view

    return hire


def refusal(kind, work, *arguments, **members):
    with pytest.raises(kind) as refused:
        work(*arguments, **members)
    return refused.value.code


# What is called, whether with the sealer, whether for one member, and with what.
ACTS = {
    "add": (service.add_staff, True, False, {"name": "Jun", "pin": "2580"}),
    "invite": (service.invite, True, False, {"email": "a@b.example", "name": "A", "role": Role.STAFF}),
    "invite again": (service.invite_again, True, True, {}),
    "rename": (service.rename, False, True, {"name": "Else"}),
    "pin": (service.set_pin, True, True, {"pin": "9173"}),
    "role": (service.change_role, False, True, {"role": Role.OWNER}),
    "suspend": (service.suspend, False, True, {}),
    "resume": (service.resume, False, True, {}),
    "sign out": (service.sign_out_member, False, True, {}),
}


@pytest.fixture
def perform(do, sealer):
    """Perform an act of the table as an actor, on a member."""

    def perform(act, actor, member_id):
        work, sealed, on_one, members = ACTS[act]
        one = {"member_id": member_id} if on_one else {}
        return do(work, *([sealer] if sealed else []), actor, **one, **members)

    return perform


@pytest.mark.parametrize("act", ACTS)
def test_staff_and_managers_are_refused_what_owners_do(act, perform, do, sealer, owner, member):
    one = do(service.add_staff, sealer, owner, name="Jun", pin="2580")
    for role in (Role.STAFF, Role.MANAGER):
        actor = replace(owner, role=role)
        assert refusal(Forbidden, perform, act, actor, one.id) == "not_allowed"
    assert member(one.id).version == 1


@pytest.mark.parametrize("act", sorted(ACTS.keys() - {"add", "invite"}))
def test_members_of_other_organisations_are_out_of_reach(act, perform, do, sealer, owner, sign_up, member):
    one = do(service.add_staff, sealer, owner, name="Jun", pin="2580")
    other, _ = sign_up(email="other@else.example")
    assert refusal(NotFound, perform, act, other, one.id) == "not_found"
    assert member(one.id).version == 1


def test_the_list_shows_one_organisation_and_is_for_owners(do, sealer, owner, sign_up, database, clock):
    clock.advance(1)
    do(service.add_staff, sealer, owner, name="Jun", pin="2580")
    clock.advance(1)
    do(service.invite, sealer, owner, email="Ara@cafe.example", name="Ara", role=Role.MANAGER)
    sign_up(email="other@else.example")
    with database.reading() as session:
        found = service.list_members(session, owner)
        with pytest.raises(Forbidden):
            service.list_members(session, replace(owner, role=Role.MANAGER))
    assert [(view.name, view.email, view.role, view.has_password, view.has_pin) for view in found] == [
        ("Mina", "mina@cafe.example", Role.OWNER, True, False),
        ("Jun", None, Role.STAFF, False, True),
        ("Ara", "Ara@cafe.example", Role.MANAGER, False, False),
    ]
    assert all(view.active for view in found)


def test_an_e_mail_is_one_members_over_all_organisations(do, sealer, owner, sign_up):
    sign_up(email="other@else.example")
    code = refusal(
        Conflict, do, service.invite, sealer, owner, email="OTHER@else.example", name="X", role=Role.STAFF
    )
    assert code == "email_taken"


def test_a_suspended_member_is_out_at_once_and_stays_out(do, owner, hire, database, clock):
    view = hire("ara@cafe.example", Role.MANAGER)
    _, token = do(service.sign_in, email="ara@cafe.example", password=PASSWORD, address="")

    def find():
        with database.reading() as session:
            return sessions.find(session, clock, token)

    assert find().member_id == view.id
    assert not do(service.suspend, owner, member_id=view.id).active
    assert find() is None
    with pytest.raises(Unauthorised):
        do(service.sign_in, email="ara@cafe.example", password=PASSWORD, address="")
    assert do(service.resume, owner, member_id=view.id).active
    assert find() is None  # the old session does not come back
    do(service.sign_in, email="ara@cafe.example", password=PASSWORD, address="")


def test_a_status_alone_keeps_a_session_from_being_found(owner, sign_up, database, clock):
    """Even were a session row to survive a suspension."""
    actor, token = sign_up(email="b@cafe.example")
    with database.transaction() as session:
        session.get_one(Member, actor.member_id).status = "suspended"
    with database.reading() as session:
        assert sessions.find(session, clock, token) is None


def test_an_active_owner_who_can_sign_in_remains(do, sealer, owner, hire):
    invited = do(service.invite, sealer, owner, email="new@cafe.example", name="New", role=Role.OWNER)
    for act in (service.suspend, service.change_role):
        members = {"role": Role.STAFF} if act is service.change_role else {}
        assert refusal(Conflict, do, act, owner, member_id=owner.member_id, **members) == "last_owner"
    do(service.suspend, owner, member_id=invited.id)  # an invitation may be taken back
    second = hire("second@cafe.example", Role.OWNER)
    assert do(service.change_role, owner, member_id=owner.member_id, role=Role.MANAGER).role is Role.MANAGER
    heir = replace(owner, member_id=second.id)
    assert refusal(Conflict, do, service.suspend, heir, member_id=second.id) == "last_owner"


def test_roles_need_what_they_sign_in_with(do, sealer, owner, hire, member):
    by_pin = do(service.add_staff, sealer, owner, name="Jun", pin="2580")
    code = refusal(Unprocessable, do, service.change_role, owner, member_id=by_pin.id, role=Role.MANAGER)
    assert code == "email_needed"
    both = hire("ara@cafe.example", Role.STAFF)
    do(service.set_pin, sealer, owner, member_id=both.id, pin="9173")
    promoted = do(service.change_role, owner, member_id=both.id, role=Role.MANAGER)
    assert not promoted.has_pin
    code = refusal(Unprocessable, do, service.set_pin, sealer, owner, member_id=both.id, pin="9173")
    assert code == "pin_for_staff_only"


def test_of_two_changes_from_one_look_the_second_is_refused(do, sealer, owner):
    view = do(service.add_staff, sealer, owner, name="Jun", pin="2580")
    changed = do(service.rename, owner, member_id=view.id, name="Juno", version=view.version)
    assert changed.version == view.version + 1
    for act, members in (
        (service.rename, {"name": "June"}),
        (service.suspend, {}),
        (service.change_role, {"role": Role.STAFF}),
    ):
        code = refusal(Conflict, do, act, owner, member_id=view.id, version=view.version, **members)
        assert code == "member_changed"
    do(service.suspend, owner, member_id=view.id, version=changed.version)


@pytest.mark.parametrize(
    ("pin", "code"), [("12", "pin_invalid"), ("1111", "pin_simple"), ("", "pin_invalid")]
)
def test_pins_that_may_not_be_set(do, sealer, owner, pin, code):
    assert refusal(Unprocessable, do, service.add_staff, sealer, owner, name="Jun", pin=pin) == code


@pytest.mark.parametrize("name", ["x" * 10_000, "", "a\nb"])
def test_names_that_are_none(do, sealer, owner, name):
    assert (
        refusal(Unprocessable, do, service.add_staff, sealer, owner, name=name, pin="2580") == "name_invalid"
    )
