"""Giving stamps by hand: to whom, how many, why, and above a limit with a second person."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

from nicegui import ui
from sqlalchemy.orm import Session

from server.console.asking import Why
from server.console.frame import Opened
from server.console.widgets import choice, field, heading, main_button, number, paragraph
from server.insights.seen import SeenCustomer, customer_at_counter
from server.programs.hand_allowance import HandAllowance
from server.programs.handing import MOST_AT_ONCE, GivenStamps, give_stamp
from server.staff import limits, second_person
from server.staff.actor import Actor
from server.staff.desk import Desk
from server.staff.second_person import Checked, Colleague

_TYPED: Final = ""
_REASONS: Final = ("hand.why.phone", "hand.why.stamp", "hand.why.forgotten")


@dataclass(frozen=True, slots=True)
class _Agreed:
    """A second person whose password was right, and the tries that this proves to be their own."""

    checked: Checked
    tried: tuple[limits.Limit, ...]


class HandBox:
    """The form, drawn where it is made. A key of its own makes a second tap give nothing more.

    Parameters
    ----------
    page
        Which acts.
    shop_id
        Where.
    seen, allowance
        Whom to choose from, and what the member may give alone; `show` changes them.
    colleagues
        Who can agree.
    address
        Where the browser is, for the limits on passwords.
    """

    def __init__(
        self,
        page: Opened[Any],
        shop_id: str,
        seen: Sequence[SeenCustomer],
        allowance: HandAllowance,
        colleagues: Sequence[Colleague],
        *,
        address: str,
    ) -> None:
        self._page, self._words, self._shop_id, self._address = page, page.words, shop_id, address
        self._allowance = allowance
        self._key = secrets.token_urlsafe(12)
        words = page.words
        heading(words("hand.title"), level=2)
        paragraph(words("hand.what"), kind="soft")
        self._whom = choice(words("hand.whom"), {}, None)
        self._name = field(
            words("hand.name"),
            hint=words("hand.name.hint"),
            props="maxlength=20 autocapitalize=characters autocomplete=off spellcheck=false",
        )
        self._name.bind_visibility_from(self._whom, "value", value=_TYPED)
        self._count = number(words("hand.count"), 1, least=1, most=MOST_AT_ONCE)
        self._count.on_value_change(self._show_second)
        with ui.element("div").classes("why"):
            ui.label(words("ask.why")).classes("field-name")
            self._why = Why(words, [words(key) for key in _REASONS])
        self._second = ui.element("div").classes("second-person")
        with self._second:
            paragraph(words("hand.second" if colleagues else "hand.second.nobody"))
            self._colleague = choice(
                words("hand.second.who"),
                {one.member_id: one.name for one in colleagues},
                colleagues[0].member_id if colleagues else None,
            )
            self._password = ui.input(words("hand.second.password"), password=True)
            self._password.props("outlined stack-label autocomplete=off maxlength=200").classes("field")
            self._colleague.set_visibility(bool(colleagues))
            self._password.set_visibility(bool(colleagues))
        main_button(words("hand.give"), self._give)
        self._left = ui.label().classes("soft")
        self.show(seen, allowance)

    def show(self, seen: Sequence[SeenCustomer], allowance: HandAllowance) -> None:
        """Show other customers to choose from, and another allowance."""
        place = self._page.chosen.places[self._shop_id]
        options = {one.name: f"{one.name} · {place.local(one.at):%m-%d %H:%M}" for one in seen}
        options[_TYPED] = self._words("hand.typed")
        chosen = self._whom.value
        if chosen is not None and chosen not in options:
            options = {chosen: str(chosen)} | options
        if options != self._whom.options:
            self._whom.set_options(options, value=chosen if seen or chosen is not None else _TYPED)
        self._allowance = allowance
        self._left.text = self._words("hand.left", at_once=allowance.at_once, count=allowance.left_today)
        self._show_second()

    def _show_second(self) -> None:
        self._second.set_visibility(self._allowance.needs_second(self._stamps))

    @property
    def _stamps(self) -> int:
        """How many; what is no whole number is refused by the service as 0."""
        value = self._count.value
        return int(value) if value is not None and float(value).is_integer() else 0

    async def _give(self) -> None:
        # As it is at the tap, with its key: what is typed while the database is asked belongs to the next.
        chosen, count = self._whom.value, self._stamps
        name = str(self._name.value or "") if chosen in {None, _TYPED} else str(chosen)
        work = partial(self._book, count=count, reason=self._why.text, key=self._key)
        desk, around = self._page.desk, self._page.around
        # Before anybody types a password, and before the writing: a name may be sought among all customers.
        found = await desk.look(
            lambda session, actor: customer_at_counter(
                session, around.clock, actor, self._shop_id, name, names=around.hub.names
            )
        )
        if found is None:
            return
        agreed = None
        if self._second.visible:
            agreed = await self._agree()
            if agreed is None:
                return
        done = await desk.change(partial(work, customer_id=found.value, agreed=agreed))
        self._password.value = ""
        if done is None:
            return
        given, words = done.value, self._words
        said = "hand.done_coupon" if given.coupons else "hand.done"
        self._page.tell(words(said, name=name.upper(), count=count, stamps=given.stamps), good=True)
        self._key = secrets.token_urlsafe(12)
        self._count.value = 1
        self._name.value = ""
        self._whom.value = None
        self._why.clear()

    async def _agree(self) -> _Agreed | None:
        """Let the second person prove who they are: the try is counted before the password is compared."""
        desk, around = self._page.desk, self._page.around
        member_id, password = str(self._colleague.value or ""), str(self._password.value or "")

        def count(session: Session, actor: Actor) -> tuple[limits.Limit, ...]:
            tried = second_person.tries(
                session,
                actor,
                member_id,
                sealer=around.sealer,
                settings=around.settings,
                address=self._address,
            )
            limits.take(session, around.clock, tried)
            return tried

        tried = await desk.change(count)
        if tried is None:
            return None
        async with Desk.hash_turn():
            checked = await desk.look(
                lambda session, actor: second_person.check(session, actor, member_id, password=password)
            )
        return None if checked is None else _Agreed(checked.value, tried.value)

    def _book(
        self,
        session: Session,
        actor: Actor,
        *,
        customer_id: str,
        count: int,
        reason: str,
        key: str,
        agreed: _Agreed | None,
    ) -> GivenStamps:
        around = self._page.around
        second = None
        if agreed is not None:
            second = second_person.confirmed(session, actor, agreed.checked)
            limits.succeeded(session, agreed.tried)
        return give_stamp(
            session,
            around.clock,
            actor,
            shop_id=self._shop_id,
            customer_id=customer_id,
            count=count,
            reason=reason,
            key=key,
            settings=around.settings,
            second=second,
        )
