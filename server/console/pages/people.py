"""Who works here, at ``/owner/people``: a list, and two ways to add somebody."""

from fastapi import Request
from fastapi.responses import Response
from nicegui import ui

from server.console.frame import Opened, open_page
from server.console.pages.roles import ROLES, explain_roles, state_of
from server.console.texts import Texts
from server.console.widgets import choice, field, heading, main_button, paragraph
from server.staff.actor import Role
from server.staff.desk import Desk
from server.staff.members import MemberView, add_staff, invite, list_members

_BY_MAIL = (Role.MANAGER, Role.OWNER)


@ui.page("/people", response_timeout=30)
async def show(request: Request) -> Response | None:
    """Show the members, for owners."""
    page = await open_page(
        request, "people.title", here="people", look=lambda session, actor, _: list_members(session, actor)
    )
    if not isinstance(page, Opened):
        return page
    words = page.words
    heading(words("people.title"))
    paragraph(words("people.lead"), kind="lead")
    shown = _Shown(page)
    _staff_form(shown)
    _invitation_form(shown)
    heading(words("counters.title"), level=2)
    paragraph(words("counters.lead"))
    ui.link(words("counter.all"), "/counters").classes("link-button")
    explain_roles(words)
    return None


class _Shown:
    """The list on the screen."""

    def __init__(self, page: Opened[tuple[MemberView, ...]]) -> None:
        self.page = page
        self._list = ui.element("ul").classes("people")
        self._members = list(page.found)
        self._draw()

    def add(self, member: MemberView) -> None:
        """Show one more."""
        self._members.append(member)
        self._draw()

    def _draw(self) -> None:
        self._list.clear()
        with self._list:
            for member in self._members:
                with ui.element("li"), ui.link(target=f"/people/{member.id}").classes("person"):
                    _line(self.page.words, member, is_self=member.id == self.page.actor.member_id)


def _line(words: Texts, member: MemberView, *, is_self: bool) -> None:
    ui.label(member.name).classes("name")
    told = [words(f"role.{member.role}"), words(f"people.state.{state_of(member)}")]
    told += [words("people.self")] if is_self else []
    ui.label(" · ".join(told)).classes("soft")


def _staff_form(shown: _Shown) -> None:
    page, words = shown.page, shown.page.words
    with _form(words("people.add")):
        paragraph(words("people.add.lead"), kind="soft")
        name = field(words("people.staff_name"), props="autocomplete=off")
        pin = field(
            words("people.pin"),
            hint=words("people.pin.hint"),
            props="maxlength=8 inputmode=numeric autocomplete=off",
        )

        async def add() -> None:
            called, digits = str(name.value or ""), str(pin.value or "")
            async with Desk.hash_turn():
                made = await page.desk.change(
                    lambda session, actor: add_staff(
                        session, page.around.clock, page.around.sealer, actor, name=called, pin=digits
                    )
                )
            if made is None:
                return
            shown.add(made.value)
            name.value = pin.value = ""
            page.tell(words("people.added"), good=True)

        main_button(words("people.add.do"), add)


def _invitation_form(shown: _Shown) -> None:
    page, words = shown.page, shown.page.words
    with _form(words("people.invite")):
        paragraph(words("people.invite.lead"), kind="soft")
        name = field(words("people.invited_name"), props="autocomplete=off")
        email = field(words("sign.email"), props="type=email maxlength=254 autocomplete=off")
        options = {role.value: words(f"role.{role}") for role in ROLES if role in _BY_MAIL}
        role = choice(words("people.role"), options, Role.MANAGER.value)

        async def send() -> None:
            called, address, chosen = str(name.value or ""), str(email.value or ""), Role(role.value)
            made = await page.desk.change(
                lambda session, actor: invite(
                    session,
                    page.around.clock,
                    page.around.sealer,
                    actor,
                    email=address,
                    name=called,
                    role=chosen,
                )
            )
            if made is None:
                return
            shown.add(made.value)
            name.value = email.value = ""
            if await page.desk.send_letters():
                page.tell(words("people.invited", email=made.value.email), good=True)

        main_button(words("people.invite.do"), send)


def _form(title: str) -> ui.element:
    """Return the inside of a form that opens when it is wanted."""
    with ui.element("details").classes("more boxed"):
        with ui.element("summary"):
            ui.label(title)
        return ui.element("div").classes("step")
