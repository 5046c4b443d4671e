"""What the pages without a script have in common: who asks, in which language, and the answer."""

import math
from typing import Annotated, Final
from urllib.parse import urlencode

from fastapi import Query, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse
from sqlalchemy.orm import Session

from server.console.engine import MOUNT
from server.console.gate import kept_choices
from server.console.language import language_of
from server.console.plain import Form, form_page
from server.console.texts import Texts, texts
from server.core.clock import Clock
from server.staff import sessions
from server.staff.actor import Actor
from server.staff.cookies import OWNER_COOKIE
from server.staff.desk import own_path

Code = Annotated[str, Query(max_length=60)]
"""The code of a problem, or of something done, in an address."""

Wanted = Annotated[str, Query(alias="next")]
"""Where the visitor wants to go, in an address."""

_LONGEST_WAIT_DIGITS: Final = 6
_MINUTE_S: Final = 60


def signed_in(request: Request, session: Session, clock: Clock) -> Actor | None:
    """Return who is signed in in this browser."""
    return sessions.find(session, clock, request.cookies.get(OWNER_COOKIE, ""))


def to_sign_in(**query: str) -> Response:
    """Lead to the sign-in, which says why."""
    return RedirectResponse(
        f"{MOUNT}/sign-in?{urlencode({'problem': 'sign_in_needed'} | query)}", status_code=303
    )


def hidden_next(wanted: str) -> dict[str, str]:
    """Return the hidden field that takes the visitor where they wanted, if that is a page of the owner's."""
    own = own_path(wanted)
    return {"next": own} if own else {}


def words_of(request: Request) -> Texts:
    """Return the texts in the visitor's language."""
    return texts(language_of(request))


def message_of(request: Request, *, problem: str = "", done: str = "") -> tuple[str, bool]:
    """Return what came of the last try, as text, and whether that is good news."""
    words = words_of(request)
    if not problem:
        return words(f"done.{done}") if words.has(f"done.{done}") else "", True
    message = words.of_code(problem)
    wait_s = request.query_params.get("wait", "")
    if wait_s.isascii() and wait_s.isdigit() and len(wait_s) <= _LONGEST_WAIT_DIGITS:
        message += " " + words("wait", minutes=math.ceil(int(wait_s) / _MINUTE_S))
    return message, False


def show_forms(
    request: Request,
    *forms: Form,
    problem: str = "",
    done: str = "",
    hidden: dict[str, str] | None = None,
) -> Response:
    """Answer with a page of forms. What is `hidden` in them stays in the link to the other language."""
    message, is_good = message_of(request, problem=problem, done=done)
    here = request.url.path + (f"?{urlencode(hidden)}" if hidden else "")
    html = form_page(words_of(request), forms, here=here, message=message, is_good=is_good, hidden=hidden)
    return answer(request, html)


def answer(request: Request, html: str) -> Response:
    """Answer with a page; the language and the shop that were asked for are kept."""
    response = HTMLResponse(html, headers={"Content-Language": language_of(request)})
    for cookie in kept_choices(request):
        response.headers.append("Set-Cookie", cookie)
    return response
