"""Which shops a question is about: the one place where an owner's ids are looked up."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from server.core.errors import NotFound
from server.programs import administration as programs
from server.programs.models import Program
from server.shops import service as shops
from server.shops.models import Shop
from server.staff.actor import Actor


@dataclass(frozen=True, slots=True)
class Place:
    """A shop of the actor's, with its calendar."""

    id: str
    name: str
    zone: ZoneInfo

    def local(self, at: datetime) -> datetime:
        """Return the moment by the shop's clock."""
        return at.astimezone(self.zone)

    def day(self, at: datetime) -> date:
        """Return the shop's date at a moment."""
        return self.local(at).date()


Places = Mapping[str, Place]


def places(session: Session, actor: Actor, shop_ids: Collection[str] | None) -> Places:
    """Return the shops asked for, in the order they were made, or all of the actor's for None.

    Raises
    ------
    NotFound
        ``shop_not_found``: one of them is none, or another partner's.
    """
    found = of_partner(session, actor.partner_id)
    if shop_ids is None:
        return found
    for shop_id in shop_ids:
        if shop_id not in found:
            raise NotFound(f"There is no shop {shop_id[:64]}.", code="shop_not_found")
    return {shop_id: place for shop_id, place in found.items() if shop_id in set(shop_ids)}


def of_partner(session: Session, partner_id: str) -> Places:
    """Return all shops of a partner."""
    rows = session.execute(
        shops.owned(partner_id).with_only_columns(Shop.id, Shop.name, Shop.timezone).order_by(Shop.id)
    )
    return {row.id: Place(row.id, row.name, ZoneInfo(row.timezone)) for row in rows}


def programs_of(session: Session, partner_id: str) -> list[str]:
    """Return all programmes of a partner: a shop's past may lie in one that it has left."""
    return list(session.scalars(programs.owned(partner_id).with_only_columns(Program.id)))


def today_of(found: Places, at: datetime) -> date:
    """Return the date at the first of the shops, or in UTC where there is none."""
    first = next(iter(found.values()), None)
    return at.date() if first is None else first.day(at)


__all__ = ["Place", "Places", "of_partner", "places", "programs_of", "today_of"]
