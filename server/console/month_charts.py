"""The parts of a month that the page and the sheet of paper both draw."""

from collections.abc import Sequence
from datetime import date
from typing import Final

from server.console.charts.bars import bars
from server.console.charts.columns import axis_width, columns
from server.console.charts.grid import Cell, grid
from server.console.charts.marks import Chart
from server.console.phrases import counted
from server.console.texts import Texts
from server.insights.month import DayCounts, Month
from server.insights.sheets import MonthSheet

TOTALS: Final = (
    "visitors",
    "new_visitors",
    "stamps",
    "stamps_by_hand",
    "stamps_by_code",
    "coupons_issued",
    "coupons_redeemed",
    "accepted",
    "held",
    "refused",
)
"""Members of `DayCounts` in the order they are shown; ``month.NAME`` says what each is."""
_WEEK: Final = 7
_USUAL_HOURS: Final = (9, 20)
_LABELLED_DAYS: Final = frozenset({1, 5, 10, 15, 20, 25, 30})


def heading_of(words: Texts, first: date) -> str:
    """Return the month's name and year."""
    return words("month.heading", year=first.year, name=words(f"month.name.{first.month}"))


def weekdays(words: Texts) -> list[str]:
    """Return the short names of the weekdays, Monday first."""
    return [words(f"month.weekday.{at}") for at in range(_WEEK)]


def weeks(days: Sequence[DayCounts]) -> list[list[DayCounts | None]]:
    """Return the month's weeks, Monday first; None for days of other months."""
    cells: list[DayCounts | None] = [None] * days[0].day.weekday()
    cells += days
    cells += [None] * (-len(cells) % _WEEK)
    return [cells[at : at + _WEEK] for at in range(0, len(cells), _WEEK)]


def busy_hours(month: Month) -> range:
    """Return the hours to show: those with stamps, and at least the usual opening hours."""
    busy = [hour for row in month.weekday_hours for hour, stamps in enumerate(row) if stamps]
    return range(min([*busy, _USUAL_HOURS[0]]), max([*busy, _USUAL_HOURS[1]]) + 1)


def visits_of(words: Texts, month: Month) -> list[tuple[str, int]]:
    """Return how many customers came on one day, on two and so on, without gaps."""
    known = dict(month.visits)
    return [
        (counted(words, "month.visits.days", days), known.get(days, 0))
        for days in range(1, max(known, default=0) + 1)
    ]


def days_chart(words: Texts, month: Month, *, width: float, height: float, size: float) -> Chart:
    """Draw the stamps of each day above the redemptions, each with an axis of its own."""
    labels = [str(row.day.day) if row.day.day in _LABELLED_DAYS else "" for row in month.days]
    stamps = [row.stamps for row in month.days]
    redeemed = [row.coupons_redeemed for row in month.days]
    # One below the other, so that a day's columns stand in line.
    gutter = max(axis_width(stamps, size), axis_width(redeemed, size))
    upper = columns(
        stamps,
        labels,
        title=words("month.stamps"),
        width=width,
        height=0.6 * height,
        size=size,
        gutter=gutter,
    )
    lower = columns(
        redeemed,
        labels,
        title=words("month.coupons_redeemed"),
        width=width,
        height=0.4 * height,
        size=size,
        tone="second",
        gutter=gutter,
    )
    return upper.above(lower, gap=size)


def visits_bars(words: Texts, month: Month, *, width: float, size: float) -> Chart:
    """Draw how often people came, as lying bars."""
    return bars(visits_of(words, month), width=width, row_height=2 * size, size=size)


def visits_columns(words: Texts, month: Month, *, width: float, height: float, size: float) -> Chart:
    """Draw how often people came, as columns with their numbers: for paper, which is wide."""
    rows = visits_of(words, month)
    return columns(
        [customers for _, customers in rows],
        [str(days) for days in range(1, len(rows) + 1)],
        title=words("month.visits"),
        width=width,
        height=height,
        size=size,
        numbered=True,
    )


def hours_chart(words: Texts, month: Month, *, width: float, row_height: float, size: float) -> Chart:
    """Draw the stamps by weekday and hour."""
    hours = busy_hours(month)
    return grid(
        [[Cell(row[hour]) for row in month.weekday_hours] for hour in hours],
        heads=weekdays(words),
        sides=[words("month.oclock", hour=hour) for hour in hours],
        width=width,
        row_height=row_height,
        size=size,
    )


def calendar_chart(words: Texts, sheet: MonthSheet, *, width: float, row_height: float, size: float) -> Chart:
    """Draw the visitors of each day; days to come have no number."""
    rows = [
        [
            None if day is None else Cell(None if day.day > sheet.today else day.visitors, str(day.day.day))
            for day in week
        ]
        for week in weeks(sheet.now.days)
    ]
    return grid(rows, heads=weekdays(words), width=width, row_height=row_height, size=size)
