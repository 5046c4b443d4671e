"""The whole way: an owner signs up and sets a shop up, and a customer gets a first stamp by real touches."""

import re

import pytest
from sqlalchemy import select

from server.console.counter_card import qr_code
from server.programs.models import Program
from server.shops.models import Shop
from server.stamps.models import Stamp
from tests.capture_page.phone import SEOUL, Phone, stamp_at
from tests.console.house import LOCALES
from tests.console.test_pages import faults
from tests.console.wizard import medium, sign_up, walk

pytestmark = pytest.mark.browser


@pytest.mark.parametrize(
    ("language", "width", "number"), [("ko", 390, 1), ("en", 390, 2), ("ko", 1280, 3), ("en", 1280, 4)]
)
def test_from_the_sign_up_to_the_first_stamp_on_a_customers_card(
    house, visit, chromium, language, width, number
):
    visitor = visit(language=language, width=width)
    email = f"wizard-{language}-{width}@example.com"
    found = {}

    def look(name):
        sideways = visitor.page.evaluate("document.documentElement.scrollWidth - innerWidth")
        assert sideways <= 0, name
        assert visitor.page.evaluate("document.documentElement.lang").startswith(language)
        assert visitor.page.locator("h1").count() == 1
        if (language, width) in {("ko", 390), ("en", 1280)}:
            found[name] = faults(visitor.page)

    sign_up(visitor, email)
    walk(visitor, 300_000 + number, look)
    visitor.sees("feed.empty")
    look("home")
    assert {name: fault for name, fault in found.items() if fault} == {}

    customer = Phone(chromium, locale=LOCALES[language], location=SEOUL)
    try:
        customer.open(f"{house.state.origin}/s")
        customer.press(stamp_at(200, 420, 37, tips=medium().points([300_000 + number])[0]))
        assert "온도 커피 성수" in customer.result("accepted")
        assert customer.problems == []
    finally:
        customer.close()
    visitor.page.locator(".feed .entry.accepted").wait_for(timeout=10_000)
    visitor.page.reload()
    visitor.page.locator(".number .value", has_text="1").first.wait_for()
    is_as_entered(house, visitor, medium().serial(300_000 + number))


def is_as_entered(house, visitor, serial):
    """Prove that the database and the printed card hold what was typed."""
    with house.state.database.reading() as session:
        stamp = session.scalars(select(Stamp).where(Stamp.serial == serial)).one()
        shop = session.scalars(select(Shop).where(Shop.partner_id == stamp.partner_id)).one()
        program = session.scalars(select(Program).where(Program.partner_id == stamp.partner_id)).one()
    assert shop.fence == {"type": "Point", "coordinates": [127.0559, 37.5445]}
    assert shop.radius_m == 60.0
    assert shop.opening_hours["sat"] == [["18:00", "02:00"]]
    assert shop.opening_hours["mon"] == [["09:00", "22:00"]]
    assert program.reward == {"ko": "아메리카노 한 잔", "en": "an americano"}
    assert (program.stamps_required, program.coupon_valid_days) == (10, 90)
    visitor.open("/owner/counter-card?size=a6")
    assert visitor.page.locator(".paper h1").inner_text() == shop.name
    # People read the short address; the code names the shop too, for staff codes.
    assert visitor.page.locator(".address").inner_text() == f"{house.state.origin}/s"
    drawn = re.findall(r' d="([^"]+)"', qr_code(f"{house.state.origin}/s?shop={shop.id}", ""))[-1]
    assert visitor.page.locator(".qr path").last.get_attribute("d") == drawn
    assert faults(visitor.page) == []
