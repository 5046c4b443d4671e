"""What the endpoints of this room have at hand: the form, the browser's cookies, turns at the database."""

import re
from collections.abc import Callable
from typing import Annotated, Final, TypeVar
from urllib.parse import urlencode

import anyio
import anyio.lowlevel
import anyio.to_thread
from fastapi import Depends, Request
from fastapi.responses import RedirectResponse
from sqlalchemy.orm import Session

from server.core.clock import Clock
from server.core.database import Database
from server.core.errors import Problem
from server.core.forms import read_form
from server.core.origins import require_own_page
from server.core.sealing import Sealer, SealerDep
from server.settings import Settings
from server.staff import sessions
from server.staff.cookies import OWNER_COOKIE, set_owner_cookie

T = TypeVar("T")

HOME_PAGE: Final = "/owner"
SIGN_IN_PAGE: Final = "/owner/sign-in"
PIN_PAGE: Final = "/owner/pin"
SIGN_UP_PAGE: Final = "/owner/sign-up"
RESET_REQUEST_PAGE: Final = "/owner/reset-request"
RESET_PAGE: Final = "/owner/reset"
PASSWORD_PAGE: Final = "/owner/password"  # noqa: S105 (an address)
COUNTER_PAGE: Final = "/owner/counter"

_OWN_PATH: Final = re.compile(r"/owner(?:[/?][A-Za-z0-9/?&=%._~+-]*)?")
# Each takes 19 MB and a core for some 30 ms; a flood of sign-ins waits here, and presses go on.
_HASHES_AT_ONCE: Final = 2
_HASH_TURNS = anyio.lowlevel.RunVar[anyio.CapacityLimiter]("turns of password hashes")


class Desk:
    """One posted form, and the service around it.

    Attributes
    ----------
    form
        The fields.
    address
        Where the request comes from, as the other limits see it.
    token
        The session's token in the browser's cookie; empty without one.
    """

    def __init__(self, request: Request, sealer: Sealer, form: dict[str, str]) -> None:
        self.request = request
        self.sealer = sealer
        self.form = form
        self.settings: Settings = request.app.state.settings
        self.clock: Clock = request.app.state.clock
        self.database: Database = request.app.state.database
        self.address = request.client.host if request.client else ""
        self.token = request.cookies.get(OWNER_COOKIE, "")

    def field(self, name: str) -> str:
        """Return a field of the form, empty when it is missing."""
        return self.form.get(name, "")

    async def write(self, work: Callable[[Session], T]) -> T:
        """Do `work` in a transaction of its own, committed when this returns."""
        async with self.database.request_session() as session:
            return await anyio.to_thread.run_sync(work, session)

    async def read(self, work: Callable[[Session], T]) -> T:
        """Do `work` in a reading session."""
        async with self.database.request_reading() as session:
            return await anyio.to_thread.run_sync(work, session)

    @staticmethod
    def hash_turn() -> anyio.CapacityLimiter:
        """Return what work that hashes a password waits for, before it takes a turn at the database."""
        try:
            return _HASH_TURNS.get()
        except LookupError:
            limiter = anyio.CapacityLimiter(_HASHES_AT_ONCE)
            _HASH_TURNS.set(limiter)
            return limiter

    def leave_present_session(self, session: Session) -> None:
        """End the session that the browser had: another takes its place."""
        if self.token:
            sessions.close(session, self.clock, self.token)

    def to(self, page: str, **query: str) -> RedirectResponse:
        """Lead the browser to a page of ours, to be asked for by GET."""
        mark = "&" if "?" in page else "?"
        return RedirectResponse(page + (mark + urlencode(query) if query else ""), status_code=303)

    def onward(self) -> RedirectResponse:
        """Lead the browser to where it wanted to go, if that is a page of the owner's."""
        return self.to(own_path(self.field("next")) or HOME_PAGE)

    def signed_in(self, token: str) -> RedirectResponse:
        """Lead onward with the cookie of a new session."""
        response = self.onward()
        set_owner_cookie(self.request, response, self.settings, token)
        return response

    def back(self, page: str, problem: Problem, **query: str) -> RedirectResponse:
        """Lead back to a form with the code of what was wrong; what was typed is not in the address."""
        if wait := problem.headers.get("Retry-After"):
            query["wait"] = wait
        if wanted := own_path(self.field("next")):
            query["next"] = wanted
        return self.to(page, problem=problem.code, **query)


def own_path(text: str) -> str:
    """Return `text` if it is the address of an owner's page, empty otherwise."""
    return text if _OWN_PATH.fullmatch(text) else ""


async def _desk(request: Request, sealer: SealerDep) -> Desk:
    require_own_page(request.scope, request.app.state.settings.public_origin)
    return Desk(request, sealer, await read_form(request))


DeskDep = Annotated[Desk, Depends(_desk)]
"""The desk, for a form that one of our own pages has sent."""
