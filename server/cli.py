"""The ``stamp-server`` command."""

import json
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
import uvicorn
from pydantic import ValidationError
from rich.console import Console
from rich.table import Table
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError

from server.core.certificate import make_certificate
from server.core.clock import SystemClock
from server.core.database import Database, make_engine
from server.core.errors import Problem
from server.core.migrations import pending_migrations, upgrade
from server.insights.rollups import catch_up_in_steps
from server.insights.upkeep import partners_with_programs
from server.partners import service as partners
from server.settings import Settings

app = typer.Typer(no_args_is_help=True, add_completion=False, rich_markup_mode="rich")
keys = typer.Typer(no_args_is_help=True, help="Make, list and revoke the keys of partners.")
app.add_typer(keys, name="keys")


@app.callback()
def _root() -> None:
    """Serve and administer the smart-stamp service.

    The database is the one that STAMP_DATABASE_URL names, var/stamp.db (SQLite) when it is unset.
    """


@app.command()
def migrate() -> None:
    """Bring the database to this version, making it where there is none.

    [bold]Examples[/bold]

      stamp-server migrate

      STAMP_DATABASE_URL=postgresql://stamp@localhost/stamps stamp-server migrate
    """
    with _database(migrated=False) as database:
        upgrade(database.engine)
        typer.echo(f"The database {_shown(database)} is up to date.")


@app.command()
def serve(
    *,
    host: Annotated[str, typer.Option(help="Address to listen on; 0.0.0.0 for all.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=1, max=65535, help="TCP port.")] = 8080,
    workers: Annotated[int, typer.Option(min=1, max=64, help="Processes; PostgreSQL for more than 1.")] = 1,
    tls: Annotated[bool, typer.Option("--tls", help="HTTPS with a certificate made on the spot.")] = False,
    cert: Annotated[Path | None, typer.Option(help="HTTPS with this certificate (PEM).")] = None,
    key: Annotated[Path | None, typer.Option(help="Private key of the certificate (PEM).")] = None,
) -> None:
    """Serve the API and the page /s.

    [bold]Examples[/bold]

      stamp-server serve

      stamp-server serve --host 0.0.0.0 --tls

      stamp-server serve --host 0.0.0.0 --port 443 --cert site.pem --key site.key --workers 4
    """
    certificate, private_key = _certificate(cert, key, host, make=tls)
    with _database() as database:
        if workers > 1 and database.engine.dialect.name == "sqlite":
            _say("SQLite lets one process write at a time: more workers will mostly wait. Use PostgreSQL.")
    if workers > 1 and Settings().owner_pages:
        # A socket must reach the process that drew the page (docs/adr/0016).
        os.environ["STAMP_OWNER_PAGES"] = "false"
        _say("/owner needs a single process and is left out. Serve it from a second server, with one worker.")
    uvicorn.run(
        "server.app:create_app",
        factory=True,
        host=host,
        port=port,
        workers=workers,
        ssl_certfile=certificate,
        ssl_keyfile=private_key,
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=10,
    )


@keys.command("create")
def create_keys(
    name: Annotated[str, typer.Argument(help="The partner; made when there is none of that name.")],
    origin: Annotated[
        list[str] | None, typer.Option(help="A page's origin that may use the publishable key; repeatable.")
    ] = None,
    *,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Make a secret key and a publishable key for a partner. The secret key is shown this once.

    [bold]Examples[/bold]

      stamp-server keys create "Café Ongi"

      stamp-server keys create "Café Ongi" --origin https://ongi.example --origin https://app.ongi.example
    """
    clock = SystemClock()
    with _database() as database, database.transaction() as session:
        found = partners.find_partner(session, name=name)
        partner = found or partners.create_partner(session, clock, name=name)
        secret = partners.create_key(session, clock, partner_id=partner.id, kind="secret")
        publishable = partners.create_key(
            session, clock, partner_id=partner.id, kind="publishable", origins=tuple(origin or ())
        )
    if as_json:
        typer.echo(
            json.dumps(
                {"partner": partner.id, "secret_key": secret.token, "publishable_key": publishable.token}
            )
        )
        return
    typer.echo(f"Partner          {partner.id}  {partner.name}")
    typer.echo(f"Secret key       {secret.token}  (for servers; not shown again)")
    typer.echo(f"Publishable key  {publishable.token}  (for apps and pages)")


@app.command("roll-up")
def roll_up(
    *,
    rebuild: Annotated[bool, typer.Option("--rebuild", help="Begin from the first booking.")] = False,
) -> None:
    """Bring the numbers of past days up to date; a running server does it by itself every minute.

    [bold]Examples[/bold]

      stamp-server roll-up

      stamp-server roll-up --rebuild
    """
    clock = SystemClock()
    with _database() as database:
        with database.reading() as session:
            partner_ids = partners_with_programs(session)
        days = sum(
            catch_up_in_steps(database, clock, partner_id, rebuild=rebuild) for partner_id in partner_ids
        )
    typer.echo(f"{days} days of shops counted, partners: {len(partner_ids)}.")


@keys.command("list")
def list_keys() -> None:
    """List all keys, oldest first; of secret keys only their beginning.

    [bold]Examples[/bold]

      stamp-server keys list
    """
    with _database() as database, database.reading() as session:
        found = partners.list_keys(session)
    table = Table("Key", "Partner", "Kind", "Value", "Origins", "State")
    for key in found:
        state = "live" if key.revoked_at is None else f"revoked {key.revoked_at:%Y-%m-%d}"
        table.add_row(key.id, key.partner, key.kind, key.shown, "\n".join(key.origins), state)
    Console(soft_wrap=True).print(table)


@keys.command("revoke")
def revoke_key(key_id: Annotated[str, typer.Argument(help="The key's identifier, key_….")]) -> None:
    """Make a key useless from now on.

    [bold]Examples[/bold]

      stamp-server keys revoke key_0192f1c2a5b77d3e8a41c9e0b2d4f6a8
    """
    with _database() as database, database.transaction() as session:
        partners.revoke_key(session, SystemClock(), key_id=key_id)
    typer.echo(f"{key_id} is revoked.")


def main() -> None:
    """Run the command; what a user may have done wrong ends in one sentence and exit status 1."""
    try:
        app()
    except Problem as problem:
        _give_up(problem.detail or problem.title)
    except ValidationError as error:
        first = error.errors()[0]
        _give_up(f"STAMP_{'.'.join(map(str, first['loc'])).upper()}: {first['msg']}")
    except DBAPIError as error:
        _give_up(f"The database cannot be used: {str(error.orig).strip() or type(error.orig).__name__}")


@contextmanager
def _database(*, migrated: bool = True) -> Iterator[Database]:
    settings = Settings()
    url = make_url(settings.database_url)
    if url.get_backend_name() == "sqlite" and url.database:
        Path(url.database).parent.mkdir(parents=True, exist_ok=True)
    database = Database(make_engine(settings.database_url, settings), settings)
    try:
        if migrated:
            with database.reading() as session:
                pending = pending_migrations(session.connection())
            if pending:
                _give_up(f"The database {_shown(database)} is not of this version. Run: stamp-server migrate")
        yield database
    finally:
        database.dispose()


def _certificate(
    cert: Path | None, key: Path | None, host: str, *, make: bool
) -> tuple[Path | None, Path | None]:
    if (cert is None) != (key is None):
        _give_up("--cert and --key go together.")
    for path in (cert, key):
        if path is not None and not path.is_file():
            _give_up(f"There is no file {path}.")
    if cert is None and make:
        named = [] if host in {"0.0.0.0", "::", "localhost"} else [host]  # noqa: S104 (compared, not bound)
        files = make_certificate(Path("var"), ["127.0.0.1", *named], datetime.now(UTC))
        return files.certificate, files.key
    return cert, key


def _shown(database: Database) -> str:
    return database.engine.url.render_as_string(hide_password=True)


def _say(text: str) -> None:
    typer.echo(text, err=True)


def _give_up(text: str) -> None:
    _say(f"stamp-server: {text}")
    sys.exit(1)


if __name__ == "__main__":
    main()
