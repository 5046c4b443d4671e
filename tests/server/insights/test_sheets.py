"""A month beside the month before, and who may take it away to print."""

from datetime import date

import pytest
from sqlalchemy import select

from server.core.audit import AuditEntry
from server.core.errors import Forbidden, NotFound
from server.insights.exports import export_month_sheet
from server.insights.month import month
from server.insights.sheets import month_sheet
from server.staff.actor import Role
from tests.server.insights.world import actor_of, found_world, live


def test_a_sheet_has_the_month_and_the_one_before(session, clock, travelling):
    live(travelling, days=40, events=60, seed=7)
    travelling.roll_up()
    actor = travelling.actor
    sheet = month_sheet(session, clock, actor, None)
    assert (sheet.now.first, sheet.before.first) == (date(2026, 11, 1), date(2026, 10, 1))
    assert sheet.now == month(session, clock, actor, None)
    assert sheet.before == month(session, clock, actor, None, date(2026, 10, 31))
    assert set(sheet.places) == set(travelling.shops)
    first = next(iter(sheet.places.values()))
    assert sheet.today == clock.now().astimezone(first.zone).date()
    assert not sheet.is_empty
    january = month_sheet(session, clock, actor, travelling.shops[1:], date(2026, 1, 31))
    assert (january.now.first, january.before.first) == (date(2026, 1, 1), date(2025, 12, 1))
    assert january.is_empty
    assert list(january.places) == travelling.shops[1:]


def test_it_is_noted_who_takes_a_sheet_away(session, clock, world):
    world.stamp(world.customer(), world.shops[0])
    world.roll_up()
    drawn = []

    def draw(sheet):
        drawn.append(sheet)
        return b"%PDF"

    export = export_month_sheet(session, clock, world.actor, None, date(2026, 11, 9), draw=draw)
    assert drawn == []  # nothing is read before the note is committed
    assert b"".join(export.pieces(session)) == b"%PDF"
    assert (export.file_name, export.media_type) == ("month-2026-11.pdf", "application/pdf")
    assert drawn[0].now.total.stamps == 1
    entry = session.scalars(select(AuditEntry).where(AuditEntry.action == "month.exported")).one()
    assert (entry.actor, entry.detail["month"], entry.detail["format"]) == (
        world.actor.member_id, "2026-11", "pdf"
    )  # fmt: skip


def test_roles_and_other_peoples_shops(session, clock, world):
    other = found_world(session, clock, name="Other")
    with pytest.raises(NotFound):
        month_sheet(session, clock, world.actor, other.shops)
    with pytest.raises(NotFound):
        export_month_sheet(session, clock, world.actor, other.shops, draw=bytes)
    with pytest.raises(Forbidden):
        month_sheet(session, clock, actor_of(world.partner_id, Role.STAFF), None)
    for role in (Role.STAFF, Role.MANAGER):
        with pytest.raises(Forbidden):
            export_month_sheet(session, clock, actor_of(world.partner_id, role), None, draw=bytes)
    assert session.scalars(select(AuditEntry).where(AuditEntry.action == "month.exported")).all() == []
