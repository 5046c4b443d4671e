import pytest

from tests.capture_page.phone import Phone
from tests.capture_page.service import Service, app_of, serving


@pytest.fixture
def service():
    return Service()


@pytest.fixture
def address(service):
    """Serve the stand-in with the real page in front, and give its address."""
    with serving(app_of(service, [])) as port:
        yield f"http://127.0.0.1:{port}"


@pytest.fixture
def new_phone(chromium):
    """Make phones; a page that logged an error it was not expected to log fails the test."""
    phones = []

    def make(**settings):
        phones.append(Phone(chromium, **settings))
        return phones[-1]

    yield make
    problems = [problem for phone in phones for problem in phone.problems]
    for phone in phones:
        phone.close()
    assert problems == []
