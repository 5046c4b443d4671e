"""What every page of NiceGUI has around it: header, navigation, messages, and who is signed in."""

from collections.abc import Callable
from copy import copy
from dataclasses import dataclass
from typing import Final, Generic, Literal, TypeVar

from fastapi import Request
from fastapi.responses import RedirectResponse, Response
from nicegui import Client, ui
from sqlalchemy.orm import Session

from server.console import assets
from server.console.acting import PageDesk, Teller
from server.console.engine import MOUNT
from server.console.language import Language
from server.console.menu import Menu
from server.console.shop_choice import Chosen, choose
from server.console.surroundings import Surroundings, surroundings_of
from server.console.texts import Texts, texts
from server.console.widgets import heading
from server.insights.scope import places
from server.staff.actor import Actor
from server.staff.cookies import OWNER_COOKIE

T = TypeVar("T")

_LOCALES: Final[dict[Language, Literal["ko-KR", "en-US"]]] = {"ko": "ko-KR", "en": "en-US"}
_TRY_AGAIN_S = 2.0


@dataclass(frozen=True, eq=False)
class Opened(Generic[T]):
    """A page that may be drawn.

    Attributes
    ----------
    desk
        What its events act through.
    actor
        Who opened it; what they may do is asked anew with every act.
    chosen
        Which shops it is about.
    found
        What the page wanted to know.
    words
        Its texts.
    around
        The app it belongs to.
    teller
        Where messages go.
    """

    desk: PageDesk
    actor: Actor
    chosen: Chosen
    found: T
    words: Texts
    around: Surroundings
    teller: Teller

    def tell(self, message: str, *, good: bool) -> None:
        """Show a message that does not come from a service."""
        self.teller.say(message, good=good)


async def open_page(
    request: Request, title: str, *, here: str, look: Callable[[Session, Actor, Chosen], T]
) -> Opened[T] | Response | None:
    """Find out who is there and what the page shows, and draw the frame.

    Parameters
    ----------
    request
        Of the page.
    title
        Key of its title.
    here
        Which entry of the navigation it is.
    look
        What the page wants to know. A page may wait for nothing afterwards: once NiceGUI has seen a timer, it
        sends what is there whenever the page waits, and a redirect would come too late.

    Returns
    -------
    Opened, Response or None
        What to draw the page with; a redirect when nobody is signed in; None when nothing is to be drawn but
        the frame and the title, and it says why: a database that is away (the page is opened again when it
        is back), or a problem.
    """
    around = surroundings_of(request.scope)
    words = texts(around.language)
    client = ui.context.client
    # A page object is shared by all visitors; this visitor's copy knows the language.
    client.page = copy(client.page)
    client.page.language = _LOCALES[around.language]
    client.title = f"{words(title)} · {words('brand')}"
    teller = _ScreenTeller(client, words)
    desk = PageDesk(around, request.cookies.get(OWNER_COOKIE), teller)
    teller.listen(desk)

    menu: Menu | None = None

    def find(session: Session, actor: Actor) -> tuple[Actor, Chosen, T]:
        nonlocal menu
        chosen = choose(around.asked_shop, places(session, actor, None))
        # Before the look, which may be refused: the way back stays.
        menu = Menu(words, actor, chosen, here, at_counter=desk.is_at_counter)
        return actor, chosen, look(session, actor, chosen)

    found = await desk.look(find)
    if teller.is_over:
        return RedirectResponse(f"{MOUNT}/sign-in", status_code=303)
    if found is not None:
        await desk.renew()
    _draw(client, words, teller, menu)
    if found is None:
        heading(words(title))
        return None
    actor, chosen, value = found.value
    return Opened(desk, actor, chosen, value, words, around, teller)


def _draw(client: Client, words: Texts, teller: "_ScreenTeller", menu: Menu | None) -> None:
    ui.colors(primary="#9c2817", secondary="#66564a", negative="#9c1c1c", positive="#1e6b38")
    ui.add_head_html(f'<link rel="stylesheet" href="{assets.address("console.css")}">')
    with client.layout:
        header = ui.element("header").classes("owner-header")
        with header:
            ui.link(words("skip"), "#content").classes("skip")
            ui.link(words("brand"), "/").classes("brand")
            if menu is not None:
                menu.draw_shops()
            ui.element("span").classes("grow")
            other = "en" if words.language == "ko" else "ko"
            ui.link(words("other_language"), f"?lang={other}").props(f"lang={other} hreflang={other}")
            if menu is not None:
                menu.draw_more()
                menu.draw_turn()
        header.move(target_index=0)
        if menu is not None:
            menu.draw_main().move(target_index=1)
    with client.content:
        ui.element("div").props("id=content tabindex=-1")
        teller.draw()


class _ScreenTeller:
    """Tells on the screen: a line for messages, a banner for a database that is away."""

    def __init__(self, client: Client, words: Texts) -> None:
        self.is_over = False
        self._client = client
        self._words = words
        self._desk: PageDesk | None = None
        self._is_away = False
        self._is_drawn = False
        self._said = ("", True)
        self._timer: ui.timer | None = None

    def listen(self, desk: PageDesk) -> None:
        """Know the desk, which is asked whether the database is back."""
        self._desk = desk

    def draw(self) -> None:
        """Put the line and the banner into the page."""
        self._banner = ui.element("div").props("role=alert").classes("banner")
        with self._banner:
            ui.label(self._words("away"))
        self._banner.set_visibility(self._is_away)
        self._line = ui.element("div").props("role=status aria-live=polite").classes("message")
        self._line.set_visibility(False)
        with self._line:
            self._text = ui.label()
        # Opened while the database was away: nothing else is drawn, so the page is opened again.
        self._reload = self._is_away
        self._is_drawn = True
        self.away(self._is_away)
        message, good = self._said
        self.say(message, good=good)

    def say(self, message: str, *, good: bool) -> None:
        """Show a message, or none."""
        self._said = (message, good)
        if not self._is_drawn:
            return
        self._text.text = f"{'✓' if good else '⚠'} {message}" if message else ""
        self._line.classes(add="good" if good else "bad", remove="bad" if good else "good")
        self._line.set_visibility(bool(message))

    def away(self, is_away: bool) -> None:
        """Show or take away the banner, and look for the database as long as it is shown."""
        self._is_away = is_away
        if not self._is_drawn:
            return
        self._banner.set_visibility(is_away)
        if not is_away and self._timer is not None:
            self._timer.cancel()
            self._timer = None
        elif is_away and self._timer is None:
            with self._client:
                self._timer = ui.timer(_TRY_AGAIN_S, self._look_again)

    def signed_out(self) -> None:
        """Lead to the sign-in, which says why."""
        self.is_over = True
        if self._is_drawn:
            with self._client:
                ui.navigate.to("/sign-in?problem=sign_in_needed")

    async def _look_again(self) -> None:
        if self._desk is not None and await self._desk.is_back() and self._reload:
            ui.navigate.reload()
