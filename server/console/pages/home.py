"""The first page, ``/owner/``: today in numbers, the live feed, and what the shop has."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from fastapi import Request
from fastapi.responses import RedirectResponse, Response
from nicegui import ui
from sqlalchemy.orm import Session

from server.console.asking import Asking
from server.console.engine import MOUNT
from server.console.frame import Opened, open_page
from server.console.pages.feed_list import FeedList
from server.console.pages.live import LISTEN_S, Live
from server.console.pages.today_board import TodayBoard
from server.console.pages.undoing import ask_to_undo
from server.console.shop_choice import Chosen
from server.console.surroundings import Surroundings, surroundings_of
from server.console.widgets import heading, paragraph
from server.insights.entries import FeedEntry
from server.insights.feed import feed
from server.insights.hub import Subscription
from server.insights.today import Today, today
from server.setup.progress import Progress, Step, progress
from server.staff.actor import Actor, Right

_SHOWN = 30
_ENOUGH = frozenset({Step.SHOP, Step.FENCE, Step.STAMP, Step.PROGRAM})
"""Steps without which no press can come; the counter card may wait."""


@dataclass(frozen=True, eq=False)
class Home:
    """What the page shows. `setup` is None for people who may not set up."""

    setup: Progress | None
    today: Today
    entries: Sequence[FeedEntry]
    post: Subscription


@ui.page("/", response_timeout=30)
async def show(request: Request) -> Response | None:
    """Show today, or lead an owner whose shop cannot take presses yet to the set-up."""
    around = surroundings_of(request.scope)
    page = await open_page(request, "home.title", here="today", look=partial(_what_there_is, around))
    if not isinstance(page, Opened):
        return page
    found = page.found
    ui.context.client.on_delete(found.post.close)
    setup = found.setup
    if setup is not None and not setup.done >= _ENOUGH:
        return RedirectResponse(f"{MOUNT}/setup", status_code=303)
    if not page.chosen.places:
        heading(page.words("home.title"))
        paragraph(page.words("home.staff"), kind="empty")
        return None
    names = [place.name for place in page.chosen.shown.values()]
    heading(names[0] if len(names) == 1 else page.words("home.shops", count=len(names)))
    with ui.element("div").classes("today"):
        with ui.element("section").props(f'aria-label="{page.words("home.title")}"'):
            board = TodayBoard(page.words)
        with ui.element("section").classes("feed-side"):
            lines = _feed(page)
        with ui.element("section"):
            board.draw_hours()
    board.show(found.today)
    live = Live(page.desk, around.clock, found.post, board, lines, shop_ids=page.chosen.ids, most=_SHOWN)
    ui.timer(LISTEN_S, live.listen)
    if setup is not None:
        _shop(page, setup)
    return None


def _feed(page: Opened[Home]) -> FeedList:
    """Draw the feed, with a button at what can be undone for those who may."""
    asking = Asking(page)

    def undo(entry: FeedEntry) -> None:
        ask_to_undo(page, asking, entry, lines.show_undone)

    lines = FeedList(
        page.words,
        page.chosen.shown,
        page.found.entries,
        most=_SHOWN,
        undo=undo if page.actor.may(Right.UNDO) else None,
    )
    return lines


def _what_there_is(around: Surroundings, session: Session, actor: Actor, chosen: Chosen) -> Home:
    # The post box is opened first, so that nothing falls between it and the reading.
    post = around.hub.subscribe(session, actor, chosen.ids)
    try:
        return Home(
            setup=progress(session, actor, chosen.shop_id) if _is_about_one(actor, chosen) else None,
            today=today(session, around.clock, actor, chosen.ids),
            entries=feed(session, around.clock, actor, chosen.ids, limit=_SHOWN, names=around.hub.names),
            post=post,
        )
    except BaseException:
        post.close()
        raise


def _is_about_one(actor: Actor, chosen: Chosen) -> bool:
    """Say whether the page tells of a shop's set-up: of the one it is about, or of the first to be."""
    return actor.may(Right.SET_UP) and (chosen.shop_id is not None or not chosen.places)


def _shop(page: Opened[Home], now: Progress) -> None:
    words = page.words
    with ui.element("details").classes("shop-facts"):
        with ui.element("summary"):
            ui.label(words("home.shop"))
        with ui.element("dl").classes("facts"):
            _fact(words("home.stamps"), ", ".join(stamp.serial for stamp in now.stamps))
            if now.program is not None:
                reward = now.program.reward[words.language]
                promise = words("home.promise", count=now.program.stamps_required, reward=reward)
                _fact(words("home.program"), promise)
            if now.shop is not None:
                _fact(words("home.address"), now.shop.address or "–")
        with ui.element("div").classes("buttons"):
            card = ui.link(words("home.card"), "/counter-card?size=a6", new_tab=True)
            card.classes("link-button").props("rel=noopener")
            ui.link(words("home.change"), "/setup?step=shop").classes("link-button")


def _fact(name: str, value: str) -> None:
    with ui.element("dt"):
        ui.label(name)
    with ui.element("dd"):
        ui.label(value)
