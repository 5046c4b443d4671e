"""Every page without a script, with and without errors: axe-core finds nothing, and nothing runs out."""

import pytest
from axe_playwright_python.sync_playwright import Axe

from server.core.tokens import new_token
from server.staff import counters
from tests.console.staff_house import STRANGE
from tests.console.staff_house import found as found_cafe

pytestmark = pytest.mark.browser

OPEN = (
    ("/owner/sign-in", "sign_in_limit_reached&wait=900"),
    ("/owner/sign-up", "password_simple"),
    ("/owner/reset-request", "reset_limit_reached"),
    (f"/owner/reset?token={new_token('rst')}", "password_invalid"),
    ("/owner/pin", "counter_unknown"),
)
SIGNED_IN = (("/owner/password", "password_wrong"), ("/owner/counter", "name_invalid"))
AT_THE_COUNTER = (("/owner/pin", "pin_locked&wait=86400"), ("/owner/password", ""), ("/owner/counter", ""))


@pytest.fixture(scope="module")
def cafe(house):
    made = found_cafe(house, "plain-pages")
    made.jun = made.hire(STRANGE)
    made.hire("Jun")
    made.phone = made.at_counter(made.jun.id)
    return made


# Each language with errors or without; the two other ways, alike but for the words, among the long proofs.
WAYS = [
    ("ko", True),
    ("en", False),
    pytest.param("ko", False, marks=pytest.mark.slow),
    pytest.param("en", True, marks=pytest.mark.slow),
]


def flaws(page):
    """Return what axe-core finds, what runs out of the screen, and what is too small for a finger."""
    ids = [one["id"] for one in Axe().run(page).response["violations"]]
    if page.evaluate("document.documentElement.scrollWidth - innerWidth") > 0:
        ids.append("sideways")
    targets = page.locator(
        "header a, main a, main button, main label:has([type=radio]), "
        "main input:not([type=hidden]):not([type=radio])"
    )
    small = "all => all.filter(it => it.getBoundingClientRect().height < 44).map(it => it.outerHTML)"
    return ids + targets.evaluate_all(small)


@pytest.mark.parametrize(("language", "has_problem"), WAYS)
def test_plain_pages_keep_nobody_out(house, visit, cafe, language, has_problem):
    visitor = visit(language=language)
    page, broken = visitor.page, {}

    def look(pages):
        for path, problem in pages:
            mark = "&" if "?" in path else "?"
            visitor.open(f"{path}{mark}problem={problem}" if has_problem and problem else path)
            if has_problem and problem:
                assert page.locator("[role=alert]").count() == 1
            assert page.evaluate("document.documentElement.lang") == language
            assert (page.locator("h1").count(), page.locator("script").count()) == (1, 0)
            if found := flaws(page):
                broken[page.url] = found

    look(OPEN)
    visitor.bring(cafe.token)
    look(SIGNED_IN)
    visitor.bring(cafe.phone.token)
    visitor.context.add_cookies(
        [{"name": "stamp_counter", "value": cafe.phone.counter, "url": f"{visitor.origin}/owner"}]
    )
    look(AT_THE_COUNTER)
    assert broken == {}
    visitor.open("/owner/password")
    assert page.locator("h1").inner_text() == STRANGE
    visitor.open("/owner/pin")
    assert visitor.page.locator("label bdi").all_inner_texts() == ["Jun", STRANGE]


def test_a_problem_in_an_address_is_only_ever_a_sentence_of_ours(house, visit, cafe):
    visitor = visit(language="en").bring(cafe.token)
    for path in ("/owner/sign-in", "/owner/password", "/owner/counter"):
        visitor.open(f"{path}?problem=<script>alert(1)</script>&wait=<b>&next=//evil.example&lang=en")
        visitor.message("problem.other")
        content = visitor.page.content()
        assert "alert(1)" not in content
        assert "evil" not in content
    visitor.open("/owner/sign-in?next=/owner/people%22><b>")
    assert visitor.page.locator("main [name=next]").count() == 0
    visitor.open("/owner/password?done=password_changed").message("done.password_changed")


def test_a_name_that_looks_like_a_part_of_the_frame_is_a_name(house, visit):
    name = "{{body}} {{head}} {{ 7*7 }}"
    cafe = found_cafe(house, "frame")
    _, counter = cafe.do(counters.issue_counter, cafe.actor, name=name)
    visitor = visit(language="en").bring(cafe.token)
    visitor.context.add_cookies(
        [{"name": "stamp_counter", "value": counter, "url": f"{visitor.origin}/owner"}]
    )
    visitor.open("/owner/counter").message("counter.already")
    assert visitor.page.locator("h1").inner_text() == name
    assert visitor.page.title() == f"{name} · {visitor.words('brand')}"
