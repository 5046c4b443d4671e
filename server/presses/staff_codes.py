"""Staff codes: six digits on the staff's screen, for a customer whose phone cannot read the stamp.

A code is good for one stamp, at one shop, for two minutes. Six digits can be guessed by whoever may guess a
million times, and nobody may (`server.presses.guesses`).
"""

import hashlib
import hmac
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import and_, delete, insert, or_, select, update
from sqlalchemy.orm import Session

from server.core import audit, outbox
from server.core.clock import Clock
from server.core.errors import Conflict
from server.core.identifiers import new_id
from server.core.sealing import Sealer
from server.customers.models import Device
from server.customers.turns import take_turn
from server.presses.answers import Answer, refused, success_body
from server.presses.case import Effects
from server.presses.code_counts import count_issue
from server.presses.code_shops import REPEATABLE, ClaimedPlace, active_shops, candidate_shops
from server.presses.codes import PublicCode
from server.presses.guesses import Tries
from server.presses.models import StaffCode
from server.presses.policy import PressPolicy
from server.presses.texts import Advice
from server.presses.visits import VisitFullError, join_visit
from server.programs.service import STAFF_CODE, Source, credit
from server.programs.views import ShopView
from server.settings import Settings
from server.shops import service as shops
from server.shops.models import Shop
from server.staff.actor import Actor, Right
from stampsdk.protocol import Purpose

__all__ = ["IssuedCode", "issue", "redeem"]

_DIGITS: Final = 6
_KEPT_UNUSED: Final = timedelta(days=1)
_CODES: Final = StaffCode.metadata.tables[StaffCode.__tablename__]


@dataclass(frozen=True, slots=True)
class IssuedCode:
    """A code to show, once: only its keyed hash is kept."""

    id: str
    code: str
    shop_id: str
    expires_at: datetime


def issue(
    session: Session, clock: Clock, actor: Actor, *, shop_id: str, sealer: Sealer, settings: Settings
) -> IssuedCode:
    """Make a code for the next customer at a shop.

    Parameters
    ----------
    session, clock, actor
        The transaction, the time, and who shows it: needs the right to staff codes.
    shop_id
        A shop of the actor's partner.
    sealer
        Keys the hash under which the code is kept.
    settings
        How long it lasts, and how many a member and a shop may have in a day of the shop's calendar.

    Returns
    -------
    IssuedCode
        The member's earlier codes at this shop that nobody used no longer count: one screen shows one code.

    Raises
    ------
    Forbidden
        ``not_allowed``.
    NotFound
        ``shop_not_found``.
    Conflict
        ``shop_closed``.
    TooManyRequests
        ``staff_codes_used_up``, until the shop's midnight.
    """
    actor.require(Right.STAFF_CODE)
    shop = shops.get_owned(session, actor.partner_id, shop_id)
    if shop.status != "active":
        raise Conflict("The shop is closed.", code="shop_closed")
    now = clock.now()
    with session.begin_nested():
        count_issue(session, clock, actor, shop, settings)
    column = _CODES.c
    session.execute(
        delete(_CODES).where(
            column.shop_id == shop.id, column.used_at.is_(None), column.expires_at < now - _KEPT_UNUSED
        )
    )
    at_this_shop = (column.shop_id == shop.id, column.used_at.is_(None), column.expires_at > now)
    session.execute(
        update(_CODES).where(*at_this_shop, column.member_id == actor.member_id).values(expires_at=now)
    )
    # Issues at one shop follow one another by its count, so that no two open codes are the same.
    taken = set(session.scalars(select(column.code_hash).where(*at_this_shop)))
    while (code_hash := _hash(sealer, shop.id, code := _draw())) in taken:
        pass
    issued = IssuedCode(
        new_id("stc", clock), code, shop.id, now + timedelta(seconds=settings.staff_code_ttl_s)
    )
    session.execute(
        insert(_CODES).values(
            id=issued.id,
            shop_id=shop.id,
            member_id=actor.member_id,
            code_hash=code_hash,
            issued_at=now,
            expires_at=issued.expires_at,
        )
    )
    audit.record(
        session,
        clock,
        actor=actor.member_id,
        action="staff_code.issued",
        subject=issued.id,
        detail={"shop": shop.id},
    )
    return issued


def redeem(
    session: Session,
    clock: Clock,
    device: Device,
    *,
    shop_id: str | None,
    code: str,
    sealer: Sealer,
    settings: Settings,
    place: ClaimedPlace | None = None,
) -> Answer:
    """Give the device's customer the stamp of a code, once.

    Parameters
    ----------
    session, clock, device
        The transaction, the time, and the device, known by its token.
    shop_id, code
        As they were typed or scanned; None where the phone does not know the shop.
    sealer, settings
        As for `issue`.
    place
        Where the phone says it is; helps to find the shop and is not kept.

    Returns
    -------
    Answer
        Refusals are answers too, so that wrong tries stay counted. Wrong, used, too old and of another shop
        are one answer. The device that used the code gets its answer again for ten minutes.
    """
    take_turn(session, device.customer_id)
    now = clock.now()
    candidates = candidate_shops(session, device, named=shop_id, place=place, now=now)
    if candidates is None:
        return refused(PublicCode.STAFF_CODE_SHOP_UNKNOWN, Advice.CODE_SHOP_UNKNOWN)
    hashes = {candidate: _hash(sealer, candidate, code) for candidate in candidates}
    stored = _answered_before(session, device, hashes, now) if hashes else None
    if stored is not None:
        return Answer(200, stored, replayed=True)
    active = active_shops(session, candidates)
    tries = Tries(device.id, list(active), now, settings)
    open_shops = tries.take(session, clock)
    if open_shops is None:
        return refused(PublicCode.LIMIT_REACHED, Advice.TRY_LATER, retry_after_s=tries.wait_s)
    for found in open_shops:
        try:
            with session.begin_nested():
                answer = _use(
                    session, clock, device, shop=active[found], code_hash=hashes[found], settings=settings
                )
        except VisitFullError as full:  # the code stays good for the time when the visit is over
            answer = refused(PublicCode.LIMIT_REACHED, Advice.TRY_LATER, retry_after_s=full.retry_after_s)
        if answer is not None:
            tries.give_back(session)
            return answer
    tries.note_end(session, clock)
    if tries.is_cut:  # the same whether or not the code is one of the shop that was left out
        return refused(PublicCode.LIMIT_REACHED, Advice.TRY_LATER, retry_after_s=tries.wait_s)
    return refused(PublicCode.STAFF_CODE_REFUSED, Advice.CODE_REFUSED)


def _use(
    session: Session, clock: Clock, device: Device, *, shop: Shop, code_hash: bytes, settings: Settings
) -> Answer | None:
    """Use the code up by one conditional UPDATE and give the stamp; None where there is no such open code."""
    now, column = clock.now(), _CODES.c
    used = session.execute(
        update(_CODES)
        .where(
            column.shop_id == shop.id,
            column.code_hash == code_hash,
            column.used_at.is_(None),
            column.expires_at > now,
        )
        .values(used_at=now, device_id=device.id, customer_id=device.customer_id)
        .returning(column.id, column.member_id)
    ).one_or_none()
    if used is None:
        return None
    visit = join_visit(
        session,
        clock,
        PressPolicy.from_settings(settings),
        customer_id=device.customer_id,
        shop_id=shop.id,
        most_presses=shop.max_presses_per_visit,
        now=now,
    )
    outcome = credit(
        session,
        clock,
        customer_id=device.customer_id,
        shop_id=shop.id,
        source=Source(STAFF_CODE, used.id),
        actor=used.member_id,
    )
    effects = Effects(visit=visit)
    if outcome is not None:
        effects = Effects(card=outcome.card, coupons=outcome.coupons, visit=visit)
    body = success_body(used.id, Purpose.STAMP, ShopView(shop.id, shop.name), effects, None)
    session.execute(update(_CODES).where(column.id == used.id).values(visit_id=visit.id, answer_body=body))
    facts = {"shop": shop.id, "member": used.member_id}
    audit.record(
        session, clock, actor=device.id, action="staff_code.used", subject=used.id, detail=dict(facts)
    )
    outbox.enqueue(
        session,
        clock,
        topic="staff_code.used",
        payload=facts
        | {
            "staff_code": used.id,
            "customer": device.customer_id,
            "at": now.isoformat(),
            "card": None if effects.card is None else effects.card.id,
            "coupons": [coupon.id for coupon in effects.coupons],
        },
    )
    return Answer(200, body)


def _answered_before(
    session: Session, device: Device, hashes: Mapping[str, bytes], now: datetime
) -> str | None:
    column = _CODES.c
    this_code = [and_(column.shop_id == shop, column.code_hash == code) for shop, code in hashes.items()]
    return session.scalar(
        select(column.answer_body)
        .where(or_(*this_code), column.device_id == device.id, column.used_at > now - REPEATABLE)
        .order_by(column.used_at.desc())
        .limit(1)
    )


def _draw() -> str:
    return f"{secrets.randbelow(10**_DIGITS):0{_DIGITS}d}"


def _hash(sealer: Sealer, shop_id: str, code: str) -> bytes:
    return hmac.new(sealer.derive("staff code"), f"{shop_id}|{code}".encode(), hashlib.sha256).digest()
