"""The catalogue is whole: both languages, the same parts, every key that is used, and none that is not."""

import re
from pathlib import Path

import pytest
from starlette.requests import HTTPConnection

from server.console.language import language_of
from server.console.texts import parts_of, texts
from tests.console.catalogue import catalogue

ROOM = Path(__file__).parents[2] / "server"
# Keys that are put together where they are used.
MADE = {
    "problem.": "server.core.errors",
    "field.": "members of forms",
    "done.": "server.staff.routes",
    "day.": "server.shops.hours",
    "nav.": "server.console.menu",
    "setup.": "server.setup.progress.Step",
    "card.print.": "sizes",
    "customers.list.": "server.insights.people.Listing",
    "customers.segment.": "server.insights.segments.Segment",
    "customers.n.": "numbers of the sentence",
    "month.": "members of server.insights.month.DayCounts, months, weekdays, figures",
    "segments.": "server.insights.segments.Segments",
    "feed.": "server.insights.entries.FeedKind",
    "role.": "server.staff.actor.Role",
    "people.state.": "server.console.pages.roles.State",
}


def used():
    sources = "\n".join(path.read_text("utf-8") for path in (ROOM / "console").rglob("*.py"))
    return set(re.findall(r'"([a-z_0-9]+(?:\.[a-z_0-9]+)+|[a-z_]+)"', sources))


def test_every_text_is_there_in_both_languages_with_the_same_parts():
    for key, both in catalogue().items():
        assert set(both) == {"ko", "en"}, key
        assert all(text.strip() for text in both.values()), key
        assert parts_of(both["ko"]) == parts_of(both["en"]), key
        assert re.search("[가-힣]", both["ko"]) or key == "other_language" or both["ko"] == both["en"], key


def test_every_text_is_used_and_every_key_is_there():
    keys, named = set(catalogue()), used()
    unused = {key for key in keys - named if not key.startswith(tuple(MADE))}
    assert unused == set()
    rooms = {key.partition(".")[0] for key in keys if "." in key}
    dotted = {key for key in named if "." in key and key.partition(".")[0] in rooms}
    assert dotted - keys == set()


def test_every_code_that_the_steps_can_meet_has_a_sentence_of_its_own():
    parts = (
        "shops/fences.py",
        "shops/hours.py",
        "stamps/serials.py",
        "setup/service.py",
        "setup/pressed.py",
        "insights/seen.py",
        "insights/undoing.py",
        "presses/code_counts.py",
        "presses/decisions.py",
        "presses/staff_codes.py",
        "programs/corrections.py",
        "programs/explanations.py",
        "programs/handing.py",
        "staff/second_person.py",
        "stamps/service.py",
        "staff/signing_in.py",
        "staff/members.py",
        "staff/counters.py",
        "staff/resets.py",
        "staff/limits.py",
        "staff/checks.py",
    )
    sources = "\n".join((ROOM / part).read_text("utf-8") for part in parts)
    codes = set(re.findall(r'(?:code="|(?:FenceError|HoursError)\(\s*")([a-z_]+)"', sources))
    codes |= {
        "serial_length",
        "serial_symbol",
        "serial_check",
        "serial_range",
        "serial_unknown",
        "serial_taken",
    }
    codes -= {"fence_type"}  # the step draws circles and polygons
    codes -= {"key_invalid", "shops_for_kind"}  # the pages' own keys; they enrol fixed stamps at one shop
    codes -= {"presses_loose"}  # the page offers a choice instead
    assert len(codes) > 20
    assert {code for code in codes if f"problem.{code}" not in catalogue()} == set()


def test_the_catalogue_cannot_be_changed_and_a_missing_key_is_an_error():
    words = texts("ko")
    with pytest.raises(TypeError):
        words.entries["brand"] = "x"
    with pytest.raises(KeyError):
        words("no.such.key")
    with pytest.raises(KeyError):
        words("stamp.added", number=3)
    assert words.of_code("no_such_code") == words("problem.other")


@pytest.mark.parametrize(
    ("query", "cookie", "accepted", "language"),
    [
        ("lang=ko", "en", "en", "ko"),
        ("lang=de", "ko", "en", "ko"),
        ("", "", "ko-KR,ko;q=0.9,en;q=0.8", "ko"),
        ("", "", "en;q=0.5, ko;q=0.9", "ko"),
        ("", "", "de, en;q=0.3, ko;q=0.2", "en"),
        ("", "", "fr;q=x, ;;,", "en"),
        ("", "", "", "en"),
    ],
)
def test_the_language_is_asked_for_kept_or_the_browsers(query, cookie, accepted, language):
    headers = [(b"accept-language", accepted.encode())]
    if cookie:
        headers.append((b"cookie", f"stamp-owner-language={cookie}".encode()))
    scope = {"type": "http", "query_string": query.encode(), "headers": headers, "path": "/owner"}
    assert language_of(HTTPConnection(scope)) == language
