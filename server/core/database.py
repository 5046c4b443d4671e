"""The one place where connections, transactions and sessions are set up.

A request is one transaction. It is committed at the edge, before the answer
is sent (docs/adr/0006): services take the session first and never commit.
"""

import json
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Annotated, Any

import anyio
import anyio.lowlevel
import anyio.to_thread
from fastapi import Depends, Request
from sqlalchemy import Connection, Engine, MetaData, create_engine, event
from sqlalchemy.engine import make_url
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.orm import DeclarativeBase, Session
from sqlalchemy.pool import ConnectionPoolEntry

from server.core.types import JsonType, UtcDateTime
from server.settings import Settings

__all__ = [
    "Base",
    "Database",
    "JsonType",
    "ReadSessionDep",
    "SessionDep",
    "UtcDateTime",
    "get_read_session",
    "get_session",
    "make_engine",
]

_SQLITE_READERS = 4


class Base(DeclarativeBase):
    """The base of every table. Constraints get predictable names, so that migrations can speak of them."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


def _strict_json(value: Any) -> str:
    # NaN is not JSON: PostgreSQL would refuse it and SQLite would keep it.
    return json.dumps(value, allow_nan=False, ensure_ascii=False, separators=(",", ":"))


def make_engine(url: str, settings: Settings | None = None) -> Engine:
    """Open a database for writing.

    Parameters
    ----------
    url
        ``sqlite:///path`` or ``postgresql+psycopg://user:password@host/name``.
        A database in memory is refused: its second connection would see
        another, empty one.
    settings
        Timeouts and the number of connections; the defaults when absent.

    Returns
    -------
    Engine
        On SQLite one connection (writers queue for it instead of fighting for
        the file's lock), write-ahead log, foreign keys held, and every
        transaction begun IMMEDIATE: one that reads first and writes later
        would otherwise fail at once when another wrote in between. On
        PostgreSQL READ COMMITTED, stale connections replaced, and limits on
        waiting for locks and on statements.
    """
    settings = settings or Settings()
    address = make_url(url)
    if address.get_backend_name() == "sqlite":
        if address.database in {None, "", ":memory:"}:
            raise ValueError(
                "url: a database in memory cannot be shared by connections; name a file, as sqlite:///var/stamp.db"
            )
        return _sqlite_engine(url, settings, begin="BEGIN IMMEDIATE", connections=1)
    timeouts = {
        "statement_timeout": settings.statement_timeout_s,
        "lock_timeout": settings.lock_timeout_s,
        "idle_in_transaction_session_timeout": 2 * settings.statement_timeout_s,
    }
    options = " ".join(f"-c {name}={round(seconds * 1000)}" for name, seconds in timeouts.items())
    return create_engine(
        address,
        isolation_level="READ COMMITTED",
        pool_pre_ping=True,
        pool_use_lifo=True,
        pool_size=settings.database_connections,
        max_overflow=settings.database_connections,
        json_serializer=_strict_json,
        connect_args={"options": f"{options} -c timezone=UTC"},
    )


def _sqlite_engine(url: str, settings: Settings, *, begin: str, connections: int) -> Engine:
    engine = create_engine(url, pool_size=connections, max_overflow=0, json_serializer=_strict_json)
    pragmas = (
        "journal_mode=WAL",
        f"synchronous={settings.sqlite_synchronous}",
        "foreign_keys=ON",
        f"busy_timeout={round(settings.lock_timeout_s * 1000)}",
        f"query_only={'OFF' if begin.endswith('IMMEDIATE') else 'ON'}",
    )

    @event.listens_for(engine, "connect")
    def _connect(connection: DBAPIConnection, _entry: ConnectionPoolEntry) -> None:
        connection.isolation_level = None  # the driver leaves BEGIN to us
        cursor = connection.cursor()
        for pragma in pragmas:
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        connection.exec_driver_sql(begin)

    return engine


class Database:
    """A database with a way in for writers and one for readers.

    Parameters
    ----------
    engine
        As `make_engine` gives it. The reading half is made from it.
    settings
        As for `make_engine`.

    Notes
    -----
    A request takes several turns in the pool of worker threads (dependencies,
    the endpoint, the commit). Were it to wait for a connection inside such a
    thread, forty waiting requests would fill the pool and the one that holds
    the connection could not go on. So requests wait for their turn in the
    event loop, and a session that has begun always finds a free connection.
    """

    def __init__(self, engine: Engine, settings: Settings | None = None) -> None:
        settings = settings or Settings()
        self.engine = engine
        if engine.dialect.name == "sqlite":
            url = engine.url.render_as_string(hide_password=False)
            self.read_engine = _sqlite_engine(url, settings, begin="BEGIN", connections=_SQLITE_READERS)
            writers, readers = 1, _SQLITE_READERS
        else:
            self.read_engine = engine.execution_options(postgresql_readonly=True)
            writers = readers = settings.database_connections
        self._write_turns = _Turns(writers)
        self._read_turns = _Turns(readers)

    @contextmanager
    def transaction(self) -> Iterator[Session]:
        """Give a session and commit it at the end; an exception rolls it back. For work outside requests."""
        with Session(self.engine, expire_on_commit=False) as session, session.begin():
            yield session

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """Give a session that can only read, for work outside requests."""
        with Session(self.read_engine, expire_on_commit=False) as session:
            yield session

    @asynccontextmanager
    async def request_session(self) -> AsyncIterator[Session]:
        """Give a request's session, and commit it when the endpoint has returned without an exception."""
        async with self._write_turns.take():
            session = Session(self.engine, expire_on_commit=False)
            try:
                yield session
                await _in_thread(session.commit)
            finally:
                await _in_thread(session.close)

    @asynccontextmanager
    async def request_reading(self) -> AsyncIterator[Session]:
        """Give a request's session that can only read."""
        async with self._read_turns.take():
            session = Session(self.read_engine, expire_on_commit=False)
            try:
                yield session
            finally:
                await _in_thread(session.close)

    def dispose(self) -> None:
        """Close every connection."""
        self.engine.dispose()
        self.read_engine.dispose()


class _Turns:
    """A number of turns, handed out in order, for each event loop that asks."""

    def __init__(self, count: int) -> None:
        self._count = count
        self._limiters = anyio.lowlevel.RunVar[anyio.CapacityLimiter](f"turns of {id(self)}")

    @asynccontextmanager
    async def take(self) -> AsyncIterator[None]:
        try:
            limiter = self._limiters.get()
        except LookupError:
            limiter = anyio.CapacityLimiter(self._count)
            self._limiters.set(limiter)
        # On behalf of a fresh object: one request may hold a turn in several tasks.
        borrower = object()
        await limiter.acquire_on_behalf_of(borrower)
        try:
            yield
        finally:
            limiter.release_on_behalf_of(borrower)


async def _in_thread(work: Any) -> None:
    # Its own thread: the commit must not queue behind requests that wait for it. Shielded, since a request
    # that is given up may not leave a transaction half way.
    with anyio.CancelScope(shield=True):
        await anyio.to_thread.run_sync(work, limiter=anyio.CapacityLimiter(1))


async def get_session(request: Request) -> AsyncIterator[Session]:
    """Give the request's writing session, committed before the answer is sent."""
    database: Database = request.app.state.database
    async with database.request_session() as session:
        yield session


async def get_read_session(request: Request) -> AsyncIterator[Session]:
    """Give the request's reading session."""
    database: Database = request.app.state.database
    async with database.request_reading() as session:
        yield session


# scope="function": FastAPI's default runs the code after `yield` when the answer has already been sent.
SessionDep = Annotated[Session, Depends(get_session, scope="function")]
ReadSessionDep = Annotated[Session, Depends(get_read_session, scope="function")]
