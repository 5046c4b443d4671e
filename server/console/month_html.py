"""The month's sections as HTML: figures, each with a table that says the same to screen readers."""

from collections.abc import Iterable, Sequence
from html import escape
from typing import Final

from server.console.charts.marks import Chart
from server.console.charts.scale import level_of
from server.console.charts.svg import svg
from server.console.month_charts import (
    TOTALS,
    busy_hours,
    days_chart,
    hours_chart,
    visits_bars,
    visits_of,
    weekdays,
    weeks,
)
from server.console.texts import Texts
from server.insights.month import DayCounts, Month
from server.insights.sheets import MonthSheet

_WIDTH: Final = 360.0
"""Of charts, in their own units: about a phone's screen, so that words have the size they say."""
_SIZE: Final = 12.0


def totals(words: Texts, sheet: MonthSheet) -> str:
    """Return the month's totals, each beside the month before."""
    cells = []
    for name in TOTALS:
        now, before = getattr(sheet.now.total, name), getattr(sheet.before.total, name)
        beside = words("month.before", count=f"{before:,}")
        cells.append(
            f'<div class="number" data-name="{name}"><dt>{escape(words(f"month.{name}"))}</dt>'
            f'<dd><span class="value">{now:,}</span><div class="soft">{escape(beside)}</div></dd></div>'
        )
    return f'<h2>{escape(words("month.totals"))}</h2><dl class="numbers">{"".join(cells)}</dl>'


def calendar(words: Texts, sheet: MonthSheet) -> str:
    """Return the calendar: a table of weeks, with the visitors of each day that has come."""
    title = escape(words("month.calendar"))
    most = max(day.visitors for day in sheet.now.days)
    rows = "".join(
        f"<tr role=row>{''.join(_day(words, sheet, day, most) for day in week)}</tr>"
        for week in weeks(sheet.now.days)
    )
    heads = "".join(f"<th role=columnheader scope=col>{escape(name)}</th>" for name in weekdays(words))
    return (
        f'<h2>{title}</h2><p class="soft">{escape(words("month.calendar.about"))}</p>'
        f'<table class="calendar" role=table aria-label="{title}"><thead role=rowgroup>'
        f"<tr role=row>{heads}</tr></thead><tbody role=rowgroup>{rows}</tbody></table>"
    )


def _day(words: Texts, sheet: MonthSheet, day: DayCounts | None, most: int) -> str:
    if day is None:
        return "<td role=cell class=other></td>"
    date = f'<time datetime="{day.day}">{day.day.day}</time>'
    if day.day > sheet.today:
        return f"<td role=cell class=ahead>{date}</td>"
    between = f'<span class="for-readers">{escape(words("month.calendar.cell"))} </span>'
    level = level_of(day.visitors, most)
    return f"<td role=cell class=level{level}>{date}{between}<b>{day.visitors:,}</b></td>"


def days_figure(words: Texts, month: Month) -> str:
    """Return stamps against redemptions by day."""
    about = words(
        "month.days.about", stamps=f"{month.total.stamps:,}", redeemed=f"{month.total.coupons_redeemed:,}"
    )
    rows = [(day.day.isoformat(), f"{day.stamps:,}", f"{day.coupons_redeemed:,}") for day in month.days]
    heads = ("month.date", "month.stamps", "month.coupons_redeemed")
    chart = days_chart(words, month, width=_WIDTH, height=300.0, size=_SIZE)
    return _figure(
        "days",
        title=words("month.days"),
        chart=chart,
        about=about,
        heads=[words(head) for head in heads],
        rows=rows,
    )


def visits_figure(words: Texts, month: Month) -> str:
    """Return how many customers came on so many days."""
    return _figure(
        "visits",
        title=words("month.visits"),
        chart=visits_bars(words, month, width=_WIDTH, size=_SIZE),
        about=words("month.visits.about"),
        heads=[words("month.visits"), words("month.visits.customers")],
        rows=[(days, f"{count:,}") for days, count in visits_of(words, month)],
    )


def hours_figure(words: Texts, month: Month) -> str:
    """Return the stamps by weekday and hour."""
    rows = [
        (words("month.oclock", hour=hour), *(f"{row[hour]:,}" for row in month.weekday_hours))
        for hour in busy_hours(month)
    ]
    return _figure(
        "hours",
        title=words("month.hours"),
        chart=hours_chart(words, month, width=_WIDTH, row_height=26.0, size=_SIZE),
        about=words("month.hours.about"),
        heads=[words("month.hour"), *weekdays(words)],
        rows=rows,
    )


def _figure(
    name: str, *, title: str, chart: Chart, about: str, heads: Sequence[str], rows: Iterable[Sequence[str]]
) -> str:
    head = "".join(f"<th scope=col>{escape(cell)}</th>" for cell in heads)
    body = "".join(
        f"<tr><th scope=row>{escape(first)}</th>{''.join(f'<td>{escape(cell)}</td>' for cell in rest)}</tr>"
        for first, *rest in rows
    )
    return (
        f'<h2>{escape(title)}</h2><p class="soft">{escape(about)}</p>'
        f"{svg(chart, name=f'chart-{name}', title=title, about=about)}"
        f'<div class="for-readers"><table class="{name}"><caption>{escape(title)}</caption>'
        f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>"
    )
