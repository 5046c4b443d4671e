"""Phrases that several pages use."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from server.console.pages.month import month_named
from server.console.phrases import ago, as_of, counted, linked
from server.console.texts import texts
from server.insights.scope import Place

TODAY = date(2026, 11, 26)


@pytest.mark.parametrize(
    ("days", "said"),
    [
        (-1, "today"),
        (0, "today"),
        (1, "yesterday"),
        (2, "2 days ago"),
        (13, "13 days ago"),
        (14, "2 weeks ago"),
        (59, "8 weeks ago"),
        (60, "2 months ago"),
        (729, "24 months ago"),
        (730, "2 years ago"),
    ],
)
def test_how_long_ago(days, said):
    assert ago(texts("en"), TODAY - timedelta(days=days), TODAY) == said
    assert ago(texts("ko"), TODAY - timedelta(days=days), TODAY)


def test_one_is_said_in_another_way_where_there_is_one():
    words = texts("en")
    assert counted(words, "customers.n.today", 1) == "1 customer"
    assert counted(words, "customers.n.today", 1_234) == "1,234 customers"
    assert counted(words, "customers.n.stopped", 1) == "1 of them"


def test_the_time_of_counting_is_the_first_shops():
    at = datetime(2026, 11, 26, 15, 30, tzinfo=UTC)
    shop = Place("shp_1", "a", ZoneInfo("Asia/Seoul"))
    assert "2026-11-27 00:30" in as_of(texts("ko"), at, {"shp_1": shop})
    assert "2026-11-26 15:30" in as_of(texts("en"), at, {})
    assert as_of(texts("en"), None, {}) == texts("en")("as_of.never")


def test_a_sentence_with_links_lets_nothing_out():
    said = linked(
        texts("en"),
        "customers.sentence",
        {"today": ("<1>", '/x?a="b"&c')},
        stamps="&",
        month="m",
        stopped="s",
        at=8,
        unseen="u",
        days=30,
    )
    assert said.startswith('Today <a href="/x?a=&quot;b&quot;&amp;c">&lt;1&gt;</a>, &amp;; m this month')


@pytest.mark.parametrize(
    "text", ["", "2026", "2026-00", "2026-13", "1999-12", "2100-01", "2026-11-01", "２０２６-11"]
)
def test_other_texts_name_no_month(text):
    assert month_named(text) is None
    assert month_named("2026-11") == date(2026, 11, 1)
