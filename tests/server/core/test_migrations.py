"""One migration tree: it makes what the models say, on both databases, from the command line too."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import create_engine, insert, inspect, text
from sqlalchemy.exc import DBAPIError
from starlette.testclient import TestClient

from server.app import create_app
from server.core.database import make_engine
from server.core.migrations import alembic_config, pending_migrations, upgrade
from server.settings import Settings
from server.tables import METADATA
from tests.postgres import postgresql_database

ROOT = Path(__file__).parents[3]


@pytest.fixture(scope="module", params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def empty_url(request, tmp_path_factory):
    """Give the address of a database without tables."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path_factory.mktemp('empty') / 'empty.db'}"
    else:
        with postgresql_database() as url:
            yield url


@pytest.fixture
def empty_engine(empty_url):
    """Give an engine on it."""
    engine = make_engine(empty_url, Settings(database_url=empty_url))
    yield engine
    command.downgrade(alembic_config(engine), "base")
    engine.dispose()


def triggers(engine):
    """Return the names of all triggers."""
    sqlite = "SELECT name FROM sqlite_master WHERE type = 'trigger'"
    postgresql = "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal"
    with engine.connect() as connection:
        return set(connection.scalars(text(sqlite if engine.dialect.name == "sqlite" else postgresql)))


def test_the_migrations_make_what_the_models_say(empty_engine):
    upgrade(empty_engine)
    with empty_engine.connect() as connection:
        options = {"compare_type": True, "compare_server_default": True}
        context = MigrationContext.configure(connection, opts=options)
        assert compare_metadata(context, METADATA) == []
        assert not pending_migrations(connection)
    made_by_migrations = triggers(empty_engine)
    command.downgrade(alembic_config(empty_engine), "base")
    assert inspect(empty_engine).get_table_names() in ([], ["alembic_version"])
    METADATA.create_all(empty_engine)
    assert triggers(empty_engine) == made_by_migrations != set()
    METADATA.drop_all(empty_engine)


def test_a_database_that_is_behind_does_not_serve(empty_engine, empty_url, tmp_path):
    settings = Settings(database_url=empty_url, sealing_key_path=tmp_path / "key")
    app = create_app(settings, engine=empty_engine)
    with pytest.raises(RuntimeError, match="stamp-server migrate"), TestClient(app):
        pass


def test_a_database_that_falls_behind_is_not_ready(client, engine):
    with engine.begin() as connection:
        before = connection.scalar(text("SELECT version_num FROM alembic_version"))
        connection.execute(text("UPDATE alembic_version SET version_num = 'gone'"))
    answer = client.get("/readyz")
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = :before"), {"before": before})
    assert answer.status_code == 503
    assert "stamp-server migrate" in answer.json()["detail"]


def test_the_command_line_migrates_and_finds_no_drift(empty_url):
    environment = {**os.environ, "STAMP_DATABASE_URL": empty_url}
    for arguments in (["upgrade", "head"], ["check"], ["downgrade", "base"]):
        done = subprocess.run(
            [sys.executable, "-m", "alembic", *arguments],
            cwd=ROOT,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr


def test_stamps_and_shops_cannot_vanish_and_patterns_cannot_change(app, engine, make_stamp):
    make_stamp()
    for statement in (
        "DELETE FROM shop",
        "DELETE FROM stamp",
        "UPDATE stamp SET tips = 4",
        "UPDATE stamp SET pattern = 'x'"
        if engine.dialect.name == "sqlite"
        else "UPDATE stamp SET pattern = '\\x00'",
    ):
        with engine.connect() as connection:
            connection.execute(text("DELETE FROM stamp_place"))  # so that no foreign key is in the way
            with pytest.raises(DBAPIError, match="never"):
                connection.exec_driver_sql(statement)


def test_foreign_keys_are_held(engine, clock):
    tables = METADATA.tables
    row = {
        "id": "key_x",
        "partner_id": "par_none",
        "kind": "secret",
        "token_hash": "x",
        "token": None,
        "token_start": "x",
        "created_at": clock.now(),
        "revoked_at": None,
    }
    with pytest.raises(DBAPIError, match=r"(?i)foreign key"), engine.begin() as connection:
        connection.execute(insert(tables["api_key"]).values(row))


def test_the_settings_of_each_connection(engine, database):
    if engine.dialect.name == "sqlite":
        with engine.connect() as connection:
            found = {
                name: connection.exec_driver_sql(f"PRAGMA {name}").scalar()
                for name in ("journal_mode", "foreign_keys", "busy_timeout", "query_only")
            }
        assert found == {"journal_mode": "wal", "foreign_keys": 1, "busy_timeout": 5000, "query_only": 0}
        return
    with engine.connect() as connection:
        assert connection.exec_driver_sql("SHOW statement_timeout").scalar() == "15s"
        assert connection.exec_driver_sql("SHOW lock_timeout").scalar() == "5s"
        assert connection.exec_driver_sql("SHOW transaction_isolation").scalar() == "read committed"
    with database.read_engine.connect() as connection:
        assert connection.exec_driver_sql("SHOW transaction_read_only").scalar() == "on"


def test_full_synchronous_is_the_default(tmp_path):
    engine = make_engine(f"sqlite:///{tmp_path / 'x.db'}", Settings(database_url="sqlite:///x.db"))
    with engine.connect() as connection:
        assert connection.exec_driver_sql("PRAGMA synchronous").scalar() == 2
    engine.dispose()


def test_migrations_need_no_settings_of_ours_to_be_read(tmp_path):
    """What another program made is refused, not guessed at."""
    url = f"sqlite:///{tmp_path / 'other.db'}"
    engine = create_engine(url)
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL)"))
        connection.execute(text("INSERT INTO alembic_version VALUES ('somebody-elses')"))
    with engine.connect() as connection:
        assert pending_migrations(connection)
    engine.dispose()
