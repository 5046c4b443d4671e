"""The small parts: identifiers, moments, tokens, strict JSON, cursors."""

import json
import uuid
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import insert, select

from server.core.audit import AuditEntry, record
from server.core.clock import FrozenClock, SystemClock
from server.core.database import make_engine
from server.core.errors import BadRequest
from server.core.identifiers import new_id
from server.core.outbox import OutboxMessage, enqueue
from server.core.strict_json import parse_strict_json
from server.core.tokens import hash_token, is_well_formed, new_token

MOMENTS = st.datetimes(min_value=datetime(1990, 1, 1), max_value=datetime(2200, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001


@given(at=MOMENTS)
def test_identifiers_are_version_7_uuids_of_their_moment(at):
    prefix, _, digits = new_id("prs", FrozenClock(at)).partition("_")
    identifier = uuid.UUID(hex=digits)
    assert prefix == "prs"
    assert (identifier.version, identifier.variant) == (7, uuid.RFC_4122)
    milliseconds = identifier.int >> 80
    assert milliseconds == (at - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(milliseconds=1)


@given(first=MOMENTS, second=MOMENTS)
def test_identifiers_sort_as_their_moments(first, second):
    if abs(second - first) < timedelta(microseconds=1):
        return
    earlier, later = sorted((first, second))
    assert new_id("prs", FrozenClock(earlier)) < new_id("prs", FrozenClock(later))


def test_identifiers_of_one_moment_differ():
    clock = FrozenClock(datetime(2026, 1, 1, tzinfo=UTC))
    assert len({new_id("prs", clock) for _ in range(1000)}) == 1000


@pytest.mark.parametrize("prefix", ["", "p", "PRS", "far_too_long", "p1"])
def test_a_prefix_that_is_none_is_refused(prefix):
    with pytest.raises(ValueError, match="prefix"):
        new_id(prefix, SystemClock())


def test_moments_come_back_in_utc_and_naive_ones_are_refused(session):
    seoul = datetime(2026, 11, 20, 9, 30, 0, 123456, tzinfo=timezone(timedelta(hours=9)))
    entry = record(session, FrozenClock(seoul), actor="a", action="b", subject="c")
    session.flush()
    session.expire(entry)
    assert entry.at == seoul
    assert entry.at.utcoffset() == timedelta(0)
    values = {
        "id": "x",
        "at": seoul.replace(tzinfo=None),
        "actor": "a",
        "action": "b",
        "subject": "c",
        "detail": {},
    }
    with pytest.raises(Exception, match="naive"):
        session.execute(insert(AuditEntry).values(values))


def test_clocks_refuse_naive_moments_and_can_be_moved():
    with pytest.raises(ValueError, match="naive"):
        FrozenClock(datetime(2026, 1, 1))  # noqa: DTZ001
    clock = FrozenClock(datetime(2026, 1, 1, tzinfo=UTC))
    assert clock.advance(90) - datetime(2026, 1, 1, tzinfo=UTC) == timedelta(seconds=90)
    assert clock.advance(-90) == datetime(2026, 1, 1, tzinfo=UTC)


def test_not_a_number_does_not_get_into_json_columns(session, clock):
    enqueue(session, clock, topic="test.sent", payload={"value": float("nan")})
    with pytest.raises(Exception, match="Out of range float"):
        session.flush()


def test_the_outbox_row_belongs_to_the_transaction(database, clock):
    def lose():
        with database.transaction() as session:
            enqueue(session, clock, topic="test.lost", payload={})
            session.flush()
            raise LookupError

    with pytest.raises(LookupError):
        lose()
    with database.transaction() as session:
        enqueue(session, clock, topic="test.kept", payload={"a": [1, "둘"]})
    with database.reading() as session:
        (message,) = session.scalars(select(OutboxMessage))
    assert (message.topic, message.payload, message.delivered_at) == ("test.kept", {"a": [1, "둘"]}, None)


@given(st.sampled_from(["sk", "pk", "dt"]), st.integers(0, 46), st.characters(codec="ascii"))
def test_a_token_with_one_character_changed_is_none(prefix, at, character):
    token = new_token(prefix)
    assert is_well_formed(token)
    changed = token[:at] + character + token[at + 1 :]
    if changed != token:
        assert not is_well_formed(changed)
        assert hash_token(changed) != hash_token(token)


PLAIN = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63) + 1, 2**63 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(codec="utf-8", exclude_characters="\x00")),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.text(st.characters(codec="utf-8", exclude_characters="\x00")), inner, max_size=4)
    ),
    max_leaves=20,
)


@given(PLAIN)
def test_strict_json_reads_plain_values_as_python_does(value):
    assert parse_strict_json(json.dumps(value).encode()) == value


@given(st.binary(max_size=60))
def test_strict_json_never_fails_but_by_refusing(body):
    try:
        value = parse_strict_json(body)
    except BadRequest as problem:
        assert problem.code == "malformed_json"  # noqa: PT017 (both outcomes are right)
    else:
        assert json.loads(body) == value


def test_a_database_in_memory_is_refused_with_the_reason():
    with pytest.raises(ValueError, match="in memory"):
        make_engine("sqlite://")
