"""The customers at ``/owner/customers``: the sentence, the lists that it opens, and who is a regular."""

from dataclasses import dataclass
from functools import partial
from typing import Final

from fastapi import Request
from fastapi.responses import Response
from nicegui import ui
from sqlalchemy.orm import Session

from server.console.engine import MOUNT
from server.console.frame import Opened, open_page
from server.console.pages.customer_list import CustomerList
from server.console.pages.segment_form import SegmentForm
from server.console.phrases import as_of, counted, linked
from server.console.shop_choice import ALL, Chosen
from server.console.surroundings import Surroundings, surroundings_of
from server.console.texts import Texts
from server.console.widgets import heading, paragraph, side_button
from server.core.errors import Forbidden
from server.insights.customers import CustomerPage, customers
from server.insights.people import Listing
from server.insights.scope import today_of
from server.insights.segments import Segment, Segments, segments
from server.insights.sentence import Sentence, sentence
from server.staff.actor import Actor, Right

_AGAIN_S: Final = 30.0
_AT_ONCE: Final = 50
_CHIPS: Final = (Listing.REGULAR, Listing.PROSPECTIVE, Listing.LAPSED, Listing.NEW, Listing.ALL)


@dataclass(frozen=True, slots=True)
class Found:
    """What the page shows."""

    told: Sentence
    first: CustomerPage
    numbers: Segments


@ui.page("/customers", response_timeout=30)
async def show(request: Request) -> Response | None:
    """Show the list that the address names, all customers when it names none."""
    around = surroundings_of(request.scope)
    asked = request.query_params.get("list", "")
    listing = Listing(asked) if asked in set(Listing) else Listing.ALL
    page = await open_page(
        request, "customers.title", here="customers", look=partial(_what_there_is, around, listing)
    )
    if not isinstance(page, Opened):
        return page
    words = page.words
    heading(words("customers.title"))
    if page.found is None:
        paragraph(words("customers.not_allowed"), kind="empty")
    elif not page.chosen.places:
        paragraph(words("customers.no_shop"), kind="empty")
        if page.actor.may(Right.SET_UP):
            ui.link(words("customers.set_up"), "/setup").classes("link-button")
    else:
        board = _Board(page, page.found, listing)
        ui.timer(_AGAIN_S, board.count_again, immediate=False)
    return None


def _what_there_is(
    around: Surroundings, listing: Listing, session: Session, actor: Actor, chosen: Chosen
) -> Found | None:
    """Read it; None for people who may not see customers, so that the page can say so among its menu."""
    try:
        numbers = segments(session, actor)
    except Forbidden:
        return None
    return Found(
        told=sentence(session, around.clock, actor, chosen.ids),
        first=customers(
            session,
            around.clock,
            actor,
            chosen.ids,
            names=around.hub.names,
            listing=listing,
            limit=_AT_ONCE,
        ),
        numbers=numbers,
    )


class _Board:
    """The page. Its numbers are read again now and then; the list stays as it is under the reader's eyes."""

    def __init__(self, page: Opened[Found | None], found: Found, listing: Listing) -> None:
        self._page, self._listing = page, listing
        self._words, self._around = page.words, page.around
        self._cursor = found.first.next_cursor
        words = page.words
        self._sentence = ui.html(tag="p", sanitize=False).classes("sentence")
        self._as_of = ui.label().classes("soft")
        self._chips = ui.html(tag="nav", sanitize=False).classes("chips")
        self._chips.props(f'aria-label="{words("customers.lists")}"')
        self._title = ui.html(tag="h2", sanitize=False)
        today = today_of(page.chosen.shown, page.around.clock.now())
        with ui.element("div") as self._filled:
            self._list = CustomerList(words, words(f"customers.list.{listing}"), today)
            self._shown = ui.label().classes("soft").props("aria-live=polite")
            with ui.element("div").classes("buttons"):
                self._more = side_button(words("customers.more"), self._show_more)
                if page.actor.may(Right.EXPORT):
                    shop = page.chosen.shop_id or ALL
                    ui.link(
                        words("customers.export"), f"/export/customers.csv?list={listing}&shop={shop}"
                    ).classes("link-button")
        with ui.element("div") as self._empty:
            self._draw_empty(found.told)
        paragraph(words("customers.names"), kind="soft")
        self._form = SegmentForm(page, found.numbers, self._begin_anew)
        self._show(found)

    async def count_again(self) -> None:
        """Read the numbers again."""
        page, clock = self._page, self._around.clock
        read = await page.desk.look(lambda session, actor: sentence(session, clock, actor, page.chosen.ids))
        if read is None:
            return
        self._tell(read.value)
        if not self._list.count:
            await self._begin_anew()

    async def _begin_anew(self) -> None:
        page = self._page
        look = partial(_what_there_is, self._around, self._listing)
        read = await page.desk.look(lambda session, actor: look(session, actor, page.chosen))
        if read is not None and read.value is not None:
            self._show(read.value)

    async def _show_more(self) -> None:
        page, clock, cursor = self._page, self._around.clock, self._cursor
        if cursor is None:
            return
        self._more.disable()
        read = await page.desk.look(
            lambda session, actor: customers(
                session,
                clock,
                actor,
                page.chosen.ids,
                names=self._around.hub.names,
                listing=self._listing,
                cursor=cursor,
                limit=_AT_ONCE,
            )
        )
        self._more.enable()
        if read is not None:
            self._list.add(read.value.rows)
            self._go_on(read.value.next_cursor)

    def _show(self, found: Found) -> None:
        self._list.show(found.first.rows)
        self._filled.set_visibility(bool(found.first.rows))
        self._empty.set_visibility(not found.first.rows)
        self._tell(found.told)
        self._go_on(found.first.next_cursor)

    def _go_on(self, cursor: str | None) -> None:
        self._cursor = cursor
        self._more.set_visibility(cursor is not None)
        self._say_shown()

    def _tell(self, told: Sentence) -> None:
        words = self._words
        counts = _counts(told)
        self._all = counts[self._listing]
        self._sentence.content = sentence_html(words, told)
        self._as_of.text = as_of(words, told.as_of, self._page.chosen.shown)
        self._chips.content = chips_html(words, counts, self._listing)
        self._title.content = _chip(words, counts, self._listing)
        self._say_shown()

    def _say_shown(self) -> None:
        self._shown.text = self._words("customers.shown", shown=f"{self._list.count:,}", all=f"{self._all:,}")

    def _draw_empty(self, told: Sentence) -> None:
        words = self._words
        if _counts(told)[Listing.ALL]:
            paragraph(words("customers.none"), kind="empty")
            ui.link(words("customers.show_all"), "/customers").classes("link-button")
            return
        paragraph(words("customers.nobody"), kind="empty")
        if self._page.actor.may(Right.SET_UP):
            card = ui.link(words("customers.card"), "/counter-card?size=a6", new_tab=True)
            card.classes("link-button").props("rel=noopener")


def sentence_html(words: Texts, told: Sentence) -> str:
    """Return the sentence as HTML, each of its numbers a link to its list."""

    def link(name: str, count: int, listing: Listing) -> tuple[str, str]:
        return counted(words, f"customers.n.{name}", count), _address(listing)

    numbers = {
        "today": told.today_customers,
        "month": told.month_visitors,
        "stopped": told.stopped,
        "unseen": told.unseen,
    }
    links = {name: link(name, number.count, number.listing) for name, number in numbers.items()}
    # Stamps have no list; those who got them have one.
    links["stamps"] = link("stamps", told.today_stamps, told.today_customers.listing)
    if told.stopped_at is None:
        return linked(words, "customers.sentence.nearly", links, days=told.unseen_days)
    return linked(words, "customers.sentence", links, days=told.unseen_days, at=told.stopped_at)


def chips_html(words: Texts, counts: dict[Listing, int], here: Listing) -> str:
    """Return the links to the lists as HTML."""
    return "".join(
        f'<a href="{_address(listing)}"{" aria-current=page" if listing == here else ""}>'
        f"{_chip(words, counts, listing)}</a>"
        for listing in _CHIPS
    )


def _chip(words: Texts, counts: dict[Listing, int], listing: Listing) -> str:
    return f'{words(f"customers.list.{listing}")} <span class="count">{counts[listing]:,}</span>'


def _address(listing: Listing) -> str:
    return f"{MOUNT}/customers?list={listing}"


def _counts(told: Sentence) -> dict[Listing, int]:
    """Return how long each list is."""
    numbers = [told.today_customers, told.month_visitors, told.stopped, told.unseen, *told.segments.values()]
    counts = {number.listing: number.count for number in numbers}
    # Every customer has exactly one segment.
    counts[Listing.ALL] = sum(told.segments[segment].count for segment in Segment)
    return counts
