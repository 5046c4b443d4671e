"""A real PostgreSQL for the tests of one session.

In this order: the server that STAMP_TEST_DATABASE_URL names, the system's own
programs (not as root, which PostgreSQL refuses), or the `pgserver` wheel, which
as root adds a user for it. Each session works in a database of its own.
"""

import os
import shutil
import stat
import subprocess
import tempfile
import warnings
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

from sqlalchemy import create_engine, make_url, text

from tests.requirements import require

_FAST = ("fsync=off", "synchronous_commit=off", "full_page_writes=off")


@contextmanager
def postgresql_database():
    """Give the address of an empty database, dropped at the end; skip where none can be had."""
    with _server() as server:
        name = f"stamp_test_{uuid4().hex[:12]}"
        admin = create_engine(server, isolation_level="AUTOCOMMIT")
        with admin.connect() as connection:
            connection.execute(text(f'CREATE DATABASE "{name}"'))
        try:
            yield server.set(database=name).render_as_string(hide_password=False)
        finally:
            with admin.connect() as connection:
                connection.execute(text(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)'))
            admin.dispose()


@contextmanager
def _server():
    given = os.environ.get("STAMP_TEST_DATABASE_URL")
    if given:
        yield make_url(given).set(drivername="postgresql+psycopg")
        return
    folder = Path(tempfile.mkdtemp(prefix="stamp-pg-"))
    folder.chmod(folder.stat().st_mode | stat.S_IXOTH | stat.S_IROTH)
    try:
        programs = _system_programs()
        with _system_server(programs, folder) if programs else _wheel_server(folder) as url:
            yield url
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _system_programs():
    """Return the folder of initdb and pg_ctl, or None where they are absent or cannot be used."""
    if os.name != "posix" or os.geteuid() == 0:
        return None
    found = shutil.which("pg_ctl")
    if found:
        return Path(found).resolve().parent
    versions = sorted(
        Path("/usr/lib/postgresql").glob("*/bin/pg_ctl"), key=lambda path: float(path.parts[-3])
    )
    return versions[-1].parent if versions else None


@contextmanager
def _system_server(programs, folder):
    data, log = folder / "data", folder / "log"
    _run(programs / "initdb", "-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-sync")
    options = " ".join(["-h ''", f"-k {folder}", *(f"-c {setting}" for setting in _FAST)])
    _run(programs / "pg_ctl", "-D", data, "-l", log, "-o", options, "-w", "start")
    try:
        yield make_url(f"postgresql+psycopg://postgres@/postgres?host={folder}")
    finally:
        _run(programs / "pg_ctl", "-D", data, "-m", "immediate", "stop")


@contextmanager
def _wheel_server(folder):
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # it remarks on an unset XDG_RUNTIME_DIR
            import pgserver  # noqa: PLC0415 (absent on machines without a wheel of it)
    except ImportError:
        require(condition=False, reason="no PostgreSQL: neither STAMP_TEST_DATABASE_URL, pg_ctl nor pgserver")
    data = folder / "data"
    data.mkdir()
    server = pgserver.get_server(data, cleanup_mode="stop")
    try:
        url = make_url(server.get_uri()).set(drivername="postgresql+psycopg")
        engine = create_engine(url, isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            for setting in _FAST:
                connection.execute(text(f"ALTER SYSTEM SET {setting}"))
            connection.execute(text("SELECT pg_reload_conf()"))
        engine.dispose()
        yield url
    finally:
        server.cleanup()


def _run(*command):
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True, check=False)
    if done.returncode:
        require(
            condition=False, reason=f"no PostgreSQL: {Path(command[0]).name} failed: {done.stderr[-500:]}"
        )
