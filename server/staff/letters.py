"""When the letters of this room leave: once what they tell of is committed, and when the service starts."""

import anyio.to_thread
from fastapi import FastAPI
from sqlalchemy.orm import Session
from starlette.datastructures import State

from server.core.database import Database
from server.core.mail import mail_backend
from server.core.sealing import load_sealer
from server.staff.mail import deliver_mail


async def deliver_waiting(state: State) -> None:
    """Send the letters that wait, one transaction each.

    Parameters
    ----------
    state
        ``app.state``. Call it after the commit of whatever wrote a letter.
    """
    database: Database = state.database
    waiting = True
    while waiting:
        async with database.request_session() as session:
            waiting = await anyio.to_thread.run_sync(_deliver_next, state, session)


def prepare(app: FastAPI) -> None:
    """Choose the mail backend, and send when the service starts what a crash has left behind."""
    state = app.state
    state.mail = mail_backend(state.settings.mail_backend)

    def start() -> None:
        if getattr(state, "sealer", None) is None:
            state.sealer = load_sealer(state.settings)
        database: Database = state.database
        waiting = True
        while waiting:
            with database.transaction() as session:
                waiting = _deliver_next(state, session)

    state.starters.append(start)


def _deliver_next(state: State, session: Session) -> bool:
    return deliver_mail(
        session, state.clock, state.sealer, state.mail, public_origin=state.settings.public_origin
    )
