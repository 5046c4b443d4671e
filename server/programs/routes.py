"""The API of programmes for partners' servers, and of the wallet for devices."""

from typing import Annotated

from fastapi import APIRouter, Path, Response

from server.core.database import ReadSessionDep, SessionDep
from server.core.dependencies import ClockDep
from server.core.idempotency import IdempotencyDep, once
from server.core.pagination import Page, PageDep, paginate
from server.core.problems import problem_responses
from server.customers.dependencies import ReadDeviceDep
from server.partners.dependencies import PartnerDep
from server.programs import administration, wallet
from server.programs.models import Program
from server.programs.schemas import ProgramBody, ProgramCreate, ProgramUpdate, TransactionBody
from server.programs.views import CardView, CouponView

router = APIRouter(prefix="/v1")

ProgramId = Annotated[str, Path(max_length=64, examples=["prg_0192f1c2a5b77d3e8a41c9e0b2d4f6a8"])]


@router.post(
    "/programs",
    tags=["programs"],
    status_code=201,
    operation_id="programs:create",
    response_model=ProgramBody,
    responses=problem_responses(401, 409),
)
def create_program(
    *,
    body: ProgramCreate,
    partner: PartnerDep,
    session: SessionDep,
    clock: ClockDep,
    request: IdempotencyDep,
) -> Response:
    """Add a programme. A shop takes part in at most one active programme."""

    def work() -> ProgramBody:
        program = administration.create(
            session, clock, partner_id=partner.id, actor=partner.key_id, body=body
        )
        return administration.bodies(session, [program])[0]

    return once(session, clock, request, scope=partner.id, status=201, work=work)


@router.get("/programs", tags=["programs"], operation_id="programs:list", responses=problem_responses(401))
def list_programs(partner: PartnerDep, session: ReadSessionDep, page: PageDep) -> Page[ProgramBody]:
    """List the partner's programmes, newest first."""
    programs, cursor = paginate(session, administration.owned(partner.id), Program.id, page)
    return Page(data=administration.bodies(session, programs), next_cursor=cursor)


@router.get(
    "/programs/{program_id}",
    tags=["programs"],
    operation_id="programs:get",
    responses=problem_responses(401, 404),
)
def get_program(program_id: ProgramId, partner: PartnerDep, session: ReadSessionDep) -> ProgramBody:
    """Give one programme."""
    program = administration.get_owned(session, partner.id, program_id)
    return administration.bodies(session, [program])[0]


@router.patch(
    "/programs/{program_id}",
    tags=["programs"],
    operation_id="programs:update",
    responses=problem_responses(401, 404, 409),
)
def update_program(
    *,
    program_id: ProgramId,
    body: ProgramUpdate,
    partner: PartnerDep,
    session: SessionDep,
    clock: ClockDep,
) -> ProgramBody:
    """Change a programme, end it, or wake it again."""
    program = administration.get_owned(session, partner.id, program_id)
    program = administration.change(session, clock, program=program, actor=partner.key_id, body=body)
    return administration.bodies(session, [program])[0]


@router.get("/cards", tags=["wallet"], operation_id="cards:list", responses=problem_responses(401, 403))
def list_cards(device: ReadDeviceDep, session: ReadSessionDep, page: PageDep) -> Page[CardView]:
    """List the customer's cards, newest first."""
    found, cursor = wallet.cards(session, device.customer_id, page)
    return Page(data=found, next_cursor=cursor)


@router.get("/coupons", tags=["wallet"], operation_id="coupons:list", responses=problem_responses(401, 403))
def list_coupons(
    device: ReadDeviceDep, session: ReadSessionDep, clock: ClockDep, page: PageDep
) -> Page[CouponView]:
    """List the customer's coupons, newest first, redeemed and expired ones too."""
    found, cursor = wallet.coupons(session, device.customer_id, page, clock.now())
    return Page(data=found, next_cursor=cursor)


@router.get(
    "/transactions",
    tags=["wallet"],
    operation_id="transactions:list",
    responses=problem_responses(401, 403),
)
def list_transactions(device: ReadDeviceDep, session: ReadSessionDep, page: PageDep) -> Page[TransactionBody]:
    """List what was booked to the customer's cards, newest first."""
    found, cursor = wallet.history(session, device.customer_id, page)
    return Page(data=found, next_cursor=cursor)
