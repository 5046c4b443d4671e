"""Writing the simulated country into the database, in chunks that can be resumed."""

from typing import Any

from rich.console import Console
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from server.core.clock import Clock
from server.core.database import Database
from server.demo.progress import bar
from server.demo.world import World
from server.partners import service as partners
from server.programs import administration as programs
from server.programs.schemas import ProgramCreate
from server.shops import service as shops
from server.stamps import service as stamps
from server.stamps.models import Stamp

_CHUNK = 5_000
#: A simulated shop's fence is a circle; the cafés have drawn outlines.
_RADIUS_M = 40.0


def ensure_registered(database: Database, clock: Clock, world: World, console: Console) -> tuple[str, int]:
    """Register the shops and stamps of a world that are not registered yet.

    Each chunk is one transaction, so that an interrupted run goes on where it stopped.

    Returns
    -------
    tuple of (str, int)
        The demo partner's publishable key, and how many of the world's stamps are registered.
    """
    total = len(world.names)
    name = f"Demo country of {total:,} stamps"
    with database.transaction() as session:
        partner = partners.find_partner(session, name=name) or partners.create_partner(
            session, clock, name=name
        )
        partner_id = partner.id
        key = partners.create_key(session, clock, partner_id=partner_id, kind="publishable").token
        done = _count(session, partner_id)
    with bar(console) as progress:
        task = progress.add_task("Registering shops and stamps", total=total, completed=done)
        while done < total:
            rows = range(done, min(done + _CHUNK, total))
            with database.transaction() as session:
                _register(session, clock, partner_id, world, rows)
            done = rows.stop
            progress.update(task, completed=done)
    return key, done


def _count(session: Session, partner_id: str) -> int:
    counted = session.scalar(select(func.count()).where(Stamp.partner_id == partner_id))
    return int(counted or 0)


def _register(session: Session, clock: Clock, partner_id: str, world: World, rows: range) -> None:
    made = shops.create_many(session, clock, partner_id=partner_id, rows=[_shop(world, row) for row in rows])
    stamps.register_many(
        session,
        clock,
        partner_id=partner_id,
        rows=[
            stamps.StampRow(serial=world.serial(row), pattern_mm=world.patterns[row], shop_ids=(shop,))
            for row, shop in zip(rows, made, strict=True)
        ],
    )
    if rows.start == 0:
        _add_programme(session, clock, partner_id, made[: len(world.cafes)])


def _shop(world: World, row: int) -> shops.ShopRow:
    if row < len(world.cafes):
        return shops.ShopRow(name=world.names[row], fence=world.cafes[row].fence)
    place = [float(world.longitudes[row]), float(world.latitudes[row])]
    fence: dict[str, Any] = {"type": "Point", "coordinates": place}
    return shops.ShopRow(name=world.names[row], fence=fence, radius_m=_RADIUS_M)


def _add_programme(session: Session, clock: Clock, partner_id: str, cafes: list[str]) -> None:
    """Three stamps at any of the three cafés make a free coffee."""
    body = ProgramCreate.model_validate(
        {
            "name": {"ko": "커피 세 잔", "en": "Three coffees"},
            "reward": {"ko": "아메리카노 한 잔", "en": "A free coffee"},
            "stamps_required": 3,
            "coupon_valid_days": 90,
            "shops": cafes,
        }
    )
    programs.create(session, clock, partner_id=partner_id, actor="demo", body=body)
