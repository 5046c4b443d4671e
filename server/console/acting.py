"""The one way in which a page acts: who is it, in a transaction, off the event loop, errors in words.

A page lives long. Between two taps its owner may have signed out elsewhere,
lost a right, or the database may have gone away. So nothing that a page knows
of its visitor is believed: each act looks the session up anew, inside the
transaction in which it does its work.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

import anyio.to_thread
import structlog
from pydantic import ValidationError
from sqlalchemy import text
from sqlalchemy.orm import Session

from server.console.surroundings import Surroundings
from server.console.texts import Texts, texts
from server.core.errors import Problem
from server.core.problems import is_away
from server.staff import sessions
from server.staff.actor import Actor
from server.staff.letters import deliver_waiting

T = TypeVar("T")


class Teller(Protocol):
    """How a page tells its visitor something; `server.console.frame` has the one on the screen."""

    def say(self, message: str, *, good: bool) -> None:
        """Show a message."""
        ...

    def away(self, is_away: bool) -> None:
        """Show or take away the banner that the service cannot reach its data."""
        ...

    def signed_out(self) -> None:
        """Say that the session is over and lead to the sign-in."""
        ...


@dataclass(frozen=True, slots=True)
class Done(Generic[T]):
    """What an act came to. An act that failed gives None instead, after it has been said."""

    value: T


class _Over(Exception):  # noqa: N818 (no error: the session is over)
    """The session is unknown, expired or ended."""


class PageDesk:
    """What the events of one page act through.

    Parameters
    ----------
    around
        The app that the page belongs to.
    token
        The session's token, from the request that opened the page.
    teller
        Where messages go.

    Attributes
    ----------
    is_at_counter
        Whether the visitor signed in by PIN, at a phone of the counter.
    is_away
        Whether the database could not be reached at the last act.
    """

    def __init__(self, around: Surroundings, token: str | None, teller: Teller) -> None:
        self.around = around
        self.is_at_counter = False
        self.is_away = False
        self.token = token or ""
        self._is_due = False
        self._teller = teller
        self._texts: Texts = texts(around.language)

    async def change(self, work: Callable[[Session, Actor], T]) -> Done[T] | None:
        """Do `work` in a transaction, committed before this returns; None when it failed, which was said."""

        async def act() -> T:
            async with self.around.database.request_session() as session:
                return await anyio.to_thread.run_sync(self._with_actor, session, work)

        self._teller.say("", good=True)
        return await self._told(act)

    async def look(self, work: Callable[[Session, Actor], T]) -> Done[T] | None:
        """Do `work` in a session that can only read; None as for `change`.

        What was said before stays: pages look again by themselves while somebody reads it.
        """

        async def act() -> T:
            async with self.around.database.request_reading() as session:
                return await anyio.to_thread.run_sync(self._with_actor, session, work)

        return await self._told(act)

    async def renew(self) -> None:
        """Let the session begin its rest anew when it is time; called when a page is opened."""
        clock = self.around.clock

        def renew(session: Session, _: Actor) -> None:
            found = sessions.look_up(session, clock, self.token)
            if found is not None and found.due:
                sessions.renew(session, clock, found.id)

        if self._is_due:
            await self.change(renew)

    async def send_letters(self) -> bool:
        """Send what was written and committed; False, after it was told, where that has to wait."""
        return await self._told(lambda: deliver_waiting(self.around.state)) is not None

    async def is_back(self) -> bool:
        """Ask whether the database answers again, and take the banner away when it does."""
        try:
            async with self.around.database.request_reading() as session:
                await anyio.to_thread.run_sync(session.execute, text("SELECT 1"))
        except Exception as error:
            if not is_away(error):
                raise
            return False
        self._set_away(is_away_now=False)
        return True

    def _with_actor(self, session: Session, work: Callable[[Session, Actor], T]) -> T:
        found = sessions.look_up(session, self.around.clock, self.token)
        if found is None:
            raise _Over
        self._is_due = found.due
        self.is_at_counter = found.counter_id is not None
        return work(session, found.actor)

    async def _told(self, act: Callable[[], Awaitable[T]]) -> Done[T] | None:
        try:
            done = Done(await act())
        except _Over:
            self._teller.signed_out()
            return None
        except Problem as problem:
            self._teller.say(self._texts.of_code(problem.code), good=False)
            return None
        except ValidationError as error:
            self._teller.say(field_message(self._texts, error), good=False)
            return None
        except Exception as error:  # noqa: BLE001 (a page must not freeze on what nobody foresaw)
            if is_away(error):
                self._set_away(is_away_now=True)
                return None
            structlog.get_logger("server.console").exception("owner page failed")
            self._teller.say(self._texts("problem.other"), good=False)
            return None
        self._set_away(is_away_now=False)
        return done

    def _set_away(self, *, is_away_now: bool) -> None:
        if is_away_now != self.is_away:
            self.is_away = is_away_now
            self._teller.away(is_away_now)


def field_message(words: Texts, error: ValidationError) -> str:
    """Return one sentence for the first member of a form that cannot be."""
    where = next((str(part) for part in error.errors()[0]["loc"] if isinstance(part, str)), "")
    key = f"field.{where}"
    return words(key if words.has(key) else "field.other")
