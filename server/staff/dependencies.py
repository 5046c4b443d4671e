"""Who sends a request: for routers and pages beside this room."""

from typing import Annotated, Final

import anyio.to_thread
from fastapi import Depends, Request

from server.core.clock import Clock
from server.core.database import Database
from server.core.errors import Unauthorised
from server.core.origins import require_own_page
from server.staff import sessions
from server.staff.actor import Actor
from server.staff.cookies import OWNER_COOKIE

_SAFE: Final = frozenset({"GET", "HEAD", "OPTIONS"})


async def live_actor(database: Database, clock: Clock, token: str | None) -> Actor | None:
    """Return who is signed in by the cookie's token, or None, and keep a session alive that is in use.

    In sessions of its own, given back at once: a request that then waits to write holds no reader up.
    """
    if not token:
        return None
    async with database.request_reading() as session:
        found = await anyio.to_thread.run_sync(sessions.look_up, session, clock, token)
    if found is None:
        return None
    if found.due:
        async with database.request_session() as session:
            await anyio.to_thread.run_sync(sessions.renew, session, clock, found.id)
    return found.actor


async def require_actor(request: Request) -> Actor:
    """Return who is signed in.

    Raises
    ------
    Unauthorised
        ``sign_in_needed``.
    Forbidden
        ``origin_not_allowed``: the request would change something and comes from a page of another site.
    """
    if request.method not in _SAFE:
        require_own_page(request.scope, request.app.state.settings.public_origin)
    state = request.app.state
    actor = await live_actor(state.database, state.clock, request.cookies.get(OWNER_COOKIE))
    if actor is None:
        raise Unauthorised("Sign in first.", code="sign_in_needed", scheme="Cookie")
    return actor


ActorDep = Annotated[Actor, Depends(require_actor)]
