"""Simulated cafés, without the app."""

import pytest

from server.core.sealing import Sealer
from server.insights.pseudonyms import Pseudonyms
from tests.server.insights.world import at, found_world


@pytest.fixture
def names():
    """Give pseudonyms under a fixed key."""
    return Pseudonyms(Sealer(b"k" * 32))


@pytest.fixture
def world(session, clock):
    """Give a partner with one café in Seoul, three stamps for a coffee."""
    return found_world(session, clock)


@pytest.fixture
def travelling(session, clock):
    """Give a partner with cafés in Seoul and New York, in the weeks when New York changes its clocks."""
    clock.advance((at("2026-10-05T03:00:00") - clock.now()).total_seconds())
    return found_world(session, clock, zones=("Asia/Seoul", "America/New_York"))
