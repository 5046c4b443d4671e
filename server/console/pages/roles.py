"""Roles and states of members in plain words."""

from typing import Final, Literal

from nicegui import ui

from server.console.texts import Texts
from server.console.widgets import heading
from server.staff.actor import Role
from server.staff.members import MemberView

ROLES: Final = (Role.STAFF, Role.MANAGER, Role.OWNER)
"""From fewest rights to most."""

State = Literal["suspended", "invited", "both", "password", "pin"]


def state_of(member: MemberView) -> State:
    """Return which sentence tells how a member signs in, or why not."""
    if not member.active:
        return "suspended"
    if member.has_password and member.has_pin:
        return "both"
    if member.has_password:
        return "password"
    return "pin" if member.has_pin else "invited"


def explain_roles(words: Texts) -> None:
    """Draw what each role may do, a sentence each."""
    heading(words("people.roles"), level=2)
    with ui.element("dl").classes("roles"):
        for role in ROLES:
            with ui.element("dt"):
                ui.label(words(f"role.{role}"))
            with ui.element("dd"):
                ui.label(words(f"role.{role}.may"))
