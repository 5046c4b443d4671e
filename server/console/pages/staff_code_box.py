"""The staff code on the screen: six digits, how long they count, and what became of them."""

import math
from datetime import timedelta
from typing import Any, Final

from nicegui import ui
from sqlalchemy.orm import Session

from server.console.counter_card import qr_code
from server.console.frame import Opened
from server.console.widgets import heading, main_button, paragraph
from server.presses.code_counts import CodeState, code_state, codes_left
from server.presses.staff_codes import IssuedCode, issue
from server.staff.actor import Actor

_ASKED_EVERY: Final = 2


class StaffCodeBox:
    """Shows one code at a time, drawn where it is made; `tick` is called every second.

    Parameters
    ----------
    page
        Which acts.
    shop_id, left
        Where, and how many codes this day still has.
    address
        Of the customers' page of this shop.
    """

    def __init__(self, page: Opened[Any], shop_id: str, left: int, *, address: str) -> None:
        self._page, self._words, self._shop_id = page, page.words, shop_id
        self._shown: IssuedCode | None = None
        self._ticks = 0
        words = page.words
        heading(words("code.title"), level=2)
        paragraph(words("code.what"), kind="soft")
        self._box = ui.element("div").classes("staff-code")
        with self._box:
            with ui.element("div").props("role=status"):
                self._digits = ui.label().classes("digits")
            self._time = ui.label().classes("time-left").props("role=timer")
            ui.label(f"{page.actor.name} · {page.chosen.places[shop_id].name}").classes("soft")
        self._box.set_visibility(False)
        with ui.element("div").props("role=status"):
            self._outcome = ui.label().classes("outcome")
        self._button = main_button(words("code.show"), self._issue)
        self._left = ui.label().classes("soft")
        self.show_left(left)
        with ui.element("details").classes("more"):
            with ui.element("summary"):
                ui.label(words("code.qr"))
            paragraph(words("code.qr.what"), kind="soft")
            # Our own SVG of our own address.
            ui.html(qr_code(address, words("card.qr")), sanitize=False).classes("code-qr")

    def show_left(self, left: int) -> None:
        """Say how many codes this day still has."""
        self._left.text = self._words("code.left", count=left)

    async def tick(self) -> None:
        """Count down, and ask now and then whether a customer has used the code."""
        if self._shown is None:
            return
        left_s = math.ceil((self._shown.expires_at - self._page.around.clock.now()) / timedelta(seconds=1))
        if left_s <= 0:
            self._end(self._words("code.over"))
            return
        self._time.text = f"{left_s // 60}:{left_s % 60:02d}"
        self._ticks += 1
        if self._ticks % _ASKED_EVERY == 0:
            await self._ask(self._shown)

    async def _issue(self) -> None:
        page, around = self._page, self._page.around

        def make(session: Session, actor: Actor) -> tuple[IssuedCode, int]:
            made = issue(
                session,
                around.clock,
                actor,
                shop_id=self._shop_id,
                sealer=around.sealer,
                settings=around.settings,
            )
            left = codes_left(session, around.clock, actor, shop_id=self._shop_id, settings=around.settings)
            return made, left

        done = await page.desk.change(make)
        if done is None:
            return
        self._shown, left = done.value
        code = self._shown.code
        self._digits.text = f"{code[:3]} {code[3:]}"
        self._digits.props["aria-label"] = " ".join(code)
        self._digits.update()
        self._outcome.text = ""
        self._button.text = self._words("code.new")
        self._box.set_visibility(True)
        self.show_left(left)
        await self.tick()

    async def _ask(self, shown: IssuedCode) -> None:
        clock = self._page.around.clock
        found = await self._page.desk.look(
            lambda session, actor: code_state(session, clock, actor, code_id=shown.id)
        )
        if found is None or self._shown is not shown:
            return
        if found.value is CodeState.USED:
            self._end(self._words("code.used"))
        elif found.value is CodeState.OVER:
            self._end(self._words("code.over"))

    def _end(self, outcome: str) -> None:
        self._shown = None
        self._box.set_visibility(False)
        self._digits.text = ""
        self._outcome.text = outcome
