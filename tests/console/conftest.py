import pytest
from playwright.sync_api import sync_playwright

from tests.capture_page.phone import launch
from tests.console.house import Visitor, open_house


@pytest.fixture(scope="module")
def browser():
    with sync_playwright() as playwright:
        launched = launch(playwright)
        yield launched
        launched.close()


@pytest.fixture(scope="module")
def house(tmp_path_factory):
    with open_house(tmp_path_factory.mktemp("house")) as app:
        yield app


@pytest.fixture
def visit(browser, house):
    """Make visitors; a page that logged an error or asked another host fails the test."""
    visitors = []

    def make(**settings):
        visitors.append(Visitor(browser, house.state.origin, **settings))
        return visitors[-1]

    yield make
    for visitor in visitors:
        visitor.context.close()
    assert [problem for visitor in visitors for problem in visitor.problems] == []
    assert [url for visitor in visitors for url in visitor.foreign] == []
