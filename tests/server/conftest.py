"""Fixtures of the server's tests. Every test that uses `engine` runs on SQLite and on PostgreSQL."""

import itertools
import shutil
from datetime import UTC, datetime
from types import SimpleNamespace

import pytest
from sqlalchemy import delete, inspect, table, text
from starlette.testclient import TestClient

from server.app import create_app
from server.core.clock import FrozenClock
from server.core.database import Database, _sqlite_engine, make_engine
from server.core.migrations import upgrade
from server.ledger import verify
from server.partners import service as partners
from server.settings import Settings
from tests.postgres import postgresql_database
from tests.server.crowds import THREADS

SEOUL = (37.5663, 126.9779)
_KEPT = frozenset({"alembic_version", "stamp_clock"})


@pytest.fixture(scope="session")
def _migrated_sqlite(tmp_path_factory):
    """One migrated file, copied for each test."""
    path = tmp_path_factory.mktemp("sqlite") / "migrated.db"
    engine = make_engine(f"sqlite:///{path}")
    upgrade(engine)
    with engine.connect() as connection:
        connection.connection.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)")
    engine.dispose()
    return path


@pytest.fixture(scope="session")
def _migrated_postgresql():
    """One migrated database, emptied after each test."""
    with postgresql_database() as url:
        engine = make_engine(url, Settings(database_url=url))
        upgrade(engine)
        engine.dispose()
        yield url


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def database_url(request, tmp_path):
    """Give the address of a migrated, empty database."""
    if request.param == "sqlite":
        path = tmp_path / "stamp.db"
        shutil.copy(request.getfixturevalue("_migrated_sqlite"), path)
        yield f"sqlite:///{path}"
        return
    url = request.getfixturevalue("_migrated_postgresql")
    yield url
    _empty(url)


def _empty(url):
    engine = make_engine(url)
    with engine.begin() as connection:
        # Past the triggers that keep the ledger from being emptied.
        connection.execute(text("SET LOCAL session_replication_role = replica"))
        # DELETE, not TRUNCATE, which would give every table and index a new file.
        for name in inspect(connection).get_table_names():
            if name not in _KEPT:
                connection.execute(delete(table(name)))
    engine.dispose()


@pytest.fixture
def settings(database_url, tmp_path):
    """Give settings that touch nothing outside the test's folder."""
    return Settings(
        database_url=database_url,
        sqlite_synchronous="NORMAL",
        log_level="WARNING",
        sealing_key_path=tmp_path / "sealing.key",
        receipt_key_path=tmp_path / "receipts.pem",
    )


@pytest.fixture
def engine(settings):
    """Give an engine on a migrated, empty database."""
    engine = make_engine(settings.database_url, settings)
    yield engine
    engine.dispose()


@pytest.fixture
def crowd(settings):
    """Give an engine with a connection for every thread, so that the database decides and not our pool."""
    roomy = Settings(**settings.model_dump() | {"database_connections": THREADS, "lock_timeout_s": 60})
    if settings.database_url.startswith("sqlite"):
        engine = _sqlite_engine(settings.database_url, roomy, begin="BEGIN IMMEDIATE", connections=THREADS)
    else:
        engine = make_engine(settings.database_url, roomy)
    yield engine
    engine.dispose()


@pytest.fixture
def clock():
    """Give a clock that the test moves."""
    return FrozenClock(datetime(2026, 11, 20, 1, 0, tzinfo=UTC))


@pytest.fixture
def database(engine, settings):
    """Give the database, for tests of services without the app."""
    database = Database(engine, settings)
    yield database
    database.read_engine.dispose()


@pytest.fixture
def session(database):
    """Give a writing session that is rolled back. On SQLite no other can write while it has written."""
    with database.transaction() as session:
        yield session
        session.rollback()


@pytest.fixture
def app(settings, clock, engine):
    """Give the app, not started."""
    return create_app(settings, clock=clock, engine=engine)


@pytest.fixture
def sound_ledger(app):
    """Whatever a test did, the ledger is sound afterwards."""
    yield
    with app.state.database.transaction() as session:
        assert verify(session).breaches == ()


@pytest.fixture
def client(app):
    """Give a client of the started app."""
    with TestClient(app) as client:
        yield client


@pytest.fixture
def make_partner(app, client, clock):
    """Make partners: an object with id, secret_key, publishable_key and `headers` for the secret key."""
    numbers = itertools.count(1)

    def make(name=None, origins=()):
        with app.state.database.transaction() as session:
            partner = partners.create_partner(session, clock, name=name or f"Partner {next(numbers)}")
            secret = partners.create_key(session, clock, partner_id=partner.id, kind="secret")
            publishable = partners.create_key(
                session, clock, partner_id=partner.id, kind="publishable", origins=tuple(origins)
            )
        return SimpleNamespace(
            id=partner.id,
            secret_key=secret.token,
            publishable_key=publishable.token,
            headers={"Authorization": f"Bearer {secret.token}"},
        )

    return make


@pytest.fixture
def partner(make_partner):
    """Give a partner with both kinds of key."""
    return make_partner()


def square_fence(lat=SEOUL[0], lon=SEOUL[1], half_m=30.0):
    """Return a square fence around a place, of twice `half_m` metres a side."""
    dlat = half_m / 111_195
    dlon = dlat / 0.79
    ring = [[-1, -1], [1, -1], [1, 1], [-1, 1], [-1, -1]]
    return {"type": "Polygon", "coordinates": [[[lon + x * dlon, lat + y * dlat] for x, y in ring]]}


@pytest.fixture
def make_shop(client, partner):
    """Make shops through the API; returns the answer's body."""
    numbers = itertools.count(1)

    def make(owner=None, **members):
        body = {"name": f"Café {next(numbers)}", "timezone": "Asia/Seoul", "fence": square_fence()} | members
        answer = client.post("/v1/shops", json=body, headers=(owner or partner).headers)
        assert answer.status_code == 201, answer.text
        return answer.json()

    return make


@pytest.fixture
def make_stamp(client, partner, make_shop):
    """Make stamps through the API, at a new shop where none is given; returns the answer's body."""
    numbers = itertools.count(1)

    def make(shop=None, owner=None, **members):
        number = next(numbers)
        body = {
            "serial": f"S-{number:04d}",
            "kind": "fixed",
            "shops": [(shop or make_shop(owner))["id"]],
            "pattern_mm": [[0.0, 0.0], [14.0 + number, 0.0], [30.0, 12.0], [9.0, 25.0], [24.0, 31.0]],
        } | members
        answer = client.post("/v1/stamps", json=body, headers=(owner or partner).headers)
        assert answer.status_code == 201, answer.text
        return answer.json()

    return make


@pytest.fixture
def make_program(client, partner, make_shop):
    """Make programmes through the API, at a new shop where none is given; returns the answer's body."""

    def make(shop=None, owner=None, **members):
        body = {
            "name": {"ko": "커피 쿠폰", "en": "Coffee card"},
            "reward": {"ko": "아메리카노 한 잔", "en": "One americano"},
            "stamps_required": 3,
            "coupon_valid_days": None,
            "shops": [(shop or make_shop(owner))["id"]],
        } | members
        answer = client.post("/v1/programs", json=body, headers=(owner or partner).headers)
        assert answer.status_code == 201, answer.text
        return answer.json()

    return make
