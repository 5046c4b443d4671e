"""Signing in and out, up, and setting passwords: forms that work without JavaScript.

Each leads on with 303: to a page on success, back to the form with ``?problem=CODE`` otherwise.
"""

from functools import partial
from typing import Final

from fastapi import APIRouter, Response
from sqlalchemy import select
from sqlalchemy.orm import Session
from starlette.background import BackgroundTask

from server.core.errors import Problem, Unprocessable
from server.core.tokens import is_well_formed
from server.staff import limits, members, resets, sessions, signing_in
from server.staff.actor import Actor
from server.staff.checks import checked_email
from server.staff.cookies import drop_owner_cookie
from server.staff.desk import (
    PASSWORD_PAGE,
    PIN_PAGE,
    RESET_PAGE,
    RESET_REQUEST_PAGE,
    SIGN_IN_PAGE,
    SIGN_UP_PAGE,
    Desk,
    DeskDep,
)
from server.staff.letters import deliver_waiting
from server.staff.models import Member

router: Final = APIRouter(prefix="/owner", include_in_schema=False)


@router.post("/session")
async def open_session(desk: DeskDep) -> Response:
    """Sign in with ``email`` and ``password``; go to ``next``."""
    email, password = desk.field("email"), desk.field("password")
    tried = _sign_in_limits(desk, email)
    try:
        await desk.write(lambda session: limits.take(session, desk.clock, tried))
        async with desk.hash_turn():
            verified = await desk.read(partial(signing_in.check_password, email=email, password=password))
        if verified is None:
            raise signing_in.sign_in_failed()

        def sign_in(session: Session) -> str:
            _actor, token = signing_in.sign_in_verified(
                session, desk.clock, verified, address=desk.address, idle=desk.settings.session_idle
            )
            limits.succeeded(session, tried)
            desk.leave_present_session(session)
            return token

        token = await desk.write(sign_in)
    except Problem as problem:
        return desk.back(SIGN_IN_PAGE, problem)
    return desk.signed_in(token)


@router.post("/session/end")
async def end_session(desk: DeskDep) -> Response:
    """Sign out in this browser; go to ``next`` if that is the sign-in by PIN."""
    if desk.token:
        await desk.write(lambda session: sessions.close(session, desk.clock, desk.token))
    return _signed_out(desk)


@router.post("/session/end-all")
async def end_all_sessions(desk: DeskDep) -> Response:
    """Sign out in every browser."""

    def end(session: Session) -> None:
        actor = sessions.find(session, desk.clock, desk.token)
        if actor is not None:
            members.sign_out_everywhere(session, desk.clock, actor)

    await desk.write(end)
    return _signed_out(desk)


@router.post("/sign-up")
async def sign_up(desk: DeskDep) -> Response:
    """Make an organisation and its owner: ``email``, ``password``, ``name``, ``organisation``."""
    tried = limits.sign_up_limits(desk.sealer, desk.settings, address=desk.address)

    def enter(session: Session) -> str:
        _actor, token = signing_in.sign_up(
            session,
            desk.clock,
            email=desk.field("email"),
            password=desk.field("password"),
            name=desk.field("name"),
            organisation=desk.field("organisation"),
            address=desk.address,
            idle=desk.settings.session_idle,
        )
        desk.leave_present_session(session)
        return token

    try:
        await desk.write(lambda session: limits.take(session, desk.clock, tried))
        try:
            async with desk.hash_turn():
                token = await desk.write(enter)
        except Unprocessable:
            await desk.write(lambda session: limits.succeeded(session, tried))
            raise
    except Problem as problem:
        return desk.back(SIGN_UP_PAGE, problem)
    return desk.signed_in(token)


@router.post("/reset-request")
async def request_reset(desk: DeskDep) -> Response:
    """Mail a link to ``email`` if somebody has it. The answer is given before anybody looks."""
    email = desk.field("email")
    tried = limits.reset_limits(desk.sealer, desk.settings, email_key=_key(email), address=desk.address)
    try:
        await desk.write(lambda session: limits.take(session, desk.clock, tried))
    except Problem as problem:
        return desk.back(RESET_REQUEST_PAGE, problem)

    async def mail() -> None:
        await desk.write(lambda session: resets.request_reset(session, desk.clock, desk.sealer, email=email))
        await deliver_waiting(desk.request.app.state)

    response = desk.to(RESET_REQUEST_PAGE, done="reset_requested")
    response.background = BackgroundTask(mail)
    return response


@router.post("/reset")
async def reset(desk: DeskDep) -> Response:
    """Set ``password`` by the mailed ``token``, once."""
    token = desk.field("token")

    def set_password(session: Session) -> None:
        member_id = resets.reset(session, desk.clock, token=token, password=desk.field("password"))
        email = session.scalar(select(Member.email).where(Member.id == member_id)) or ""
        # Whoever reads the mail is the person: wrong guesses of others keep them out no longer.
        _sign_in_limits(desk, email)[0].succeeded(session)

    try:
        async with desk.hash_turn():
            await desk.write(set_password)
    except Unprocessable as problem:
        return desk.back(RESET_PAGE, problem, **({"token": token} if is_well_formed(token) else {}))
    except Problem as problem:
        return desk.back(RESET_REQUEST_PAGE, problem)
    return desk.to(SIGN_IN_PAGE, done="password_set")


@router.post("/password")
async def change_password(desk: DeskDep) -> Response:
    """Set another password, ``new`` for ``old``; all other sessions of the member end."""
    actor = await desk.read(lambda session: sessions.find(session, desk.clock, desk.token))
    if actor is None:
        return desk.to(SIGN_IN_PAGE, problem="sign_in_needed")
    tried = limits.sign_in_limits(desk.sealer, desk.settings, email_key=actor.member_id, address=desk.address)
    try:
        await desk.write(lambda session: limits.take(session, desk.clock, tried))
        async with desk.hash_turn():
            await desk.write(partial(_change_password, desk=desk, actor=actor, tried=tried))
    except Problem as problem:
        return desk.back(PASSWORD_PAGE, problem)
    return desk.onward()


def _change_password(session: Session, *, desk: Desk, actor: Actor, tried: tuple[limits.Limit, ...]) -> None:
    signing_in.change_password(
        session, desk.clock, actor, token=desk.token, old=desk.field("old"), new=desk.field("new")
    )
    limits.succeeded(session, tried)


def _signed_out(desk: Desk) -> Response:
    # At a phone of the counter the next person is waiting.
    page = PIN_PAGE if desk.field("next") == PIN_PAGE else SIGN_IN_PAGE
    response = desk.to(page, done="signed_out")
    drop_owner_cookie(desk.request, response, desk.settings)
    return response


def _sign_in_limits(desk: Desk, email: str) -> tuple[limits.Limit, ...]:
    return limits.sign_in_limits(desk.sealer, desk.settings, email_key=_key(email), address=desk.address)


def _key(email: str) -> str:
    """Return what tries of an e-mail are counted under, for a text that is none too."""
    try:
        return checked_email(email)[1]
    except Unprocessable:
        return email.casefold()
