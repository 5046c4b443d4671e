"""One's own account, and phones of the counter: pages without a script."""

from typing import Annotated, Final

from fastapi import APIRouter, Query, Request, Response

from server.console import pin_page
from server.console.answers import (
    Code,
    answer,
    message_of,
    show_forms,
    signed_in,
    to_sign_in,
    words_of,
)
from server.console.engine import MOUNT
from server.console.plain import Field, Form, form_part, heading, links, note, paragraph, plain_page
from server.console.texts import Texts
from server.core.database import ReadSessionDep
from server.core.dependencies import ClockDep
from server.staff.account import Account, account
from server.staff.actor import Right, Role
from server.staff.cookies import COUNTER_COOKIE, OWNER_COOKIE
from server.staff.counters import staff_at, this_counter
from server.staff.desk import COUNTER_PAGE, PASSWORD_PAGE, PIN_PAGE

router: Final = APIRouter()

_CHANGE: Final = Form(
    "account.password",
    PASSWORD_PAGE,
    (
        Field("old", "account.old", "password", "current-password", most=200),
        Field(
            "new",
            "sign.new_password",
            "password",
            "new-password",
            least=10,
            most=200,
            hint="sign.password.hint",
        ),
    ),
    "reset.save",
)
_EVERYWHERE: Final = Form(
    "account.everywhere",
    f"{MOUNT}/session/end-all",
    (),
    "account.everywhere",
    lead="account.everywhere.lead",
    is_main=False,
)
_CHANGE_PERSON: Final = Form("change_person", f"{MOUNT}/session/end", (), "change_person")
_MAKE: Final = Form(
    "counter.title",
    COUNTER_PAGE,
    (Field("name", "counter.name", hint="counter.name.hint"),),
    "counter.make",
    (("account.back", f"{MOUNT}/"),),
    lead="counter.lead",
)


@router.get("/password")
def show_account(
    *,
    request: Request,
    session: ReadSessionDep,
    clock: ClockDep,
    problem: Code = "",
    done: Code = "",
) -> Response:
    """Show who is signed in, what they may do, and the forms of their account."""
    mine = account(session, clock, token=request.cookies.get(OWNER_COOKIE, ""))
    if mine is None:
        return to_sign_in()
    words = words_of(request)
    parts = [
        heading(mine.actor.name),
        note(*message_of(request, problem=problem, done=done)),
        _who(words, mine),
        links(words, _links(mine)),
    ]
    if mine.has_password and not mine.at_counter:
        parts.append(form_part(words, _CHANGE, {"next": f"{PASSWORD_PAGE}?done=password_changed"}, level=2))
    else:
        parts.append(paragraph(words("account.by_pin")))
    hidden = {"next": PIN_PAGE} if mine.at_counter else {}
    if mine.at_counter:
        parts.append(form_part(words, _CHANGE_PERSON, hidden, level=2))
    parts.append(form_part(words, _EVERYWHERE, hidden, level=2))
    title = words("account")
    return answer(request, plain_page(words, title=title, here=PASSWORD_PAGE, body="".join(parts)))


@router.get("/counter")
def show_counter(request: Request, session: ReadSessionDep, clock: ClockDep, problem: Code = "") -> Response:
    """Show the form that makes this browser a phone of the counter."""
    actor = signed_in(request, session, clock)
    if actor is None:
        return to_sign_in(next=COUNTER_PAGE)
    words = words_of(request)
    if actor.role is Role.STAFF:
        return _say(request, words("counter.title"), "problem.not_allowed", (("account.back", f"{MOUNT}/"),))
    here = this_counter(session, counter=request.cookies.get(COUNTER_COOKIE, ""))
    if here is not None:
        pairs = (("counter.to_pin", PIN_PAGE), ("counter.all", f"{MOUNT}/counters"))
        return _say(request, here.name, "counter.already", pairs, is_good=True)
    return show_forms(request, _MAKE, problem=problem, hidden={"next": f"{PIN_PAGE}?done=counter_made"})


@router.get("/pin")
def show_pin(
    *,
    request: Request,
    session: ReadSessionDep,
    clock: ClockDep,
    problem: Code = "",
    done: Code = "",
    member: Annotated[str, Query(max_length=60)] = "",
) -> Response:
    """Show who can sign in by PIN at this phone of the counter."""
    counter = request.cookies.get(COUNTER_COOKIE, "")
    words = words_of(request)
    if this_counter(session, counter=counter) is None:
        pairs = (
            ("pin.make", f"{MOUNT}/sign-in?next={COUNTER_PAGE}"),
            ("pin.by_email", f"{MOUNT}/sign-in?by=email"),
        )
        return _say(request, words("pin.title"), "problem.counter_unknown", pairs)
    staff = staff_at(session, counter=counter)
    present = signed_in(request, session, clock)
    html = pin_page.draw(
        words,
        staff,
        chosen=member,
        present=None if present is None else present.name,
        note=note(*message_of(request, problem=problem, done=done)),
    )
    return answer(request, html)


def _who(words: Texts, mine: Account) -> str:
    role = mine.actor.role
    parts = [paragraph(f"{words(f'role.{role}')}: {words(f'role.{role}.may')}")]
    if mine.email is not None:
        parts.insert(0, paragraph(mine.email, "soft"))
    return "".join(parts)


def _links(mine: Account) -> list[tuple[str, str]]:
    pairs = [("account.back", f"{MOUNT}/")]
    if mine.actor.may(Right.MANAGE_STAFF):
        pairs.append(("account.people", f"{MOUNT}/people"))
    if mine.actor.role is not Role.STAFF:
        pairs.append(("counter.all", f"{MOUNT}/counters"))
    return pairs


def _say(
    request: Request, title: str, key: str, pairs: tuple[tuple[str, str], ...], *, is_good: bool = False
) -> Response:
    """Answer with a page that only says something."""
    words = words_of(request)
    body = heading(title) + note(words(key), is_good) + links(words, pairs)
    return answer(request, plain_page(words, title=title, here=request.url.path, body=body))
