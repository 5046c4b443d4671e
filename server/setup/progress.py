"""How far the set-up has come: read from the shop, its stamps and its programme."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from server.programs import administration as programs
from server.programs.models import Program, ProgramShop
from server.setup.models import Setup
from server.shops import service as shops
from server.shops.models import Shop
from server.staff.actor import Actor, Right
from server.stamps import service as stamps
from server.stamps.models import Stamp, StampPlace

NEW: Final = "new"
"""Stands for the shop that has no identifier yet."""


class Step(StrEnum):
    """The steps, in their order."""

    SHOP = "shop"
    FENCE = "fence"
    STAMP = "stamp"
    PROGRAM = "program"
    CARD = "card"


@dataclass(frozen=True, eq=False)
class Progress:
    """What is there.

    Attributes
    ----------
    version
        Of the set-up row, to be handed back with the next step; 0 when there is none yet.
    draft
        Of a shop that has no fence yet.
    shop, stamps, program
        The shop, its stamps that are not retired (the first registered first), its active programme.
    is_printed
        Whether the owner has done with the counter card.
    """

    version: int
    draft: dict[str, Any] | None
    shop: Shop | None
    stamps: tuple[Stamp, ...]
    program: Program | None
    is_printed: bool

    @property
    def done(self) -> frozenset[Step]:
        """The steps that are done."""
        there = {
            Step.SHOP: self.draft is not None or self.shop is not None,
            Step.FENCE: self.shop is not None,
            Step.STAMP: bool(self.stamps),
            Step.PROGRAM: self.program is not None,
            Step.CARD: self.is_printed,
        }
        return frozenset(step for step, is_there in there.items() if is_there)

    @property
    def next_step(self) -> Step | None:
        """The first step that is not done; None when all are."""
        return next((step for step in Step if step not in self.done), None)

    def is_open(self, step: Step) -> bool:
        """Say whether a step can be taken: all that it builds on are done."""
        steps = list(Step)
        return set(steps[: steps.index(step)]) <= self.done


def progress(session: Session, actor: Actor, shop_id: str | None = None) -> Progress:
    """Say how far the set-up of a shop has come; for people who may set up.

    Parameters
    ----------
    session, actor
        To read with, and who asks.
    shop_id
        A shop of the actor's; `NEW` for the one that has no fence yet, begun or not; None for that one when
        it was begun, else for the first shop.

    Raises
    ------
    Forbidden
        ``not_allowed``.
    NotFound
        ``shop_not_found``.
    """
    actor.require(Right.SET_UP)
    shop = None
    if shop_id is None:
        begun = session.scalar(_rows(actor).where(Setup.shop_id.is_(None)))
        if begun is not None:
            return _progress(session, actor, begun, None)
        shop = session.scalar(shops.owned(actor.partner_id).order_by(Shop.id).limit(1))
    elif shop_id != NEW:
        shop = shops.get_owned(session, actor.partner_id, shop_id)
    # A shop that came over the API has no row: nothing is to be set up there but what is missing.
    row = session.scalar(_rows(actor).where(Setup.shop_id == (None if shop is None else shop.id)))
    return _progress(session, actor, row, shop)


def _rows(actor: Actor) -> Select[Setup]:
    return select(Setup).where(Setup.partner_id == actor.partner_id).execution_options(populate_existing=True)


def _progress(session: Session, actor: Actor, row: Setup | None, shop: Shop | None) -> Progress:
    found: tuple[Stamp, ...] = ()
    program = None
    if shop is not None:
        at_shop = select(StampPlace.stamp_number).where(StampPlace.shop_id == shop.id)
        found = tuple(
            session.scalars(
                stamps.owned(actor.partner_id)
                .where(Stamp.number.in_(at_shop), Stamp.status != "retired")
                .order_by(Stamp.number)
            )
        )
        program = session.scalar(
            programs.owned(actor.partner_id)
            .join(ProgramShop, ProgramShop.program_id == Program.id)
            .where(ProgramShop.shop_id == shop.id, ProgramShop.active)
        )
    return Progress(
        version=0 if row is None else row.version,
        draft=None if row is None else row.draft,
        shop=shop,
        stamps=found,
        program=program,
        is_printed=row is not None and row.printed_at is not None,
    )
