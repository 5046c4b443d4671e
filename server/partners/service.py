"""Making, finding and revoking keys, and whose pages may use them."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, inspect, select
from sqlalchemy.orm import Session

from server.core import audit
from server.core.clock import Clock
from server.core.errors import Conflict, NotFound, Unprocessable
from server.core.identifiers import new_id
from server.core.origins import is_origin
from server.core.portable import insert_absent
from server.core.tokens import hash_token, new_token
from server.partners.models import AllowedOrigin, ApiKey, KeyKind, Partner

HOUSE_ID = "par_" + "0" * 32
PAGE_KEY_ID = "key_" + "0" * 32
_SHOWN = 8


@dataclass(frozen=True)
class NewKey:
    """A key just made. `token` is shown now and, for a secret key, never again."""

    id: str
    partner_id: str
    kind: KeyKind
    token: str


@dataclass(frozen=True)
class KeyInfo:
    """What a list of keys shows."""

    id: str
    partner: str
    kind: str
    shown: str
    origins: tuple[str, ...]
    created_at: datetime
    revoked_at: datetime | None


def create_partner(session: Session, clock: Clock, *, name: str) -> Partner:
    """Add a partner; Conflict ``partner_exists`` when the name is taken."""
    if session.scalar(select(Partner.id).where(Partner.name == name)) is not None:
        raise Conflict(f"There is a partner named {name} already.", code="partner_exists")
    partner = Partner(id=new_id("par", clock), name=name, created_at=clock.now())
    session.add(partner)
    session.flush()
    audit.record(session, clock, actor="operator", action="partner.created", subject=partner.id)
    return partner


def add_organisation(session: Session, clock: Clock, *, name: str) -> Partner:
    """Add a partner for an owner who signs up. Its name need not be the only one of its kind."""
    partner_id = new_id("par", clock)
    partner = Partner(id=partner_id, name=partner_id, organisation=name, created_at=clock.now())
    session.add(partner)
    session.flush()
    return partner


def find_partner(session: Session, *, name: str) -> Partner | None:
    """Return the partner of that name."""
    return session.scalar(select(Partner).where(Partner.name == name))


def create_key(
    session: Session, clock: Clock, *, partner_id: str, kind: KeyKind, origins: tuple[str, ...] = ()
) -> NewKey:
    """Make a key.

    Parameters
    ----------
    session, clock
        The transaction it belongs to, and the time.
    partner_id
        Whose key.
    kind
        ``secret`` for the partner's servers, ``publishable`` for apps and pages.
    origins
        Publishable keys: origins of pages that may use it, as ``https://cafe.example``.
    """
    if origins and kind != "publishable":
        raise Unprocessable("origins: only a publishable key has them.", code="invalid_origin")
    for origin in origins:
        if not is_origin(origin):
            raise Unprocessable(
                f"origin: {origin!r} is none. Write scheme and host, without a path, as https://cafe.example",
                code="invalid_origin",
            )
    token = new_token("sk" if kind == "secret" else "pk")
    key = _key_row(clock, new_id("key", clock), partner_id, kind, token)
    session.add(key)
    session.flush()
    session.add_all(AllowedOrigin(key_id=key.id, origin=origin) for origin in dict.fromkeys(origins))
    audit.record(
        session, clock, actor="operator", action="key.created", subject=key.id, detail={"kind": kind}
    )
    return NewKey(key.id, partner_id, kind, token)


def _key_row(clock: Clock, key_id: str, partner_id: str, kind: KeyKind, token: str) -> ApiKey:
    return ApiKey(
        id=key_id,
        partner_id=partner_id,
        kind=kind,
        token_hash=hash_token(token),
        token=token if kind == "publishable" else None,
        token_start=token[:_SHOWN],
        created_at=clock.now(),
    )


def revoke_key(session: Session, clock: Clock, *, key_id: str) -> None:
    """Make a key useless from now on; NotFound when there is none."""
    key = session.get(ApiKey, key_id)
    if key is None:
        raise NotFound(f"There is no key {key_id}.")
    if key.revoked_at is None:
        key.revoked_at = clock.now()
        audit.record(session, clock, actor="operator", action="key.revoked", subject=key_id)


def list_keys(session: Session) -> list[KeyInfo]:
    """Return every key, oldest first, without secrets."""
    origins: dict[str, list[str]] = {}
    for row in session.scalars(select(AllowedOrigin).order_by(AllowedOrigin.origin)):
        origins.setdefault(row.key_id, []).append(row.origin)
    found = session.execute(
        select(ApiKey, Partner.name).join(Partner, Partner.id == ApiKey.partner_id).order_by(ApiKey.id)
    )
    return [
        KeyInfo(
            key.id,
            name,
            key.kind,
            key.token or f"{key.token_start}…",
            tuple(origins.get(key.id, ())),
            key.created_at,
            key.revoked_at,
        )
        for key, name in found
    ]


def live_key(session: Session, token: str, kind: KeyKind) -> ApiKey | None:
    """Return the key that `token` is, unless revoked."""
    return session.scalar(
        select(ApiKey).where(
            ApiKey.token_hash == hash_token(token), ApiKey.kind == kind, ApiKey.revoked_at.is_(None)
        )
    )


def is_allowed_origin(session: Session, origin: str) -> bool:
    """Say whether any live publishable key lists the origin."""
    return session.scalar(_listing(origin).limit(1)) is not None


def partner_allows_origin(session: Session, partner_id: str, origin: str) -> bool:
    """Say whether a live publishable key of this partner lists the origin."""
    return session.scalar(_listing(origin).where(ApiKey.partner_id == partner_id).limit(1)) is not None


def _listing(origin: str) -> Select[str]:
    return (
        select(ApiKey.id)
        .join(AllowedOrigin, AllowedOrigin.key_id == ApiKey.id)
        .where(AllowedOrigin.origin == origin, ApiKey.revoked_at.is_(None))
    )


def ensure_house(session: Session, clock: Clock, *, name: str) -> str:
    """Make sure that the house's own partner and the key of the page ``/s`` exist, and return that key.

    Several processes may start at once: whoever comes second finds the rows.
    """
    house = {"id": HOUSE_ID, "name": name, "created_at": clock.now()}
    session.execute(insert_absent(session, Partner.__table__).values(house))
    token = new_token("pk")
    row = _key_row(clock, PAGE_KEY_ID, HOUSE_ID, "publishable", token)
    values = {column.key: getattr(row, column.key) for column in inspect(ApiKey).columns}
    session.execute(insert_absent(session, ApiKey.__table__).values(values))
    key = session.get_one(ApiKey, PAGE_KEY_ID)
    return str(key.token)
