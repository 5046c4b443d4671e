"""Registering, enrolling, finding and changing stamps."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from sqlalchemy import Select, delete, insert, select
from sqlalchemy.orm import Session

from server.core import audit, commit_clock
from server.core.clock import Clock
from server.core.errors import Conflict, NotFound, Unprocessable
from server.core.identifiers import new_id
from server.settings import Settings
from server.shops import service as shops
from server.stamps.models import Stamp, StampKind, StampPlace
from server.stamps.patterns import PatternError, check_patterns, encode
from server.stamps.schemas import EnrolmentPress, StampCreate, StampUpdate

Real = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class StampRow:
    """A stamp for `register_many`: `pattern_mm` (n, 2), `shop_ids` of shops of the same partner."""

    serial: str
    pattern_mm: npt.ArrayLike
    shop_ids: tuple[str, ...]
    kind: StampKind = "fixed"


@dataclass(frozen=True, eq=False)
class Registration:
    """A stamp just registered. `spread_mm` is of its enrolment, None when the pattern was given."""

    stamp: Stamp
    spread_mm: float | None


def owned(partner_id: str) -> Select[Stamp]:
    """Return the query for a partner's stamps: the one place that says which ones a partner may see."""
    return select(Stamp).where(Stamp.partner_id == partner_id)


def get_owned(session: Session, partner_id: str, stamp_id: str) -> Stamp:
    """Return a partner's stamp; NotFound when there is none, or it is another's."""
    stamp = session.scalar(owned(partner_id).where(Stamp.id == stamp_id))
    if stamp is None:
        raise NotFound(f"There is no stamp {stamp_id[:64]}.", code="stamp_not_found")
    return stamp


def shops_of(session: Session, numbers: Sequence[int]) -> dict[int, list[str]]:
    """Return the shops of each of the stamps, sorted."""
    found: defaultdict[int, list[str]] = defaultdict(list)
    placed = (
        select(StampPlace.stamp_number, StampPlace.shop_id)
        .where(StampPlace.stamp_number.in_(numbers))
        .order_by(StampPlace.shop_id)
    )
    for number, shop_id in session.execute(placed):
        found[number].append(shop_id)
    return found


def register(
    session: Session, clock: Clock, *, partner_id: str, actor: str, body: StampCreate, settings: Settings
) -> Registration:
    """Register a stamp by its pattern, or enrol it by three presses.

    Parameters
    ----------
    session, clock
        The transaction it belongs to, and the time.
    partner_id, actor
        Whose stamp, and who adds it (for the audit).
    body
        Its members.
    settings
        What patterns are allowed.

    Raises
    ------
    PatternError
        When the tips cannot be a stamp's.
    Unprocessable
        Code ``unknown_shop``, ``shops_for_kind``, or ``enrolment_…`` when the presses do not make a pattern.
    Conflict
        Code ``serial_taken``.
    """
    spread_mm = None
    if body.presses is not None:
        pattern, spread_mm = enrolled(body.presses)
    else:
        pattern = np.asarray(body.pattern_mm, dtype=np.float64)
    pattern = check_patterns(
        pattern[None],
        least_spacing_mm=settings.least_tip_spacing_mm,
        largest_face_mm=settings.largest_face_mm,
    )[0]
    shop_ids = _checked_shops(session, partner_id, body.kind, body.shops)
    version = commit_clock.tick(session)  # first: it also keeps a rival from taking the serial meanwhile
    if (
        session.scalar(owned(partner_id).with_only_columns(Stamp.id).where(Stamp.serial == body.serial))
        is not None
    ):
        raise Conflict(f"serial: there is a stamp {body.serial} already.", code="serial_taken")
    stamp = Stamp(
        id=new_id("stp", clock),
        partner_id=partner_id,
        serial=body.serial,
        kind=body.kind,
        tips=len(pattern),
        pattern=encode(pattern),
        status="active",
        version=version,
        created_at=clock.now(),
    )
    session.add(stamp)
    session.flush()
    session.add_all(StampPlace(stamp_number=stamp.number, shop_id=shop_id) for shop_id in shop_ids)
    session.flush()
    audit.record(session, clock, actor=actor, action="stamp.registered", subject=stamp.id)
    return Registration(stamp, spread_mm)


def register_many(
    session: Session,
    clock: Clock,
    *,
    partner_id: str,
    rows: Sequence[StampRow],
    settings: Settings | None = None,
) -> list[str]:
    """Register many stamps at once and return their ids, in the order of `rows`; every pattern is checked.

    Their shops must exist and be the partner's: the database holds the former, the caller knows the latter.
    """
    settings = settings or Settings()
    patterns = _checked_many(rows, settings)
    version, now = commit_clock.tick(session), clock.now()
    ids = [new_id("stp", clock) for _ in rows]
    values = [
        {
            "id": stamp_id,
            "partner_id": partner_id,
            "serial": row.serial,
            "kind": row.kind,
            "tips": len(pattern),
            "pattern": encode(pattern),
            "status": "active",
            "version": version,
            "created_at": now,
        }
        for stamp_id, row, pattern in zip(ids, rows, patterns, strict=True)
    ]
    if not values:
        return []
    session.execute(insert(Stamp.__table__), values)  # type: ignore[arg-type]  # a mapped table is a Table
    # This transaction's reading is on its own rows alone.
    made = select(Stamp.id, Stamp.number).where(Stamp.version == version)
    numbers = dict(session.execute(made).all())
    places = [
        {"stamp_number": numbers[stamp_id], "shop_id": shop_id}
        for stamp_id, row in zip(ids, rows, strict=True)
        for shop_id in row.shop_ids
    ]
    session.execute(insert(StampPlace.__table__), places)  # type: ignore[arg-type]  # a mapped table is a Table
    audit.record(
        session,
        clock,
        actor=partner_id,
        action="stamp.imported",
        subject=partner_id,
        detail={"count": len(values)},
    )
    return ids


def change(session: Session, clock: Clock, *, stamp: Stamp, actor: str, body: StampUpdate) -> Stamp:
    """Change the members of a stamp that `body` sets.

    Raises
    ------
    Conflict
        Code ``stamp_retired``: a retired stamp stays retired.
    Unprocessable
        Code ``unknown_shop`` or ``shops_for_kind``.
    """
    given = body.model_dump(exclude_unset=True)
    for name, value in given.items():
        if value is None:
            raise Unprocessable(f"{name}: leave it out to keep it; it cannot be null.")
    if not given:
        return stamp
    version = commit_clock.tick(session)
    session.refresh(stamp)  # as it is now that nobody else can change it
    if stamp.status == "retired":
        raise Conflict("A retired stamp stays retired. Register a new one.", code="stamp_retired")
    kind = given.get("kind", stamp.kind)
    shop_ids = given.get("shops") or shops_of(session, [stamp.number])[stamp.number]
    shop_ids = _checked_shops(session, stamp.partner_id, kind, shop_ids)
    if "shops" in given:
        session.execute(delete(StampPlace).where(StampPlace.stamp_number == stamp.number))
        session.add_all(StampPlace(stamp_number=stamp.number, shop_id=shop_id) for shop_id in shop_ids)
    stamp.kind = kind
    stamp.status = given.get("status", stamp.status)
    stamp.version = version
    session.flush()
    audit.record(
        session, clock, actor=actor, action="stamp.changed", subject=stamp.id, detail=_changes(given)
    )
    return stamp


def _changes(given: dict[str, object]) -> dict[str, object]:
    return {name: given[name] for name in sorted(given)}


def _checked_shops(session: Session, partner_id: str, kind: StampKind, shop_ids: Sequence[str]) -> list[str]:
    found = shops.require_owned(session, partner_id, shop_ids)
    if kind == "fixed" and len(found) != 1:
        raise Unprocessable(
            "shops: a fixed stamp has one shop; use kind zone for several.", code="shops_for_kind"
        )
    return found


def enrolled(presses: Sequence[EnrolmentPress]) -> tuple[Real, float]:
    """Return the pattern (n, 2) in mm that presses make, and their spread in mm.

    Raises
    ------
    Unprocessable
        Code ``enrolment_…`` when they do not make a pattern.
    """
    # Only when it is needed: matching loads scipy.
    from stampsdk.matching.enrolment import EnrolmentError, enrol  # noqa: PLC0415

    try:
        enrolment = enrol(
            [np.asarray(press.touches, dtype=np.float64) / press.px_per_mm for press in presses]
        )
    except EnrolmentError as error:
        raise Unprocessable(f"presses: {error}", code=f"enrolment_{error.code}") from error
    return enrolment.pattern_mm, enrolment.spread_mm


def _checked_many(rows: Sequence[StampRow], settings: Settings) -> list[Real]:
    """Return the patterns as they will be kept, in the order of `rows`."""
    arrays = [np.asarray(row.pattern_mm, dtype=np.float64) for row in rows]
    by_shape: defaultdict[tuple[int, ...], list[int]] = defaultdict(list)
    for at, array in enumerate(arrays):
        by_shape[array.shape].append(at)
    for places in by_shape.values():
        checked = check_patterns(
            np.stack([arrays[at] for at in places]),
            least_spacing_mm=settings.least_tip_spacing_mm,
            largest_face_mm=settings.largest_face_mm,
        )
        for at, pattern in zip(places, checked, strict=True):
            arrays[at] = pattern
    return arrays


__all__ = [
    "PatternError",
    "Registration",
    "StampRow",
    "change",
    "enrolled",
    "get_owned",
    "owned",
    "register",
    "register_many",
    "shops_of",
]
