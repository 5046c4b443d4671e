"""How far the set-up has come: read from the shop, its stamps and its programme."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from server.programs import administration as programs
from server.programs.models import Program, ProgramShop
from server.setup.models import Setup
from server.shops import service as shops
from server.shops.models import Shop
from server.staff.actor import Actor, Right
from server.stamps import service as stamps
from server.stamps.models import Stamp, StampPlace


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


def progress(session: Session, actor: Actor) -> Progress:
    """Say how far the set-up has come; for people who may set up."""
    actor.require(Right.SET_UP)
    row = session.get(Setup, actor.partner_id)
    if row is None:
        # A partner whose shop came over the API has nothing to set up but what is missing there.
        shop = session.scalar(shops.owned(actor.partner_id).order_by(Shop.id).limit(1))
        return _progress(session, actor, None, shop)
    shop = None if row.shop_id is None else shops.get_owned(session, actor.partner_id, row.shop_id)
    return _progress(session, actor, row, shop)


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
