"""One member, at ``/owner/people/mem_…``: name, PIN, role, and whether they may sign in."""

from collections.abc import Callable
from typing import Any

from fastapi import Request
from fastapi.responses import Response
from nicegui import ui
from sqlalchemy.orm import Session

from server.console.frame import Opened, open_page
from server.console.pages.roles import ROLES, state_of
from server.console.widgets import choice, field, heading, main_button, paragraph, side_button
from server.staff.account import sign_out_member
from server.staff.actor import Actor, Role
from server.staff.desk import Desk
from server.staff.members import (
    MemberView,
    change_role,
    find_member,
    invite_again,
    rename,
    resume,
    set_pin,
    suspend,
)


@ui.page("/people/{member_id}", response_timeout=30)
async def show(request: Request, member_id: str) -> Response | None:
    """Show a member, for owners."""
    page = await open_page(
        request,
        "people.title",
        here="people",
        look=lambda session, actor, _: find_member(session, actor, member_id=member_id),
    )
    if not isinstance(page, Opened):
        return page
    ui.link(page.words("people.back"), "/people").classes("back")
    _Person(page).draw()
    return None


class _Person:
    """A member on the screen, as of the last time the service told of them.

    Every change names the version that is shown, so that of two owners who change one member at once the
    later is told.
    """

    def __init__(self, page: Opened[MemberView]) -> None:
        self._page, self._words = page, page.words
        self._member = page.found

    def draw(self) -> None:
        """Draw the facts, the name's field, and what else can be done."""
        words = self._words
        with ui.element("h1"):
            self._name = ui.label()
        self._facts = ui.element("div").classes("person-facts")
        with ui.element("div").classes("step"):
            heading(words("person.name"), level=2)
            name = field(words("people.name"), self._member.name, props="autocomplete=off")
            side_button(words("person.rename"), lambda: self._rename(str(name.value or "")))
        self._rest = ui.element("div")
        self._show(self._member)
        self._draw_rest()

    def _show(self, member: MemberView) -> None:
        """Show what is known now, and offer what fits it."""
        before, self._member = self._member, member
        words = self._words
        self._name.text = member.name
        self._facts.clear()
        with self._facts:
            if member.email is not None:
                ui.label(member.email)
            ui.label(f"{words(f'role.{member.role}')} · {words(f'people.state.{state_of(member)}')}")
            ui.label(words(f"role.{member.role}.may")).classes("soft")
        if (before.role, state_of(before)) != (member.role, state_of(member)):
            self._draw_rest()

    def _draw_rest(self) -> None:
        self._rest.clear()
        with self._rest:
            if state_of(self._member) == "invited" and self._member.email is not None:
                self._draw_invitation()
            if self._member.role is Role.STAFF:
                self._draw_pin()
            self._draw_role()
            self._draw_ways_out()

    def _draw_invitation(self) -> None:
        words = self._words
        with ui.element("div").classes("step"):
            heading(words("person.invitation"), level=2)
            paragraph(words("person.invitation.lead"))
            main_button(words("person.invite_again"), self._invite_again)

    def _draw_pin(self) -> None:
        words = self._words
        with ui.element("div").classes("step"):
            heading(words("person.pin"), level=2)
            paragraph(words("person.pin.lead"))
            pin = field(
                words("people.new_pin"),
                hint=words("people.pin.hint"),
                props="maxlength=8 inputmode=numeric autocomplete=off",
            )

            async def save() -> None:
                digits = str(pin.value or "")
                async with Desk.hash_turn():
                    if await self._act(set_pin, "person.pin.saved", self._page.around.sealer, pin=digits):
                        pin.value = ""

            side_button(words("person.pin.save"), save)

    def _draw_role(self) -> None:
        words = self._words
        with ui.element("div").classes("step"):
            heading(words("people.role"), level=2)
            if self._member.email is None:
                paragraph(words("person.pin_only"))
                return
            options = {role.value: words(f"role.{role}") for role in ROLES}
            role = choice(words("person.role"), options, self._member.role.value)
            may = _changing_paragraph(lambda: words(f"role.{role.value}.may"))
            role.on_value_change(may)

            async def save() -> None:
                await self._act(change_role, "person.role.saved", role=Role(role.value))

            side_button(words("person.role.save"), save)

    def _draw_ways_out(self) -> None:
        words = self._words
        with ui.element("div").classes("step"):
            heading(words("person.access"), level=2)
            if not self._member.active:
                paragraph(words("person.resume.lead"))
                main_button(words("person.resume"), lambda: self._act_plainly(resume, "person.resumed"))
                return
            paragraph(words("person.sign_out.lead"))
            side_button(words("person.sign_out"), self._sign_out)
            # Two taps, since the first is easily a slip.
            with ui.element("details").classes("more"):
                with ui.element("summary"):
                    ui.label(words("person.suspend"))
                with ui.element("div").classes("step"):
                    paragraph(words("person.suspend.lead"))
                    main_button(
                        words("person.suspend.do"), lambda: self._act_plainly(suspend, "person.suspended")
                    )

    async def _rename(self, name: str) -> None:
        await self._act(rename, "person.renamed", name=name)

    async def _act_plainly(self, work: Callable[..., MemberView], said: str) -> None:
        await self._act(work, said)

    async def _act(self, work: Callable[..., MemberView], said: str, *sealer: Any, **members: Any) -> bool:
        """Do one of the services to the member; say `said` when it is done."""
        clock, shown = self._page.around.clock, self._member

        def act(session: Session, actor: Actor) -> MemberView:
            return work(session, clock, *sealer, actor, member_id=shown.id, version=shown.version, **members)

        done = await self._page.desk.change(act)
        if done is None:
            return False
        self._show(done.value)
        self._page.tell(self._words(said), good=True)
        return True

    async def _invite_again(self) -> None:
        around, member = self._page.around, self._member
        done = await self._page.desk.change(
            lambda session, actor: invite_again(
                session, around.clock, around.sealer, actor, member_id=member.id
            )
        )
        if done is not None and await self._page.desk.send_letters():
            self._page.tell(self._words("people.invited", email=member.email), good=True)

    async def _sign_out(self) -> None:
        clock, member = self._page.around.clock, self._member
        done = await self._page.desk.change(
            lambda session, actor: sign_out_member(session, clock, actor, member_id=member.id)
        )
        if done is not None:
            self._page.tell(self._words("person.signed_out"), good=True)


def _changing_paragraph(text: Callable[[], str]) -> Callable[[], None]:
    """Draw a paragraph that is read anew by calling what this returns."""
    with ui.element("p").classes("soft"):
        label = ui.label(text())

    def again() -> None:
        label.text = text()

    return again
