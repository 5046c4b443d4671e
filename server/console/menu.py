"""The ways from page to page: the menu, the shops, and one's own account."""

from dataclasses import dataclass
from typing import Final

from nicegui import ui

from server.console.engine import MOUNT
from server.console.shop_choice import ALL, Chosen
from server.console.texts import Texts
from server.setup.progress import NEW
from server.staff.actor import Actor, Right
from server.staff.desk import PIN_PAGE


@dataclass(frozen=True, slots=True)
class _Entry:
    """A page of the menu: what it is called, where it is, who sees it, whether phones have it at hand."""

    name: str
    target: str
    right: Right
    at_hand: bool = True


_ENTRIES: Final = (
    _Entry("today", "/", Right.SEE_TODAY),
    _Entry("counter", "/counter-desk", Right.GIVE_STAMP),
    _Entry("customers", "/customers", Right.SEE_CUSTOMERS),
    _Entry("month", "/month", Right.SEE_MONTH),
    _Entry("stamps", "/stamps", Right.SUSPEND_STAMP, at_hand=False),
    _Entry("setup", "/setup", Right.SET_UP, at_hand=False),
    _Entry("people", "/people", Right.MANAGE_STAFF, at_hand=False),
)


@dataclass(frozen=True, slots=True)
class Menu:
    """What stands around a page for one visitor.

    On a phone the few pages that are needed at the counter lie at the lower edge, the others behind "more";
    on a desk all stand at the side. What a page may show is decided by services, not here: the menu only
    leaves out what would be refused.
    """

    words: Texts
    actor: Actor
    chosen: Chosen
    here: str
    at_counter: bool = False
    """The visitor signed in by PIN, on a phone that several people share."""

    def draw_main(self) -> ui.element:
        """Draw the menu."""
        nav = ui.element("nav").classes("owner-nav").props(f'aria-label="{self.words("nav")}"')
        with nav:
            for entry in self._entries():
                link = self._link(entry)
                if not entry.at_hand:
                    link.classes("desk-only")
        return nav

    def draw_more(self) -> None:
        """Draw what opens at the upper edge: who is here, the pages that are not at hand, and the way out."""
        words = self.words
        with ui.element("details").classes("opens more-menu"):
            with ui.element("summary"):
                ui.label(words("nav.more")).classes("more-name")
            with ui.element("div").classes("opened"):
                if not self.at_counter:
                    ui.label(self.actor.name).classes("who")
                for entry in self._entries():
                    if not entry.at_hand:
                        self._link(entry).classes("phone-only")
                ui.link(words("account"), "/password")
                if not self.at_counter:
                    self._way_out("sign_out")

    def draw_turn(self) -> None:
        """Draw who has the counter's phone now, always in sight, and the way to the next person's PIN."""
        if self.at_counter:
            with ui.element("div").classes("turn"):
                ui.label(self.actor.name).classes("who")
                self._way_out("change_person", PIN_PAGE)

    def draw_shops(self) -> None:
        """Draw the shops to choose from, for those who have several or may add one."""
        words, chosen = self.words, self.chosen
        may_add = self.actor.may(Right.SET_UP) and bool(chosen.places)
        if len(chosen.places) <= 1 and not may_add:
            return
        now = words("shops.all") if chosen.shop_id is None else chosen.places[chosen.shop_id].name
        if chosen.is_new:
            now = words("shops.new")
        with ui.element("details").classes("opens shops"):
            with ui.element("summary").props(f'aria-label="{words("shops.choose")}"'):
                ui.label(now).classes("shop-now")
            with ui.element("div").classes("opened"):
                if len(chosen.places) > 1:
                    self._shop(ALL, words("shops.all"), is_it=chosen.shop_id is None and not chosen.is_new)
                for shop_id, place in chosen.places.items():
                    self._shop(shop_id, place.name, is_it=chosen.shop_id == shop_id and not chosen.is_new)
                if may_add:
                    ui.link(words("shops.add"), f"/setup?shop={NEW}").classes("add")

    def _shop(self, shop_id: str, name: str, *, is_it: bool) -> None:
        link = ui.link(name, f"?shop={shop_id}")
        if is_it:
            link.props("aria-current=true")

    def _way_out(self, key: str, wanted: str = "") -> None:
        # A form, so that the answer can take the cookie away.
        with ui.element("form").props(f'method="post" action="{MOUNT}/session/end"'):
            if wanted:
                ui.element("input").props(f'type=hidden name=next value="{wanted}"')
            with ui.element("button").props('type="submit"').classes("quiet"):
                ui.label(self.words(key))

    def _entries(self) -> list[_Entry]:
        return [entry for entry in _ENTRIES if self.actor.may(entry.right)]

    def _link(self, entry: _Entry) -> ui.link:
        link = ui.link(self.words(f"nav.{entry.name}"), entry.target)
        if entry.name == self.here:
            link.props("aria-current=page")
        return link
