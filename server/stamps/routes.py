"""The API of stamps, for partners' servers."""

from typing import Annotated

from fastapi import APIRouter, FastAPI, Path, Response
from sqlalchemy import select
from sqlalchemy.orm import Session

from server.core.database import Database, ReadSessionDep, SessionDep
from server.core.dependencies import ClockDep, SettingsDep
from server.core.idempotency import IdempotencyDep, once
from server.core.metrics import HttpMetrics
from server.core.pagination import Page, PageDep, paginate
from server.core.problems import problem_responses
from server.partners.dependencies import PartnerDep
from server.settings import Settings
from server.shops.models import Shop
from server.stamps import service
from server.stamps.confusable import look_alikes
from server.stamps.models import Stamp
from server.stamps.patterns import decode
from server.stamps.registry import RegistryDep, StampRegistry
from server.stamps.schemas import ConfusableWarning, StampBody, StampCreate, StampSummary, StampUpdate
from stampsdk.index import warm_up

router = APIRouter(prefix="/v1/stamps", tags=["stamps"])

StampId = Annotated[str, Path(max_length=64, examples=["stp_0192f1c2a5b77d3e8a41c9e0b2d4f6a8"])]


def prepare(app: FastAPI) -> None:
    """Give the app its registry, loaded at the start."""
    settings: Settings = app.state.settings
    registry = StampRegistry(settings.kept_indexes)
    database: Database = app.state.database
    metrics: HttpMetrics = app.state.metrics

    def load() -> None:
        # Readiness waits for it: no customer is to wait while the search is compiled.
        warm_up()
        with database.reading() as session:
            registry.refresh(session)

    app.state.registry = registry
    app.state.starters.append(load)
    app.state.readiness.append(lambda: None if registry.is_loaded else "The stamps are being loaded.")
    metrics.gauge(
        "stamp_registered_stamps", "Stamps that presses are compared with", lambda: float(len(registry))
    )


@router.post(
    "",
    status_code=201,
    operation_id="stamps:create",
    response_model=StampBody,
    responses=problem_responses(401, 409),
)
def create_stamp(
    *,
    body: StampCreate,
    partner: PartnerDep,
    session: SessionDep,
    clock: ClockDep,
    settings: SettingsDep,
    registry: RegistryDep,
    request: IdempotencyDep,
) -> Response:
    """Register a stamp by its pattern, or enrol it by three presses; warned when one nearby looks alike."""

    def work() -> StampBody:
        registry.refresh(session)  # before the change: what is not committed may not enter the registry
        made = service.register(
            session, clock, partner_id=partner.id, actor=partner.key_id, body=body, settings=settings
        )
        return _body(session, registry, settings, made.stamp, made.spread_mm)

    return once(session, clock, request, scope=partner.id, status=201, work=work)


@router.get("", operation_id="stamps:list", responses=problem_responses(401))
def list_stamps(partner: PartnerDep, session: ReadSessionDep, page: PageDep) -> Page[StampSummary]:
    """List the partner's stamps, newest first."""
    stamps, cursor = paginate(session, service.owned(partner.id), Stamp.id, page)
    shops = service.shops_of(session, [stamp.number for stamp in stamps])
    return Page(data=[_summary(stamp, shops[stamp.number]) for stamp in stamps], next_cursor=cursor)


@router.get("/{stamp_id}", operation_id="stamps:get", responses=problem_responses(401, 404))
def get_stamp(
    stamp_id: StampId,
    partner: PartnerDep,
    session: ReadSessionDep,
    settings: SettingsDep,
    registry: RegistryDep,
) -> StampBody:
    """Give one stamp, and the stamps nearby that it may be mistaken for."""
    registry.refresh(session)
    return _body(session, registry, settings, service.get_owned(session, partner.id, stamp_id))


@router.patch("/{stamp_id}", operation_id="stamps:update", responses=problem_responses(401, 404, 409))
def update_stamp(
    *,
    stamp_id: StampId,
    body: StampUpdate,
    partner: PartnerDep,
    session: SessionDep,
    clock: ClockDep,
    settings: SettingsDep,
    registry: RegistryDep,
) -> StampBody:
    """Suspend, resume, retire or move a stamp. Every process heeds it at its next press."""
    registry.refresh(session)
    stamp = service.get_owned(session, partner.id, stamp_id)
    changed = service.change(session, clock, stamp=stamp, actor=partner.key_id, body=body)
    return _body(session, registry, settings, changed)


def _summary(stamp: Stamp, shop_ids: list[str]) -> StampSummary:
    return StampSummary(
        id=stamp.id,
        serial=stamp.serial,
        kind=stamp.kind,
        shops=shop_ids,
        tips=stamp.tips,
        pattern_mm=decode([stamp.pattern], stamp.tips)[0].tolist(),
        status=stamp.status,
        created_at=stamp.created_at,
    )


def _body(
    session: Session,
    registry: StampRegistry,
    settings: Settings,
    stamp: Stamp,
    spread_mm: float | None = None,
) -> StampBody:
    shop_ids = service.shops_of(session, [stamp.number])[stamp.number]
    found = look_alikes(
        registry,
        decode([stamp.pattern], stamp.tips)[0],
        list(session.scalars(select(Shop).where(Shop.id.in_(shop_ids)))),
        besides=stamp.number,
        radius_m=settings.confusable_radius_m,
    )
    others = select(Stamp.number, Stamp.partner_id).where(Stamp.number.in_([other.number for other in found]))
    owners = dict(session.execute(others).all())
    warnings = [
        ConfusableWarning(
            # Another partner's stamp is warned of, and not named.
            stamp=registry.stamp(other.number).id if owners.get(other.number) == stamp.partner_id else None,
            distance_mm=round(other.distance_mm, 3),
            metres=None if other.metres is None else round(other.metres, 1),
        )
        for other in found
    ]
    summary = _summary(stamp, shop_ids)
    return StampBody(**dict(summary), warnings=warnings, spread_mm=spread_mm)
