"""Making, finding and changing programmes."""

from collections.abc import Collection, Mapping, Sequence

from sqlalchemy import Select, delete, select
from sqlalchemy.orm import Session

from server.core import audit
from server.core.clock import Clock
from server.core.errors import Conflict, NotFound, Unprocessable
from server.core.identifiers import new_id
from server.core.portable import insert_absent
from server.ledger import open_accounts
from server.programs.accounts import accounts_of_program
from server.programs.models import Program, ProgramShop
from server.programs.schemas import ProgramBody, ProgramCreate, ProgramUpdate
from server.shops import service as shops

_PLACES = ProgramShop.metadata.tables[ProgramShop.__tablename__]


def owned(partner_id: str) -> Select[Program]:
    """Return the query for a partner's programmes: the one place that says which a partner may see."""
    return select(Program).where(Program.partner_id == partner_id)


def get_owned(session: Session, partner_id: str, program_id: str) -> Program:
    """Return a partner's programme; NotFound when there is none, or it is another's."""
    program = session.scalar(owned(partner_id).where(Program.id == program_id))
    if program is None:
        raise NotFound(f"There is no programme {program_id[:64]}.", code="program_not_found")
    return program


def create(session: Session, clock: Clock, *, partner_id: str, actor: str, body: ProgramCreate) -> Program:
    """Add a programme, open its ledger accounts, and let its shops take part.

    Parameters
    ----------
    session, clock
        The transaction it belongs to, and the time.
    partner_id, actor
        Whose programme, and who adds it (for the audit).
    body
        Its members.

    Raises
    ------
    Unprocessable
        ``unknown_shop``: a shop is not the partner's.
    Conflict
        ``shop_in_other_program``: a shop takes part in another active programme.
    """
    shop_ids = shops.require_owned(session, partner_id, body.shops)
    now = clock.now()
    program = Program(
        id=new_id("prg", clock),
        partner_id=partner_id,
        name=body.name.model_dump(),
        reward=body.reward.model_dump(),
        stamps_required=body.stamps_required,
        coupon_valid_days=body.coupon_valid_days,
        status="active",
        created_at=now,
        updated_at=now,
    )
    session.add(program)
    session.flush()
    open_accounts(session, clock, accounts_of_program(program.id))
    _place(session, program, shop_ids)
    audit.record(session, clock, actor=actor, action="program.created", subject=program.id)
    return program


def change(session: Session, clock: Clock, *, program: Program, actor: str, body: ProgramUpdate) -> Program:
    """Change the members of a programme that `body` sets.

    Raises
    ------
    Unprocessable
        ``unknown_shop``, or a null for a member that must have a value.
    Conflict
        ``shop_in_other_program``, for a new shop or on waking an ended programme.
    """
    given = body.model_dump(exclude_unset=True)
    for name, value in given.items():
        if value is None and name != "coupon_valid_days":
            raise Unprocessable(f"{name}: leave it out to keep it; it cannot be null.")
    if not given:
        return program
    # As it is now that nobody else can change it: of two changes neither may undo half of the other.
    session.refresh(program, with_for_update={"key_share": True})
    shop_ids = given.pop("shops", None)
    changed = sorted(body.model_fields_set)
    for name, value in given.items():
        setattr(program, name, value)
    program.updated_at = clock.now()
    session.flush()
    if shop_ids is not None or "status" in given:
        wanted = (
            shop_ids_of(session, [program.id])[program.id]
            if shop_ids is None
            else shops.require_owned(session, program.partner_id, shop_ids)
        )
        _place(session, program, wanted)
    audit.record(
        session, clock, actor=actor, action="program.changed", subject=program.id, detail={"members": changed}
    )
    return program


def shop_ids_of(session: Session, program_ids: Collection[str]) -> Mapping[str, list[str]]:
    """Return the shops of each programme, in the order they were made."""
    found: dict[str, list[str]] = {program_id: [] for program_id in program_ids}
    rows = session.execute(
        select(ProgramShop.program_id, ProgramShop.shop_id)
        .where(ProgramShop.program_id.in_(program_ids))
        .order_by(ProgramShop.shop_id)
    )
    for program_id, shop_id in rows:
        found[program_id].append(shop_id)
    return found


def bodies(session: Session, programs: Sequence[Program]) -> list[ProgramBody]:
    """Return the programmes as the API writes them."""
    places = shop_ids_of(session, [program.id for program in programs])
    return [
        ProgramBody.model_validate(
            {name: getattr(program, name) for name in ProgramBody.model_fields if name != "shops"}
            | {"shops": places[program.id]}
        )
        for program in programs
    ]


def _place(session: Session, program: Program, shop_ids: Collection[str]) -> None:
    """Let exactly these shops take part, unless one takes part in another active programme."""
    session.execute(delete(ProgramShop).where(ProgramShop.program_id == program.id))
    active = program.status == "active"
    rows = [{"program_id": program.id, "shop_id": shop_id, "active": active} for shop_id in sorted(shop_ids)]
    placed = set(session.scalars(insert_absent(session, _PLACES).values(rows).returning(_PLACES.c.shop_id)))
    taken = sorted(set(shop_ids) - placed)
    if taken:
        raise Conflict(
            f"shops: {taken[0]} takes part in another active programme. End that one, or leave the shop out: "
            "a press must not have to choose.",
            code="shop_in_other_program",
            shops=taken,
        )
