"""Alembic's way into the database: the settings' one, or the engine it is given.

``alembic upgrade head``, ``alembic check`` and, after a change to a model,
``alembic revision --autogenerate -m "what changes"``.
"""

from typing import Literal

import sqlalchemy as sa
from alembic import context
from alembic.autogenerate.api import AutogenContext
from sqlalchemy import Connection, Engine, text

from server.core.database import JsonType, UtcDateTime, make_engine
from server.settings import Settings
from server.tables import METADATA

LOCK_TIMEOUT = "5s"


def _render(kind: str, item: object, _context: AutogenContext) -> str | Literal[False]:
    """Write our column types by what they store, so that migrations do not depend on today's code."""
    if kind != "type":
        return False
    if isinstance(item, UtcDateTime):
        return "sa.DateTime(timezone=True)"
    if item is JsonType or isinstance(item, sa.JSON):
        _context.imports.add("from sqlalchemy.dialects import postgresql")
        jsonb = "postgresql.JSONB(none_as_null=True)"
        return f"sa.JSON(none_as_null=True).with_variant({jsonb}, 'postgresql')"
    return False


def _run(connection: Connection) -> None:
    if connection.dialect.name == "postgresql":
        # Rather fail and be tried again than queue for a lock, with every other statement queueing behind.
        connection.execute(text(f"SET lock_timeout = '{LOCK_TIMEOUT}'"))
        connection.execute(text("SET statement_timeout = 0"))
        connection.commit()
    else:
        # Batch operations drop and rebuild tables; SQLite would take that for deleting what refers to them.
        connection.connection.cursor().execute("PRAGMA foreign_keys=OFF")
    context.configure(
        connection=connection,
        target_metadata=METADATA,
        compare_type=True,
        compare_server_default=True,
        render_as_batch=True,
        render_item=_render,
        transaction_per_migration=True,
        transactional_ddl=True,
    )
    try:
        with context.begin_transaction():
            context.run_migrations()
    finally:
        if connection.dialect.name == "sqlite":
            connection.connection.cursor().execute("PRAGMA foreign_keys=ON")


def _migrate(engine: Engine) -> None:
    with engine.connect() as connection:
        _run(connection)


if context.is_offline_mode():
    raise SystemExit("These migrations look at the database; run them with a connection, without --sql.")

_given: Engine | None = context.config.attributes.get("engine")
if _given is not None:
    _migrate(_given)
else:
    _settings = Settings()
    _own = make_engine(_settings.database_url, _settings)
    try:
        _migrate(_own)
    finally:
        _own.dispose()
