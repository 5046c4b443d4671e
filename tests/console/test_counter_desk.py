"""At the counter: staff codes, stamps by hand, held presses; through the page, proven in the ledger."""

import re

import pytest
from sqlalchemy import select

from server.console.pages.held_box import MOST_READ, how_many
from server.core.audit import AuditEntry
from server.insights.pseudonyms import Pseudonyms
from server.programs.models import HandStamp
from server.staff.actor import Role
from tests.capture_page.phone import images_folder
from tests.console.cafe import add_shop, change_role, join
from tests.console.house import PASSWORD
from tests.console.phones import on_card
from tests.console.test_pages import faults
from tests.console.test_pictures import take

pytestmark = pytest.mark.browser
DESK = "/owner/counter-desk"


def name_of(house, cafe, phone):
    return Pseudonyms(house.state.sealer).of(cafe.actor.partner_id, phone.customer)


def choose(visitor, label, option):
    """Choose in one of Quasar's lists."""
    visitor.page.get_by_role("combobox", name=visitor.words(label)).click()
    visitor.page.get_by_role("option", name=option).click()


def because(visitor, key):
    visitor.page.get_by_role("radio", name=visitor.words(key)).click()


def said(visitor, key, **values):
    visitor.page.locator(".message", has_text=visitor.words(key, **values)).wait_for()


@pytest.mark.parametrize(("language", "width"), [("ko", 390), ("en", 1280)])
def test_a_staff_code_gives_one_stamp(house, visit, cafe, phone, language, width):
    visitor = visit(language=language, width=width)
    visitor.bring(join(house, cafe, Role.STAFF, "지수")).open(DESK)
    visitor.sees("code.left", count=50)
    visitor.press("code.show")
    digits = visitor.page.locator(".digits", has_text=re.compile(r"\d{3} \d{3}"))
    first = digits.inner_text()
    assert digits.get_attribute("aria-label") == " ".join(first.replace(" ", ""))
    visitor.sees("code.left", count=49)
    assert re.fullmatch(r"1:5\d|2:00", visitor.page.get_by_role("timer").inner_text())
    assert visitor.page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
    assert faults(visitor.page) == []
    visitor.page.get_by_text(visitor.words("code.qr")).click()
    visitor.page.get_by_role("img", name=visitor.words("card.qr")).locator("svg").wait_for()
    visitor.press("code.new")
    visitor.sees("code.left", count=48)
    second = digits.inner_text().replace(" ", "")
    assert phone.use_code(cafe.shop_id, first.replace(" ", ""))["code"] == "staff_code_refused"
    assert phone.use_code(cafe.shop_id, second)["code"] == "stamped"
    visitor.page.locator(".outcome", has_text=visitor.words("code.used")).wait_for(timeout=10_000)
    assert not digits.is_visible()
    assert on_card(house, phone.customer) == 1


def test_by_hand_and_above_the_limit_with_two(house, visit, cafe, phone):
    phone.stamp()
    name = name_of(house, cafe, phone)
    join(house, cafe, Role.MANAGER, "민아")
    visitor = visit(language="ko").bring(join(house, cafe, Role.STAFF, "지수")).open(DESK)
    password = visitor.page.get_by_label(visitor.words("hand.second.password"))

    def fill(count):
        choose(visitor, "hand.whom", re.compile(name))
        visitor.fill("hand.count", str(count))
        because(visitor, "hand.why.phone")

    visitor.press("hand.give")
    visitor.message("problem.customer_not_found")
    fill(2)
    assert not password.is_visible()
    visitor.page.get_by_role("button", name=visitor.words("hand.give")).dblclick()  # once, all the same
    # A second tap that comes late finds an empty form, and may say so where the first one's success stood.
    while on_card(house, phone.customer) == 1:
        visitor.page.wait_for_timeout(50)
    visitor.page.wait_for_timeout(500)
    assert on_card(house, phone.customer) == 3
    fill(4)
    password.fill("quite another one")
    choose(visitor, "hand.second.who", "민아")
    visitor.press("hand.give")
    visitor.message("problem.second_person_wrong")
    assert on_card(house, phone.customer) == 3
    password.fill(PASSWORD)
    assert faults(visitor.page) == []
    visitor.press("hand.give")
    said(visitor, "hand.done", name=name, count=4, stamps=7)
    assert not password.is_visible()
    # By the name as it is read out, in small letters.
    choose(visitor, "hand.whom", visitor.words("hand.typed"))
    visitor.fill("hand.name", name.lower().replace("-", " "))
    visitor.fill("hand.count", "1.5")
    because(visitor, "ask.own")
    visitor.press("hand.give")
    visitor.message("problem.reason_missing")
    visitor.fill("ask.own_words", "쿠폰을 ☕")
    visitor.press("hand.give")
    visitor.message("problem.count_invalid")
    visitor.fill("hand.count", "1")
    visitor.press("hand.give")
    said(visitor, "hand.done", name=name.replace("-", " "), count=1, stamps=8)
    assert on_card(house, phone.customer) == 8
    with house.state.database.reading() as session:
        rows = session.scalars(
            select(HandStamp).where(HandStamp.shop_id == cafe.shop_id).order_by(HandStamp.id)
        ).all()
        assert [(row.stamps, row.second_id is not None) for row in rows] == [
            (2, False),
            (4, True),
            (1, False),
        ]
        assert len({row.key for row in rows}) == 3
        given = select(AuditEntry).where(AuditEntry.subject == rows[1].id)
        assert session.scalars(given).one().detail["second"] == rows[1].second_id


@pytest.mark.parametrize(("language", "width"), [("ko", 390), ("en", 1280)])
def test_a_held_press_is_released_or_refused(house, visit, cafe, phone, language, width):
    visitor = visit(language=language, width=width).bring(cafe.token).open(DESK)
    visitor.sees("held.none")
    held = phone.held()
    lines = visitor.page.locator(".held-press:visible")
    lines.wait_for(timeout=10_000)  # without a reload
    visitor.page.get_by_role("heading", name=visitor.words("held.title", count=1)).wait_for()
    assert name_of(house, cafe, phone) in lines.inner_text()
    assert faults(visitor.page) == []
    visitor.press("held.release")
    said(visitor, "held.released", count=1)
    visitor.sees("held.none")
    told = phone.told(held["id"])
    assert (told["code"], told["verdict"]) == ("stamped", "accepted")
    assert on_card(house, phone.customer) == 1
    refused = phone.held()
    lines.wait_for(timeout=10_000)
    visitor.press("held.refuse")
    because(visitor, "held.why.absent")
    visitor.page.get_by_role("dialog").get_by_role("button", name=visitor.words("held.refuse")).click()
    said(visitor, "held.refused")
    visitor.sees("held.none")
    assert phone.told(refused["id"])["code"] == "place_refused"
    assert on_card(house, phone.customer) == 1
    assert visitor.page.locator(".decided li").count() == 2


@pytest.mark.parametrize(("waiting", "told"), [(0, "0"), (50, "50"), (51, "50+")])
def test_more_than_is_shown_is_not_told_as_all(waiting, told):
    assert waiting <= MOST_READ
    assert how_many([None] * waiting) == told


def test_of_two_who_decide_one_is_told(house, visit, cafe, phone):
    held = phone.held()
    one = visit(language="ko").bring(cafe.token).open(DESK)
    two = visit(language="en").bring(join(house, cafe, Role.MANAGER, "Mina")).open(DESK)
    two.press("held.refuse")
    because(two, "held.why.absent")
    one.press("held.release")
    said(one, "held.released", count=1)
    two.page.get_by_role("dialog").get_by_role("button", name=two.words("held.refuse")).click()
    two.page.get_by_role("dialog").get_by_text(two.words("problem.press_decided")).wait_for()
    two.press("ask.close")
    two.sees("held.none")
    assert phone.told(held["id"])["code"] == "stamped"
    assert on_card(house, phone.customer) == 1


def test_staff_see_what_waits_and_decide_nothing(house, visit, cafe, phone):
    held = phone.held()
    visitor = visit(language="ko").bring(cafe.token).open(DESK)
    staff = visit(language="ko").bring(join(house, cafe, Role.STAFF, "지수")).open(DESK)
    staff.page.locator(".held-press").wait_for()
    staff.sees("held.others")
    assert staff.page.get_by_role("button", name=staff.words("held.release")).count() == 0
    # A page that was opened with the right, and has lost it since.
    visitor.page.locator(".held-press").wait_for()
    change_role(house, cafe, Role.STAFF)
    visitor.press("held.release")
    visitor.message("problem.not_allowed")
    assert phone.told(held["id"])["code"] == "held"
    assert on_card(house, phone.customer) == 0


def test_of_several_shops_one_is_chosen(house, visit, cafe):
    with house.state.database.transaction() as session:
        other = add_shop(session, house.state.clock, cafe.actor, "온도 커피 합정")
    visitor = visit(language="ko").bring(cafe.token).open(f"{DESK}?shop=all")
    visitor.sees("at_counter.choose")
    visitor.sees("held.none")
    visitor.page.get_by_role("main").or_(visitor.page.locator(".at-shop")).last.get_by_role(
        "link", name="온도 커피 합정"
    ).click()
    visitor.page.get_by_role("button", name=visitor.words("code.show")).wait_for()
    assert other in visitor.page.url


@pytest.mark.parametrize("language", ["ko", pytest.param("en", marks=pytest.mark.slow)])
def test_pictures_of_the_counter(house, visit, cafe, phone, tmp_path, language):
    phone.stamp()
    phone.stamp()
    phone.held()
    folder = images_folder(tmp_path)
    visitor = visit(language=language, device_scale_factor=1.5).bring(cafe.token).open("/owner/")
    visitor.page.locator(".feed .entry button").nth(1).click()
    because(visitor, "undo.why.twice")
    visitor.page.wait_for_timeout(500)  # until what moves has come to rest
    take(visitor.page, folder / f"owner-undo-{language}.png")
    visitor.open(DESK).press("code.show")
    visitor.page.locator(".digits", has_text=re.compile(r"\d{3} \d{3}")).wait_for()
    take(visitor.page, folder / f"owner-staff-code-{language}.png")
    visitor.page.locator(".held-press").scroll_into_view_if_needed()
    visitor.page.evaluate("document.querySelector('#held').scrollIntoView({block: 'center'})")
    visitor.page.wait_for_timeout(500)
    take(visitor.page, folder / f"owner-held-{language}.png")
