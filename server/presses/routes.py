"""The API of challenges, presses and receipts."""

from typing import Annotated

from fastapi import APIRouter, FastAPI, Path, Query, Response

from server.core.database import ReadSessionDep, SessionDep
from server.core.dependencies import ClockDep, SettingsDep
from server.core.pagination import Page, PageDep, paginate
from server.core.problems import problem_responses
from server.customers.dependencies import DeviceDep
from server.partners.dependencies import PartnerDep
from server.presses import challenges, staff_code_routes, views
from server.presses.dependencies import DeskDep, ReaderDep, ReceiptKeysDep
from server.presses.models import Press
from server.presses.pipeline import answer_press
from server.presses.policy import PressPolicy
from server.presses.receipts import ReceiptKeys, receipt_key_path
from server.presses.responses import response_of
from server.presses.schemas import (
    ChallengeBody,
    ChallengeList,
    ChallengeRequest,
    OwnPress,
    PressAnswer,
    PressRecord,
    PressSubmission,
    ReceiptKeySet,
    VerdictName,
)
from server.shops import service as shops
from stampsdk.protocol import Purpose

router = APIRouter(prefix="/v1")
router.include_router(staff_code_routes.router)


def prepare(app: FastAPI) -> None:
    """Load the keys that sign receipts, so that a start without usable keys fails at once."""
    app.state.receipt_keys = ReceiptKeys.load_or_create(receipt_key_path(app.state.settings))


@router.post(
    "/challenges",
    tags=["presses"],
    operation_id="challenges:issue",
    summary="Get challenges",
    status_code=201,
    responses=problem_responses(401, 403),
)
def issue_challenges(
    body: ChallengeRequest, device: DeviceDep, session: SessionDep, clock: ClockDep, settings: SettingsDep
) -> ChallengeList:
    """Give the device nonces to sign, each for one press, one purpose and a short time."""
    issued = challenges.issue(
        session,
        clock,
        PressPolicy.from_settings(settings),
        device,
        purpose=Purpose(body.purpose),
        count=body.count,
    )
    return ChallengeList(challenges=[ChallengeBody.model_validate(challenge) for challenge in issued])


@router.post(
    "/presses",
    tags=["presses"],
    operation_id="presses:submit",
    summary="Submit a press",
    response_model=PressAnswer,
    responses={
        200: {"description": "Accepted"},
        202: {"description": "Held: the shop will look at it", "model": PressAnswer},
        **problem_responses(401, 403, 409, 422, 429),
    },
)
def submit_press(body: PressSubmission, desk: DeskDep) -> Response:
    """Judge a signed press, and do what it is for, once.

    The same envelope always gets the same answer, with the header `Idempotent-Replayed: true` from the second
    time on: send it again whenever an answer was lost. A refusal is a problem with `verdict`, `press` and a
    `text` for people; why exactly it was refused stands in the owner's log.
    """
    return response_of(answer_press(desk, body.envelope))


@router.get("/presses", tags=["presses"], operation_id="presses:list", responses=problem_responses(401, 404))
def list_presses(
    *,
    partner: PartnerDep,
    session: ReadSessionDep,
    page: PageDep,
    shop: Annotated[str | None, Query(max_length=64, description="only presses at this shop")] = None,
    verdict: Annotated[VerdictName | None, Query(description="only presses with this verdict")] = None,
    reason: Annotated[str | None, Query(max_length=64, description="only presses for this reason")] = None,
) -> Page[PressRecord]:
    """List the presses of the partner's shops, newest first, with the reasons that phones are not told."""
    statement = views.log(partner.id)
    if shop is not None:
        statement = statement.where(Press.shop_id == shops.get_owned(session, partner.id, shop).id)
    if verdict is not None:
        statement = statement.where(Press.verdict == verdict)
    if reason is not None:
        statement = statement.where(Press.reason == reason)
    found, cursor = paginate(session, statement, Press.id, page)
    return Page(data=views.records(session, found), next_cursor=cursor)


@router.get(
    "/presses/{press_id}",
    tags=["presses"],
    operation_id="presses:read",
    summary="Read a press",
    responses=problem_responses(401, 403, 404),
)
def read_press(
    press_id: Annotated[str, Path(max_length=64, examples=["prs_0192f1c2a5b77d3e8a41c9e0b2d4f6a8"])],
    session: ReadSessionDep,
    reader: ReaderDep,
) -> OwnPress | PressRecord:
    """Read a press: a device its own, as it was told; a partner those of its log, with the reason."""
    if isinstance(reader, str):
        return views.record(session, reader, press_id)
    return views.own_press(session, reader, press_id)


@router.get(
    "/receipt-keys", tags=["presses"], operation_id="receipt_keys:list", summary="Keys to check receipts with"
)
def list_receipt_keys(keys: ReceiptKeysDep, response: Response) -> ReceiptKeySet:
    """Give the public keys of receipts, for checking them without asking the service again."""
    response.headers["Cache-Control"] = "public, max-age=3600"
    return ReceiptKeySet.model_validate(keys.jwks)
