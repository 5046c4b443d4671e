"""``python -m server.demo``: what ``make demo`` runs."""

import os
import shutil
import signal
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import numpy as np
import typer
from rich.console import Console
from sqlalchemy import make_url

from server.core.certificate import make_certificate
from server.core.clock import SystemClock
from server.core.database import Database, make_engine
from server.core.migrations import upgrade
from server.core.sealing import load_sealer
from server.demo.addresses import free_port, lan_address, qr_code
from server.demo.keeping import keep_history, plan_months
from server.demo.owner import EMAIL, owner_password
from server.demo.registration import ensure_registered
from server.demo.running import RunningServer
from server.demo.story import Story, StoryError
from server.demo.world import World, make_world
from server.insights.rollups import catch_up_in_steps
from server.settings import Settings

_SEED = 20261122
_MONTHS = 6


def main(
    stamps: Annotated[int, typer.Option(min=3, help="How many stamps to register, one a shop.")] = 60_000,
    port: Annotated[
        int, typer.Option(min=1, max=65535, help="TCP port; another is taken when it is in use.")
    ] = 8080,
    *,
    months: Annotated[
        int | None,
        typer.Option(
            min=0, max=24, help="Simulated months of the owner's café; 6 unless told, with --once none."
        ),
    ] = None,
    customers: Annotated[int, typer.Option(min=1, max=100_000, help="How many it wins in them.")] = 5_000,
    once: Annotated[bool, typer.Option("--once", help="End after the story, with one line of JSON.")] = False,
    tls: Annotated[
        bool, typer.Option("--tls", help="Serve HTTPS with a certificate made on the spot.")
    ] = False,
    folder: Annotated[Path, typer.Option(help="Where the database and the keys are kept.")] = Path("var"),
) -> None:
    """Register a simulated country of stamps, start the server, and tell the story of some presses.

    Examples
    --------
        python -m server.demo --once
        python -m server.demo --tls --port 8443
        python -m server.demo --stamps 600000
        python -m server.demo --once --months 1 --customers 500
    """
    console = Console(stderr=False, soft_wrap=True)
    folder.mkdir(parents=True, exist_ok=True)
    settings = _settings(folder, stamps)
    world = make_world(stamps, seed=_SEED)
    if months is None:
        months = 0 if once else _MONTHS
    key, registered = _prepare(settings, world, console, months=months, customers=customers)
    host = "127.0.0.1" if once else "0.0.0.0"  # noqa: S104 (a phone in the network is to reach the demo)
    address = None if once else lan_address()
    certificate = None
    if tls:
        certificate = make_certificate(
            folder, ["127.0.0.1", *([address] if address else [])], datetime.now(UTC)
        )
    port = free_port(port, host)
    log = folder / "demo-server.log"
    console.print("Starting the server. The first start compiles the search, which may take a minute.")
    # As Ctrl-C, so that whoever ends the demo by a signal ends its server too.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    with RunningServer(settings, host=host, port=port, certificate=certificate, log=log) as server:
        console.print(
            f"The server is ready at {server.base_url} after {server.ready_after_s:.1f} s (log: {log})."
        )
        if server.memory_mb is not None:
            console.print(f"It takes {server.memory_mb:,.0f} MB of memory with {registered:,} stamps.")
        mina = Path(tempfile.mkdtemp(prefix="stamp-demo-"))
        try:
            story = Story(server.base_url, key, world, mina, console, np.random.default_rng())
            tally = story.run()
        except StoryError as error:
            console.print(f"[red]{error}[/red]")
            raise typer.Exit(1) from error
        finally:
            shutil.rmtree(mina, ignore_errors=True)
        if not once:
            _invite(console, server.base_url, address, port, key, tls=tls)
            server.wait()
    sys.stdout.write(tally.as_json(registered) + "\n")


def _settings(folder: Path, stamps: int) -> Settings:
    """Use the database that the environment names, else an SQLite file for this number of stamps."""
    if "STAMP_DATABASE_URL" in os.environ:
        return Settings()
    return Settings(database_url=f"sqlite:///{folder / f'demo-{stamps}.db'}")


def _prepare(
    settings: Settings, world: World, console: Console, *, months: int, customers: int
) -> tuple[str, int]:
    engine = make_engine(settings.database_url, settings)
    try:
        upgrade(engine)
        place = make_url(settings.database_url).render_as_string(hide_password=True)
        console.print(f"The database is {place}.")
        database, clock = Database(engine, settings), SystemClock()
        registered = ensure_registered(database, clock, world, console)
        if months:
            sealer, plan = load_sealer(settings), plan_months(clock.now(), months, customers)
            kept = keep_history(database, clock, sealer, world, plan=plan, console=console)
            console.print(
                f"{world.owned.name}: {kept.presses:,} simulated presses, {kept.added:,} of them new."
            )
            # Else the owner who signs in at once finds the lists empty for a minute.
            catch_up_in_steps(database, clock, kept.cafe.partner_id)
            if kept.remark is not None:
                console.print(kept.remark)
            console.print(f"Its owner signs in as {EMAIL} with the password {owner_password(sealer)}.")
        database.read_engine.dispose()
        return registered
    finally:
        engine.dispose()


def _invite(console: Console, local: str, address: str | None, port: int, key: str, *, tls: bool) -> None:
    """Say where the capture page is, and draw the way there."""
    console.print(f"\nThe capture page on this computer: {local}/s")
    if address:
        page = f"{'https' if tls else 'http'}://{address}:{port}/s"
        console.print(f"The capture page in your network:   {page}")
        console.print(qr_code(page), highlight=False)
        if tls:
            console.print("The certificate was made just now: the phone will ask whether you trust it.")
        else:
            console.print("A phone needs HTTPS for its key and its place: make demo TLS=1")
    console.print(f"The owner's pages: {local}/owner")
    console.print(f"The app: .venv/bin/python -m mobile_demo --server {local} --key {key}")
    console.print("Ctrl-C ends the server.")


if __name__ == "__main__":
    typer.run(main)
