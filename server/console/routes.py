"""The pages that need no NiceGUI: sign-in, sign-up, passwords, the printable card, the pages' files."""

from dataclasses import replace
from typing import Annotated, Final

from fastapi import APIRouter, FastAPI, Query, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse
from sqlalchemy.orm import Session
from starlette.routing import Mount

from server.console import assets
from server.console.counter_card import Size, counter_card
from server.console.engine import MOUNT
from server.console.gate import Gate, kept_choices
from server.console.language import language_of
from server.console.plain import Field, Form, form_page
from server.console.shop_choice import choose, shop_asked
from server.console.texts import Texts, texts
from server.core.database import ReadSessionDep
from server.core.dependencies import ClockDep, SettingsDep
from server.core.errors import NotFound
from server.insights.scope import places
from server.setup.progress import progress
from server.staff import sessions
from server.staff.actor import Actor
from server.staff.cookies import OWNER_COOKIE

router: Final = APIRouter(prefix=MOUNT, include_in_schema=False)

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
_CHANGE: Final = Form(
    "account.password",
    f"{MOUNT}/password",
    (replace(_PASSWORD, name="old"), replace(_NEW, name="new")),
    "reset.save",
    (("account.back", f"{MOUNT}/"),),
)
_EVERYWHERE: Final = Form("account.everywhere", f"{MOUNT}/session/end-all", (), "account.everywhere")

Code = Annotated[str, Query(max_length=60)]


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
def show_sign_in(request: Request, problem: Code = "", done: Code = "") -> Response:
    """Show the sign-in."""
    return _show(request, _SIGN_IN, problem=problem, done=done)


@router.get("/sign-up")
def show_sign_up(request: Request, problem: Code = "") -> Response:
    """Show the sign-up."""
    return _show(request, _SIGN_UP, problem=problem)


@router.get("/reset-request")
def show_reset_request(request: Request, problem: Code = "", done: Code = "") -> Response:
    """Show the form that asks for a link by mail."""
    return _show(request, _RESET_REQUEST, problem=problem, done=done)


@router.get("/reset")
def show_reset(
    request: Request, token: Annotated[str, Query(max_length=100)] = "", problem: Code = ""
) -> Response:
    """Show the form that sets a password by a mailed link."""
    return _show(request, _RESET, problem=problem, hidden={"token": token})


@router.get("/password")
def show_account(request: Request, session: ReadSessionDep, clock: ClockDep, problem: Code = "") -> Response:
    """Show the forms of one's own account."""
    if _actor(request, session, clock) is None:
        return _to_sign_in()
    return _show(request, _CHANGE, _EVERYWHERE, problem=problem, hidden={"next": f"{MOUNT}/"})


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
    actor = _actor(request, session, clock)
    if actor is None:
        return _to_sign_in()
    chosen = choose(shop_asked(request), places(session, actor, None))
    now = progress(session, actor, chosen.to_set_up)
    if now.shop is None or now.program is None:
        return RedirectResponse(f"{MOUNT}/setup", status_code=303)
    origin = (settings.public_origin or str(request.base_url)).rstrip("/")
    html = counter_card(
        _words(request),
        size=size,
        shop=now.shop.name,
        reward=now.program.reward,
        count=now.program.stamps_required,
        address=f"{origin}/s",
    )
    return _answer(request, html)


def _actor(request: Request, session: Session, clock: ClockDep) -> Actor | None:
    return sessions.find(session, clock, request.cookies.get(OWNER_COOKIE, ""))


def _to_sign_in() -> Response:
    return RedirectResponse(f"{MOUNT}/sign-in?problem=sign_in_needed", status_code=303)


def _words(request: Request) -> Texts:
    return texts(language_of(request))


def _show(
    request: Request, *forms: Form, problem: str = "", done: str = "", hidden: dict[str, str] | None = None
) -> Response:
    words = _words(request)
    message = words.of_code(problem) if problem else ""
    if not message and words.has(f"done.{done}"):
        message = words(f"done.{done}")
    token = (hidden or {}).get("token", "")
    here = request.url.path + (f"?token={token}" if token.replace("_", "").replace("-", "").isalnum() else "")
    html = form_page(words, forms, here=here, message=message, is_good=not problem, hidden=hidden)
    return _answer(request, html)


def _answer(request: Request, html: str) -> Response:
    response = HTMLResponse(html, headers={"Content-Language": language_of(request)})
    for cookie in kept_choices(request):
        response.headers.append("Set-Cookie", cookie)
    return response
