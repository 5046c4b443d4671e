"""The API of shops, for partners' servers."""

from typing import Annotated

from fastapi import APIRouter, Path, Response

from server.core.database import ReadSessionDep, SessionDep
from server.core.dependencies import ClockDep, SettingsDep
from server.core.idempotency import IdempotencyDep, once
from server.core.pagination import Page, PageDep, paginate
from server.core.problems import problem_responses
from server.partners.dependencies import PartnerDep
from server.shops import service
from server.shops.models import Shop
from server.shops.schemas import ShopBody, ShopCreate, ShopUpdate

router = APIRouter(prefix="/v1/shops", tags=["shops"])

ShopId = Annotated[str, Path(max_length=64, examples=["shp_0192f1c2a5b77d3e8a41c9e0b2d4f6a8"])]


@router.post(
    "",
    status_code=201,
    operation_id="shops:create",
    response_model=ShopBody,
    responses=problem_responses(401),
)
def create_shop(
    *,
    body: ShopCreate,
    partner: PartnerDep,
    session: SessionDep,
    clock: ClockDep,
    settings: SettingsDep,
    request: IdempotencyDep,
) -> Response:
    """Add a shop with its fence."""

    def work() -> ShopBody:
        shop = service.create(
            session,
            clock,
            partner_id=partner.id,
            actor=partner.key_id,
            body=body,
            largest_fence_m=settings.largest_fence_m,
        )
        return ShopBody.model_validate(shop)

    return once(session, clock, request, scope=partner.id, status=201, work=work)


@router.get("", operation_id="shops:list", responses=problem_responses(401))
def list_shops(partner: PartnerDep, session: ReadSessionDep, page: PageDep) -> Page[ShopBody]:
    """List the partner's shops, newest first."""
    shops, cursor = paginate(session, service.owned(partner.id), Shop.id, page)
    return Page(data=[ShopBody.model_validate(shop) for shop in shops], next_cursor=cursor)


@router.get("/{shop_id}", operation_id="shops:get", responses=problem_responses(401, 404))
def get_shop(shop_id: ShopId, partner: PartnerDep, session: ReadSessionDep) -> ShopBody:
    """Give one shop."""
    return ShopBody.model_validate(service.get_owned(session, partner.id, shop_id))


@router.patch("/{shop_id}", operation_id="shops:update", responses=problem_responses(401, 404))
def update_shop(
    *,
    shop_id: ShopId,
    body: ShopUpdate,
    partner: PartnerDep,
    session: SessionDep,
    clock: ClockDep,
    settings: SettingsDep,
) -> ShopBody:
    """Change a shop. Every process heeds it at its next press."""
    shop = service.get_owned(session, partner.id, shop_id)
    changed = service.change(
        session, clock, shop=shop, actor=partner.key_id, body=body, largest_fence_m=settings.largest_fence_m
    )
    return ShopBody.model_validate(changed)
