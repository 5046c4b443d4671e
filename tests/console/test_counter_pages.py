"""Phones of the counter in a browser: made one, used by PIN by one person after another, taken back."""

import re

import pytest
from sqlalchemy import select

from server.staff import counters, members
from server.staff.models import CounterPhone, MemberSession
from tests.console.house import PASSWORD
from tests.console.staff_house import PIN, STRANGE, found
from tests.console.test_pages import faults

pytestmark = pytest.mark.browser


@pytest.fixture
def cafe(house, request):
    return found(house, re.sub(r"\W+", "-", request.node.name).strip("-")[-60:])


def start(visitor, name, pin):
    visitor.page.get_by_text(name, exact=True).click()
    visitor.page.fill("#pin", pin)
    visitor.press("pin.start")


def open_sessions(house, member_id):
    with house.state.database.reading() as session:
        return session.scalars(
            select(MemberSession.counter_id).where(MemberSession.member_id == member_id)
        ).all()


def test_an_owners_phone_becomes_the_counters_and_staff_take_turns(house, visit, cafe):
    jun, ara = cafe.hire("Jun ☕"), cafe.hire("آرا", pin="9173")
    visitor = visit(language="ko").bring(cafe.token).open("/owner/counters")
    visitor.sees("counters.none")
    visitor.page.get_by_role("link", name=visitor.words("counters.make_this")).click()
    visitor.page.fill("#name", "1층 카운터")
    visitor.press("counter.make")
    visitor.message("done.counter_made")
    visitor.page.locator(".banner", has_text="김사장").wait_for()  # is still signed in
    start(visitor, "Jun ☕", "8520")
    visitor.message("problem.pin_wrong")
    assert visitor.page.get_by_label("Jun ☕").is_checked()
    visitor.page.fill("#pin", PIN)
    visitor.press("pin.start")
    visitor.sees("home.staff")
    with house.state.database.reading() as session:
        phone = session.scalars(
            select(CounterPhone).where(CounterPhone.partner_id == cafe.actor.partner_id)
        ).one()
    assert (phone.name, phone.issued_by) == ("1층 카운터", cafe.actor.member_id)
    assert open_sessions(house, jun.id) == [phone.id]
    assert open_sessions(house, cafe.actor.member_id) == []  # the owner's ended with it
    assert visitor.page.locator(".who").inner_text() == "Jun ☕"
    assert visitor.page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
    assert faults(visitor.page) == []
    visitor.press("change_person")
    visitor.message("done.signed_out")
    assert open_sessions(house, jun.id) == []
    start(visitor, "آرا", "9173")
    visitor.sees("home.staff")
    visitor.page.locator(".more-menu summary").click()
    assert visitor.page.get_by_text(visitor.words("sign_out"), exact=True).count() == 0
    visitor.page.get_by_role("link", name=visitor.words("account")).click()
    visitor.sees("account.by_pin")
    visitor.sees("role.staff.may")
    assert visitor.page.locator("input[type=password]").count() == 0
    visitor.press("account.everywhere")
    visitor.message("done.signed_out")
    assert "/owner/pin" in visitor.page.url
    assert open_sessions(house, ara.id) == []


def test_a_revoked_phone_is_left_at_the_next_step_and_says_so(house, visit, cafe):
    jun = cafe.hire("Jun")
    phone = cafe.at_counter(jun.id)
    till = visit(language="ko").bring(phone.token)
    till.context.add_cookies(
        [{"name": "stamp_counter", "value": phone.counter, "url": f"{till.origin}/owner"}]
    )
    till.open("/owner/").sees("home.staff")
    owner = visit(language="en").bring(cafe.token).open("/owner/counters")
    owner.page.locator(".phone", has_text="1층 카운터").wait_for()
    assert faults(owner.page) == []
    owner.page.locator(".phone summary").click()
    owner.press("counters.revoke.do")
    owner.message("counters.revoked")
    owner.sees("counters.none")
    assert open_sessions(house, jun.id) == []
    till.page.reload()
    till.page.wait_for_url("**/owner/sign-in*")
    till.page.get_by_role("link", name=till.words("sign.pin.link")).click()
    till.message("problem.counter_unknown")
    assert "Jun" not in till.page.content()


def test_a_session_that_ended_leads_to_the_pin_and_wrong_ones_lock(house, visit, cafe):
    jun = cafe.hire("Jun")
    phone = cafe.at_counter(jun.id)
    till = visit(language="en").bring(phone.token)
    till.context.add_cookies(
        [{"name": "stamp_counter", "value": phone.counter, "url": f"{till.origin}/owner"}]
    )
    till.open("/owner/").sees("home.staff")
    cafe.do(members.set_pin, house.state.sealer, cafe.actor, member_id=jun.id, pin="9173")
    till.page.reload()
    till.page.wait_for_url("**/owner/pin*")
    for _ in range(house.state.settings.pin_tries):
        till.page.fill("#pin", PIN)  # the old one; the only name is chosen already
        till.press("pin.start")
        till.message("problem.pin_wrong")
    till.page.fill("#pin", "9173")
    till.press("pin.start")
    till.message("problem.pin_locked")
    assert till.words("wait", minutes=15) in till.page.locator(".message").inner_text()
    assert open_sessions(house, jun.id) == []


def test_another_phone_signs_in_on_its_way_to_becoming_one(house, visit, cafe):
    visitor = visit(language="en")
    visitor.open("/owner/counter").message("problem.sign_in_needed")
    visitor.page.fill("#email", cafe.listed()[0].email)
    visitor.page.fill("#password", "quite another one")
    visitor.press("sign.in")
    visitor.message("problem.sign_in_failed")
    visitor.page.get_by_role("link", name="한국어").click()
    visitor.language = "ko"
    visitor.page.fill("#email", cafe.listed()[0].email)
    visitor.page.fill("#password", PASSWORD)
    visitor.press("sign.in")
    visitor.sees("counter.lead")
    visitor.page.locator("#name").evaluate("it => it.removeAttribute('maxlength')")
    visitor.page.fill("#name", "x" * 10_000)
    visitor.press("counter.make")
    visitor.message("problem.name_invalid")
    visitor.page.fill("#name", STRANGE)
    visitor.press("counter.make")
    visitor.sees("pin.nobody")
    visitor.open("/owner/counter").message("counter.already")
    assert visitor.page.locator("h1").inner_text() == STRANGE
    with house.state.database.reading() as session:
        assert [each.name for each in counters.list_counters(session, cafe.actor)] == [STRANGE]


def test_a_phone_of_nobodys_names_nobody(house, visit, cafe):
    cafe.hire("Jun")
    visitor = visit(language="en").bring(cafe.token).open("/owner/pin")
    visitor.message("problem.counter_unknown")
    assert "Jun" not in visitor.page.content()
    assert visitor.page.locator("input").count() == 0
