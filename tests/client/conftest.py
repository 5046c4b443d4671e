import random
from datetime import UTC, datetime, timedelta

import pytest

from stampsdk.client import PhoneClient, RetryPolicy, Runtime
from tests.client.fake_server import KEY, FakeServer


class FakeTime:
    """A clock that only waiting moves; it remembers every wait."""

    def __init__(self) -> None:
        self.passed = 0.0
        self.waits = []

    def sleep(self, seconds):
        self.waits.append(seconds)
        self.passed += seconds

    def now(self):
        return datetime(2026, 11, 22, 9, 30, tzinfo=UTC) + timedelta(seconds=self.passed)

    def monotonic(self):
        return 1000.0 + self.passed

    def runtime(self):
        return Runtime(self.now, self.monotonic, self.sleep, random.Random(7))


@pytest.fixture
def fake_time():
    return FakeTime()


@pytest.fixture
def server():
    with FakeServer() as running:
        yield running


@pytest.fixture
def make_phone(server, tmp_path, fake_time):
    made = []

    def make(**changes):
        options = {"store": tmp_path / "phone.json", "runtime": fake_time.runtime(), "policy": RetryPolicy()}
        made.append(PhoneClient(server.url, KEY, **{**options, **changes}))
        return made[-1]

    yield make
    for phone in made:
        phone.close()


@pytest.fixture
def phone(make_phone):
    return make_phone()
