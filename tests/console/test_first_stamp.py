"""The whole way: an owner signs up and sets a shop up, and a customer gets a first stamp by real touches."""

import pytest

from tests.capture_page.phone import SEOUL, Phone, stamp_at
from tests.console.wizard import medium, sign_up, walk

pytestmark = pytest.mark.browser
LOCALES = {"ko": "ko-KR", "en": "en-GB"}


@pytest.mark.parametrize(
    ("language", "width", "number"),
    [("ko", 390, 331_001), ("en", 390, 331_002), ("ko", 1280, 331_003), ("en", 1280, 331_004)],
)
def test_from_the_sign_up_to_the_first_stamp_on_a_customers_card(
    house, visit, chromium, language, width, number
):
    owner = visit(language=language, width=width)
    sign_up(owner, f"first-{language}-{width}@example.com")
    walk(owner, number)
    owner.sees("feed.empty")
    customer = Phone(chromium, locale=LOCALES[language], location=SEOUL).open(f"{house.state.origin}/s")
    try:
        customer.press(stamp_at(200, 420, 37, tips=medium().points([number])[0]))
        told = customer.result("accepted")
        assert "온도 커피 성수" in told
        entry = owner.page.locator(".feed .entry.accepted")
        entry.wait_for(timeout=10_000)
        assert owner.page.locator(".number .value").first.inner_text() in {
            "0",
            "1",
        }  # counted every ten seconds
        owner.page.reload()
        owner.page.locator(".number .value", has_text="1").first.wait_for()
        assert customer.problems == []
    finally:
        customer.close()
