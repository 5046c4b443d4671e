"""Sessions begin with a sign-in, are renewed while in use, and end at once."""

import pytest
from sqlalchemy import select

from server.core.audit import AuditEntry
from server.core.tokens import hash_token, new_token
from server.staff import service, sessions
from server.staff.actor import Role
from server.staff.models import Member, MemberSession
from tests.server.staff.conftest import PASSWORD

DAY = 24 * 3600


@pytest.fixture
def find(database, clock):
    def find(token):
        with database.reading() as session:
            return sessions.find(session, clock, token)

    return find


@pytest.fixture
def sign_in(do):
    def sign_in(address="203.0.113.7", **members):
        return do(service.sign_in, email="mina@cafe.example", password=PASSWORD, address=address, **members)[
            1
        ]

    return sign_in


def test_a_session_finds_its_member_and_keeps_no_token(sign_up, find, database):
    actor, token = sign_up()
    assert find(token) == actor
    assert actor.member_id.startswith("mem_")
    assert (actor.role, actor.name) == (Role.OWNER, "Mina")
    with database.reading() as session:
        row = session.scalars(select(MemberSession)).one()
        assert row.id.startswith("ses_")
        assert row.token_hash == hash_token(token)
        entries = session.scalars(select(AuditEntry))
        assert token not in repr([(entry.actor, entry.subject, entry.detail) for entry in entries])


@pytest.mark.parametrize(
    "token",
    ["", "x", "ow_", new_token("ow"), new_token("dt"), "ow_\x00", "é"],
    ids=[
        "empty",
        "letter",
        "prefix",
        "unknown",
        "device",
        "null",
        "accent",
    ],  # tokens are new in each process
)
def test_tokens_that_open_nothing(owner, find, token):
    assert find(token) is None


def test_a_token_of_another_kind_is_not_even_looked_for(sign_up, database, clock, find):
    _, token = sign_up()
    with database.transaction() as session:
        session.scalars(select(MemberSession)).one().token_hash = hash_token(other := new_token("dt"))
    assert find(other) is None
    assert find(token) is None


def test_a_session_that_was_ended_is_dead(sign_up, sign_in, do, find):
    actor, token = sign_up()
    other = sign_in()
    do(sessions.close, token)
    assert find(token) is None
    assert find(other) == actor
    do(sessions.close, token)  # once more does nothing
    do(sessions.close, new_token("ow"))
    assert find(other) == actor


def test_out_everywhere(sign_up, sign_in, do, find):
    actor, token = sign_up()
    tokens = [token, sign_in(), sign_in()]
    assert do(service.sign_out_everywhere, actor) == 3
    assert [find(each) for each in tokens] == [None] * 3


def test_an_unused_session_ends_and_a_used_one_is_renewed_once_an_hour(sign_up, database, clock, find):
    actor, token = sign_up()

    def look():
        with database.reading() as session:
            return sessions.look_up(session, clock, token)

    def row():
        with database.reading() as session:
            return session.scalars(select(MemberSession)).one()

    first = row()
    assert not look().due
    clock.advance(3599)
    with database.transaction() as session:
        sessions.renew(session, clock, first.id)
    assert row().expires_at == first.expires_at
    clock.advance(1)
    assert look().due
    with database.transaction() as session:
        sessions.renew(session, clock, first.id)
    assert (row().expires_at - first.expires_at).total_seconds() == 3600
    assert not look().due
    clock.advance(30 * DAY - 1)
    assert find(token) == actor
    clock.advance(1)
    assert find(token) is None
    with database.transaction() as session:
        sessions.renew(session, clock, first.id)
    assert find(token) is None


def test_expired_rows_are_swept_at_the_next_sign_in(sign_up, sign_in, clock, database):
    sign_up()
    clock.advance(31 * DAY)
    sign_in()
    with database.reading() as session:
        assert len(session.scalars(select(MemberSession)).all()) == 1


@pytest.mark.parametrize(
    ("address", "kept"),
    [
        ("203.0.113.7", "private"),  # TEST-NET counts as private
        ("8.8.8.8", "ipv4"),
        ("2001:4860:4860::8888", "ipv6"),
        ("127.0.0.1", "loopback"),
        ("192.168.0.7", "private"),
        ("testclient", "unknown"),
        ("", "unknown"),
    ],
)
def test_of_the_address_only_its_class_is_kept(owner, sign_in, database, clock, address, kept):
    clock.advance(1)
    sign_in(address=address)
    with database.reading() as session:
        rows = session.scalars(select(MemberSession).order_by(MemberSession.id)).all()
        assert rows[-1].address_class == kept
        columns = [str(getattr(rows[-1], column.key)) for column in MemberSession.__table__.columns]
        assert not address or address not in columns


def test_a_role_and_name_hold_in_open_sessions_from_the_next_look(sign_up, find, do, database):
    actor, token = sign_up()
    with database.transaction() as session:
        row = session.get_one(Member, actor.member_id)
        row.role, row.name = "staff", "Mina K."
    assert (find(token).role, find(token).name) == (Role.STAFF, "Mina K.")
