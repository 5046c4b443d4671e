"""For all tests: Hypothesis judges behaviour, never how long a busy machine took; one way to a Chromium."""

import pytest
from hypothesis import HealthCheck, settings

settings.register_profile("stamp", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("stamp")


@pytest.fixture(scope="module")
def chromium():
    """Give a browser to the tests of one module: an open one keeps asyncio from running in what follows."""
    # Here and not above: most tests need no browser.
    from playwright.sync_api import sync_playwright  # noqa: PLC0415

    from tests.capture_page.phone import launch  # noqa: PLC0415

    with sync_playwright() as playwright:
        launched = launch(playwright)
        yield launched
        launched.close()
