"""The shop's stamps: how much they are used, suspended and resumed, a lost one replaced."""

import re

import pytest
from sqlalchemy import event, select
from sqlalchemy.exc import OperationalError

from server.core.errors import Conflict
from server.staff.actor import Role
from server.stamps import care
from server.stamps.models import Stamp
from tests.console.cafe import change_role, join
from tests.console.phones import on_card
from tests.console.test_pages import faults
from tests.console.wizard import medium

pytestmark = pytest.mark.browser
STAMPS = "/owner/stamps"


def confirm(visitor, key):
    visitor.page.get_by_role("dialog").get_by_role("button", name=visitor.words(key), exact=True).click()


def states(house, cafe):
    with house.state.database.reading() as session:
        rows = session.scalars(select(Stamp).where(Stamp.partner_id == cafe.actor.partner_id))
        return {row.serial: row.status for row in rows}


def act(visitor, key):
    visitor.page.get_by_role("button", name=re.compile(f"^{re.escape(visitor.words(key))}: ")).click()


@pytest.mark.parametrize(("language", "width", "number"), [("ko", 390, 330_001), ("en", 1280, 330_002)])
def test_suspended_resumed_replaced(house, visit, cafe, phone, language, width, number):
    visitor = visit(language=language, width=width).bring(cafe.token).open(STAMPS)
    visitor.sees("stamps.unused")
    phone.stamp()
    visitor.page.reload()
    line = visitor.page.locator(".stamp-line")
    line.get_by_text(
        re.compile(visitor.words("stamps.used", count=1, last=".+").replace("·", "."))
    ).wait_for()
    assert faults(visitor.page) == []
    assert visitor.page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0

    act(visitor, "stamps.suspend")
    confirm(visitor, "stamps.suspend")
    visitor.sees("stamps.state.suspended")
    assert phone.press()["code"] == "stamp_unavailable"
    act(visitor, "stamps.resume")
    confirm(visitor, "stamps.resume")
    visitor.sees("stamps.state.active")
    assert phone.press()["code"] == "stamped"

    new = medium().serial(number)
    act(visitor, "stamps.replace")
    visitor.fill("stamp.serial", "T-1")
    confirm(visitor, "stamps.replace.confirm")
    visitor.page.get_by_role("dialog").get_by_role("alert").get_by_text("⚠").wait_for()
    visitor.fill("stamp.serial", new.lower())
    assert faults(visitor.page, ".dialog") == []
    confirm(visitor, "stamps.replace.confirm")
    said = visitor.words("stamps.replaced", lost=cafe.serial, serial=new)
    visitor.page.locator(".message.good", has_text=said).wait_for()
    assert states(house, cafe) == {cafe.serial: "retired", new: "active"}
    assert phone.press()["verdict"] == "refused"
    assert on_card(house, phone.customer) == 2
    visitor.page.get_by_text(visitor.words("stamps.retired", count=1)).click()
    visitor.page.locator(".stamp-line.retired", has_text=cafe.serial).wait_for()


def test_a_manager_may_and_staff_may_not(house, visit, cafe):
    manager = visit(language="ko").bring(join(house, cafe, Role.MANAGER, "민아")).open(STAMPS)
    manager.page.get_by_text(cafe.serial).wait_for()
    assert manager.page.get_by_role("link", name=manager.words("stamps.add")).count() == 0
    staff = visit(language="ko").bring(join(house, cafe, Role.STAFF, "지수")).open(STAMPS)
    staff.message("problem.not_allowed")
    assert staff.page.locator(".stamp-line").count() == 0
    staff.open("/owner/")
    staff.sees("feed.empty")
    assert staff.page.get_by_role("link", name=staff.words("nav.counter"), exact=True).count() == 1
    assert staff.page.locator("a[href$='/stamps']").count() == 0

    visitor = visit(language="en").bring(cafe.token).open(STAMPS)
    act(visitor, "stamps.suspend")
    change_role(house, cafe, Role.STAFF)
    confirm(visitor, "stamps.suspend")
    visitor.page.get_by_role("dialog").get_by_text(visitor.words("problem.not_allowed")).wait_for()
    assert states(house, cafe) == {cafe.serial: "active"}


def test_a_stamp_is_retired_for_good_after_it_was_suspended(house, visit, cafe, phone):
    visitor = visit(language="en").bring(cafe.token).open(STAMPS)
    visitor.page.get_by_text(cafe.serial).wait_for()
    assert visitor.page.get_by_text(visitor.words("stamps.retire"), exact=True).count() == 0
    act(visitor, "stamps.suspend")
    confirm(visitor, "stamps.suspend")
    visitor.sees("stamps.state.suspended")
    act(visitor, "stamps.retire")
    assert faults(visitor.page, ".dialog") == []
    confirm(visitor, "stamps.retire")
    visitor.sees("stamps.retired", count=1)
    assert states(house, cafe) == {cafe.serial: "retired"}
    assert phone.press()["verdict"] == "refused"
    with house.state.database.transaction() as session:
        stamp_id = session.scalar(select(Stamp.id).where(Stamp.serial == cafe.serial))
        with pytest.raises(Conflict) as told:
            care.resume(session, house.state.clock, cafe.actor, stamp_id=stamp_id)
    assert told.value.code == "stamp_retired"


def test_a_dialog_keeps_saying_that_the_database_is_away(house, visit, cafe):
    visitor = visit(language="ko").bring(cafe.token).open(STAMPS)
    act(visitor, "stamps.suspend")
    tries = []

    def fail(*_arguments):
        tries.append(1)
        raise OperationalError("SELECT", {}, Exception("the database is away"))

    said = visitor.page.get_by_role("dialog").get_by_role("alert").filter(has_text=visitor.words("away"))
    ready = visitor.page.get_by_role("dialog").locator(".main-button:not(.disabled)")
    engine = house.state.database.engine
    event.listen(engine, "before_cursor_execute", fail)
    try:
        for count in (1, 2):
            confirm(visitor, "stamps.suspend")
            while len(tries) < count:
                visitor.page.wait_for_timeout(20)
            ready.wait_for()
            said.wait_for()
    finally:
        event.remove(engine, "before_cursor_execute", fail)
    confirm(visitor, "stamps.suspend")
    visitor.sees("stamps.state.suspended")
    assert states(house, cafe) == {cafe.serial: "suspended"}


def test_one_more_leads_to_the_set_up(house, visit, cafe):
    visitor = visit(language="en").bring(cafe.token).open(STAMPS)
    visitor.page.get_by_role("link", name=visitor.words("stamps.add")).click()
    visitor.step("stamp")
