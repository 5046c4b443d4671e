"""Making, finding and changing shops."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, insert, select
from sqlalchemy.orm import Session

from server.core import audit, commit_clock
from server.core.clock import Clock
from server.core.errors import NotFound, Unprocessable
from server.core.identifiers import new_id
from server.shops.fences import parse_fence
from server.shops.hours import check_hours
from server.shops.models import Shop
from server.shops.schemas import ShopCreate, ShopUpdate

_MAY_BE_NULL = frozenset({"radius_m", "address", "opening_hours"})


@dataclass(frozen=True)
class ShopRow:
    """A shop for `create_many`; `fence` is GeoJSON, `radius_m` None but for a Point."""

    name: str
    fence: dict[str, Any]
    radius_m: float | None = None
    timezone: str = "Asia/Seoul"
    without_location: str = "hold"
    max_presses_per_visit: int = 3


def owned(partner_id: str) -> Select[Shop]:
    """Return the query for the shops of a partner: the one place that says which shops a partner may see."""
    return select(Shop).where(Shop.partner_id == partner_id)


def get_owned(session: Session, partner_id: str, shop_id: str) -> Shop:
    """Return a partner's shop; NotFound when there is none, or it is another's."""
    shop = session.scalar(owned(partner_id).where(Shop.id == shop_id))
    if shop is None:
        raise NotFound(f"There is no shop {shop_id[:64]}.", code="shop_not_found")
    return shop


def require_owned(session: Session, partner_id: str, shop_ids: Iterable[str]) -> list[str]:
    """Return the ids, each once; Unprocessable ``unknown_shop`` unless all are the partner's shops."""
    wanted = list(dict.fromkeys(shop_ids))
    found = set(session.scalars(owned(partner_id).with_only_columns(Shop.id).where(Shop.id.in_(wanted))))
    for shop_id in wanted:
        if shop_id not in found:
            raise Unprocessable(f"shops: there is no shop {shop_id[:64]}.", code="unknown_shop")
    return wanted


def create(
    session: Session, clock: Clock, *, partner_id: str, actor: str, body: ShopCreate, largest_fence_m: float
) -> Shop:
    """Add a shop.

    Parameters
    ----------
    session, clock
        The transaction it belongs to, and the time.
    partner_id, actor
        Whose shop, and who adds it (for the audit).
    body
        Its members.
    largest_fence_m
        The widest its fence may be.

    Raises
    ------
    FenceError
        When the fence is not one.
    HoursError
        When the opening hours cannot be.
    """
    geojson = body.fence.model_dump()
    fence = parse_fence(geojson, body.radius_m, largest_m=largest_fence_m)
    shop = Shop(
        id=new_id("shp", clock),
        partner_id=partner_id,
        name=body.name,
        timezone=body.timezone,
        fence=geojson,
        radius_m=body.radius_m,
        lat=fence.lat,
        lon=fence.lon,
        without_location=body.without_location,
        max_presses_per_visit=body.max_presses_per_visit,
        status="active",
        address=body.address,
        opening_hours=None if body.opening_hours is None else check_hours(body.opening_hours),
        version=commit_clock.tick(session),
        created_at=clock.now(),
    )
    session.add(shop)
    session.flush()
    audit.record(session, clock, actor=actor, action="shop.created", subject=shop.id)
    return shop


def create_many(
    session: Session,
    clock: Clock,
    *,
    partner_id: str,
    rows: Sequence[ShopRow],
    largest_fence_m: float = 5000.0,
) -> list[str]:
    """Add many shops at once and return their ids, in the order of `rows`; every fence is checked."""
    version, now = commit_clock.tick(session), clock.now()
    values = []
    for row in rows:
        fence = parse_fence(row.fence, row.radius_m, largest_m=largest_fence_m)
        values.append(
            {
                "id": new_id("shp", clock),
                "partner_id": partner_id,
                "name": row.name,
                "timezone": row.timezone,
                "fence": row.fence,
                "radius_m": row.radius_m,
                "lat": fence.lat,
                "lon": fence.lon,
                "without_location": row.without_location,
                "max_presses_per_visit": row.max_presses_per_visit,
                "status": "active",
                "version": version,
                "created_at": now,
            }
        )
    if values:
        session.execute(insert(Shop.__table__), values)  # type: ignore[arg-type]  # a mapped table is a Table
    audit.record(
        session,
        clock,
        actor=partner_id,
        action="shop.imported",
        subject=partner_id,
        detail={"count": len(values)},
    )
    return [str(value["id"]) for value in values]


def change(
    session: Session, clock: Clock, *, shop: Shop, actor: str, body: ShopUpdate, largest_fence_m: float
) -> Shop:
    """Change the members of a shop that `body` sets; FenceError and HoursError as for `create`."""
    given = body.model_dump(exclude_unset=True)
    for name, value in given.items():
        if value is None and name not in _MAY_BE_NULL:
            raise Unprocessable(f"{name}: leave it out to keep it; it cannot be null.")
    if not given:
        return shop
    version = commit_clock.tick(session)
    session.refresh(shop)  # as it is now that nobody else can change it
    if "fence" in given or "radius_m" in given:
        geojson = given.get("fence", shop.fence)
        given.setdefault("radius_m", None if "fence" in given else shop.radius_m)
        fence = parse_fence(geojson, given["radius_m"], largest_m=largest_fence_m)
        given |= {"lat": fence.lat, "lon": fence.lon}
    if given.get("opening_hours") is not None:
        given["opening_hours"] = check_hours(given["opening_hours"])
    shop.version = version
    for name, value in given.items():
        setattr(shop, name, value)
    changed = sorted(set(given) - {"lat", "lon"})
    audit.record(
        session, clock, actor=actor, action="shop.changed", subject=shop.id, detail={"members": changed}
    )
    session.flush()
    return shop
