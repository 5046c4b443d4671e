"""The owner's pages in a browser: from the sign-up to the finished set-up, and what goes wrong on the way."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from sqlalchemy import event, select
from sqlalchemy.exc import OperationalError

from server.shops.models import Shop
from server.staff import sessions
from tests.console.house import PASSWORD, sign_up
from tests.console.wizard import medium, walk
from tests.console.wizard import sign_up as fill_sign_up

pytestmark = pytest.mark.browser
SERIOUS = {"serious", "critical"}


def faults(page, part=None):
    """Return what axe-core finds on the page, or in a part of it, that keeps people out."""
    found = Axe().run(page, context=part).response["violations"]
    return [
        (one["id"], [node["target"] for node in one["nodes"]][:3])
        for one in found
        if one["impact"] in SERIOUS
    ]


def test_corners_drawn_on_the_canvas_are_where_they_were_drawn(house, visit):
    visitor = visit(language="en").bring(sign_up(house, "corners@example.com")).open("/owner/setup")
    visitor.fill("shop.name", "Corner shop")
    visitor.press("next")
    visitor.step("fence")
    visitor.fill("fence.lat", "37.5")
    visitor.fill("fence.lon", "127")
    canvas = visitor.page.locator(".canvas")
    for count, (x, y) in enumerate(((160, 80), (240, 240), (80, 240)), 1):
        canvas.click(position={"x": x, "y": y})
        visitor.page.locator(".corners li").nth(count - 1).wait_for()
    # 320 px are 200 m: 80 px are 50 m.
    assert visitor.page.locator(".corners li").all_inner_texts() == [
        "0 m east, 50 m north",
        "50 m east, 50 m south",
        "50 m west, 50 m south",
    ]
    visitor.press("next")
    visitor.step("stamp")
    with house.state.database.reading() as session:
        shop = session.scalars(select(Shop).where(Shop.name == "Corner shop")).one()
    ring = shop.fence["coordinates"][0]
    assert len(ring) == 4
    assert ring[0] == pytest.approx([127.0, 37.5 + 50 / 110_986], abs=2e-6)


def test_the_set_up_is_left_and_resumed_and_says_what_is_wrong(house, visit):
    token = sign_up(house, "resumed@example.com")
    visitor = visit(language="en").bring(token).open("/owner/")
    visitor.step("shop")
    visitor.press("next")
    visitor.message("field.name")
    visitor.fill("shop.name", "=1+1 <b>\u202eقهوة</b> ☕")  # shown as it is, and as nothing else
    visitor.press("next")
    visitor.step("fence")
    visitor.press("next")
    visitor.message("fence.no_place")
    again = visit(language="ko", width=1280).bring(token).open("/owner/setup")
    again.step("fence")
    again.open("/owner/setup?step=shop").step("shop")
    name = again.page.get_by_label(again.words("shop.name"), exact=True)
    assert name.input_value() == "=1+1 <b>\u202eقهوة</b> ☕"
    again.open("/owner/setup?step=card").step("fence")


def test_a_second_shop_is_set_up_beside_the_first(house, visit):
    visitor = visit(language="ko")
    fill_sign_up(visitor, "second-shop@example.com")
    walk(visitor, 323_456)
    visitor.page.locator(".shops summary").click()
    visitor.page.get_by_role("link", name=visitor.words("shops.add")).click()
    visitor.step("shop")
    visitor.fill("shop.name", "온도 커피 합정")
    visitor.press("next")
    visitor.step("fence")
    visitor.open("/owner/setup")  # left and resumed
    visitor.step("fence")
    visitor.press("fence.here")
    visitor.page.wait_for_selector(".canvas")
    visitor.press("next")
    visitor.step("stamp")
    assert visitor.page.locator(".shop-now").inner_text() == "온도 커피 합정"
    assert visitor.page.locator(".stamps .serial").count() == 0
    visitor.fill("stamp.serial", medium().serial(323_457))
    visitor.press("stamp.add")
    visitor.page.locator(".stamps .serial").wait_for()
    visitor.page.locator(".shops summary").click()
    visitor.page.get_by_role("link", name="온도 커피 성수").click()
    visitor.page.locator(".shop-now", has_text="온도 커피 성수").wait_for()
    with house.state.database.reading() as session:
        of_partner = select(Shop).where(Shop.name.in_(["온도 커피 합정", "온도 커피 성수"]))
        names = [shop.name for shop in session.scalars(of_partner.order_by(Shop.id.desc()).limit(2))]
        assert names == ["온도 커피 합정", "온도 커피 성수"]


def test_sign_in_with_a_wrong_password_and_with_the_right_one(house, visit):
    sign_up(house, "door@example.com")
    visitor = visit(language="en").open("/owner/")
    for password, is_right in (("quite another one", False), (PASSWORD, True)):
        visitor.page.fill("#email", "door@example.com")
        visitor.page.fill("#password", password)
        visitor.press("sign.in")
        if not is_right:
            visitor.message("problem.sign_in_failed")
            assert faults(visitor.page) == []
    visitor.step("shop")
    visitor.page.get_by_text(visitor.words("nav.more"), exact=True).click()
    visitor.press("sign_out")
    visitor.message("done.signed_out")
    visitor.open("/owner/setup").page.wait_for_url("**/owner/sign-in")


def test_a_page_left_open_does_nothing_after_a_sign_out_elsewhere(house, visit):
    token = sign_up(house, "elsewhere@example.com")
    visitor = visit(language="ko").bring(token).open("/owner/setup")
    visitor.fill("shop.name", "늦은 가게")
    with house.state.database.transaction() as session:
        sessions.close(session, house.state.clock, token)
    visitor.press("next")
    visitor.message("problem.sign_in_needed")
    assert "/owner/sign-in" in visitor.page.url
    with house.state.database.reading() as session:
        assert session.scalar(select(Shop).where(Shop.name == "늦은 가게")) is None


def test_the_page_says_that_the_database_is_away_and_recovers(house, visit):
    visitor = visit(language="ko").bring(sign_up(house, "away@example.com")).open("/owner/setup")
    visitor.fill("shop.name", "잠깐만요")
    engines = (house.state.database.engine, house.state.database.read_engine)

    def fail(*_arguments):
        raise OperationalError("SELECT", {}, Exception("the database is away"))

    for engine in engines:
        event.listen(engine, "before_cursor_execute", fail)
    try:
        visitor.press("next")
        banner = visitor.page.get_by_role("alert").filter(has_text=visitor.words("away"))
        banner.wait_for()
        other = visit(language="ko").bring(sign_in_cookie(visitor)).open("/owner/setup")
        other.sees("away")
    finally:
        for engine in engines:
            event.remove(engine, "before_cursor_execute", fail)
    banner.wait_for(state="hidden")
    other.step("shop")
    visitor.press("next")
    visitor.step("fence")


def sign_in_cookie(visitor):
    return next(one["value"] for one in visitor.context.cookies() if one["name"] == "stamp_owner")


def test_the_language_is_chosen_and_kept(house, visit):
    visitor = visit(language="en").bring(sign_up(house, "language@example.com")).open("/owner/setup")
    visitor.step("shop")
    visitor.page.get_by_role("link", name="한국어").click()
    visitor.language = "ko"
    visitor.step("shop")
    visitor.open("/owner/setup").step("shop")


def test_scripts_without_the_nonce_do_not_run_and_other_sites_are_not_let_in(house, visit):
    visitor = visit(language="en").bring(sign_up(house, "policy@example.com"))
    visitor.expected = ("Content Security Policy", "violates the following")
    visitor.open("/owner/setup").step("shop")
    visitor.page.evaluate(
        """() => { const s = document.createElement("script"); s.textContent = "window.broken = 1";
                   document.body.append(s); }"""
    )
    assert visitor.page.evaluate("window.broken") is None
    answer = visitor.context.request.get(f"{visitor.origin}/owner/setup")
    policy = answer.headers["content-security-policy"]
    assert "'unsafe-inline'" not in policy.split("script-src")[1].split(";")[0]
    assert "frame-ancestors 'none'" in policy
    assert answer.headers["cache-control"] == "no-store"
    foreign = visitor.context.request.get(
        f"{visitor.origin}/owner/setup", headers={"Origin": "https://evil.example"}
    )
    assert foreign.status == 403
    missing = visitor.context.request.get(f"{visitor.origin}/owner/nowhere")
    assert missing.status == 404
    assert visitor.words("fault.missing") in missing.text()


@pytest.mark.parametrize("width", [320, 390])
def test_the_counter_card_fits_a_phone(visit, cafe, width):
    visitor = visit(language="ko", width=width).bring(cafe.token).open("/owner/counter-card?size=a6")
    visitor.page.get_by_role("img", name=visitor.words("card.qr")).wait_for()
    assert visitor.page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
