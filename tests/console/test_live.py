"""What the open page does between two ticks, apart from any page: nothing that came is lost."""

import asyncio
from types import SimpleNamespace

import pytest

from server.console.acting import Done
from server.console.pages import live
from server.insights.hub import Delivery


class Screen:
    """A page without a screen: what it would show, and a database that can be away."""

    def __init__(self, monkeypatch) -> None:
        self.post, self.shown, self.counted, self.read = [], [], [], []
        self.is_away = False
        today = SimpleNamespace(read=lambda *_: f"numbers {len(self.counted) + 1}")
        monkeypatch.setattr(live, "feed", lambda *_, **_more: self.read)
        actor = SimpleNamespace(require=lambda _right: None)

        async def look(work):
            await asyncio.sleep(0)
            return None if self.is_away else Done(work("session", actor))

        self.live = live.Live(
            SimpleNamespace(look=look),
            "clock",
            SimpleNamespace(take=self._take, hub=SimpleNamespace(names=None, today=today)),
            SimpleNamespace(show=self.counted.append),
            SimpleNamespace(add=self._add),
            shop_ids=None,
            most=30,
        )

    def _take(self):
        entries, missed = self.post.pop(0) if self.post else ((), False)
        return Delivery(entries, missed=missed, reachable=not self.is_away)

    def _add(self, entries):
        self.shown += entries

    def tick(self, times=1):
        for _ in range(times):
            asyncio.run(self.live.listen())


@pytest.fixture
def screen(monkeypatch):
    return Screen(monkeypatch)


def test_the_numbers_that_the_page_came_with_are_not_counted_again_at_once(screen):
    screen.tick(9)
    assert screen.counted == []
    screen.tick()
    assert screen.counted == ["numbers 1"]
    screen.tick(9)
    assert len(screen.counted) == 1


def test_entries_are_shown_at_the_next_tick(screen):
    screen.post = [(("a",), False)]
    screen.tick()
    assert (screen.shown, screen.counted) == (["a"], [])


def test_what_came_while_the_database_was_away_is_shown_when_it_is_back(screen):
    screen.is_away = True
    screen.post = [(("a",), False), (("c", "b"), False)]
    screen.tick(12)
    assert (screen.shown, screen.counted) == ([], [])
    screen.is_away = False
    screen.tick(2)
    assert screen.shown == ["c", "b", "a"]
    assert screen.counted == ["numbers 1"]


def test_where_entries_were_missed_the_feed_is_read_again_until_it_was(screen):
    screen.is_away = True
    screen.post, screen.read = [(("new",), True)], ["old"]
    screen.tick()
    screen.is_away = False
    screen.tick()
    assert screen.shown == ["old", "new"]
    screen.tick()
    assert screen.shown == ["old", "new"]
