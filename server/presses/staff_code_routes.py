"""The API of staff codes, for the customer's phone."""

from fastapi import APIRouter, Response

from server.core.database import SessionDep
from server.core.dependencies import ClockDep, SettingsDep
from server.core.problems import problem_responses
from server.core.sealing import SealerDep
from server.customers.dependencies import DeviceDep
from server.presses import staff_codes
from server.presses.code_shops import ClaimedPlace
from server.presses.responses import response_of
from server.presses.schemas import PressAnswer, StaffCodeSubmission

router = APIRouter()


@router.post(
    "/staff-codes",
    tags=["presses"],
    operation_id="staff_codes:use",
    summary="Use a staff code",
    response_model=PressAnswer,
    responses=problem_responses(401, 403, 422, 429),
)
def use_staff_code(
    *,
    body: StaffCodeSubmission,
    device: DeviceDep,
    session: SessionDep,
    clock: ClockDep,
    sealer: SealerDep,
    settings: SettingsDep,
) -> Response:
    """Get the stamp of a press that the phone cannot read, by six digits from the staff's screen.

    Safe to send again: the device that used a code gets its answer again for ten minutes. A wrong code, one
    that was used, one that is too old and one of another shop are refused alike, and such tries are limited.

    The code is tried at the shop that is named, and at the shops near the location where somebody shows a
    code just now; without either, at the shops of the customer's cards. A try counts at each of them.
    """
    where = body.location
    return response_of(
        staff_codes.redeem(
            session,
            clock,
            device,
            shop_id=body.shop,
            code=body.code,
            sealer=sealer,
            settings=settings,
            place=None if where is None else ClaimedPlace(where.lat, where.lon, where.accuracy_m),
        )
    )
