"""Staff sign in by PIN, at phones of the counter of their own organisation only."""

from dataclasses import replace

import pytest

from server.core.errors import Forbidden, NotFound, Unauthorised, Unprocessable
from server.core.sealing import Sealer
from server.core.tokens import new_token
from server.staff import counters, passwords, service, sessions
from server.staff.actor import Role

PIN = "2580"


@pytest.fixture
def till(do, owner):
    """Give a phone of the counter and its token."""
    return do(service.issue_counter, owner, name="Till ☕")


@pytest.fixture
def jun(do, sealer, owner):
    return do(service.add_staff, sealer, owner, name="Jun", pin=PIN)


@pytest.fixture
def sign_in(do, sealer):
    def sign_in(counter, member_id, pin=PIN):
        members = {"counter": counter, "member_id": member_id, "pin": pin}
        return do(service.sign_in_with_pin, sealer, **members, address="192.168.0.5")

    return sign_in


def refusal(kind, work, *arguments, **members):
    with pytest.raises(kind) as refused:
        work(*arguments, **members)
    return refused.value.code


def test_a_pin_signs_in_for_a_shift(till, jun, sign_in, database, clock, owner):
    actor, token = sign_in(till[1], jun.id)
    assert (actor.member_id, actor.role, actor.partner_id) == (jun.id, Role.STAFF, owner.partner_id)

    def find():
        with database.reading() as session:
            return sessions.find(session, clock, token)

    clock.advance(12 * 3600 - 1)
    assert find() == actor
    clock.advance(1)
    assert find() is None


def test_a_pin_is_worth_nothing_without_a_phone_of_the_counter(till, jun, sign_in, sign_up, do):
    other_owner, owner_token = sign_up(email="other@else.example")
    for counter in ("", "ctr_x", new_token("ctr"), owner_token, till[1][:-1]):
        assert refusal(Unauthorised, sign_in, counter, jun.id) == "counter_unknown"
    _, elsewhere = do(service.issue_counter, other_owner, name="Till")
    assert refusal(Unauthorised, sign_in, elsewhere, jun.id) == "pin_wrong"


def test_wrong_pins_and_wrong_names_cost_one_hash_each(till, jun, owner, do, sealer, sign_in, monkeypatch):
    gone = do(service.add_staff, sealer, owner, name="Gone", pin=PIN)
    do(service.suspend, owner, member_id=gone.id)
    calls = []
    real = passwords.verify
    monkeypatch.setattr(
        passwords, "verify", lambda *args, **members: calls.append(1) or real(*args, **members)
    )
    for member_id, pin in [
        (jun.id, "8520"),
        (jun.id, ""),
        (gone.id, PIN),
        (owner.member_id, PIN),
        ("x" * 9999, PIN),
    ]:
        assert refusal(Unauthorised, sign_in, till[1], member_id, pin) == "pin_wrong"
    assert len(calls) == 5


def test_names_are_shown_on_a_phone_of_the_counter_alone(till, jun, owner, do, sealer, database):
    do(service.add_staff, sealer, owner, name="Ara", pin=PIN)
    gone = do(service.add_staff, sealer, owner, name="Gone", pin=PIN)
    do(service.suspend, owner, member_id=gone.id)
    do(service.invite, sealer, owner, email="a@cafe.example", name="No PIN", role=Role.STAFF)
    with database.reading() as session:
        assert [each.name for each in service.staff_at(session, counter=till[1])] == ["Ara", "Jun"]
        assert service.staff_at(session, counter=new_token("ctr")) == ()


def test_a_revoked_phone_signs_nobody_in_and_its_sessions_end(till, jun, owner, do, sign_in, database, clock):
    view, counter = till
    _, token = sign_in(counter, jun.id)
    _, by_password = do(
        service.sign_in, email="mina@cafe.example", password="correct horse battery", address=""
    )
    do(service.revoke_counter, owner, counter_id=view.id)
    with database.reading() as session:
        assert sessions.find(session, clock, token) is None
        assert sessions.find(session, clock, by_password) == owner
        assert service.list_counters(session, owner) == ()
    assert refusal(Unauthorised, sign_in, counter, jun.id) == "counter_unknown"
    do(service.revoke_counter, owner, counter_id=view.id)  # once more does nothing


def test_a_phone_revoked_between_pin_and_sign_in(till, jun, owner, do, sealer, database):
    view, counter = till
    with database.reading() as session:
        verified = counters.check_pin(session, sealer, counter=counter, member_id=jun.id, pin=PIN)
    do(service.revoke_counter, owner, counter_id=view.id)
    assert (
        refusal(Unauthorised, do, counters.sign_in_with_verified_pin, verified, address="")
        == "counter_unknown"
    )


def test_managers_issue_phones_and_staff_do_not(do, owner, jun, till, database, sign_up):
    manager = replace(owner, role=Role.MANAGER)
    view, _ = do(service.issue_counter, manager, name="Second till")
    staff = replace(owner, role=Role.STAFF)
    assert refusal(Forbidden, do, service.issue_counter, staff, name="Third") == "not_allowed"
    assert refusal(Forbidden, do, service.revoke_counter, staff, counter_id=view.id) == "not_allowed"
    with database.reading() as session:
        assert {each.name for each in service.list_counters(session, manager)} == {"Till ☕", "Second till"}
        with pytest.raises(Forbidden):
            service.list_counters(session, staff)
    other, _ = sign_up(email="other@else.example")
    assert refusal(NotFound, do, service.revoke_counter, other, counter_id=view.id) == "not_found"
    assert refusal(Unprocessable, do, service.issue_counter, owner, name="x" * 10_000) == "name_invalid"


def test_a_new_pin_or_role_ends_the_sessions_of_the_old_one(
    till, jun, owner, do, sealer, sign_in, database, clock
):
    _, token = sign_in(till[1], jun.id)
    do(service.set_pin, sealer, owner, member_id=jun.id, pin="9173")
    with database.reading() as session:
        assert sessions.find(session, clock, token) is None
    assert refusal(Unauthorised, sign_in, till[1], jun.id) == "pin_wrong"
    sign_in(till[1], jun.id, "9173")


def test_a_copy_of_the_database_alone_does_not_tell_a_pin(jun, member, sealer):
    """Without the server's key no PIN fits the hash, so that ten thousand tries find nothing."""
    stored = member(jun.id).pin_hash
    assert passwords.verify(PIN, stored, secret=counters.pin_secret(sealer))
    assert not passwords.verify(PIN, stored)
    assert not passwords.verify(PIN, stored, secret=counters.pin_secret(Sealer(bytes(32))))


def test_a_phone_knows_itself_by_its_token_until_it_is_revoked(till, owner, do, database):
    view, counter = till
    with database.reading() as session:
        assert service.this_counter(session, counter=counter).name == "Till ☕"
        for other in ("", "ctr_x", new_token("ctr"), counter[:-1]):
            assert service.this_counter(session, counter=other) is None
    do(service.revoke_counter, owner, counter_id=view.id)
    with database.reading() as session:
        assert service.this_counter(session, counter=counter) is None


def test_the_list_tells_when_a_phone_was_last_used(till, jun, owner, do, sign_in, database, clock):
    clock.advance(1)
    do(service.issue_counter, owner, name="Unused")

    def seen():
        with database.reading() as session:
            return [each.seen_at for each in service.list_counters(session, owner)]

    assert seen() == [None, None]
    clock.advance(60)
    sign_in(till[1], jun.id)
    clock.advance(60)
    sign_in(till[1], jun.id)
    assert seen() == [clock.now(), None]
