"""What other rooms may ask of this one, beside `server.staff.sessions` and `server.staff.actor`."""

from server.staff.account import Account, account, sign_out_member
from server.staff.counters import (
    CounterView,
    StaffName,
    issue_counter,
    list_counters,
    revoke_counter,
    sign_in_with_pin,
    staff_at,
    this_counter,
)
from server.staff.members import (
    MemberView,
    add_staff,
    change_role,
    find_member,
    invite,
    invite_again,
    list_members,
    rename,
    resume,
    set_pin,
    sign_out_everywhere,
    suspend,
)
from server.staff.resets import request_reset, reset
from server.staff.signing_in import change_password, sign_in, sign_up

__all__ = [
    "Account",
    "CounterView",
    "MemberView",
    "StaffName",
    "account",
    "add_staff",
    "change_password",
    "change_role",
    "find_member",
    "invite",
    "invite_again",
    "issue_counter",
    "list_counters",
    "list_members",
    "rename",
    "request_reset",
    "reset",
    "resume",
    "revoke_counter",
    "set_pin",
    "sign_in",
    "sign_in_with_pin",
    "sign_out_everywhere",
    "sign_out_member",
    "sign_up",
    "staff_at",
    "suspend",
    "this_counter",
]
