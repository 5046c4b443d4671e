"""The pages that need no NiceGUI: sign-in, sign-up, passwords, the printable card, the pages' files."""

from dataclasses import replace
from typing import Annotated, Final

from fastapi import APIRouter, FastAPI, Query, Request, Response
from fastapi.responses import RedirectResponse
from starlette.routing import Mount

from server.console import account_routes, assets, enrolling, exporting
from server.console.answers import (
    Code,
    Wanted,
    answer,
    hidden_next,
    show_forms,
    signed_in,
    to_sign_in,
    words_of,
)
from server.console.counter_card import Size, counter_card
from server.console.engine import MOUNT
from server.console.gate import Gate
from server.console.plain import Field, Form
from server.console.shop_choice import choose, shop_asked
from server.core.database import ReadSessionDep
from server.core.dependencies import ClockDep, SettingsDep
from server.core.errors import NotFound
from server.core.origins import own_origin
from server.insights.scope import places
from server.setup.progress import progress
from server.staff.cookies import COUNTER_COOKIE
from server.staff.counters import this_counter
from server.staff.desk import PIN_PAGE

router: Final = APIRouter(prefix=MOUNT, include_in_schema=False)
router.include_router(account_routes.router)
router.include_router(enrolling.router)
router.include_router(exporting.router)

_EMAIL: Final = Field("email", "sign.email", "email", "username", most=254)
_PASSWORD: Final = Field("password", "sign.password", "password", "current-password", most=200)
_NEW: Final = Field(
    "password", "sign.new_password", "password", "new-password", least=10, most=200, hint="sign.password.hint"
)
_SIGN_IN: Final = Form(
    "sign.in",
    f"{MOUNT}/session",
    (_EMAIL, _PASSWORD),
    "sign.in",
    (("sign.up.link", f"{MOUNT}/sign-up"), ("sign.forgot", f"{MOUNT}/reset-request")),
)
_SIGN_UP: Final = Form(
    "sign.up",
    f"{MOUNT}/sign-up",
    (
        Field("organisation", "sign.organisation", complete="organization", hint="sign.organisation.hint"),
        Field("name", "sign.name", complete="name"),
        _EMAIL,
        _NEW,
    ),
    "sign.up",
    (("sign.in.link", f"{MOUNT}/sign-in"),),
    lead="sign.up.lead",
)
_RESET_REQUEST: Final = Form(
    "reset.title",
    f"{MOUNT}/reset-request",
    (_EMAIL,),
    "reset.send",
    (("sign.in.link", f"{MOUNT}/sign-in"),),
    lead="reset.lead",
)
_RESET: Final = Form("reset.new", f"{MOUNT}/reset", (_NEW,), "reset.save")


def prepare(app: FastAPI) -> None:
    """Mount the pages of NiceGUI behind their gate, unless the settings leave them out."""
    if not app.state.settings.owner_pages:
        return
    gate = Gate(app)
    app.state.closers.append(gate.close)
    app.router.routes.append(Mount(MOUNT, app=gate, name="owner"))


@router.get("")
def lead_home() -> Response:
    """Lead to the first page."""
    return RedirectResponse(f"{MOUNT}/", status_code=303)


@router.get("/assets/{version}/{name}")
def send_asset(version: str, name: str) -> Response:
    """Send a file of the pages; its address names its content, so that it may be kept for ever."""
    if name not in assets.NAMES:
        raise NotFound
    found = assets.asset(name)
    named = version == found.version
    return Response(
        found.body,
        media_type=found.media_type,
        headers={"Cache-Control": "public, max-age=31536000, immutable" if named else "no-cache"},
    )


@router.get("/sign-in")
def show_sign_in(
    *,
    request: Request,
    session: ReadSessionDep,
    problem: Code = "",
    done: Code = "",
    wanted: Wanted = "",
    by: Code = "",
) -> Response:
    """Show the sign-in; at a phone of the counter the one by PIN, unless by e-mail is asked for."""
    counter = request.cookies.get(COUNTER_COOKIE)
    is_sent_here = problem in {"", "sign_in_needed"} and not (done or wanted or by)
    if is_sent_here and counter and this_counter(session, counter=counter) is not None:
        return RedirectResponse(PIN_PAGE, status_code=303)
    form = _SIGN_IN
    if counter:
        form = replace(form, links=(("sign.pin.link", PIN_PAGE), *form.links))
    kept = hidden_next(wanted) | ({"by": "email"} if by else {})
    return show_forms(request, form, problem=problem, done=done, hidden=kept)


@router.get("/sign-up")
def show_sign_up(request: Request, problem: Code = "") -> Response:
    """Show the sign-up."""
    return show_forms(request, _SIGN_UP, problem=problem)


@router.get("/reset-request")
def show_reset_request(request: Request, problem: Code = "", done: Code = "") -> Response:
    """Show the form that asks for a link by mail."""
    return show_forms(request, _RESET_REQUEST, problem=problem, done=done)


@router.get("/reset")
def show_reset(
    request: Request, token: Annotated[str, Query(max_length=100)] = "", problem: Code = ""
) -> Response:
    """Show the form that sets a password by a mailed link."""
    return show_forms(request, _RESET, problem=problem, hidden={"token": token})


@router.get("/counter-card")
def show_counter_card(
    *,
    request: Request,
    session: ReadSessionDep,
    clock: ClockDep,
    settings: SettingsDep,
    size: Size = "a6",
) -> Response:
    """Show the card for the counter, ready to print."""
    actor = signed_in(request, session, clock)
    if actor is None:
        return to_sign_in()
    chosen = choose(shop_asked(request), places(session, actor, None))
    now = progress(session, actor, chosen.to_set_up)
    if now.shop is None or now.program is None:
        return RedirectResponse(f"{MOUNT}/setup", status_code=303)
    origin = own_origin(request.scope, settings.public_origin)
    html = counter_card(
        words_of(request),
        size=size,
        shop=now.shop.name,
        reward=now.program.reward,
        count=now.program.stamps_required,
        address=f"{origin}/s",
        code_address=f"{origin}/s?shop={now.shop.id}",
    )
    return answer(request, html)
