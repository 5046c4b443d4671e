"""Who acts on the owner's pages, and what each role may do."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from server.core.errors import Forbidden

__all__ = ["RIGHTS", "Actor", "Right", "Role"]


class Role(StrEnum):
    """What somebody is in the organisation."""

    OWNER = "owner"
    MANAGER = "manager"
    STAFF = "staff"


class Right(StrEnum):
    """One thing that can be allowed."""

    SEE_TODAY = "see_today"
    GIVE_STAMP = "give_stamp"
    STAFF_CODE = "staff_code"
    UNDO = "undo"
    DECIDE_HELD = "decide_held"
    SUSPEND_STAMP = "suspend_stamp"
    SEE_CUSTOMERS = "see_customers"
    SEE_MONTH = "see_month"
    EXPORT = "export"
    SET_UP = "set_up"
    MANAGE_STAFF = "manage_staff"


_STAFF: Final = frozenset({Right.SEE_TODAY, Right.GIVE_STAMP, Right.STAFF_CODE, Right.UNDO})
_MANAGER: Final = _STAFF | {Right.DECIDE_HELD, Right.SUSPEND_STAMP, Right.SEE_CUSTOMERS, Right.SEE_MONTH}
_OWNER: Final = _MANAGER | {Right.EXPORT, Right.SET_UP, Right.MANAGE_STAFF}

RIGHTS: Final[Mapping[Role, frozenset[Right]]] = MappingProxyType(
    {Role.STAFF: _STAFF, Role.MANAGER: _MANAGER, Role.OWNER: _OWNER}
)
"""Which role may what. What is not named is refused."""


@dataclass(frozen=True, slots=True)
class Actor:
    """A member who is signed in, as found by a live session.

    Attributes
    ----------
    member_id
        ``mem_…``; stands in the audit.
    partner_id
        The organisation, beyond which nothing is seen or done.
    role, name
        As they were when the session was looked up.
    """

    member_id: str
    partner_id: str
    role: Role
    name: str

    def may(self, right: Right) -> bool:
        """Say whether the role has the right."""
        return right in RIGHTS[self.role]

    def require(self, right: Right) -> None:
        """Raise Forbidden ``not_allowed`` unless the role has the right. Services call it first of all."""
        if not self.may(right):
            raise Forbidden(
                f"Your role, {self.role.value}, may not do this. Ask the owner.",
                code="not_allowed",
                right=right.value,
            )
