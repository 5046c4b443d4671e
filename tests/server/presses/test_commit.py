"""A failure at the end leaves nothing and is never called a success."""

import pytest
from sqlalchemy import event
from sqlalchemy.exc import IntegrityError, OperationalError
from sqlalchemy.orm import Session

from server.core.audit import AuditEntry
from server.presses import pipeline
from server.presses.models import CaptureFingerprint, Press, Visit
from tests.server.presses.envelopes import press_of


@pytest.fixture
def failing_commit(app):
    """Make every commit fail, until told to stop."""
    failing = []

    def refuse(session):
        if failing:
            raise RuntimeError("the disk is gone")

    event.listen(Session, "before_commit", refuse)
    yield failing
    event.remove(Session, "before_commit", refuse)


def test_a_commit_that_fails_is_a_500_without_a_credit_and_the_phone_may_try_again(
    cafe, phone, look, failing_commit
):
    text = phone.envelope()
    before = look.count(AuditEntry)
    failing_commit.append(True)
    answer = phone.submit(text)
    failing_commit.clear()
    assert (answer.status_code, answer.json()["code"]) == (500, "internal_error")
    assert look.bookings() == look.count(Press) == look.count(Visit) == look.count(CaptureFingerprint) == 0
    assert look.count(AuditEntry) == before
    again = phone.submit(text)
    assert again.status_code == 200
    assert "Idempotent-Replayed" not in again.headers
    assert look.credits() == 1


@pytest.mark.parametrize("step", range(len(pipeline.STEPS)))
def test_a_failure_in_any_step_leaves_nothing(cafe, phone, look, monkeypatch, step):
    def broken(_desk, _case):
        raise RuntimeError("a fault in the code")

    text = phone.envelope()
    with monkeypatch.context() as patch:
        patch.setattr(pipeline, "STEPS", (*pipeline.STEPS[:step], broken, *pipeline.STEPS[step + 1 :]))
        assert phone.submit(text).status_code == 500
    assert look.bookings() == look.count(Press) == look.count(Visit) == 0
    assert phone.submit(text).status_code == 200


class _DeadlockError(Exception):
    sqlstate = "40P01"


@pytest.mark.parametrize(
    "error",
    [OperationalError("", {}, _DeadlockError()), IntegrityError("", {}, Exception("a rival was first"))],
    ids=["deadlock", "unique"],
)
def test_a_lost_race_is_judged_again_from_the_start(cafe, phone, look, monkeypatch, error):
    losses = [error, error]

    def losing(desk, case):
        reason = pipeline.apply_effects(desk, case)
        if losses:
            raise losses.pop()
        return reason

    monkeypatch.setattr(pipeline, "STEPS", (*pipeline.STEPS[:-1], losing))
    body = phone.press().json()
    assert (body["verdict"], body["card"]["stamps"], body["visit"]["presses"]) == ("accepted", 1, 1)
    assert losses == []
    assert look.credits() == look.count(Press) == look.count(Visit) == 1


def test_a_race_that_is_always_lost_ends(cafe, phone, look, monkeypatch):
    calls = []

    def losing(_desk, _case):
        calls.append(1)
        raise OperationalError("", {}, _DeadlockError())

    monkeypatch.setattr(pipeline, "STEPS", (losing,))
    answer = phone.press()
    assert (answer.status_code, answer.json()["code"]) == (503, "database_unavailable")
    assert len(calls) == 4
    assert look.count(Press) == 0


def test_a_database_that_is_gone_is_not_asked_again(cafe, phone, monkeypatch):
    calls = []

    def gone(_desk, _case):
        calls.append(1)
        raise OperationalError("", {}, Exception("connection lost"))

    monkeypatch.setattr(pipeline, "STEPS", (gone,))
    assert phone.press(touches=press_of(seed=2)).status_code == 503
    assert len(calls) == 1
