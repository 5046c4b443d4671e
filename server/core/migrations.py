"""Running the one Alembic tree from Python."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine

SCRIPTS = Path(__file__).parent.parent / "migrations"


def alembic_config(engine: Engine | None = None) -> Config:
    """Return Alembic's configuration for the tree; `engine` is the database it works on."""
    config = Config()
    config.set_main_option("script_location", str(SCRIPTS).replace("%", "%%"))
    config.attributes["engine"] = engine
    return config


def upgrade(engine: Engine, revision: str = "head") -> None:
    """Bring a database to `revision`, creating it where it is empty."""
    command.upgrade(alembic_config(engine), revision)


def pending_migrations(connection: Connection) -> bool:
    """Say whether the database is behind, or ahead of, the migrations that this code knows."""
    heads = set(ScriptDirectory.from_config(alembic_config()).get_heads())
    return set(MigrationContext.configure(connection).get_current_heads()) != heads
