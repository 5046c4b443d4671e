"""Today on the first page: numbers, and a line in the feed as soon as something happens."""

import pytest
from sqlalchemy import select

from server.ledger.models import LedgerTransaction
from server.programs.corrections import undo_stamp
from server.staff import members, sessions
from server.staff.actor import Role
from tests.capture_page.phone import images_folder
from tests.console.cafe import add_shop, give
from tests.console.test_pages import faults
from tests.console.test_pictures import take

pytestmark = pytest.mark.browser


@pytest.mark.parametrize(("language", "width"), [("ko", 390), ("en", 1280)])
def test_what_happens_shows_up_without_a_reload(house, visit, cafe, language, width):
    visitor = visit(language=language, width=width).bring(cafe.token).open("/owner/")
    visitor.sees("feed.empty")
    lines = visitor.page.locator(".feed .entry")
    given = give(house, cafe, "form-0001", count=2)
    lines.nth(1).wait_for(timeout=10_000)
    assert visitor.words("feed.hand") in lines.first.inner_text()
    assert "단말 고장" in lines.first.inner_text()
    visitor.page.reload()
    numbers = visitor.page.locator(".number .value")
    numbers.first.wait_for()
    assert numbers.all_inner_texts() == ["2", "1", "1", "0", "0", "0"]
    with house.state.database.transaction() as session:
        one = session.scalar(
            select(LedgerTransaction.id).where(LedgerTransaction.source_id == f"{given.id}_1")
        )
        undo_stamp(session, house.state.clock, cafe.actor, transaction_id=one, reason="잘못 찍음")
    visitor.page.locator(".feed .entry.undone").wait_for(timeout=10_000)
    visitor.page.reload()
    visitor.page.locator(".number .value", has_text="1").first.wait_for()
    assert faults(visitor.page) == []
    assert visitor.page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0


def test_a_page_left_open_after_the_sign_out_shows_nothing_more(house, visit, cafe):
    visitor = visit(language="en").bring(cafe.token).open("/owner/")
    visitor.sees("feed.empty")
    with house.state.database.transaction() as session:
        sessions.close(session, house.state.clock, cafe.token)
    give(house, cafe, "form-0002")
    visitor.page.wait_for_url("**/sign-in*")


def test_staff_see_today_and_not_the_set_up(house, visit, cafe):
    with house.state.database.transaction() as session:
        member = session.get(members.Member, cafe.actor.member_id)
        member.role = Role.STAFF.value
    visitor = visit(language="en").bring(cafe.token).open("/owner/")
    visitor.sees("feed.empty")
    assert visitor.page.get_by_role("link", name=visitor.words("nav.setup")).count() == 0
    assert visitor.page.get_by_text(visitor.words("home.shop")).count() == 0


def test_the_shop_at_the_top_is_what_the_pages_are_about(house, visit, cafe):
    with house.state.database.transaction() as session:
        other = add_shop(session, house.state.clock, cafe.actor, "온도 커피 합정")
        member = session.get(members.Member, cafe.actor.member_id)
        member.role = Role.MANAGER.value
    give(house, cafe, "form-0003")
    visitor = visit(language="ko").bring(cafe.token).open("/owner/")
    visitor.page.get_by_role("heading", name=visitor.words("home.shops", count=2)).wait_for()
    visitor.page.locator(".feed .entry").first.wait_for()
    visitor.page.locator(".shops summary").press("Enter")
    visitor.page.get_by_role("link", name="온도 커피 합정").click()
    visitor.page.get_by_role("heading", name="온도 커피 합정").wait_for()
    visitor.sees("feed.empty")
    assert visitor.page.locator(".number .value").first.inner_text() == "0"
    visitor.open("/owner/")  # without the address: the choice is kept
    visitor.page.get_by_role("heading", name="온도 커피 합정").wait_for()
    give(house, cafe, "form-0004")  # at the other shop: nothing appears here
    visitor.open(f"/owner/?shop={cafe.shop_id}")
    visitor.page.locator(".feed .entry").nth(1).wait_for()
    assert faults(visitor.page) == []
    # Another owner's shop, or none, is no choice.
    for strange in (other.replace(other[-4:], "0000"), "'; drop", "new"):
        visitor.open(f"/owner/?shop={strange}")
        visitor.page.get_by_role("heading", level=1).wait_for()
        assert visitor.page.locator(".message.bad:visible").count() == 0


@pytest.mark.parametrize(("language", "width"), [("ko", 390), ("en", 1280)])
def test_pictures_of_today(house, visit, cafe, tmp_path, language, width):
    for number in range(3):
        give(house, cafe, f"form-{number:04}", count=1 + number % 2)
    visitor = visit(language=language, width=width).bring(cafe.token).open("/owner/")
    visitor.page.locator(".feed .entry").nth(3).wait_for()
    take(visitor.page, images_folder(tmp_path) / f"owner-today-{language}.png")


def test_staff_who_open_the_set_up_are_told_that_they_may_not(house, visit, cafe):
    with house.state.database.transaction() as session:
        session.get(members.Member, cafe.actor.member_id).role = Role.STAFF.value
    visitor = visit(language="ko").bring(cafe.token).open("/owner/setup")
    visitor.message("problem.not_allowed")
    assert visitor.page.get_by_label(visitor.words("shop.name")).count() == 0
