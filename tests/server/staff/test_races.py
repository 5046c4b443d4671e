"""Many at once, on both databases."""

from collections import Counter
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from server.core.errors import Problem
from server.partners.models import Partner
from server.staff import passwords, service, sessions
from server.staff.actor import Role
from server.staff.limits import Limit
from server.staff.mail import deliver_mail
from server.staff.models import Member
from tests.server.crowds import each_at_once
from tests.server.staff.conftest import PASSWORD, Outbound

THREADS = 8


def at_once(work, count=THREADS):
    """Run work(0), work(1) … at once; return a code each, or what was returned."""

    def outcome(number):
        try:
            return work(number)
        except Problem as problem:
            return problem.code

    return each_at_once(outcome, range(count))


def test_of_many_sign_ups_with_one_e_mail_one_succeeds(sign_up, database):
    outcomes = at_once(
        lambda number: sign_up(email="Mina@cafe.example" if number % 2 else "mina@cafe.example")
    )
    assert outcomes.count("email_taken") == THREADS - 1
    with database.reading() as session:
        assert session.scalar(select(func.count()).select_from(Member)) == 1
        assert session.scalar(select(func.count()).select_from(Partner)) == 1


def test_a_link_used_by_many_at_once_sets_one_password(owner, do, sealer):
    outbound = Outbound()
    do(service.request_reset, sealer, email="mina@cafe.example")
    do(deliver_mail, sealer, outbound, public_origin=None)
    token = outbound.token()
    outcomes = at_once(lambda number: do(service.reset, token=token, password=f"password {number} of many"))
    assert outcomes.count("link_invalid") == THREADS - 1
    winner = next(number for number, outcome in enumerate(outcomes) if outcome == owner.member_id)
    do(service.sign_in, email="mina@cafe.example", password=f"password {winner} of many", address="")


def test_a_limit_lets_exactly_as_many_through_as_it_says(database, clock, settings):
    limit = Limit("b" * 64, 5, timedelta(minutes=15), "limit_reached", personal=True)

    def take(_number):
        with database.transaction() as session:
            limit.take(session, clock)

    outcomes = at_once(take, 12)
    assert Counter(outcomes) == {None: 5, "limit_reached": 7}


def test_owners_who_suspend_one_another_leave_one(owner, do, sealer, database):
    view = do(service.invite, sealer, owner, email="ara@cafe.example", name="Ara", role=Role.OWNER)
    with database.transaction() as session:
        session.get_one(Member, view.id).password_hash = passwords.hash_password(PASSWORD)
    both = [owner.member_id, view.id]
    outcomes = at_once(lambda number: do(service.suspend, owner, member_id=both[number]).id, 2)
    assert outcomes.count("last_owner") == 1
    with database.reading() as session:
        active = session.scalars(select(Member.id).where(Member.status == "active")).all()
    assert len(active) == 1


def test_letters_are_handed_over_once_by_many_deliverers(owner, do, sealer, clock):
    outbound = Outbound()
    for number in range(4):
        do(service.invite, sealer, owner, email=f"m{number}@cafe.example", name="M", role=Role.STAFF)

    def deliver(_number):
        while do(deliver_mail, sealer, outbound, public_origin=None):
            pass

    at_once(deliver, 4)
    assert sorted(mail.to for mail in outbound.sent) == [f"m{number}@cafe.example" for number in range(4)]


@pytest.mark.parametrize("act", ["suspend", "reset"])
def test_no_sign_in_survives_what_ends_all_sessions(owner, do, sealer, database, clock, act):
    """However a sign-in and the end of all sessions fall together, no session is left afterwards."""
    view = do(service.invite, sealer, owner, email="ara@cafe.example", name="Ara", role=Role.MANAGER)
    outbound = Outbound()
    do(deliver_mail, sealer, outbound, public_origin=None)
    do(service.reset, token=outbound.token(), password=PASSWORD)
    do(service.request_reset, sealer, email="ara@cafe.example")
    do(deliver_mail, sealer, outbound, public_origin=None)

    def work(number):
        if number:
            return do(service.sign_in, email="ara@cafe.example", password=PASSWORD, address="")[1]
        if act == "suspend":
            return do(service.suspend, owner, member_id=view.id)
        return do(service.reset, token=outbound.token(), password="another password")

    tokens = [outcome for outcome in at_once(work)[1:] if outcome != "sign_in_failed"]
    with database.reading() as session:
        assert [sessions.find(session, clock, token) for token in tokens] == [None] * len(tokens)
