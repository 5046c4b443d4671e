"""stamp.js in a page of another origin, as a partner embeds it."""

from pathlib import Path

import pytest

from tests.capture_page.phone import stamp_at
from tests.capture_page.service import PARTNER_KEY, app_of, serving, serving_pages

pytestmark = pytest.mark.browser
PAGE = (Path(__file__).parent / "partner.html").read_text("utf-8")


@pytest.fixture
def shop(service):
    """Serve a partner's page on one port and the stand-in server on another; give the page's origin."""
    pages = {}
    with serving_pages(pages) as page_port:
        origin = f"http://127.0.0.1:{page_port}"
        with serving(app_of(service, [origin])) as port:
            pages["/"] = PAGE.replace("SERVER", f"http://127.0.0.1:{port}").replace("KEY", PARTNER_KEY)
            yield origin


def test_a_press_on_a_partners_page_is_credited(shop, service, new_phone):
    phone = new_phone(locale="en-GB").open(shop)
    points = stamp_at(206.4, 400.3, 133)
    phone.press(points)
    phone.state("accepted")
    assert service.origins == [shop]
    assert len(service.payloads) == 1
    told = phone.page.evaluate("told")
    names = [name for name, *_ in told]
    assert names.index("onInk") < names.index("onResult") < names.index("onCard")
    result = next(what for name, what, *_ in told if name == "onResult")
    assert result["message"] == "Your stamp is on the card."
    assert result["receipt"] == "e30.e30.AA"
    ink = [what for name, what, *_ in told if name == "onInk"][-1]
    assert (ink["x"], ink["y"]) == pytest.approx(
        [sum(axis) / 5 for axis in zip(*points, strict=True)], abs=0.01
    )
    # The ink lies under the touches although the element has a margin and a border.
    first = phone.page.evaluate(
        """() => { const box = document.querySelector(".stamp-ink circle[fill]").getBoundingClientRect();
                   return [box.x + box.width / 2, box.y + box.height / 2]; }"""
    )
    assert min(abs(first[0] - x) + abs(first[1] - y) for x, y in points) < 0.1
    assert [card["stamps"] for card in phone.page.evaluate("stamp.cards()")] == [1]


def test_an_element_takes_only_what_touches_it(shop, service, new_phone):
    phone = new_phone(locale="en-GB").open(shop)
    phone.touch(
        "touchStart", [(200.0, 20.0), *stamp_at(206.4, 400.3, 133)]
    )  # a finger on the page's own header
    phone.wait_for("() => document.body.dataset.state === 'accepted'")
    phone.touch("touchEnd")
    assert len(service.payloads[0]["press"]["touches"]) == 5


def test_a_closed_pad_takes_nothing(shop, service, new_phone):
    phone = new_phone(locale="en-GB").open(shop)
    phone.page.evaluate("stamp.close()")
    phone.touch("touchStart", stamp_at(206.4, 400.3, 133))
    phone.frames(30)
    phone.touch("touchEnd")
    assert phone.diary() == []
    assert phone.page.locator(".stamp-ink").count() == 0
    assert service.envelopes == []


def test_without_a_key_it_says_what_it_needs(shop, new_phone):
    phone = new_phone(locale="en-GB").open(shop)
    message = phone.page.evaluate(
        """() => {
             try { new StampPad(document.body, {}); }
             catch (error) { return error.name + ": " + error.message; }
           }"""
    )
    assert message == "TypeError: StampPad needs { key: 'pk_…' }"
