"""Phones of the counter: making a browser one, and signing in on it by PIN."""

import re
from functools import partial
from typing import Final

from fastapi import APIRouter, Response
from sqlalchemy.orm import Session

from server.core.errors import Problem
from server.staff import counters, limits, sessions
from server.staff.cookies import COUNTER_COOKIE, set_counter_cookie
from server.staff.desk import COUNTER_PAGE, PIN_PAGE, SIGN_IN_PAGE, DeskDep

router: Final = APIRouter(prefix="/owner", include_in_schema=False)

_MEMBER: Final = re.compile(r"mem_[0-9a-f]{32}")


@router.post("/counter")
async def issue_counter(desk: DeskDep) -> Response:
    """Make this browser a phone of the counter, called ``name``; an owner or manager is signed in."""

    def issue(session: Session) -> str | None:
        actor = sessions.find(session, desk.clock, desk.token)
        if actor is None:
            return None
        return counters.issue_counter(session, desk.clock, actor, name=desk.field("name"))[1]

    try:
        token = await desk.write(issue)
    except Problem as problem:
        return desk.back(COUNTER_PAGE, problem)
    if token is None:
        return desk.to(SIGN_IN_PAGE, problem="sign_in_needed")
    response = desk.onward()
    set_counter_cookie(desk.request, response, desk.settings, token)
    return response


@router.post("/pin-session")
async def open_session_by_pin(desk: DeskDep) -> Response:
    """Sign the staff member ``member`` in by ``pin``; go to ``next``."""
    counter, member_id = desk.request.cookies.get(COUNTER_COOKIE, ""), desk.field("member")
    tried = limits.pin_limits(desk.sealer, desk.settings, member_id=member_id, address=desk.address)
    try:
        # First of all: who has no phone of the counter must not be able to lock anybody out.
        await desk.read(partial(counters.require_counter, counter=counter))
        await desk.write(lambda session: limits.take(session, desk.clock, tried))
        async with desk.hash_turn():
            verified = await desk.read(
                partial(
                    counters.check_pin,
                    sealer=desk.sealer,
                    counter=counter,
                    member_id=member_id,
                    pin=desk.field("pin"),
                )
            )
        if verified is None:
            raise counters.pin_wrong()

        def sign_in(session: Session) -> str:
            _actor, token = counters.sign_in_with_verified_pin(
                session, desk.clock, verified, address=desk.address, idle=desk.settings.pin_session_idle
            )
            limits.succeeded(session, tried)
            desk.leave_present_session(session)
            return token

        token = await desk.write(sign_in)
    except Problem as problem:
        # Whose PIN it was to be is no secret, and need not be said again.
        return desk.back(PIN_PAGE, problem, **({"member": member_id} if _MEMBER.fullmatch(member_id) else {}))
    return desk.signed_in(token)
