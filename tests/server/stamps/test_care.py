"""Suspending, resuming and replacing a stamp: by who may, and seen by every process at once."""

import pytest
from sqlalchemy import select

from server.core.audit import AuditEntry
from server.core.errors import Problem, Unprocessable
from server.stamps.care import replace, resume, suspend
from server.stamps.models import Stamp, StampPlace
from server.stamps.schemas import StampReplacement
from tests.server.crowds import at_once
from tests.server.people import member

NEW = [[0.0, 0.0], [20.0, 3.0], [33.0, 20.0], [12.0, 30.0], [1.0, 17.0]]


@pytest.fixture
def manager(partner):
    return member(partner.id, "manager")


@pytest.fixture
def act(app, clock, manager, settings):
    """Do it in a transaction of its own, which commits; returns the result, or the refusal's code."""

    def run(work, stamp_id, *, actor=manager, **members):
        extra = {}
        if work is replace:
            body = StampReplacement(**{"serial": "S-NEW", "pattern_mm": NEW} | members)
            extra = {"body": body, "settings": settings}
        with app.state.database.transaction() as session:
            try:
                return work(session, clock, actor, stamp_id=stamp_id, **extra)
            except Problem as problem:
                return problem.code

    return run


@pytest.fixture
def seen(app):
    """Read the stamps as a process sees them at its next press: serial to status and shops."""

    def read():
        with app.state.database.reading() as session:
            app.state.registry.refresh(session)
            rows = session.execute(select(Stamp.serial, Stamp.number, Stamp.status)).all()
            places = session.execute(select(StampPlace.stamp_number, StampPlace.shop_id)).all()
        known = app.state.registry
        for _, number, status in rows:
            assert known.stamp(number).status == status
        shops = {number: {shop for place, shop in places if place == number} for _, number, _ in rows}
        return {serial: (status, shops[number]) for serial, number, status in rows}

    return read


def test_suspended_and_resumed(make_stamp, act, seen):
    stamp = make_stamp()
    shops = set(stamp["shops"])
    act(suspend, stamp["id"])
    assert seen() == {stamp["serial"]: ("suspended", shops)}
    act(resume, stamp["id"])
    assert seen() == {stamp["serial"]: ("active", shops)}


def test_a_new_stamp_takes_the_lost_ones_place(make_shop, make_stamp, act, seen, app, manager):
    shops = [make_shop()["id"], make_shop()["id"]]
    lost = make_stamp(kind="zone", shops=shops)
    seen()
    made = act(replace, lost["id"])
    assert (made.stamp.kind, made.stamp.status) == ("zone", "active")
    assert seen() == {lost["serial"]: ("retired", set(shops)), "S-NEW": ("active", set(shops))}
    with app.state.database.reading() as session:
        entries = session.scalars(select(AuditEntry).where(AuditEntry.actor == manager.member_id)).all()
    assert sorted(entry.action for entry in entries) == [
        "stamp.changed",
        "stamp.registered",
        "stamp.replaced",
    ]
    replaced = next(entry for entry in entries if entry.action == "stamp.replaced")
    assert (replaced.subject, replaced.detail) == (lost["id"], {"by": made.stamp.id})
    # It is gone for good.
    for work in (replace, suspend, resume):
        assert act(work, lost["id"], **({"serial": "S-3"} if work is replace else {})) == "stamp_retired"


@pytest.mark.parametrize("kind", ["fixed", "courier"])
def test_of_every_kind(make_stamp, act, kind):
    lost = make_stamp(kind=kind)
    assert act(replace, lost["id"]).stamp.kind == kind


def test_what_fails_changes_nothing(make_stamp, act, seen):
    lost, other = make_stamp(), make_stamp()
    before = seen()
    assert act(replace, lost["id"], serial=lost["serial"]) == "serial_taken"
    assert act(replace, lost["id"], serial=other["serial"]) == "serial_taken"
    close = [[0.0, 0.0], [1.0, 0.0], [30.0, 12.0], [9.0, 25.0], [24.0, 31.0]]
    with pytest.raises((Problem, ValueError)) as refused:
        raise_unless_done(act(replace, lost["id"], pattern_mm=close))
    assert refused.value is not None
    assert seen() == before


def raise_unless_done(outcome):
    if isinstance(outcome, str):
        raise Unprocessable(code=outcome)


def test_two_replacements_at_once_are_one(make_stamp, act, seen):
    lost = make_stamp()
    outcomes = at_once(*[lambda n=n: act(replace, lost["id"], serial=f"S-NEW-{n}") for n in range(4)])
    assert outcomes.count("stamp_retired") == 3
    assert sorted(status for status, _ in seen().values()) == ["active", "retired"]


def test_who_may(make_stamp, make_partner, act, partner, seen):
    stamp = make_stamp()
    before = seen()
    for work in (suspend, resume, replace):
        assert act(work, stamp["id"], actor=member(make_partner().id)) == "stamp_not_found"
        assert act(work, stamp["id"], actor=member(partner.id, "staff")) == "not_allowed"
    assert seen() == before


def test_a_replacement_has_one_pattern():
    for members in ({}, {"pattern_mm": NEW, "presses": [{"touches": NEW, "px_per_mm": 6.0}] * 3}):
        with pytest.raises(ValueError, match="pattern_mm or presses"):
            StampReplacement(serial="S-1", **members)
