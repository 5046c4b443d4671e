import pytest

from tests.console.cafe import open_cafe
from tests.console.house import Visitor, open_house
from tests.console.phones import CafePhone, is_sound


@pytest.fixture(scope="module")
def house(tmp_path_factory):
    with open_house(tmp_path_factory.mktemp("house")) as app:
        yield app


@pytest.fixture
def cafe(house, request):
    """Open a café for an owner of its own."""
    return open_cafe(house, f"{request.node.name}@example.com".translate({ord("["): "-", ord("]"): None}))


@pytest.fixture
def phone(house, cafe):
    """Give a customer's phone at the café; whatever it did, the ledger is sound afterwards."""
    phone = CafePhone(house, cafe)
    yield phone
    phone.close()
    assert is_sound(house)


@pytest.fixture
def visit(chromium, house):
    """Make visitors; a page that logged an error or asked another host fails the test."""
    visitors = []

    def make(**settings):
        visitors.append(Visitor(chromium, house.state.origin, **settings))
        return visitors[-1]

    yield make
    for visitor in visitors:
        visitor.context.close()
    assert [problem for visitor in visitors for problem in visitor.problems] == []
    assert [url for visitor in visitors for url in visitor.foreign] == []
