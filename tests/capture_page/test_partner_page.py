"""stamp.js in a page of another origin, as a partner embeds it."""

import re
from importlib.resources import files
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
    drawn = phone.page.evaluate(
        """() => {
             const { e, f } = document.querySelector(".stamp-ink g").getScreenCTM();
             return [e, f];
           }"""
    )
    assert drawn == pytest.approx([ink["x"], ink["y"]], abs=0.01)
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


def test_the_documented_example_works_as_it_stands(service, new_phone):
    guide = (Path(__file__).parents[2] / "docs" / "partner-capture.md").read_text("utf-8")
    (example,) = re.findall(r"```html\n(.*?)```", guide, re.DOTALL)
    pages = {}
    with serving_pages(pages) as page_port:
        origin = f"http://127.0.0.1:{page_port}"
        with serving(app_of(service, [origin])) as port:
            html = example.replace("https://stamps.example.com", f"http://127.0.0.1:{port}")
            assert html != example
            pages["/"] = html.replace("pk_…", PARTNER_KEY).replace(
                "<meta", '<link rel="icon" href="data:,"><meta', 1
            )
            phone = new_phone(locale="en-GB").open(origin)
            phone.touch("touchStart", stamp_at(206.4, 400.3, 133))
            phone.page.get_by_text("Your stamp is on the card. 1 of 3").wait_for()
            phone.touch("touchEnd")


def test_the_guide_names_every_option_callback_and_call():
    guide = (Path(__file__).parents[2] / "docs" / "partner-capture.md").read_text("utf-8")
    source = (files("server.capture_page") / "static" / "pad.js").read_text("utf-8")
    options = re.search(r"const \{ (.*?) \} = options;", source).group(1)
    names = {"key", "server", "language", "tips", "ink", "onPress", "askLocation"}
    assert names == set(re.findall(r"(?:^|, )(\w+)(?= = |,)", options))
    told = set(re.findall(r'tell\("(on\w+)"', source))
    public = source[source.index("what a page calls") : source.index("---- touches")]
    calls = set(re.findall(r"^  (?:async )?(\w+)\(", public, re.MULTILINE))
    assert told == {"onHint", "onVoid", "onInk", "onWait", "onResult", "onCard"}
    assert {"redeem", "cards", "coupons", "recover", "close"} <= calls
    for name in names | told:
        assert re.search(rf"^\| `{name}\b", guide, re.MULTILINE), name
    for name in calls:
        assert f"`{name}(" in guide, name


def test_it_can_be_imported_as_a_module(shop, service, new_phone):
    phone = new_phone(locale="en-GB").open(shop)
    kind = phone.page.evaluate(
        """async () => {
             const { src } = document.querySelector("script[src]");
             delete window.StampPad;
             await import(src);
             return typeof StampPad;
           }"""
    )
    assert kind == "function"
