"""Three presses on the owner's own phone enrol a stamp: the page, and where it sends them.

A pattern is kept in mm, and a browser knows no mm: `devicePixelRatio` tells how fine a screen is, not how
large. So the page measures the screen once, by a bank card that is laid on it (ISO/IEC 7810 ID-1: 85.60 mm by
53.98 mm), and remembers CSS pixels per mm in `localStorage`, by `devicePixelRatio` and the screen's width,
which change with the zoom. A line set half a millimetre wrong is 0.6 % by the long edge, 0.9 % by the short
one; two in a hundred are allowed for.
"""

import json
from html import escape
from typing import Annotated, Final

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse, RedirectResponse
from pydantic import Field

from server.capture_page.assets import stamp_script
from server.console import assets
from server.console.answers import answer, signed_in, to_sign_in, words_of
from server.console.counter_card import qr_code
from server.console.engine import MOUNT
from server.console.plain import page
from server.console.shop_choice import ALL, choose, shop_asked
from server.console.texts import Texts
from server.core.database import ReadSessionDep, SessionDep
from server.core.dependencies import ClockDep, SettingsDep
from server.core.errors import NotFound, Unauthorised
from server.core.origins import own_origin, require_own_page
from server.core.schemas import ApiModel, Number
from server.insights.scope import places
from server.setup.pressed import add_pressed_stamp
from server.setup.progress import NEW, progress
from server.staff.actor import Right
from server.stamps.schemas import EnrolmentPress, Points, Serial

router: Final = APIRouter(include_in_schema=False)

PATH: Final = f"{MOUNT}/press-stamp"
_SAID: Final = (
    "enrol.measure.upright",
    "enrol.measure.across",
    "enrol.zoomed",
    "enrol.first",
    "enrol.once_more",
    "enrol.few",
    "enrol.sending",
    "enrol.done",
    "enrol.spread.good",
    "enrol.spread.loose",
    "enrol.alone",
    "enrol.failed",
    "enrol.offline",
    "enrol.loose",
    "stamp.confusable",
    "stamp.anywhere",
)


class PressedForm(ApiModel):
    """What the page sends."""

    serial: Serial | None = None
    px_per_mm: Annotated[Number, Field(ge=3, le=40)]
    presses: Annotated[list[Points], Field(min_length=3, max_length=3)]
    accept_loose: bool = False


@router.get("/press-stamp")
def show_page(request: Request, session: ReadSessionDep, clock: ClockDep, settings: SettingsDep) -> Response:
    """Show the page of a shop; who is not signed in is led back to it afterwards."""
    actor = signed_in(request, session, clock)
    asked = shop_asked(request)
    if actor is None:
        return to_sign_in(next=f"{PATH}?shop={asked}")
    if not actor.may(Right.SET_UP):
        return RedirectResponse(f"{MOUNT}/", status_code=303)
    shop = progress(session, actor, choose(asked, places(session, actor, None)).to_set_up).shop
    if shop is None:
        return RedirectResponse(f"{MOUNT}/setup", status_code=303)
    origin = own_origin(request.scope, settings.public_origin)
    return answer(request, _page(words_of(request), origin, shop.id))


@router.post("/pressed-stamps")
def enrol(
    request: Request, body: PressedForm, session: SessionDep, clock: ClockDep, settings: SettingsDep
) -> Response:
    """Register the stamp that was pressed at the shop named. The same presses again are the same stamp."""
    require_own_page(request.scope, settings.public_origin)
    actor = signed_in(request, session, clock)
    if actor is None:
        raise Unauthorised("The session is over. Sign in again.", code="sign_in_needed", scheme="Session")
    found = places(session, actor, None)
    named = request.query_params.get("shop")
    if named is not None and named not in {ALL, NEW, *found}:
        # A page that was left open while somebody else signed in: their stamps are not for this one's shops.
        raise NotFound(f"There is no shop {named[:64]}.", code="shop_not_found")
    added = add_pressed_stamp(
        session,
        clock,
        actor,
        presses=[EnrolmentPress(touches=touches, px_per_mm=body.px_per_mm) for touches in body.presses],
        serial=body.serial,
        accept_loose=body.accept_loose,
        settings=settings,
        registry=request.app.state.registry,
        shop_id=choose(shop_asked(request), found).to_set_up,
    )
    told = {
        "serial": added.serial,
        "spread_mm": round(added.spread_mm, 2),
        "is_loose": added.is_loose,
        "look_alikes": [{"metres": other.metres} for other in added.look_alikes],
    }
    return JSONResponse(told, status_code=201)


def _page(words: Texts, origin: str, shop_id: str) -> str:
    def say(key: str) -> str:
        return escape(words(key))

    address, back = f"{origin}{PATH}?shop={shop_id}", f"{MOUNT}/setup?step=stamp&amp;shop={shop_id}"
    other = "en" if words.language == "ko" else "ko"
    problems = {key: text for key, text in words.entries.items() if key.startswith("problem.")}
    said = json.dumps({key: words(key) for key in _SAID} | problems, ensure_ascii=False).replace(
        "<", "\\u003c"
    )
    body = f"""
<header class="owner-header"><a class="brand" href="{back}">← {say("enrol.back")}</a>
<span class="grow"></span>
<a lang="{other}" href="?shop={shop_id}&amp;lang={other}">{say("other_language")}</a></header>
<main class="plain enrol" id="enrol" data-shop="{shop_id}">
<noscript><p class="message bad">{say("enrol.script")}</p></noscript>
<section id="intro" hidden><h1>{say("enrol.title")}</h1><p class="lead">{say("enrol.lead")}</p>
<label for="name">{say("enrol.name")}</label><small id="name-hint">{say("enrol.name.hint")}</small>
<input id="name" maxlength="64" autocomplete="off" autocapitalize="characters" spellcheck="false"
 pattern="[A-Za-z0-9][A-Za-z0-9._\\-]*" aria-describedby="name-hint">
<button class="main" id="begin" type="button">{say("enrol.begin")}</button>
<p class="links">
<button class="quiet" id="again-measure" type="button">{say("enrol.measure_again")}</button></p>
</section>
<section id="desk" hidden><h1>{say("enrol.desk.title")}</h1><p class="lead">{say("enrol.desk.why")}</p>
{qr_code(address, words("enrol.qr"))}<p class="address">{escape(address)}</p>
<p class="soft">{say("enrol.desk.after")}</p></section>
<section id="result" hidden aria-live="polite"><h1 id="outcome" tabindex="-1"></h1><div id="facts"></div>
<button class="main" id="resend" type="button">{say("enrol.resend")}</button>
<button class="main" id="retry" type="button">{say("enrol.again")}</button>
<button class="main" id="keep" type="button">{say("enrol.keep")}</button>
<button class="main" id="more" type="button">{say("enrol.more")}</button>
<a class="main" id="sign-in" href="{MOUNT}/sign-in?next={PATH}?shop={shop_id}">{say("enrol.sign_in")}</a>
<p class="links"><button class="quiet" id="measure-again" type="button">{say("enrol.measure_again")}</button>
<a href="{back}">{say("enrol.back")}</a></p></section>
</main>
<section id="measure" class="enrol-whole" hidden aria-labelledby="measure-title">
<div id="card"><h2 id="measure-title">{say("enrol.measure.title")}</h2><p>{say("enrol.measure.why")}</p>
<p id="how"></p></div>
<div class="enrol-tools">
<button id="smaller" type="button" aria-label="{say("enrol.measure.smaller")}">−</button>
<input id="size" type="range" min="3.5" max="10" step="0.02" aria-label="{say("enrol.measure.size")}">
<button id="larger" type="button" aria-label="{say("enrol.measure.larger")}">+</button>
<button class="main" id="fits" type="button">{say("enrol.measure.done")}</button></div></section>
<section id="surface" class="enrol-whole" hidden><h2 id="say" role="status"></h2><p id="count"></p>
<svg id="tips" aria-hidden="true"></svg></section>
<script id="texts" type="application/json">{said}</script>
"""
    head = (
        f'<script defer src="/sdk/v1/stamp.js?v={stamp_script().version}"></script>'
        f'<script defer src="{assets.address("three_presses.js")}"></script>'
    )
    return page(words, title=words("enrol.title"), body=body, head=head, kind="enrolling")
