"""A request is one transaction, committed before the answer: a failed commit is a 500 and leaves no row."""

import threading

import pytest
from sqlalchemy import event, func, select
from sqlalchemy.orm import Session

from server.core.audit import AuditEntry, record
from server.core.database import ReadSessionDep, SessionDep
from server.core.dependencies import ClockDep
from server.core.errors import Conflict


@pytest.fixture
def writing_client(app, client):
    @app.post("/test/write")
    def write(session: SessionDep, clock: ClockDep) -> dict[str, str]:
        record(session, clock, actor="test", action="test.written", subject="x")
        return {"said": "written"}

    @app.post("/test/refuse")
    def refuse(session: SessionDep, clock: ClockDep) -> dict[str, str]:
        record(session, clock, actor="test", action="test.refused", subject="x")
        session.flush()
        raise Conflict("not now")

    @app.post("/test/write-while-reading")
    def write_while_reading(session: ReadSessionDep, clock: ClockDep) -> dict[str, str]:
        record(session, clock, actor="test", action="test.smuggled", subject="x")
        session.flush()
        session.commit()
        return {"said": "written"}

    return client


def rows(app):
    with app.state.database.reading() as session:
        return session.scalar(select(func.count()).select_from(AuditEntry).where(AuditEntry.actor == "test"))


def test_the_row_is_there_when_the_answer_is(app, writing_client):
    assert writing_client.post("/test/write").json() == {"said": "written"}
    assert rows(app) == 1


def test_a_commit_that_fails_is_a_500_and_leaves_no_row(app, writing_client):
    def fail(_session):
        raise RuntimeError("the disk is full")

    event.listen(Session, "before_commit", fail)
    try:
        answer = writing_client.post("/test/write")
    finally:
        event.remove(Session, "before_commit", fail)
    assert answer.status_code == 500
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["code"] == "internal_error"
    assert "disk" not in answer.text
    assert rows(app) == 0


def test_a_problem_rolls_back(app, writing_client):
    assert writing_client.post("/test/refuse").status_code == 409
    assert rows(app) == 0


def test_a_reading_session_cannot_write(app, writing_client):
    assert writing_client.post("/test/write-while-reading").status_code >= 500
    assert rows(app) == 0


def test_more_waiting_requests_than_threads_do_not_block_each_other(app, writing_client):
    """Waiting for SQLite's connection inside worker threads would leave none for the request that has it."""
    count = 80
    failures = []

    def post():
        answer = writing_client.post("/test/write")
        if answer.status_code != 200:
            failures.append(answer.text)

    threads = [threading.Thread(target=post) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert failures == []
    assert rows(app) == count
