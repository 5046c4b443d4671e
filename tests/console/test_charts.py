"""Charts: what is drawn is in proportion to what is counted, and says what it is."""

from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.console.charts.bars import bars
from server.console.charts.columns import columns
from server.console.charts.grid import Cell, grid
from server.console.charts.marks import Box, Line, Note
from server.console.charts.scale import level_of, top_of
from server.console.charts.svg import svg

COUNTS = st.integers(0, 10**6)
NAMESPACE = "{http://www.w3.org/2000/svg}"


def boxes(chart):
    return [mark for mark in chart.marks if isinstance(mark, Box)]


def notes(chart):
    return [mark.text for mark in chart.marks if isinstance(mark, Note)]


@given(most=st.integers(0, 10**9))
def test_an_axis_ends_at_the_next_round_number(most):
    top = top_of(most)
    digits = str(top).rstrip("0")
    assert digits in {"1", "15", "2", "25", "3", "4", "5", "6", "8"} or (top < 10 and len(digits) == 1)
    assert max(most, 1) <= top <= max(1.5 * most, 1)


@given(value=COUNTS, more=COUNTS, most=st.integers(1, 10**6))
def test_levels_rise_with_the_value(value, more, most):
    value, more = min(value, most), min(more, most)
    assert (level_of(value, most) == 0) == (value == 0)
    assert level_of(most, most) == 4
    assert value > more or level_of(value, most) <= level_of(more, most)
    assert level_of(most // 4, most) <= 1
    assert level_of(0, 0) == 0


@given(values=st.lists(COUNTS, min_size=1, max_size=31), numbered=st.booleans())
def test_columns_are_as_tall_as_their_values(values, numbered):
    labels = [str(at) for at in range(len(values))]
    chart = columns(values, labels, title="t", width=360, height=180, size=12, numbered=numbered)
    drawn = boxes(chart)
    some = [value for value in values if value]
    assert len(drawn) == len(some)
    (floor,) = {round(box.y + box.height, 6) for box in drawn} or {0}
    for box, value in zip(drawn, some, strict=True):
        assert box.height / drawn[0].height == pytest.approx(value / some[0])
        assert box.x >= 0
        assert box.x + box.width <= 360
        assert box.y >= 12
    assert [box.x for box in drawn] == sorted(box.x for box in drawn)
    if numbered:
        assert [f"{value:,}" for value in values] == [
            mark.text for mark in chart.marks if isinstance(mark, Note) and mark.tone == "text"
        ]
    else:
        top = top_of(max(values))
        lines = [mark for mark in chart.marks if isinstance(mark, Line)]
        highest = min(line.start[1] for line in lines)
        for box, value in zip(drawn, some, strict=True):
            assert (floor - highest) * value == pytest.approx(box.height * top)


@given(values=st.lists(COUNTS, min_size=1, max_size=31))
def test_bars_are_as_long_as_their_values(values):
    rows = [(f"{at}", value) for at, value in enumerate(values)]
    chart = bars(rows, width=360, row_height=24, size=12)
    most = max(values) or 1
    for box, value in zip(boxes(chart), values, strict=True):
        longest = max(box.width for box in boxes(chart)) or 1
        assert box.width / longest == pytest.approx(value / most)
        assert box.x + box.width < 360
    assert notes(chart) == [text for label, value in rows for text in (label, f"{value:,}")]
    assert chart.height == 24 * len(values)


def test_a_grid_has_a_number_in_every_cell_and_is_darkest_where_most_is():
    rows = [[Cell(0, "1"), Cell(1_000, "2"), None], [Cell(250, "3"), Cell(None, "4"), Cell(251, "5")]]
    chart = grid(rows, heads=["a", "b", "c"], sides=["x", "y"], width=300, row_height=30, size=10)
    assert [box.tone for box in boxes(chart)] == ["level0", "level4", "level1", "level0", "level2"]
    assert notes(chart) == ["a", "b", "c", "x", "1", "0", "2", "1,000", "y", "3", "250", "4", "5", "251"]
    first, _, third = boxes(chart)[:3]
    assert first.x == third.x
    assert third.y - first.y == 30


def test_one_chart_above_another():
    upper = columns([1, 2], ["", ""], title="u", width=100, height=60, size=8)
    lower = columns([3], ["z"], title="l", width=120, height=40, size=8, tone="second")
    both = upper.above(lower, gap=5)
    assert (both.width, both.height) == (120, 105)
    assert both.marks[: len(upper.marks)] == upper.marks
    moved = next(box for box in boxes(both) if box.tone == "second")
    assert moved.y == pytest.approx(boxes(lower)[0].y + 65)


def test_svg_says_what_it_is_and_lets_nothing_out():
    chart = columns([1], ["<b>&"], title='"><script>', width=100, height=60, size=8)
    text = svg(chart, name="days", title="a < b", about='x" onload="y')
    root = ET.fromstring(text.replace("<svg ", f'<svg xmlns="{NAMESPACE[1:-1]}" ', 1))  # noqa: S314 (ours)
    labels = root.get("aria-labelledby").split()
    assert [child.get("id") for child in root[:2]] == labels
    assert [child.text for child in root[:2]] == ["a < b", 'x" onload="y']
    assert root.get("role") == "img"
    assert [node.text for node in root.iter(f"{NAMESPACE}text")][-1] == "<b>&"
    assert not list(root.iter(f"{NAMESPACE}script"))
