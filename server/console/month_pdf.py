"""The month on two sheets of A4: totals beside the month before, calendar, charts, what is owed, each day."""

from typing import Final

from server.console.month_charts import (
    TOTALS,
    calendar_chart,
    days_chart,
    heading_of,
    hours_chart,
    visits_columns,
    weekdays,
)
from server.console.paper import HEIGHT, WIDTH, Paper, width_of
from server.console.phrases import as_of
from server.console.texts import Texts
from server.insights.sheets import MonthSheet

_EDGE: Final = 42.0
_INNER: Final = WIDTH - 2 * _EDGE
_SHEETS: Final = 2
_DAY_COLUMNS: Final = (
    ("month.visitors", "visitors", 112.0),
    ("month.new.short", "new_visitors", 142.0),
    ("month.stamps", "stamps", 180.0),
    ("month.issued.short", "coupons_issued", 218.0),
    ("month.redeemed.short", "coupons_redeemed", 262.0),
)
"""Of the table of days: head, member of `DayCounts`, right edge."""


def month_pdf(words: Texts, sheet: MonthSheet) -> bytes:
    """Return the month as PDF.

    Drawn here, where the words and the charts are, as the counter card is; the numbers, who may have them and
    that they are taken away are the matter of `server.insights`.
    """
    title = heading_of(words, sheet.now.first)
    paper = Paper(title, words.language)
    shops = ", ".join(place.name for place in sheet.places.values())
    _draw_head(paper, words, sheet, shops, title)
    _draw_totals(paper, words, sheet, 112)
    _draw_owed(paper, words, sheet, 112)
    _title(paper, _EDGE, 322, words("month.calendar"))
    paper.draw(calendar_chart(words, sheet, width=_INNER, row_height=29, size=9), _EDGE, 330)
    paper.draw(days_chart(words, sheet.now, width=_INNER, height=150, size=8), _EDGE, 536)
    paper.draw(visits_columns(words, sheet.now, width=_INNER, height=84, size=8), _EDGE, 708)
    _draw_foot(paper, words, 1)
    paper.next_sheet()
    paper.write_within(_EDGE, 58, f"{shops} · {title}", 11, width=_INNER)
    _title(paper, _EDGE, 88, words("month.hours"))
    paper.draw(hours_chart(words, sheet.now, width=222, row_height=20, size=8), _EDGE, 96)
    _draw_days(paper, words, sheet, _EDGE + 250, 88)
    paper.write_paragraph(_EDGE, 690, words("month.sources"), 9, width=_INNER)
    _draw_foot(paper, words, 2)
    return paper.finish()


def _draw_head(paper: Paper, words: Texts, sheet: MonthSheet, shops: str, title: str) -> None:
    paper.write_within(_EDGE, 58, shops, 12, width=_INNER)
    paper.write(_EDGE, 84, title, 20)
    known = as_of(words, sheet.now.as_of, sheet.places)
    paper.write(WIDTH - _EDGE, 84, known, 9, anchor="end", tone="soft")
    paper.rule(_EDGE, 92, _INNER)


def _draw_totals(paper: Paper, words: Texts, sheet: MonthSheet, y: float) -> None:
    edges = (180.0, 245.0, 305.0)
    for edge, key in zip(edges, ("month.this", "month.before.head", "month.change"), strict=True):
        paper.write(_EDGE + edge, y, words(key), 8.5, anchor="end", tone="soft")
    for row, name in enumerate(TOTALS, 1):
        line = y + 18.5 * row
        now, before = getattr(sheet.now.total, name), getattr(sheet.before.total, name)
        paper.write(_EDGE, line, words(f"month.{name}"), 10)
        change = f"{now - before:+,}" if now != before else "0"
        for edge, text in zip(edges, (f"{now:,}", f"{before:,}", change), strict=True):
            paper.write(_EDGE + edge, line, text, 10, anchor="end")
        paper.rule(_EDGE, line + 5, edges[-1])


def _draw_owed(paper: Paper, words: Texts, sheet: MonthSheet, y: float) -> None:
    left = _EDGE + 335
    owed = sheet.now.liability
    _title(paper, left, y, words("month.owed"))
    for row, (key, count) in enumerate(
        (("month.owed.stamps", owed.stamps), ("month.owed.coupons", owed.coupons))
    ):
        line = y + 24 + 38 * row
        paper.write(left, line, words(key), 9, tone="soft")
        paper.write(left, line + 19, f"{count:,}", 17)
    paper.write_paragraph(left, y + 102, words("month.owed.about"), 8.5, width=WIDTH - _EDGE - left)


def _draw_days(paper: Paper, words: Texts, sheet: MonthSheet, x: float, y: float) -> None:
    _title(paper, x, y, words("month.by_day"))
    names = weekdays(words)
    for key, _, edge in _DAY_COLUMNS:
        paper.write(x + edge, y + 20, words(key), _fitting(words(key), 34), anchor="end", tone="soft")
    for row, day in enumerate(sheet.now.days, 1):
        line = y + 22 + 17.2 * row
        paper.write(x, line, f"{day.day.day}", 9)
        paper.write(x + 20, line, names[day.day.weekday()], 9, tone="soft")
        if day.day <= sheet.today:
            for _, member, edge in _DAY_COLUMNS:
                paper.write(x + edge, line, f"{getattr(day, member):,}", 9, anchor="end")
        paper.rule(x, line + 4.5, _DAY_COLUMNS[-1][2])


def _draw_foot(paper: Paper, words: Texts, page: int) -> None:
    told = words("month.page", page=page, all=_SHEETS)
    paper.write(WIDTH - _EDGE, HEIGHT - 28, told, 8, anchor="end", tone="soft")


def _title(paper: Paper, x: float, y: float, text: str) -> None:
    paper.write(x, y, text, 11)


def _fitting(text: str, width: float) -> float:
    """Return the size, at most 8, in which a text is no wider than `width`."""
    return min(8.0, 8.0 * width / max(width_of(text, 8.0), 1.0))
