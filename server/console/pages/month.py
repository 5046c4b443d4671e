"""The month at ``/owner/month``: totals, calendar, charts that print, what is owed, and its files."""

import re
from datetime import date, timedelta
from functools import partial
from typing import Final

from fastapi import Request
from fastapi.responses import Response
from nicegui import ui
from sqlalchemy.orm import Session

from server.console.frame import Opened, open_page
from server.console.month_charts import heading_of
from server.console.month_html import calendar, days_figure, hours_figure, totals, visits_figure
from server.console.phrases import as_of
from server.console.shop_choice import ALL, Chosen
from server.console.surroundings import Surroundings, surroundings_of
from server.console.widgets import heading, paragraph
from server.core.errors import Forbidden
from server.insights.liability import Liability
from server.insights.sheets import MonthSheet, month_sheet
from server.staff.actor import Actor, Right

_MONTH: Final = re.compile(r"20[0-9]{2}-(0[1-9]|1[0-2])")
_EARLIEST: Final = date(2000, 1, 1)


def month_named(text: str) -> date | None:
    """Return the first day of a month that is written ``2026-11``, from 2000 to 2099; None for others."""
    return date(int(text[:4]), int(text[5:]), 1) if _MONTH.fullmatch(text) else None


@ui.page("/month", response_timeout=30)
async def show(request: Request) -> Response | None:
    """Show the month that the address names, the present one when it names none."""
    around = surroundings_of(request.scope)
    first = month_named(request.query_params.get("month", ""))
    page = await open_page(request, "month.title", here="month", look=partial(_what_there_is, around, first))
    if not isinstance(page, Opened):
        return page
    words, sheet = page.words, page.found
    if sheet is None or not page.chosen.places:
        heading(words("month.title"))
        paragraph(words("month.not_allowed" if sheet is None else "month.no_shop"), kind="empty")
        if sheet is not None and page.actor.may(Right.SET_UP):
            ui.link(words("month.set_up"), "/setup").classes("link-button")
        return None
    with ui.element("div").classes("month"):
        _draw(page, sheet)
    return None


def _what_there_is(
    around: Surroundings, first: date | None, session: Session, actor: Actor, chosen: Chosen
) -> MonthSheet | None:
    """Read it; None for people who may not see months, so that the page can say so among its menu."""
    try:
        return month_sheet(session, around.clock, actor, chosen.ids, first)
    except Forbidden:
        return None


def _draw(page: Opened[MonthSheet | None], sheet: MonthSheet) -> None:
    words = page.words
    names = ", ".join(place.name for place in page.chosen.shown.values())
    paragraph(names, kind="soft paper-only")
    heading(heading_of(words, sheet.now.first))
    paragraph(as_of(words, sheet.now.as_of, page.chosen.shown), kind="soft")
    _draw_ways(page, sheet)
    if sheet.is_empty:
        paragraph(words("month.nothing"), kind="empty")
    else:
        for part in (totals, calendar):
            ui.html(part(words, sheet), sanitize=False, tag="section")
    _draw_owed(page, sheet.now.liability)
    if not sheet.is_empty:
        for figure in (days_figure, visits_figure, hours_figure):
            ui.html(figure(words, sheet.now), sanitize=False, tag="section")
        _draw_files(page, sheet)
    paragraph(words("month.sources"), kind="soft")


def _draw_ways(page: Opened[MonthSheet | None], sheet: MonthSheet) -> None:
    words, first = page.words, sheet.now.first
    after = (first + timedelta(days=31)).replace(day=1)
    with ui.element("nav").classes("buttons screen-only").props(f'aria-label="{words("month.pages")}"'):
        if sheet.before.first >= _EARLIEST:
            _way(f"← {heading_of(words, sheet.before.first)}", sheet.before.first).props("rel=prev")
        if after <= sheet.today:
            _way(f"{heading_of(words, after)} →", after).props("rel=next")


def _way(text: str, first: date) -> ui.link:
    return ui.link(text, f"/month?month={first:%Y-%m}").classes("link-button")


def _draw_owed(page: Opened[MonthSheet | None], owed: Liability) -> None:
    words = page.words
    with ui.element("section"):
        heading(words("month.owed"), level=2)
        with ui.element("dl").classes("numbers owed"):
            for key, count in (("month.owed.stamps", owed.stamps), ("month.owed.coupons", owed.coupons)):
                with ui.element("div").classes("number"):
                    with ui.element("dt"):
                        ui.label(words(key))
                    with ui.element("dd"):
                        ui.label(f"{count:,}").classes("value")
        paragraph(words("month.owed.about"), kind="soft")


def _draw_files(page: Opened[MonthSheet | None], sheet: MonthSheet) -> None:
    if not page.actor.may(Right.EXPORT):
        return
    words = page.words
    asked = f"month={sheet.now.first:%Y-%m}&shop={page.chosen.shop_id or ALL}"
    with ui.element("section").classes("screen-only"):
        heading(words("month.download"), level=2)
        with ui.element("div").classes("buttons"):
            ui.link(words("month.csv"), f"/export/month.csv?{asked}").classes("link-button")
            ui.link(words("month.pdf"), f"/export/month.pdf?{asked}").classes("link-button")
