"""How many statements a press costs."""

from contextlib import contextmanager

import pytest
from sqlalchemy import event

from tests.server.presses.envelopes import OTHER_PATTERN, at, press_of


@contextmanager
def counted(engine):
    statements = []

    def note(_connection, _cursor, statement, *_rest):
        statements.append(" ".join(statement.split()))

    event.listen(engine, "before_cursor_execute", note)
    try:
        yield statements
    finally:
        event.remove(engine, "before_cursor_execute", note)


@pytest.fixture
def statements_of(engine, cafe, phone, make_phone):
    """Let the process learn of the café first, and then submit an envelope; return the statements it took."""
    make_phone().press(touches=press_of(seed=100))

    def submit(text, status):
        with counted(engine) as statements:
            answer = phone.submit(text)
        assert answer.status_code == status, answer.text
        return [statement for statement in statements if not statement.startswith(("BEGIN", "PRAGMA"))]

    return submit


def test_an_accepted_press_on_an_existing_card(cafe, phone, statements_of):
    phone.press(touches=press_of(seed=1))
    statements = statements_of(phone.envelope(touches=press_of(seed=2)), 200)
    # Stored answer, device, turn, challenge, attempts, clock of the stamps, shop, capture, visit (2); the
    # programme's standing and booking; press, fingerprint, audit, message.
    assert len(statements) == 18, "\n".join(statements)


def test_the_first_press_of_a_visit_and_of_a_card(cafe, phone, statements_of):
    statements = statements_of(phone.envelope(touches=press_of(seed=2)), 200)
    assert len(statements) == 20, "\n".join(statements)


def test_a_replay_is_one_query(cafe, phone, statements_of):
    text = phone.envelope()
    phone.submit(text)
    assert len(statements_of(text, 200)) == 1


def test_a_forged_press_is_cheap(cafe, phone, statements_of):
    """The stored answer, the device, the count of such presses, the row in the log and the audit."""
    text = phone.envelope()
    assert len(statements_of(text[:-8] + "AAAAAAAA", 401)) == 5


def test_refusals_cost_less_than_credits(cafe, phone, statements_of):
    unknown = statements_of(phone.envelope(touches=press_of(OTHER_PATTERN)), 422)
    away = statements_of(phone.envelope(touches=press_of(seed=3), location=at(37.4979, 127.0276)), 422)
    assert len(unknown) == 8, "\n".join(unknown)
    assert len(away) == 9, "\n".join(away)
