"""A second person who agrees: somebody else, of the same organisation, who may decide, by password."""

import pytest

from server.core.errors import Problem, TooManyRequests
from server.staff import limits, passwords, second_person, signing_in
from server.staff.actor import Actor, Role
from server.staff.models import Member, MemberSession
from tests.server.staff.conftest import PASSWORD


@pytest.fixture
def join(database, clock, owner):
    """Let somebody join; gives their actor."""

    def join(name, role, partner_id=owner.partner_id, password=PASSWORD):
        email = f"{name}@cafe.example"
        with database.transaction() as session:
            made = signing_in.add_member(
                session,
                clock,
                partner_id=partner_id,
                name=name,
                role=role,
                email=(email, email),
                password_hash=password and passwords.hash_password(password),
            )
            return Actor(made.id, partner_id, role, name)

    return join


@pytest.fixture
def staff(join):
    return join("jisu", Role.STAFF)


@pytest.fixture
def ask(database):
    """Call a service in a transaction of its own; returns its value, or the refusal's code."""

    def ask(work, *arguments, **members):
        with database.transaction() as session:
            try:
                return work(session, *arguments, **members)
            except Problem as problem:
                return problem.code

    return ask


def test_managers_and_owners_can_agree_with_their_password(ask, join, staff, owner, database):
    manager = join("haru", Role.MANAGER)
    join("yuna", Role.STAFF)
    join("invited", Role.MANAGER, password=None)
    names = [(one.member_id, one.name) for one in ask(second_person.colleagues, staff)]
    assert names == [(owner.member_id, owner.name), (manager.member_id, "haru")]
    assert [one.name for one in ask(second_person.colleagues, owner)] == ["haru"]
    checked = ask(second_person.check, staff, manager.member_id, password=PASSWORD)
    assert ask(second_person.confirmed, staff, checked) == manager
    assert ask(second_person.check, staff, manager.member_id, password="another one") == "second_person_wrong"
    with database.reading() as session:
        assert session.query(MemberSession).filter_by(member_id=manager.member_id).count() == 0


def test_nobody_else_can(ask, join, staff, owner, sign_up):
    stranger = sign_up(email="other@cafe.example", organisation="Other")[0]
    colleague = join("yuna", Role.STAFF)
    for whoever in (stranger, colleague, staff):
        assert ask(second_person.check, staff, whoever.member_id, password=PASSWORD) == "second_person_wrong"
    assert ask(second_person.check, owner, owner.member_id, password=PASSWORD) == "second_person_wrong"
    assert ask(second_person.check, staff, "mem_'; --", password=PASSWORD) == "second_person_wrong"


def test_who_lost_the_right_in_between_no_longer_agrees(ask, join, staff, database):
    for name, change in (
        ("suspended", {"status": "suspended"}),
        ("demoted", {"role": "staff"}),
        ("renewed", {"password_hash": passwords.hash_password("quite another one")}),
    ):
        manager = join(name, Role.MANAGER)
        checked = ask(second_person.check, staff, manager.member_id, password=PASSWORD)
        with database.transaction() as session:
            row = session.get_one(Member, manager.member_id)
            for member, value in change.items():
                setattr(row, member, value)
        assert ask(second_person.confirmed, staff, checked) == "second_person_not_allowed"


def test_tries_count_with_those_at_the_sign_in(ask, join, staff, clock, sealer, settings, database):
    manager = join("haru", Role.MANAGER)
    facts = {"sealer": sealer, "settings": settings, "address": "203.0.113.7"}

    def tried(member_id=manager.member_id):
        return ask(second_person.tries, staff, member_id, **facts)

    own = limits.sign_in_limits(sealer, settings, email_key="haru@cafe.example", address=facts["address"])
    assert tried() == own
    for _ in range(settings.sign_in_tries):
        ask(lambda session: limits.take(session, clock, tried()))
    with database.transaction() as session, pytest.raises(TooManyRequests):
        limits.take(session, clock, own)
    assert tried(staff.member_id) == "second_person_not_allowed"
