"""Undo on the first page: a stamp, a redemption, each once and with a reason; proven in the ledger."""

import pytest
from sqlalchemy import select

from server.ledger.models import LedgerTransaction
from server.programs.models import Coupon, Program
from server.staff.actor import Role
from tests.console.cafe import change_role, give
from tests.console.phones import on_card
from tests.console.test_pages import faults

pytestmark = pytest.mark.browser


def buttons(visitor):
    return visitor.page.locator(".feed .entry button")


def choose(visitor, key):
    visitor.page.get_by_role("radio", name=visitor.words(key)).click()


def reasons(house):
    with house.state.database.reading() as session:
        rows = session.scalars(
            select(LedgerTransaction.reason).where(LedgerTransaction.reverses_id.is_not(None))
        )
        return set(rows)


@pytest.mark.parametrize(("language", "width"), [("ko", 390), ("en", 1280)])
def test_a_stamp_is_undone_from_the_feed_once(house, visit, cafe, phone, language, width):
    change_role(house, cafe, Role.STAFF)
    phone.stamp()
    phone.stamp()
    first = visit(language=language, width=width).bring(cafe.token).open("/owner/")
    other = visit(language=language, width=width).bring(cafe.token).open("/owner/")
    buttons(other).nth(1).wait_for()
    buttons(other).first.click()
    buttons(first).nth(1).wait_for()
    buttons(first).first.press("Enter")  # by the keyboard
    dialog = first.page.get_by_role("dialog", name=first.words("undo.stamp.title"))
    dialog.wait_for()
    first.press("undo.stamp.confirm")
    dialog.get_by_role("alert").filter(has_text=first.words("problem.reason_missing")).wait_for()
    choose(first, "undo.why.twice")
    assert faults(first.page, ".dialog") == []  # what lies behind it is out of reach
    assert first.page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
    first.press("undo.stamp.confirm")
    first.page.locator(".message.good", has_text=first.words("undo.stamp.done", count=1)).wait_for()
    assert buttons(first).count() == 1
    assert first.page.locator(".entry.taken-back").count() == 1
    first.page.locator(".entry.undone", has_text=first.words("undo.why.twice")).wait_for(timeout=10_000)
    # The other page had its dialog open all the while.
    choose(other, "undo.why.other_customer")
    other.press("undo.stamp.confirm")
    other.page.get_by_role("dialog").get_by_text(other.words("problem.already_undone")).wait_for()
    other.page.keyboard.press("Escape")
    other.page.get_by_role("dialog").wait_for(state="hidden")
    other.page.locator(".entry.taken-back").wait_for()
    first.page.reload()
    first.page.locator(".entry.taken-back").wait_for()
    assert buttons(first).count() == 1
    assert on_card(house, phone.customer) == 1


def test_a_redemption_first_then_its_stamp(house, visit, cafe, phone):
    with house.state.database.transaction() as session:
        program = session.scalars(select(Program).where(Program.partner_id == cafe.actor.partner_id)).one()
        program.stamps_required = 2
    phone.stamp()
    coupon = phone.stamp()["coupons"][0]["id"]
    phone.redeem(coupon)
    visitor = visit(language="ko").bring(cafe.token).open("/owner/")
    buttons(visitor).nth(2).wait_for()
    buttons(visitor).nth(1).click()
    choose(visitor, "undo.why.twice")
    visitor.press("undo.stamp.confirm")
    visitor.page.get_by_role("dialog").get_by_text(visitor.words("problem.coupon_redeemed")).wait_for()
    visitor.press("ask.close")
    visitor.page.get_by_role("dialog").wait_for(state="hidden")
    buttons(visitor).first.click()
    choose(visitor, "ask.own")
    visitor.fill("ask.own_words", "=1+1 ☕ 기계가 고장 났어요")
    visitor.press("undo.redemption.confirm")
    visitor.message("undo.redemption.done")
    assert on_card(house, phone.customer, "coupon") == 1
    assert "=1+1 ☕ 기계가 고장 났어요" in reasons(house)
    visitor.page.locator(".entry.undone").wait_for(timeout=10_000)
    buttons(visitor).nth(1).wait_for()
    assert buttons(visitor).count() == 2
    buttons(visitor).first.click()
    choose(visitor, "undo.why.twice")
    visitor.press("undo.stamp.confirm")
    said = visitor.words("undo.stamp.done_coupon", count=1)
    visitor.page.locator(".message.good", has_text=said).wait_for()
    with house.state.database.reading() as session:
        assert session.get_one(Coupon, coupon).status == "void"
    assert (on_card(house, phone.customer), on_card(house, phone.customer, "coupon")) == (1, 0)


def test_by_hand_and_what_booked_nothing(house, visit, cafe, phone):
    held = phone.held()
    give(house, cafe, "form-0001")
    visitor = visit(language="en").bring(cafe.token).open("/owner/")
    visitor.page.locator(".feed .entry").nth(1).wait_for()
    assert held["code"] == "held"
    assert buttons(visitor).count() == 1
    buttons(visitor).first.click()
    choose(visitor, "ask.own")
    own = visitor.page.get_by_label(visitor.words("ask.own_words"), exact=True)
    own.fill("가" * 300)
    assert len(own.input_value()) == 200
    visitor.press("undo.stamp.confirm")
    visitor.page.locator(".message.good").wait_for()
    assert buttons(visitor).count() == 0
    assert on_card(house, cafe.customer_id) == 0
