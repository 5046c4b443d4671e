"""``/owner/counter-desk``: what staff do for a customer whose press did not do it."""

from dataclasses import dataclass
from functools import partial
from typing import Final

from fastapi import Request
from fastapi.responses import Response
from nicegui import ui
from sqlalchemy.orm import Session

from server.console.asking import Asking
from server.console.frame import Opened, open_page
from server.console.pages.hand_box import HandBox
from server.console.pages.held_box import MOST_READ, HeldBox
from server.console.pages.staff_code_box import StaffCodeBox
from server.console.shop_choice import Chosen
from server.console.surroundings import Surroundings, surroundings_of
from server.console.widgets import heading, paragraph
from server.core.origins import own_origin
from server.insights.entries import FeedEntry, FeedKind
from server.insights.hub import Subscription
from server.insights.seen import SeenCustomer, seen_customers
from server.insights.waiting import waiting
from server.presses.code_counts import codes_left
from server.programs.hand_allowance import HandAllowance, hand_allowance
from server.staff.actor import Actor
from server.staff.second_person import Colleague, colleagues

_LISTEN_S: Final = 1.0
_SOON_S: Final = 3.0
_READ_S: Final = 10.0


@dataclass(frozen=True, eq=False)
class AtShop:
    """What is done at one shop: codes left today, whom to give stamps to, and how many alone."""

    codes_left: int
    seen: tuple[SeenCustomer, ...]
    allowance: HandAllowance


@dataclass(frozen=True, eq=False)
class Found:
    """What the page shows. `here` is None where no shop is chosen among several."""

    here: AtShop | None
    held: list[FeedEntry]


@dataclass(frozen=True, eq=False)
class CounterDesk:
    """What the page opens with."""

    found: Found
    colleagues: tuple[Colleague, ...]
    post: Subscription


@ui.page("/counter-desk", response_timeout=30)
async def show(request: Request) -> Response | None:
    """Show the staff code, the form for stamps by hand, and what waits for a decision."""
    around = surroundings_of(request.scope)
    page = await open_page(request, "at_counter.title", here="counter", look=partial(_open, around))
    if not isinstance(page, Opened):
        return page
    ui.context.client.on_delete(page.found.post.close)
    heading(page.words("at_counter.title"))
    if not page.chosen.places:
        paragraph(page.words("home.staff"), kind="empty")
        return None
    origin = own_origin(request.scope, around.settings.public_origin)
    live = _Live(
        page,
        address=request.client.host if request.client else "",
        customers_page=f"{origin}/s?shop={page.chosen.shop_id}",
    )
    ui.timer(_LISTEN_S, live.listen)
    return None


class _Live:
    """The page's boxes, and what keeps them up to date.

    Held presses show at once, other customers within a few seconds, so that a busy shop's page does not read
    all the time; what the post box does not know of, every ten seconds.
    """

    def __init__(self, page: Opened[CounterDesk], *, address: str, customers_page: str) -> None:
        self._page = page
        self._read_ago_s, self._is_due = 0.0, False
        self._codes: StaffCodeBox | None = None
        self._hand: HandBox | None = None
        words, found, shop_id = page.words, page.found.found, page.chosen.shop_id
        asking = Asking(page)
        self._jump = ui.link("", "#held").classes("link-button jump")
        with ui.element("div").classes("counter-desk"):
            with ui.element("div").classes("at-shop"):
                if shop_id is not None and found.here is not None:
                    with ui.element("section"):
                        self._codes = StaffCodeBox(
                            page, shop_id, found.here.codes_left, address=customers_page
                        )
                    with ui.element("section"):
                        self._hand = HandBox(
                            page,
                            shop_id,
                            found.here.seen,
                            found.here.allowance,
                            page.found.colleagues,
                            address=address,
                        )
                else:
                    paragraph(words("at_counter.choose"), kind="empty")
                    for place in page.chosen.places.values():
                        ui.link(place.name, f"?shop={place.id}").classes("link-button")
            with ui.element("section"):
                self._held = HeldBox(page, asking, found.held, self.read)
        self._show_count(found)

    async def listen(self) -> None:
        """Do what there is to do after `_LISTEN_S`."""
        delivery = self._page.found.post.take()
        self._read_ago_s += _LISTEN_S
        known = self._held.ids
        is_held = any(entry.kind is FeedKind.HELD or entry.id in known for entry in delivery.entries)
        self._is_due |= bool(delivery.entries)
        if is_held or delivery.missed or self._read_ago_s >= (_SOON_S if self._is_due else _READ_S):
            await self.read()
        if self._codes is not None:
            await self._codes.tick()

    async def read(self) -> None:
        """Read again what waits, and what may be done."""
        page = self._page
        read = await page.desk.look(lambda session, actor: _read(page.around, session, actor, page.chosen))
        if read is None:
            return
        self._read_ago_s, self._is_due = 0.0, False
        found = read.value
        self._held.show(found.held)
        self._show_count(found)
        if found.here is not None and self._hand is not None and self._codes is not None:
            self._hand.show(found.here.seen, found.here.allowance)
            self._codes.show_left(found.here.codes_left)

    def _show_count(self, found: Found) -> None:
        self._jump.text = self._held.title
        self._jump.set_visibility(bool(found.held))


def _open(around: Surroundings, session: Session, actor: Actor, chosen: Chosen) -> CounterDesk:
    # The post box is opened first, so that nothing falls between it and the reading.
    post = around.hub.subscribe(session, actor, chosen.ids)
    try:
        return CounterDesk(_read(around, session, actor, chosen), colleagues(session, actor), post)
    except BaseException:
        post.close()
        raise


def _read(around: Surroundings, session: Session, actor: Actor, chosen: Chosen) -> Found:
    clock, settings, names = around.clock, around.settings, around.hub.names
    held = waiting(session, actor, chosen.ids, names=names, limit=MOST_READ)
    shop_id = chosen.shop_id
    if shop_id is None:
        return Found(None, held)
    here = AtShop(
        codes_left(session, clock, actor, shop_id=shop_id, settings=settings),
        seen_customers(session, clock, actor, shop_id, names=names),
        hand_allowance(session, clock, actor, shop_id=shop_id, settings=settings),
    )
    return Found(here, held)
